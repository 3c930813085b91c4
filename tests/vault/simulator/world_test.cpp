// SPDX-License-Identifier: EUPL-1.2
//
// What one device does, and what befalls it, in a simulated world (simulator_test.cpp).
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include "tests/support/shelf_source.hpp"
#include "tests/support/simulated_world.hpp"
#include "vault/store/checkpoints.hpp"
#include "vault/store/copies.hpp"

namespace coffret::test {
namespace {

std::uint64_t load_le64(ByteView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

bool on_shelf(const Shelf& shelf, const protocol::Head& head) {
  return head.seq == 0 || (head.seq <= shelf.log.size() &&
                           protocol::entry_hash(shelf.log[head.seq - 1].body) == head.hash);
}

}  // namespace

SimulatedWorld::SimulatedWorld(std::uint64_t seed, std::size_t devices) : dice_(seed) {
  while (devices_.size() < devices && add_device()) continue;
}

SimulatedWorld::~SimulatedWorld() {
  for (auto& device : devices_) device->close();
}

// The first makes the vault, the others are rebuilt from the sheet, from a checkpoint when there is
// one.
bool SimulatedWorld::add_device() {
  const auto number = ++made_;
  auto device = std::make_unique<SimulatedDevice>(folder_ / ("device-" + std::to_string(number)),
                                                  dice_.roll(), vfs_);
  device->number = number;
  device->enter();
  const auto passphrase = secret_text("phrase");
  if (!seed_) {
    auto made = store::Vault::create(device->config(), passphrase, device->environment());
    if (made.has_error()) return fail("a vault cannot be made");
    seed_.emplace(std::move(made->seed));
    device->vault.emplace(std::move(made->vault));
    // What is taken in after this is known to have come from the server.
    if (device->vault->append(store::make_operation(store::ServerPinned{})).has_error())
      return fail("a server cannot be pinned");
  } else {
    const auto enrolled = [](const protocol::SignedCertificate&) { return Result<void>{}; };
    const auto start = start_of(shelf_, *seed_, shelf_.head());
    if (start.has_error()) return fail("the true log cannot be read");
    if (start->checkpoint) ++count.from_checkpoints;
    auto rebuilt = store::Vault::rebuild(device->config(), *seed_, *start, passphrase,
                                         device->environment(), enrolled);
    if (rebuilt.has_error()) return fail("a device cannot be rebuilt");
    device->vault.emplace(std::move(*rebuilt));
  }
  devices_.push_back(std::move(device));
  const bool before = std::exchange(lucky_, true);
  const bool done = push(*devices_.back());
  lucky_ = before;
  return done;
}

Result<void> SimulatedWorld::lose_power(SimulatedDevice& device, const Step& step,
                                        const std::function<void()>& done) {
  ++count.power_cuts;
  Recording recording{device.medium};
  const auto outcome = step(*device.vault);
  recording.stop();
  const auto at = dice_.below(recording.steps.size() + 1);
  const bool acknowledged = at == recording.steps.size() && outcome.has_value();
  Medium left = recording.start;
  for (std::size_t i = 0; i < at; ++i) left.apply(recording.steps[i]);
  const auto ways = keepings(1, dice_);
  const auto& [names, bytes] = ways[dice_.below(ways.size())];
  left = left.after_power_cut(names, bytes, dice_.roll());
  device.close();
  device.medium = left;
  if (!device.open()) {
    (void)fail("a vault does not open after a power cut");
    return errc::damaged;
  }
  if (acknowledged) done();
  cut_ = cut_ || !acknowledged;
  return acknowledged ? Result<void>{} : Result<void>{errc::stopping};
}

Result<void> SimulatedWorld::strike(SimulatedDevice& device, const Step& step,
                                    const std::function<void()>& done) {
  device.enter();
  const auto luck = lucky_ ? 99 : dice_.below(20);
  if (luck < 3) return lose_power(device, step, done);
  const bool full = luck < 5;
  if (full) {
    ++count.full_disks;
    device.medium.break_at(
        Medium::Fault{Medium::Fault::Kind::full, device.medium.steps() + dice_.below(12), true});
  }
  const auto outcome = step(*device.vault);
  device.medium.break_at(std::nullopt);
  if (outcome.has_value()) done();
  if (full && outcome.has_error()) {
    cut_ = true;
    return errc::stopping;
  }
  return outcome;
}

bool SimulatedWorld::edit(SimulatedDevice& device) {
  // Sometimes a file that other devices have too.
  const bool common = dice_.below(5) == 0;
  const auto number = common ? dice_.below(4) : ++made_;
  auto document = prepared((common ? "Commune " : "Note ") + std::to_string(number), "texte");
  if (!common && dice_.below(15) == 0) {
    document.body.resize((1u << 20) + 100 + made_, 'g');
    document.sha256 = crypto::sha256(document.body);
  }
  DocumentId id;
  const auto outcome = strike(
      device,
      [&](store::Vault& vault) -> Result<void> {
        COFFRET_TRY(const auto put, vault.put_documents({document}));
        id = put.front().id;
        return {};
      },
      [&] { acknowledged_.emplace(id, device.number); });
  if (outcome.has_error() && outcome.error() != errc::stopping) return fail("a put is refused");
  return broken.empty();
}

bool SimulatedWorld::change(SimulatedDevice& device) {
  device.enter();
  const bool back = dice_.below(3) == 0;
  const auto views = device.vault->documents({.removed = back});
  if (views.has_error()) return fail("cannot be listed");
  if (views->empty()) return true;
  const auto id = (*views)[dice_.below(views->size())].id;
  // With it goes what it was found to be one with.
  for (const auto& [other, number] : acknowledged_)
    if (!back && device.vault->stands_for(other) == id) removed_.insert(other);
  if (!back) removed_.insert(id);
  const auto outcome = strike(
      device, [&](store::Vault& vault) { return back ? vault.restore(id) : vault.remove(id); },
      [] {});
  if (outcome.has_error() && outcome.error() != errc::stopping) return fail("a change is refused");
  return broken.empty();
}

bool SimulatedWorld::decide(SimulatedDevice& device) {
  device.enter();
  const auto grants = device.vault->grants();
  if (grants.empty() || dice_.below(2) == 0) {
    store::GrantDecided decided;
    decided.grant = device.random.make<GrantId>();
    decided.caregiver = "Dr Fictif";
    const auto secret = crypto::make_key<crypto::LinkSecret>(device.random);
    decided.wrapped_link_secret =
        device.vault->wrap(crypto::WrapPurpose::link, decided.grant.view(), 1, secret);
    (void)strike(
        device,
        [&](store::Vault& vault) -> Result<void> {
          COFFRET_CHECK(vault.append(store::make_operation(decided)));
          return {};
        },
        [] {});
    return broken.empty();
  }
  const auto id = grants[dice_.below(grants.size())].decision.grant;
  (void)strike(
      device,
      [&](store::Vault& vault) -> Result<void> {
        COFFRET_CHECK(vault.append(store::make_operation(store::GrantRevoked{id, server_time_})));
        return {};
      },
      [&] { revoked_.emplace(id, device.number); });
  return broken.empty();
}

bool SimulatedWorld::note(const std::vector<protocol::SignedEntry>& entries) {
  for (const auto& entry : entries) {
    // A refused entry is signed again behind what came before it: the same number, another place.
    // Nobody signs two things behind the same entry.
    const auto body = protocol::decode_entry(entry.body);
    if (body.has_error()) return fail("an entry is not one");
    const std::pair place{body->device, load_le64(body->previous.view())};
    const auto hash = protocol::entry_hash(entry.body);
    if (sent_.emplace(place, hash).first->second != hash)
      return fail("one place of the log was signed twice");
    const auto blob = wire::decode<store::OperationBlob>(entry.operation);
    if (blob.has_error() || blob->sealed.size() < 57) return fail("an operation is not one");
    // suite ‖ nonce(24) ‖ commitment(32) ‖ …
    const Bytes nonce{blob->sealed.begin() + 1, blob->sealed.begin() + 25};
    const auto [there, fresh] = nonces_.emplace(nonce, blob->sealed);
    if (there->second != blob->sealed) return fail("a nonce was used for two plaintexts");
  }
  return true;
}

bool SimulatedWorld::push(SimulatedDevice& device) {
  device.enter();
  auto& vault = *device.vault;
  const auto pending = vault.pending(100);
  if (pending.has_error()) return fail("what is pending cannot be read");
  if (pending->entries.empty()) return true;
  if (!note(pending->entries)) return false;
  for (const auto& id : pending->objects) {
    const auto object = owed_object(vault, id);
    if (object.has_error()) {
      std::string why = "an object that is owed cannot be made: ";
      why += row(to_errc(object.error())).code;
      why += device.misled ? ", misled" : "";
      why += ", pending " + std::to_string(pending->entries.size()) + " behind " +
             std::to_string(pending->base.seq) + ", shelf " + std::to_string(shelf_.log.size());
      for (const auto& entry : pending->entries) {
        const auto body = protocol::decode_entry(entry.body);
        why += "\n  " + std::to_string(body->seq) + " puts " + std::to_string(body->puts.size()) +
               " drops " + std::to_string(body->drops.size()) +
               (body->device == vault.device() ? "" : ", another device's");
      }
      return fail(why);
    }
    const Bytes bytes = to_bytes(object->view());
    const auto [there, fresh] = commitments_.emplace(Bytes{bytes.begin(), bytes.begin() + 32}, id);
    if (there->second != id) return fail("a body's key was used for two bodies");
    shelf_.objects[id] = bytes;
  }
  if (pending->base != shelf_.head()) {
    refused_.push_back(pending->entries.front());
    return true;  // a conflict: the next sync pulls first
  }
  shelf_.log.insert(shelf_.log.end(), pending->entries.begin(), pending->entries.end());
  if (!lucky_ && dice_.below(8) == 0) return true;  // the answer is lost
  const auto head = shelf_.head();
  const auto marked = strike(
      device, [&](store::Vault& to) { return to.mark_pushed(head); }, [] {});
  if (marked.has_error() && marked.error() != errc::stopping) return fail("a push is not known");
  return broken.empty();
}

// What other devices put too is one, and what comes of it is sent at once, as by a sync.
bool SimulatedWorld::join(SimulatedDevice& device) {
  if (cut_) return true;
  device.enter();
  if (store::Copies{*device.vault}.looked()) return true;
  const auto pairs = store::Copies{*device.vault}.of_same_bytes();
  if (pairs.has_error()) return fail("what is there twice cannot be listed");
  for (const auto& pair : *pairs) {
    const auto outcome = strike(
        device,
        [&](store::Vault& vault) {
          return store::Copies{vault}.join(pair, store::Sameness::bytes);
        },
        [&] { ++count.joined; });
    if (outcome.has_error() && outcome.error() != errc::stopping)
      return fail("what is there twice cannot be joined");
    if (cut_ || !broken.empty()) return broken.empty();
  }
  store::Copies{*device.vault}.done();
  return pairs->empty() || push(device);
}

// One page of the history that it began without, from an honest server. All of it: until it is
// whole.
bool SimulatedWorld::read_back(SimulatedDevice& device, bool all) {
  device.enter();
  // What it knows of the log is not the true one: it is found out when it pulls.
  if (!on_shelf(shelf_, device.vault->status()->server_head)) return true;
  do {
    if (!store::History{*device.vault}.progress()) return true;
    bool whole = false;
    const auto outcome = strike(
        device,
        [&](store::Vault& vault) -> Result<void> {
          COFFRET_TRY(whole, read_history(vault, shelf_, 8));
          return {};
        },
        [] {});
    if (whole) ++count.histories;
    if (outcome.has_error() && outcome.error() != errc::stopping)
      return fail("the true history is refused: " +
                  std::string{row(to_errc(outcome.error())).code});
  } while (all && broken.empty());
  return broken.empty();
}

// Of what the server has, whoever has all of it.
bool SimulatedWorld::write_checkpoint(SimulatedDevice& device) {
  device.enter();
  const auto outcome = strike(
      device, [](store::Vault& vault) { return store::Checkpoints{vault}.write(); }, [] {});
  const bool not_now = outcome.has_error() && (outcome.error() == errc::conflict ||
                                               outcome.error() == errc::history_unread ||
                                               outcome.error() == errc::stopping);
  if (outcome.has_error() && !not_now) return fail("a checkpoint cannot be written");
  return broken.empty();
}

bool SimulatedWorld::pull(SimulatedDevice& device) {
  device.enter();
  const auto remembered = device.vault->status()->server_head;
  const auto page = shelf_.after(remembered.seq);
  if (!on_shelf(shelf_, remembered)) {
    ++count.lies;
    if (device.vault->accept_remote(page).has_value())
      return fail("a fork that could be seen was not");
    ++count.detected;
    return retire(device);
  }
  const auto outcome = strike(
      device,
      [&](store::Vault& vault) -> Result<void> {
        COFFRET_CHECK(vault.accept_remote(page));
        return {};
      },
      [] {});
  if (outcome.has_error() && outcome.error() != errc::stopping)
    return fail("the true log is refused: " + std::string{row(to_errc(outcome.error())).code});
  return broken.empty();
}

// A device that followed a fork knows it now. Its way out is a new device; what it alone had
// acknowledged stays with it.
bool SimulatedWorld::retire(SimulatedDevice& device) {
  retired_.insert(device.number);
  device.close();
  std::erase_if(devices_, [&](const auto& one) { return one.get() == &device; });
  return add_device();
}

bool SimulatedWorld::hear_a_lie(SimulatedDevice& device) {
  device.enter();
  auto& vault = *device.vault;
  const auto before = vault.status();
  const auto remembered = before->server_head;
  Shelf lie;
  lie.log = shelf_.log;
  bool altered = false;
  const auto kind = dice_.below(3);
  if (kind == 0) {
    lie.log.resize(1 + dice_.below(lie.log.size()));
  } else if (kind == 1 && !refused_.empty()) {
    const auto& other = refused_[dice_.below(refused_.size())];
    const auto entry = protocol::decode_entry(other.body);
    if (entry->seq - 1 > lie.log.size()) return true;
    lie.log.resize(entry->seq - 1);
    if (lie.head().hash != entry->previous) return true;
    lie.log.push_back(other);
  } else if (lie.log.size() > remembered.seq) {
    const auto at = remembered.seq + dice_.below(lie.log.size() - remembered.seq);
    auto& entry = lie.log[at];
    // Of an own entry whose answer was lost it looks at the name alone, and keeps its own.
    const bool own = protocol::decode_entry(entry.body)->device == vault.device();
    auto& bytes = own || dice_.below(2) == 0 ? entry.body : entry.operation;
    bytes[dice_.below(bytes.size())] ^= 4;
    altered = true;
  }
  const bool sees = altered || !on_shelf(lie, remembered);
  const auto outcome = vault.accept_remote(lie.after(remembered.seq));
  if (sees) ++count.lies;
  if (sees && outcome.has_value()) return fail("a lie that could be seen was not");
  if (sees) ++count.detected;
  const auto after = vault.status();
  if (outcome.has_error() && (after->head != before->head || after->documents != before->documents))
    return fail("a refused log changed something");
  if (!device.misled && !on_shelf(shelf_, after->server_head)) {
    device.misled = true;
    ++count.misled;
  }
  return true;
}

bool SimulatedWorld::fetch(SimulatedDevice& device, bool honest) {
  device.enter();
  const auto missing = device.vault->missing_objects();
  if (missing.has_error()) return fail("what is missing cannot be listed");
  for (const auto& wanted : *missing) {
    const auto found = shelf_.objects.find(wanted.object);
    if (found == shelf_.objects.end()) return fail("an entry names an object that was never sent");
    Bytes bytes = found->second;
    const bool altered = !honest && dice_.below(3) == 0;
    if (altered) bytes[dice_.below(bytes.size())] ^= 1;
    const auto stored = strike(
        device,
        [&](store::Vault& vault) -> Result<void> {
          COFFRET_CHECK(vault.store_object(wanted.object, {bytes}));
          return {};
        },
        [] {});
    if (altered && stored.has_value()) return fail("an altered object was kept");
    if (!altered && stored.has_error() && stored.error() != errc::stopping)
      return fail("what was uploaded cannot be opened");
    if (!broken.empty()) return false;
  }
  return true;
}

}  // namespace coffret::test
