// SPDX-License-Identifier: EUPL-1.2
//
// A vault writes a checkpoint, another device lives with it, and a third one could start from it.
#include <doctest/doctest.h>

#include "tests/support/checkpoint_world.hpp"
#include "tests/support/shelf_source.hpp"
#include "vault/store/checkpoints.hpp"
#include "vault/store/log_start.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::store {
namespace {

using test::CheckpointWorld;
using test::Entries;
using test::ShelfSource;

// As the syncer does it: objects are made, some at a time, and the entries follow.
bool push(test::Shelf& shelf, Vault& vault) {
  const auto pending = vault.pending(10'000);
  if (pending.has_error() || pending->base != shelf.head()) return false;
  std::span<const ObjectId> left{pending->objects};
  while (!left.empty()) {
    auto some = vault.unsealed(left, std::size_t{4} << 20);
    if (some.has_error() || some->empty()) return false;
    left = left.subspan(some->size());
    for (auto& one : *some) {
      const auto id = one.object;
      const auto sealed = seal(std::move(one));
      if (sealed.has_error()) return false;
      shelf.objects[id] = to_bytes(sealed->view());
    }
  }
  shelf.log.insert(shelf.log.end(), pending->entries.begin(), pending->entries.end());
  return vault.mark_pushed(shelf.head()).has_value();
}

struct Writing {
  CheckpointWorld world;

  Writing() {
    world.live_through();
    REQUIRE(world.shelf.sync(*world.first));
  }
  Result<void> write(Vault& vault) { return Checkpoints{vault}.write(); }
  Opened newest() { return *world.keys().open(world.shelf.log.back()); }
  Result<LogStart> start() {
    ShelfSource source{world.shelf};
    Keyring keyring{world.first->id(), crypto::recovery_agreement_key(*world.seed)};
    return read_log_start(source, keyring, world.shelf.head());
  }
};

TEST_SUITE("vault/store/checkpoints") {
  TEST_CASE("what a vault writes is what another one may start from") {
    Writing writing;
    auto& world = writing.world;
    const auto at = world.shelf.head();
    REQUIRE(writing.write(*world.first).has_value());
    CHECK(world.first->status()->pending == 1);
    REQUIRE(push(world.shelf, *world.first));
    CHECK(announcement_of(writing.newest())->at == at);

    const auto start = writing.start();
    REQUIRE(start.has_value());
    REQUIRE(start->checkpoint.has_value());
    CHECK(start->checkpoint->at == at);
    CHECK(start->entries.size() == 1);
    CHECK(start->checkpoint->descent == Descent::shown);
    auto check = *HistoryCheck::begin(at, start->checkpoint->entries, world.keys());
    CHECK(check.take(std::span{world.shelf.log}.first(at.seq)).has_value());
    CHECK(check.done());
  }

  TEST_CASE("another device takes it in, and a third is rebuilt, as if it were not there") {
    Writing writing;
    auto& world = writing.world;
    const auto documents = world.first->status()->documents;
    REQUIRE(writing.write(*world.first).has_value());
    REQUIRE(push(world.shelf, *world.first));
    REQUIRE(world.shelf.sync(*world.second));
    (void)test::put(*world.second, test::prepared("Après", "texte"));
    REQUIRE(world.shelf.sync(*world.second));
    REQUIRE(world.shelf.sync(*world.first));
    test::Machine third{3};
    auto rebuilt = third.rebuild(*world.seed, world.shelf.log);
    REQUIRE(rebuilt.has_value());
    REQUIRE(world.shelf.fetch(*rebuilt));
    for (auto* vault : {&*world.first, &*world.second, &*rebuilt}) {
      CHECK(vault->status()->documents == documents + 1);
      CHECK(vault->check(true)->empty());
    }
  }

  TEST_CASE("its parts are made again after the vault was locked") {
    Writing writing;
    auto& world = writing.world;
    REQUIRE(writing.write(*world.first).has_value());
    world.first.reset();
    auto again = world.first_machine.open();
    REQUIRE(again.has_value());
    world.first.emplace(std::move(*again));
    // And beside documents that are on their way.
    (void)test::put(*world.first, test::prepared("Un autre", "texte"));
    REQUIRE(push(world.shelf, *world.first));
    CHECK(writing.start()->checkpoint.has_value());
    CHECK(world.first->unsealed(std::vector{ObjectId{}}, 1).error() == errc::not_found);
  }

  TEST_CASE("only what the server has is covered") {
    Writing writing;
    auto& world = writing.world;
    (void)world.add();
    CHECK(writing.write(*world.first).error() == errc::conflict);
    REQUIRE(world.shelf.push(*world.first));
    CHECK(writing.write(*world.first).has_value());
  }

  TEST_CASE("a newer one lets go of the objects of the one before") {
    Writing writing;
    auto& world = writing.world;
    REQUIRE(writing.write(*world.first).has_value());
    REQUIRE(push(world.shelf, *world.first));
    const auto before = writing.newest().entry.puts;
    CHECK_FALSE(before.empty());
    (void)world.add();
    REQUIRE(world.shelf.push(*world.first));
    REQUIRE(world.shelf.sync(*world.second));
    // Whichever device writes it.
    REQUIRE(writing.write(*world.second).has_value());
    REQUIRE(push(world.shelf, *world.second));
    CHECK(writing.newest().entry.drops == before);
    CHECK(writing.start()->checkpoint->at.seq + 1 == writing.newest().entry.seq);
  }

  TEST_CASE("behind another device's entries it is left out, and what is beside it stays") {
    for (const bool epoch : {false, true}) {
      CAPTURE(epoch);
      Writing writing;
      auto& world = writing.world;
      REQUIRE(world.shelf.sync(*world.second));
      REQUIRE(writing.write(*world.first).has_value());
      const auto id = test::put(*world.first, test::prepared("À moi", "texte"));
      if (epoch)
        REQUIRE(world.second->start_epoch().has_value());
      else
        (void)test::put(*world.second, test::prepared("À toi", "texte"));
      REQUIRE(world.shelf.push(*world.second));
      const auto accepted = world.shelf.pull(*world.first);
      REQUIRE(accepted.has_value());
      CHECK(accepted->rebased == 1);
      REQUIRE(push(world.shelf, *world.first));
      CHECK(world.first->document(id.text()).has_value());
      CHECK_FALSE(announces_checkpoint(writing.newest()));
      CHECK_FALSE(writing.start()->checkpoint.has_value());
      CHECK(world.first->check(true)->empty());
    }
  }

  TEST_CASE("neither a history that is left nor a device that is retired hands its own on") {
    Writing writing;
    auto& world = writing.world;
    REQUIRE(world.shelf.sync(*world.second));
    const auto base = world.shelf.head();
    // A device that could not send it, taken over by one that was rebuilt beside it.
    REQUIRE(writing.write(*world.first).has_value());
    (void)test::put(*world.first, test::prepared("Gardé", "texte"));
    const auto carried = WaysOut{*world.second}.carry_from(*world.first);
    REQUIRE(carried.has_value());
    CHECK(carried->carried == 1);
    REQUIRE(world.shelf.push(*world.second));
    CHECK_FALSE(writing.start()->checkpoint.has_value());

    // And one whose history was left for another.
    auto other = world.shelf;
    other.log.resize(base.seq);
    REQUIRE(push(other, *world.first));
    const auto theirs = world.shelf.after(base.seq).entries;
    const auto followed = WaysOut{*world.first}.follow(base, theirs, {});
    REQUIRE(followed.has_value());
    CHECK(followed->carried == 0);
    CHECK(world.first->check(true)->empty());
  }

  TEST_CASE("what only says that it is one is none") {
    Writing writing;
    auto& world = writing.world;
    Operation empty;
    empty.type = checkpoint_written;
    empty.ignorable = true;
    REQUIRE(world.first->append(empty).has_value());
    (void)world.add();
    REQUIRE(world.shelf.push(*world.first));
    CHECK_FALSE(writing.start()->checkpoint.has_value());
    REQUIRE(writing.write(*world.first).has_value());
    REQUIRE(push(world.shelf, *world.first));
    const auto start = writing.start();
    REQUIRE(start->checkpoint.has_value());
    auto check =
        *HistoryCheck::begin(start->checkpoint->at, start->checkpoint->entries, world.keys());
    CHECK(check.take(std::span{world.shelf.log}.first(start->checkpoint->at.seq)).has_value());
  }

  TEST_CASE("a short log is not worth one") {
    Writing writing;
    CHECK_FALSE(*Checkpoints{*writing.world.first}.due());
  }

  TEST_CASE("what is on its way tells its size") {
    Writing writing;
    auto& world = writing.world;
    REQUIRE(writing.write(*world.first).has_value());
    const auto parts = world.first->pending(1)->objects;
    REQUIRE(parts.size() == 1);
    auto body = world.first->unsealed(parts, 1);
    REQUIRE(body.has_value());
    CHECK(*world.first->sealed_size(parts.front()) == seal(std::move(body->front()))->size());
    CHECK(world.first->sealed_size(ObjectId{}).error() == errc::not_found);
  }

  TEST_CASE("where there is no room for it, nothing is written") {
    Writing writing;
    auto& world = writing.world;
    CHECK(Checkpoints{*world.first}.write(1000).error() == errc::too_large);
    CHECK(world.first->status()->pending == 0);
    CHECK(world.first->check(true)->empty());
  }
}

}  // namespace
}  // namespace coffret::store
