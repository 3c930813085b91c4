// SPDX-License-Identifier: EUPL-1.2
//
// Thirty days apart, under many seeds: whatever two devices did and in whatever order they met the
// server and were restarted, both end with the same vault.
#include <doctest/doctest.h>

#include <optional>

#include "tests/support/two_devices.hpp"

namespace coffret::store {
namespace {

using test::prepared;
using test::put;
using test::TwoDevices;

constexpr std::uint64_t seeds = 24;
constexpr std::int64_t day = 86400;

// Choices of one seed.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed * 7919) {}
  std::uint64_t below(std::uint64_t n) {
    std::array<std::uint8_t, 8> raw{};
    random_.fill(raw);
    return load_le<std::uint64_t>(raw) % n;
  }

 private:
  test::SeededRandom random_;
};

DocumentId some_document(Vault& vault, Dice& dice) {
  const auto all = vault.documents();
  return (*all)[dice.below(all->size())].id;
}

void act(Vault& vault, Dice& dice, std::uint64_t step) {
  const auto name = std::to_string(step);
  const auto id = some_document(vault, dice);
  DocumentAmended change{.document = id, .title = {}, .date = {}, .kind = {}, .note = {}};
  switch (dice.below(9)) {
    case 0:
    case 1:
    case 2:
      CHECK(!put(vault, prepared("Document " + name, "mot" + name)).is_zero());
      return;
    case 3:
      change.title = "Titre " + name;
      CHECK(vault.amend(change).has_value());
      return;
    case 4:
      change.note = "Note " + name;
      CHECK(vault.amend(change).has_value());
      return;
    case 5:
      if (vault.status()->documents > 1) CHECK(vault.remove(id).has_value());
      return;
    case 6: {
      const auto removed = vault.documents({.removed = true});
      if (!removed->empty()) CHECK(vault.restore(removed->front().id).has_value());
      return;
    }
    case 7: {
      const auto person = vault.add_person("Personne " + name);
      REQUIRE(person.has_value());
      CHECK(vault.assign(id, *person).has_value());
      return;
    }
    default:
      CHECK(vault.start_epoch().has_value());
  }
}

// All that a person sees, in words.
std::string seen(Vault& vault) {
  std::string all;
  for (const bool removed : {false, true}) {
    const auto documents = vault.documents({.removed = removed, .superseded = true});
    for (const auto& view : *documents) {
      all += view.id.text() + "|" + view.entry.title + "|" + view.person.text();
      for (const auto& edit : vault.edits(view.id))
        all += "|" + edit.device.text() + ":" + edit.change.title.value_or("") + ":" +
               edit.change.note.value_or("");
      const auto body = vault.body(view.id);
      all += body.has_value() ? "|" + to_text(*body) : std::string{"|-"};
      all += removed ? "|removed\n" : "\n";
    }
  }
  for (const auto& person : vault.persons()) all += person.id.text() + "|" + person.name + "\n";
  all += std::to_string(vault.epoch()) + "|" + std::to_string(vault.devices().size());
  return all;
}

TEST_SUITE("vault/store/apart") {
  TEST_CASE("two devices apart for thirty days end the same, in any order of meetings") {
    std::uint64_t acts = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      CAPTURE(seed);
      Dice dice{seed};
      TwoDevices two;
      REQUIRE(two.second.has_value());
      REQUIRE(two.shelf.sync(*two.second));
      REQUIRE(two.shelf.sync(*two.first));
      for (std::int64_t at = 0; at < 30; ++at) {
        const bool one = dice.below(2) == 0;
        auto& vault = one ? *two.first : *two.second;
        auto& machine = one ? two.first_machine : two.second_machine;
        // Clocks go as they like: one of them backwards now and then.
        machine.clock.time += dice.below(5) == 0 ? -40 * day : day;
        act(vault, dice, ++acts);
        const auto meeting = dice.below(12);
        if (meeting == 0) REQUIRE(two.shelf.sync(vault));
        if (meeting == 1) REQUIRE(two.shelf.pull(vault).has_value());
        if (meeting == 2) {
          auto& held = one ? two.first : two.second;
          held.reset();
          held.emplace(std::move(*machine.open()));
        }
      }
      const bool first_first = dice.below(2) == 0;
      for (int round = 0; round < 3; ++round)
        REQUIRE(two.shelf.sync((round % 2 == 0) == first_first ? *two.first : *two.second));
      CHECK(two.first->status()->head == two.second->status()->head);
      CHECK(seen(*two.first) == seen(*two.second));
      CHECK(two.first->check(true)->empty());
      CHECK(two.second->check(true)->empty());
      test::Machine third{seed + 100};
      auto rebuilt = third.rebuild(*two.seed, two.shelf.log);
      REQUIRE(rebuilt.has_value());
      CHECK(two.shelf.fetch(*rebuilt));
      CHECK(rebuilt->documents()->size() == two.first->documents()->size());
    }
    MESSAGE("seeds: ", seeds, ", acts: ", acts);
  }
}

}  // namespace
}  // namespace coffret::store
