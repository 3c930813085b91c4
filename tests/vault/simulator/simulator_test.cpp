// SPDX-License-Identifier: EUPL-1.2
//
// The simulator: what happens to devices and their server, by the seed, and what must hold at the
// end: all agree; no file is there twice; nothing acknowledged is lost, nothing removed or revoked
// comes back; nothing that cannot be opened was sent, no place of the log and no nonce used twice;
// every lie that a device could see was seen.
//
// The ordinary run takes seeds from 1 on for COFFRET_SIMULATE_SECONDS (15 of them unless said), and
// at least three. A failing seed is printed; to see it again, or to run for an hour:
//   SEED=1234 build/dev/bin/vault_tests -ts='vault/simulator*' --no-intro
//   COFFRET_SIMULATE_SECONDS=3600 build/dev/bin/vault_tests -ts='vault/simulator*'
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include "tests/support/simulated_world.hpp"
#include "vault/store/history.hpp"

namespace coffret::test {
namespace {

constexpr std::int64_t day = 24 * 3600;  // seconds
constexpr std::size_t actions = 60;      // of one run

// What every device must say alike: text is derived, and not everywhere.
std::string summary(store::Vault& vault) {
  std::multiset<std::string> lines;
  for (const bool removed : {false, true}) {
    const auto views = vault.documents({.removed = removed, .superseded = !removed});
    if (views.has_error()) return "cannot be listed";
    for (const auto& view : *views)
      lines.insert(view.id.text() + (removed ? " removed " : " listed ") + view.entry.title +
                   (vault.body(view.id).has_value() ? " here" : " absent"));
  }
  for (const auto& grant : vault.grants())
    lines.insert(grant.decision.grant.text() + (grant.revoked_at ? " revoked" : " live"));
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  return all;
}

}  // namespace

bool SimulatedWorld::synchronise(SimulatedDevice& device, bool honest) {
  if (!honest && !hear_a_lie(device)) return false;
  if (device.misled && dice_.below(2) == 0) return true;  // still lied to
  const auto number = device.number;
  cut_ = false;
  if (!pull(device)) return false;
  if (cut_) return true;  // a sync ends where it is cut
  if (devices_.end() == std::find_if(devices_.begin(), devices_.end(),
                                     [&](const auto& one) { return one->number == number; }))
    return true;  // retired
  if (!lucky_ && dice_.below(3) == 0)
    (void)strike(
        device, [&](store::Vault& vault) { return vault.purge(server_time_); }, [] {});
  if (!broken.empty() || cut_) return broken.empty();
  if (!fetch(device, honest)) return false;
  if (cut_) return true;
  if (!push(device)) return false;
  return !honest || (read_back(device, lucky_) && join(device));
}

bool SimulatedWorld::act() {
  ++count.actions;
  server_time_ += static_cast<std::int64_t>(dice_.below(3)) * day;
  auto& device = *devices_[dice_.below(devices_.size())];
  device.clock.time = std::max(device.clock.time, server_time_);
  switch (dice_.below(13)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return edit(device);
    case 4:
    case 5:
      return change(device);
    case 6:
      return decide(device);
    case 12:
      return write_checkpoint(device);
    case 7:
      ++count.clock_jumps;
      device.clock.time = server_time_ + (static_cast<std::int64_t>(dice_.below(800)) - 400) * day;
      device.close();
      return device.open() || fail("a vault does not open after its clock jumped");
    default:
      return synchronise(device, dice_.below(3) != 0);
  }
}

bool SimulatedWorld::acknowledged_holds(store::Vault& vault) {
  for (const auto& [id, number] : acknowledged_)
    if (!retired_.contains(number) && !removed_.contains(id) && vault.body(id).has_error())
      return fail("an acknowledged document is not there");
  for (const auto& [id, number] : revoked_) {
    const auto view = vault.grant(id);
    if (!retired_.contains(number) && (!view || !view->revoked_at))
      return fail("a revoked grant lives again");
  }
  return true;
}

bool SimulatedWorld::all_agree() {
  std::string first;
  for (auto& device : devices_) {
    // What an act that failed has left of a file goes when the vault is opened.
    device->close();
    if (!device->open()) return fail("a vault does not open in the end");
    const auto said = summary(*device->vault);
    if (first.empty()) first = said;
    if (said != first) return fail("two devices disagree:\n" + first + "and\n" + said);
    const auto problems = device->vault->check(true);
    if (problems.has_error()) return fail("check ends early");
    if (!problems->empty())
      return fail("check finds " + std::string{name(problems->front().kind)} + " " +
                  problems->front().item +
                  (store::History{*device->vault}.progress() ? ", its history unread" : ""));
    if (!acknowledged_holds(*device->vault)) return false;
  }
  return true;
}

bool SimulatedWorld::nothing_twice() {
  std::set<Sha256> seen;
  const auto views = devices_.front()->vault->documents({.superseded = true});
  if (views.has_error()) return fail("cannot be listed");
  for (const auto& view : *views)
    if (!seen.insert(view.sha256).second) return fail("one file is there twice");
  return true;
}

bool SimulatedWorld::meet_newcomer() {
  if (!add_device() || !fetch(*devices_.back(), true)) return false;
  if (dice_.below(2) == 0 && !read_back(*devices_.back(), true)) return false;
  for (auto& device : devices_)
    if (!pull(*device)) return false;
  return all_agree();
}

bool SimulatedWorld::converge() {
  lucky_ = true;
  for (int round = 0; round < 12; ++round) {
    std::set<std::size_t> numbers;
    for (const auto& device : devices_) numbers.insert(device->number);
    for (const auto number : numbers) {
      const auto at = std::find_if(devices_.begin(), devices_.end(),
                                   [&](const auto& one) { return one->number == number; });
      if (at == devices_.end()) continue;
      (*at)->misled = false;
      if (!synchronise(**at, true)) return false;
    }
    bool quiet = true;
    for (auto& device : devices_) {
      const auto status = device->vault->status();
      quiet =
          quiet && status->pending == 0 && status->head == shelf_.head() && status->missing == 0;
    }
    // The last one knows nothing but the sheet and what the server has.
    if (quiet && round > 0) return nothing_twice() && meet_newcomer();
  }
  return fail("the devices never come to rest");
}

namespace {

TEST_SUITE("vault/simulator") {
  TEST_CASE("devices, a hostile server, power cuts, full disks and wrong clocks: nothing is lost") {
    const auto only = number_in_environment("SEED", 0);
    const auto seconds = number_in_environment("COFFRET_SIMULATE_SECONDS", 15);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{seconds};
    SimulationCount total;
    std::size_t runs = 0;
    for (std::uint64_t seed = only == 0 ? 1 : only;; ++seed) {
      CAPTURE(seed);
      SimulatedWorld world{seed, 2 + seed % 3};
      bool holds = world.broken.empty();
      for (std::size_t i = 0; holds && i < actions; ++i) holds = world.act();
      holds = holds && world.converge();
      CHECK_MESSAGE(holds, "SEED=" << seed << ": " << world.broken);
      total.add(world.count);
      ++runs;
      if (only != 0 || (runs >= 3 && std::chrono::steady_clock::now() >= end)) break;
    }
    MESSAGE("simulated " << runs << " worlds: " << total.actions << " actions, " << total.power_cuts
                         << " power cuts, " << total.full_disks << " full disks, "
                         << total.clock_jumps << " clock jumps, " << total.detected << " of "
                         << total.lies << " visible lies detected, " << total.misled
                         << " devices misled for a time, " << total.from_checkpoints
                         << " begun at a checkpoint, " << total.histories
                         << " histories read to their end, " << total.joined
                         << " documents put twice joined");
    if (only == 0) CHECK(total.lies > 0);
    if (only == 0) CHECK(total.histories > 0);
  }
}

}  // namespace
}  // namespace coffret::test
