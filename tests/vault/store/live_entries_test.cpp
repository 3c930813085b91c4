// SPDX-License-Identifier: EUPL-1.2
//
// The live entries of a log say what the whole log says.
#include <doctest/doctest.h>

#include "tests/support/checkpoint_world.hpp"

namespace coffret::store {
namespace {

using test::CheckpointWorld;
using test::Entries;

bool same_devices(const Control& a, const Control& b) {
  return std::ranges::equal(a.devices(), b.devices(), [](const auto& one, const auto& other) {
    const auto& x = one.second;
    const auto& y = other.second;
    return x.id == y.id && x.name == y.name && x.signing_key == y.signing_key &&
           x.agreement_key == y.agreement_key && x.certificate == y.certificate &&
           x.since == y.since && x.root == y.root && x.removed == y.removed;
  });
}

bool same_grants(const Control& a, const Control& b) {
  return std::ranges::equal(a.grants(), b.grants(), [](const auto& x, const auto& y) {
    return x.decision == y.decision && x.epoch == y.epoch && x.seq == y.seq &&
           x.revoked_at == y.revoked_at && x.acknowledged_at == y.acknowledged_at;
  });
}

bool same_persons(const Control& a, const Control& b) {
  return std::ranges::equal(a.persons(), b.persons(), [](const auto& one, const auto& other) {
    return one.second.id == other.second.id && one.second.name == other.second.name &&
           one.second.identity == other.second.identity;
  });
}

bool same_document(const Control& a, const Control& b, const DocumentId& id) {
  if (a.purged(id) != b.purged(id)) return false;
  if (a.purged(id)) return a.removed_at(id).has_value() && b.removed_at(id).has_value();
  const auto same = [](const auto* x, const auto* y) {
    return (x == nullptr) == (y == nullptr) && (x == nullptr || *x == *y);
  };
  return a.removed_at(id) == b.removed_at(id) && same(a.amended(id), b.amended(id)) &&
         same(a.assigned(id), b.assigned(id));
}

// The puts whose document is not purged, in the log's order.
std::vector<std::uint64_t> puts_in(const Entries& log, const Keyring& keyring,
                                   const Control& control) {
  std::vector<std::uint64_t> seqs;
  for (const auto& entry : log) {
    const auto opened = keyring.open(entry);
    const auto* put = std::get_if<DocumentPut>(&opened->payload);
    if (put != nullptr && !control.purged(put->document)) seqs.push_back(opened->entry.seq);
  }
  return seqs;
}

// What the live entries of the world's log say, against what all say.
void compare(const CheckpointWorld& world) {
  const auto& log = world.log();
  auto keyring = world.keys();
  const auto whole = judge(log, keyring);
  REQUIRE(whole.has_value());
  const auto live = test::live_of(log, keyring);
  auto fresh = Keyring{keyring.vault(), crypto::recovery_agreement_key(*world.seed)};
  const auto started = judge_checkpoint(test::end_of(log), live, fresh);
  REQUIRE(started.has_value());
  CHECK(started->epoch() == whole->epoch());
  CHECK(started->root() == whole->root());
  CHECK(started->recovery() == whole->recovery());
  CHECK(started->genesis() == whole->genesis());
  CHECK(started->server() == whole->server());
  CHECK(started->access() == whole->access());
  CHECK(started->server_epoch() == whole->server_epoch());
  CHECK(same_devices(*started, *whole));
  CHECK(same_grants(*started, *whole));
  CHECK(same_persons(*started, *whole));
  for (const auto& id : world.ids) CHECK(same_document(*started, *whole, id));
  CHECK(puts_in(live, keyring, *whole) == puts_in(log, keyring, *whole));
  CHECK(started->puts() == puts_in(log, keyring, *whole).size());
}

TEST_SUITE("vault/store/live_entries") {
  TEST_CASE("the live entries say what all entries say, of every kind of act") {
    CheckpointWorld world;
    world.live_through();
    compare(world);
    const auto keyring = world.keys();
    CHECK(test::live_of(world.log(), keyring).size() < world.log().size());
  }

  TEST_CASE("they do so after acts in any order, by chance") {
    for (std::uint64_t run = 1; run <= 8; ++run) {
      CAPTURE(run);
      CheckpointWorld world;
      test::SeededRandom dice{run};
      const auto roll = [&](std::size_t sides) {
        return static_cast<std::size_t>(
            load_le<std::uint32_t>(dice.make<Id<4, struct DiceTag>>().view()) % sides);
      };
      for (int act = 0; act < 40; ++act) {
        const auto& id = world.ids[roll(world.ids.size())];
        switch (roll(12)) {
          case 0:
            (void)world.add();
            break;
          case 1:
          case 2:
            (void)world.first->remove(id);
            break;
          case 3:
            (void)world.first->restore(id);
            break;
          case 4:
          case 5:
            if (world.first->document(id.text()).has_value()) world.amend(id, roll(2) == 0);
            break;
          case 6:
            world.person();
            break;
          case 7:
            if (world.people.empty()) break;
            world.identify(world.people[roll(world.people.size())]);
            (void)world.first->assign(id, world.people[roll(world.people.size())]);
            break;
          case 8:
            world.decide();
            break;
          case 9:
            if (!world.grants.empty()) world.end(world.grants[roll(world.grants.size())]);
            break;
          case 10:
            world.look_at_access(1 + roll(5));
            break;
          default:
            // A clock that is wrong for a while, and thirty days that go by.
            if (roll(2) == 0)
              world.pass(roll(2) == 0 ? -5000 : 9000);
            else
              world.purge();
        }
      }
      REQUIRE(world.first->start_epoch().has_value());
      REQUIRE(world.shelf.sync(*world.first));
      compare(world);
    }
  }

  TEST_CASE("they are as many as the state needs, however often it changed") {
    CheckpointWorld world;
    const auto id = world.add();
    const auto count = [&] {
      REQUIRE(world.shelf.push(*world.first));
      return test::live_of(world.log(), world.keys()).size();
    };
    world.amend(id, false);
    world.look_at_access(1);
    const auto before = count();
    for (int i = 0; i < 50; ++i) {
      world.amend(id, false);
      world.look_at_access(2);
      REQUIRE(world.first->remove(id).has_value());
      REQUIRE(world.first->restore(id).has_value());
    }
    // The last entry, which the log goes on from, may be one that says nothing any more.
    CHECK(count() <= before + 1);
  }

  TEST_CASE("what this build does not know, and may ignore, stays") {
    CheckpointWorld world;
    Operation unknown;
    unknown.type = OperationType{999};
    unknown.ignorable = true;
    REQUIRE(world.first->append(unknown).has_value());
    (void)world.add();
    REQUIRE(world.shelf.push(*world.first));
    const auto live = test::live_of(world.log(), world.keys());
    const auto& kept = world.log()[world.log().size() - 2];
    CHECK(std::ranges::find(live, kept) != live.end());
  }

  TEST_CASE("removed devices and renewed sheets stay") {
    CheckpointWorld world;
    REQUIRE(world.first->remove_device(world.second->device()).has_value());
    REQUIRE(world.shelf.push(*world.first));
    auto seed = world.first->renew_recovery();
    REQUIRE(seed.has_value());
    REQUIRE(world.shelf.push(*world.first));
    world.seed.emplace(std::move(*seed));
    compare(world);
  }
}

}  // namespace
}  // namespace coffret::store
