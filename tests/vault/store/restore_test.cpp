// SPDX-License-Identifier: EUPL-1.2
//
// A vault restored from its log alone, and what its first device does meanwhile.
#include <doctest/doctest.h>

#include "tests/support/two_devices.hpp"

namespace coffret::store {
namespace {

using test::prepared;
using test::put;
using test::TwoDevices;

// Two devices in step with the server, and a third machine that a backup of the first comes to.
struct Restoring : TwoDevices {
  test::Machine third_machine{3};
  std::optional<Vault> third;

  Restoring() {
    REQUIRE(second.has_value());
    REQUIRE(first
                ->append(make_operation(ServerPinned{.url = "https://coffret.example",
                                                     .card = {},
                                                     .fingerprint = {},
                                                     .identity = {},
                                                     .spki = {},
                                                     .accepted_country = {}}))
                .has_value());
    REQUIRE(shelf.push(*first));
    REQUIRE(shelf.sync(*second));
    REQUIRE(shelf.sync(*first));
  }
  void restore() {
    const auto log = first->pending_after({}, 10'000);
    REQUIRE(log.has_value());
    auto restored = Vault::restore(third_machine.config(), *seed, log->entries, shelf.head(),
                                   third_machine.passphrase, third_machine.environment());
    REQUIRE(restored.has_value());
    third.emplace(std::move(*restored));
  }
  void reopen() {
    third.reset();
    auto opened = third_machine.open();
    REQUIRE(opened.has_value());
    third.emplace(std::move(*opened));
  }
};

TEST_SUITE("vault/store/restore") {
  TEST_CASE("what a backup held beyond the server stays pending when the vault is opened again") {
    Restoring devices;
    REQUIRE_FALSE(put(*devices.first, prepared("Après", "après")).is_zero());
    // Only its own device may say it again: all before it is kept as it was signed.
    REQUIRE(devices.first->start_epoch().has_value());
    devices.restore();
    const auto pending = devices.third->status()->pending;
    CHECK(pending == 3);
    devices.reopen();
    CHECK(devices.third->status()->pending == pending);
    CHECK(devices.third->status()->server_head == devices.shelf.head());
    CHECK(devices.shelf.pull(*devices.third).has_value());
  }

  TEST_CASE("a first device that went another way since is no server that forked") {
    Restoring devices;
    REQUIRE_FALSE(put(*devices.first, prepared("Après", "après")).is_zero());
    REQUIRE(devices.first->start_epoch().has_value());
    devices.restore();
    const auto before = *devices.third->status();
    // The second device was quicker, and the first signed again behind it.
    REQUIRE_FALSE(put(*devices.second, prepared("Entre-temps", "e")).is_zero());
    REQUIRE(devices.shelf.sync(*devices.second));
    REQUIRE(devices.shelf.sync(*devices.first));
    for (const bool again : {false, true}) {
      CAPTURE(again);
      if (again) devices.reopen();
      CHECK(devices.shelf.pull(*devices.third).error() == errc::restored_otherwise);
      CHECK(devices.third->status()->head == before.head);
    }
    // A server that takes back what it had acknowledged is found all the same.
    protocol::EntryPage older = devices.shelf.after(0);
    older.entries.resize(1);
    older.head = {1, protocol::entry_hash(older.entries.front().body)};
    CHECK(devices.third->accept_remote(older).error() == errc::server_rolled_back);
  }

  TEST_CASE("an act that its first device sends behind another's epoch is still one act") {
    Restoring devices;
    const auto id = put(*devices.first, prepared("Une fois", "une seule fois"));
    devices.restore();
    // The restored device is enrolled, and the line is cut before the rest.
    auto enrolment = devices.third->pending(1);
    REQUIRE(enrolment->entries.size() == 1);
    devices.shelf.log.push_back(enrolment->entries.front());
    REQUIRE(devices.third->mark_pushed(devices.shelf.head()).has_value());
    REQUIRE(devices.shelf.pull(*devices.second).has_value());
    REQUIRE(devices.second->start_epoch().has_value());
    REQUIRE(devices.shelf.push(*devices.second));
    REQUIRE(devices.shelf.sync(*devices.first));  // wraps the key of its put anew

    const auto documents = devices.first->status()->documents;
    REQUIRE(devices.shelf.sync(*devices.third));
    CHECK(devices.third->status()->documents == documents);
    CHECK(devices.third->status()->pending == 0);
    CHECK(devices.third->missing_objects()->empty());
    CHECK(devices.third->check(true)->empty());
    CHECK(devices.third->document(id.text()).has_value());
    devices.reopen();
    CHECK(devices.third->status()->documents == documents);
    CHECK(devices.third->status()->head == devices.first->status()->head);
  }
}

}  // namespace
}  // namespace coffret::store
