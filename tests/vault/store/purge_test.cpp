// SPDX-License-Identifier: EUPL-1.2
//
// What was removed thirty days ago is gone for good; until then it can be restored.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/two_devices.hpp"

namespace coffret::store {
namespace {

using test::prepared;
using test::put;
using test::TwoDevices;
namespace fs = std::filesystem;

constexpr std::int64_t day = 24 * 3600;  // seconds

// The two devices of TwoDevices, synced; "Premier" and "Gros" were removed on the first.
struct Removed {
  TwoDevices two;
  DocumentId small;
  DocumentId large;

  Removed() {
    REQUIRE(two.second.has_value());
    REQUIRE(two.shelf.sync(*two.second));
    REQUIRE(two.shelf.sync(*two.first));
    small = two.first->search("premier")->front().document.id;
    large = two.first->search("gros")->front().document.id;
    REQUIRE(two.first->remove(small).has_value());
    REQUIRE(two.first->remove(large).has_value());
    REQUIRE(two.shelf.sync(*two.first));
    REQUIRE(two.shelf.sync(*two.second));
  }
  // Locked and unlocked when so many days have passed, and what is old enough erased, as it is
  // after a pull.
  void purge_after(int days) {
    unlock_after(days);
    REQUIRE(two.first->purge(two.first_machine.clock.time).has_value());
  }
  void unlock_after(int days) {
    two.first.reset();
    two.first_machine.clock.time += days * day;
    two.second_machine.clock.time += days * day;
    auto vault = two.first_machine.open();
    REQUIRE(vault.has_value());
    two.first.emplace(std::move(*vault));
  }
  std::ptrdiff_t sealed_files() const {
    return std::distance(fs::directory_iterator(two.first_machine.file("objects")), {});
  }
};

bool is_gone(Vault& vault, const DocumentId& id) {
  return vault.document(id.text()).error() == errc::not_found &&
         vault.body(id).error() == errc::not_found && vault.text(id).error() == errc::not_found &&
         vault.restore(id).error() == errc::not_found;
}

TEST_SUITE("vault/store/purge") {
  TEST_CASE("until the thirtieth day a removed document can be restored, then it is gone") {
    Removed removed;
    removed.purge_after(29);
    auto& vault = *removed.two.first;
    CHECK(vault.documents({.removed = true})->size() == 2);
    CHECK(removed.sealed_files() == 1);
    CHECK(vault.restore(removed.small).has_value());
    CHECK(removed.two.shelf.sync(vault));

    removed.purge_after(1);
    CHECK(is_gone(*removed.two.first, removed.large));
    CHECK(!is_gone(*removed.two.first, removed.small));
    CHECK(removed.two.first->documents({.removed = true})->empty());
    CHECK(removed.two.first->documents()->size() == 1);
    CHECK(removed.sealed_files() == 0);
    CHECK(fs::file_size(removed.two.first_machine.file("store.db-wal")) == 0);
    CHECK(removed.two.first->check(true)->empty());
  }

  TEST_CASE("the entry tells the server to drop the object, and other devices follow") {
    Removed removed;
    auto& two = removed.two;
    const auto before = two.first->status()->head.seq;
    removed.purge_after(31);
    const auto pending = two.first->pending();
    REQUIRE(pending->entries.size() == 2);
    std::size_t dropped = 0;
    for (const auto& signed_entry : pending->entries) {
      const auto entry = protocol::decode_entry(signed_entry.body);
      REQUIRE(entry.has_value());
      for (const auto& object : entry->drops) dropped += two.shelf.objects.erase(object);
    }
    CHECK(dropped == 2);
    CHECK(pending->objects.empty());

    CHECK(two.shelf.sync(*two.first));
    CHECK(two.shelf.sync(*two.second));
    CHECK(is_gone(*two.second, removed.small));
    CHECK(is_gone(*two.second, removed.large));
    CHECK(two.second->check(true)->empty());

    test::Machine third{3};
    auto rebuilt = third.rebuild(*two.seed, two.shelf.log);
    REQUIRE(rebuilt.has_value());
    CHECK(rebuilt->missing_objects()->empty());
    CHECK(is_gone(*rebuilt, removed.small));
    CHECK(rebuilt->search("premier")->empty());
    CHECK(rebuilt->check(true)->empty());

    removed.purge_after(31);  // nothing is purged twice
    CHECK(two.first->status()->head.seq == before + 2);
  }

  TEST_CASE("what another device restored meanwhile is fetched again, not dropped") {
    Removed removed;
    auto& two = removed.two;
    CHECK(two.second->restore(removed.small).has_value());
    CHECK(two.shelf.sync(*two.second));
    removed.purge_after(31);
    CHECK(is_gone(*two.first, removed.small));
    CHECK(two.shelf.sync(*two.first));
    CHECK(!is_gone(*two.first, removed.small));
    CHECK(two.first->document(removed.small.text())->present);
    CHECK(two.first->search("premier")->size() == 1);
    CHECK(is_gone(*two.first, removed.large));
    CHECK(two.shelf.sync(*two.second));
    CHECK(two.first->status()->head == two.second->status()->head);
    CHECK(two.first->check(true)->empty());
    CHECK(two.second->check(true)->empty());
  }

  TEST_CASE("a document that the server never acknowledged waits: its object is still owed") {
    TwoDevices two;
    const auto id = put(*two.first, prepared("Jamais envoyé", "x"));
    CHECK(two.first->remove(id).has_value());
    two.first.reset();
    two.first_machine.clock.time += 40 * day;
    {
      auto vault = two.first_machine.open();
      CHECK(vault->document(id.text())->removed_at.has_value());
      CHECK(vault->purge(two.first_machine.clock.time).has_value());
      CHECK(vault->document(id.text())->removed_at.has_value());
      REQUIRE(two.shelf.sync(*two.second));
      REQUIRE(two.shelf.sync(*vault));
    }
    auto vault = two.first_machine.open();
    CHECK(vault->purge(two.first_machine.clock.time).has_value());
    CHECK(is_gone(*vault, id));
  }

  TEST_CASE("no clock alone makes a removal final: not this machine's, not the server's") {
    Removed removed;
    auto& two = removed.two;
    const auto today = two.first_machine.clock.time;
    const auto kept = [&] {
      return !is_gone(*two.first, removed.small) && !is_gone(*two.first, removed.large) &&
             two.first->pending()->entries.empty();
    };
    CHECK(two.first->purge(today + 3000 * day).has_value());
    CHECK(kept());
    removed.unlock_after(3000);  // a machine that starts years ahead
    CHECK(kept());
    CHECK(two.first->purge(today + 29 * day).has_value());
    CHECK(kept());
    CHECK(two.first->restore(removed.small).has_value());
    CHECK(two.first->purge(today + 30 * day).has_value());
    CHECK_FALSE(is_gone(*two.first, removed.small));
    CHECK(is_gone(*two.first, removed.large));
  }

  TEST_CASE("a device whose clock is years behind removes as of the log's time, not its own") {
    TwoDevices two;
    REQUIRE(two.second.has_value());
    const auto today = two.first_machine.clock.time;
    const auto id = put(*two.first, prepared("Récent", "x"));
    REQUIRE(two.shelf.sync(*two.first));
    // Another device, whose clock was never right.
    test::Machine third{3};
    third.clock.time = today - 3000 * day;
    auto behind = third.rebuild(*two.seed, two.shelf.log);
    REQUIRE(behind.has_value());
    REQUIRE(behind->remove(id).has_value());
    REQUIRE(two.shelf.sync(*behind));
    REQUIRE(two.shelf.sync(*two.first));
    REQUIRE(two.first->document(id.text())->removed_at.has_value());
    CHECK(*two.first->document(id.text())->removed_at >= today);
    CHECK(two.first->purge(today + 29 * day).has_value());
    CHECK_FALSE(is_gone(*two.first, id));
    two.first.reset();
    auto again = two.first_machine.open();  // folded afresh: the same
    REQUIRE(again.has_value());
    CHECK(*again->document(id.text())->removed_at >= today);
  }

  TEST_CASE("a disk that is full while purging keeps nobody out, and the next purge goes on") {
    for (std::int64_t writes = 0; writes < 4; ++writes) {
      CAPTURE(writes);
      Removed removed;
      removed.unlock_after(31);
      auto& machine = removed.two.first_machine;
      machine.disk.writes_left = writes;
      (void)removed.two.first->purge(machine.clock.time);
      machine.disk.writes_left = -1;
      removed.unlock_after(0);
      auto& vault = *removed.two.first;
      REQUIRE(vault.purge(machine.clock.time).has_value());
      CHECK(is_gone(vault, removed.small));
      CHECK(removed.sealed_files() == 0);
      CHECK(vault.check(true)->empty());
    }
  }
}

}  // namespace
}  // namespace coffret::store
