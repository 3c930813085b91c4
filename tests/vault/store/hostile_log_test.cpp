// SPDX-License-Identifier: EUPL-1.2
//
// What a server may do to the log without a device's key (attack catalogue, rows 15, 21, 28, 31).
#include <doctest/doctest.h>

#include <string>

#include "tests/support/test_signer.hpp"
#include "tests/support/two_devices.hpp"

namespace coffret::store {
namespace {

using protocol::Entry;

// The second device, and the page that the first one's newest entry makes.
struct Fetching {
  test::TwoDevices two;
  protocol::EntryPage page;
  VaultStatus before;

  Fetching() {
    (void)test::put(*two.first, test::prepared("Nouveau", "texte"));
    REQUIRE(two.shelf.sync(*two.second));
    REQUIRE(two.shelf.pull(*two.first).has_value());
    REQUIRE(two.shelf.push(*two.first));
    before = *two.second->status();
    page = two.shelf.after(before.server_head.seq);
    REQUIRE(page.entries.size() == 1);
  }
  // As a clever server: the head is the one that its own page ends with.
  errc told(protocol::SignedEntry entry) {
    protocol::EntryPage altered{page.head, {std::move(entry)}};
    altered.head.hash = protocol::entry_hash(altered.entries.front().body);
    const auto accepted = two.second->accept_remote(altered);
    return accepted.has_error() ? to_errc(accepted.error()) : errc::ok;
  }
  bool unchanged() {
    const auto now = two.second->status();
    return now.has_value() && now->head == before.head && now->server_head == before.server_head &&
           now->documents == before.documents && now->pending == before.pending;
  }
};

TEST_SUITE("vault/store/hostile_log") {
  TEST_CASE("attack 15: a bit flipped anywhere in an entry is detected and changes nothing") {
    Fetching fetching;
    auto& good = fetching.page.entries.front();
    const auto flipped = [&](std::span<std::uint8_t> part) {
      std::size_t taken = 0;
      for (auto& byte : part) {
        byte ^= 0x10;
        const errc error = fetching.told(good);
        const int exit_status = row(error).exit_status;
        if (error == errc::ok || error == errc::not_found || !fetching.unchanged()) ++taken;
        // A body whose counts no longer fit is malformed; another suite, another version.
        if (exit_status != 7 && error != errc::malformed && error != errc::too_large &&
            error != errc::other_version)
          ++taken;
        byte ^= 0x10;
      }
      return taken;
    };
    CHECK(flipped(good.body) == 0);
    CHECK(flipped(good.signature.bytes) == 0);
    CHECK(flipped(good.operation) == 0);
    CHECK(fetching.told(good) == errc::ok);
  }

  TEST_CASE(
      "attack 21: an entry of which one field was altered is nobody's, hashes mended or not") {
    struct {
      const char* field;
      void (*alter)(Entry&);
      errc told;
    } const cases[] = {
        {"suite", [](Entry& e) { ++e.suite; }, errc::other_version},
        {"vault", [](Entry& e) { e.vault.bytes[3] ^= 1; }, errc::unauthenticated},
        {"epoch, one that never began", [](Entry& e) { ++e.epoch; }, errc::unauthenticated},
        {"epoch, none", [](Entry& e) { e.epoch = 0; }, errc::unauthenticated},
        {"device", [](Entry& e) { e.device.bytes[3] ^= 1; }, errc::unauthenticated},
        {"time", [](Entry& e) { ++e.time; }, errc::unauthenticated},
        {"puts, one more", [](Entry& e) { e.puts.push_back({}); }, errc::unauthenticated},
        {"puts, none", [](Entry& e) { e.puts.clear(); }, errc::unauthenticated},
        {"drops", [](Entry& e) { e.drops.push_back({}); }, errc::unauthenticated},
        {"operation", [](Entry& e) { e.operation.bytes[3] ^= 1; }, errc::unauthenticated},
        {"previous", [](Entry& e) { e.previous.bytes[3] ^= 1; }, errc::fork_detected},
        {"seq", [](Entry& e) { ++e.seq; }, errc::malformed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.field);
      Fetching fetching;
      auto altered = fetching.page.entries.front();
      auto entry = *protocol::decode_entry(altered.body);
      c.alter(entry);
      altered.body = wire::encode(entry);
      CHECK(fetching.told(altered) == c.told);
      CHECK(fetching.unchanged());
    }
  }

  TEST_CASE("what no device signed makes no vault read only, whatever version it claims") {
    Fetching fetching;
    const auto good = fetching.page.entries.front();
    auto entry = *protocol::decode_entry(good.body);
    auto blob = *wire::decode<OperationBlob>(good.operation);
    blob.sealed.front() = 2;
    const Bytes operation = wire::encode(blob);
    // In the name of a device that there is, of one that there is not, and of one that there was.
    for (const std::uint8_t name : {entry.device.bytes[0], std::uint8_t{9}}) {
      entry.device.bytes[0] = name;
      CHECK(fetching.told(protocol::sign_entry(entry, operation, test::TestSigner{99})) ==
            errc::unauthenticated);
    }
    CHECK(fetching.unchanged());
    CHECK(fetching.told(good) == errc::ok);
  }

  TEST_CASE("a suite that is only claimed makes no vault read only") {
    Fetching fetching;
    const auto good = fetching.page.entries.front();
    auto page = fetching.page;
    auto claimed = *protocol::decode_entry(good.body);
    claimed.seq += 1;
    claimed.previous = page.head.hash;
    claimed.suite = 2;
    page.entries.push_back({wire::encode(claimed), good.signature, good.operation});
    claimed.suite = 1;
    claimed.seq += 1;
    page.entries.push_back({wire::encode(claimed), good.signature, good.operation});
    page.head = {claimed.seq, protocol::entry_hash(page.entries.back().body)};
    CHECK(fetching.two.second->accept_remote(page).error() == errc::other_version);
    CHECK(fetching.unchanged());
    CHECK(fetching.told(good) == errc::ok);
  }

  TEST_CASE("attacks 29 to 31: an old entry comes again as the newest, and is nobody's") {
    Fetching fetching;
    const auto& log = fetching.two.shelf.log;
    for (std::size_t old = 0; old + 1 < log.size(); ++old) {
      CAPTURE(old);
      CHECK(fetching.told(log[old]) != errc::ok);
      auto chained = log[old];
      auto entry = *protocol::decode_entry(chained.body);
      entry.seq = fetching.page.head.seq;
      entry.previous = fetching.before.server_head.hash;
      chained.body = wire::encode(entry);
      CHECK(fetching.told(chained) == errc::unauthenticated);
      CHECK(fetching.unchanged());
    }
    CHECK(fetching.told(fetching.page.entries.front()) == errc::ok);
  }
}

}  // namespace
}  // namespace coffret::store
