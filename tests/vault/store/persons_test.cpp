// SPDX-License-Identifier: EUPL-1.2
//
// Records merged, parted and removed, whichever device said so first. Everyone here is made up.
#include <doctest/doctest.h>

#include "tests/support/two_devices.hpp"

namespace coffret::store {
namespace {

using test::prepared;
using test::put;
using test::TwoDevices;

std::size_t in_record(const Vault& vault, const PersonId& person) {
  return vault.documents({.person = person})->size();
}

struct Family {
  TwoDevices two;
  PersonId one;
  PersonId other;

  Family() {
    REQUIRE(two.second.has_value());
    one = add("Léo Exemple", "un");
    other = add("Léo Exemple (bis)", "deux");
    REQUIRE(two.shelf.sync(*two.first));
    REQUIRE(two.shelf.sync(*two.second));
    REQUIRE(two.shelf.sync(*two.first));
  }
  PersonId add(const std::string& name, const std::string& text) {
    const auto person = two.first->add_person(name);
    REQUIRE(person.has_value());
    auto document = prepared("Carnet " + text, text);
    document.person = *person;
    REQUIRE(!put(*two.first, document).is_zero());
    return *person;
  }
  void meet() {
    for (int round = 0; round < 2; ++round)
      for (auto* vault : {&*two.first, &*two.second}) REQUIRE(two.shelf.sync(*vault));
    REQUIRE(two.shelf.sync(*two.first));
    REQUIRE(two.first->status()->head == two.second->status()->head);
  }
  template <class Judge>
  void each(const Judge& judge) {
    test::Machine third{3};
    auto again = third.rebuild(*two.seed, two.shelf.log);
    REQUIRE(again.has_value());
    for (auto* vault : {&*two.first, &*two.second, &*again}) judge(*vault);
  }
};

TEST_SUITE("vault/store/persons") {
  TEST_CASE("what is filed in a merged record is in the other, and in its own again when parted") {
    Family family;
    REQUIRE(family.two.first->merge_person(family.other, family.one).has_value());
    CHECK(family.two.first->merge_person(family.other, family.one).has_value());
    // Another device, which has not heard of it, files one more.
    auto late = prepared("De loin", "trois");
    late.person = family.other;
    REQUIRE(!put(*family.two.second, late).is_zero());
    family.meet();
    family.each([&](Vault& vault) {
      CHECK(vault.persons().size() == 2);
      CHECK(vault.merged_persons().size() == 1);
      CHECK(vault.record_of(family.other) == family.one);
      CHECK(in_record(vault, family.one) == 3);
      CHECK(in_record(vault, family.other) == 0);
    });
    REQUIRE(family.two.second->merge_person(family.other, family.other).has_value());
    family.meet();
    family.each([&](Vault& vault) {
      CHECK(vault.persons().size() == 3);
      CHECK(in_record(vault, family.one) == 1);
      CHECK(in_record(vault, family.other) == 2);
    });
  }

  TEST_CASE("merged crosswise by two devices, or in a circle, the first in the log counts") {
    Family family;
    const auto third = family.add("Zoé Exemple", "quatre");
    family.meet();
    REQUIRE(family.two.first->merge_person(family.other, family.one).has_value());
    REQUIRE(family.two.second->merge_person(family.one, third).has_value());
    REQUIRE(family.two.second->merge_person(third, family.other).has_value());
    family.meet();
    family.each([&](Vault& vault) {
      std::size_t documents = 0;
      for (const auto& person : vault.persons()) documents += in_record(vault, person.id);
      CHECK(documents == vault.documents()->size());
      CHECK(vault.persons().size() == 2);
    });
    CHECK(family.two.first->merge_person({}, family.one).error() == errc::denied);
  }

  TEST_CASE("a record is removed when it is empty, and is back when something is in it") {
    Family family;
    auto& vault = *family.two.first;
    CHECK(vault.remove_person(family.one).error() == errc::conflict);
    CHECK(vault.remove_person({}).error() == errc::denied);
    const auto document = vault.documents({.person = family.one})->front().id;
    REQUIRE(vault.remove(document).has_value());
    REQUIRE(vault.remove_person(family.one).has_value());
    CHECK(vault.remove_person(family.one).has_value());
    CHECK(vault.persons().size() == 2);
    // Its name is free again.
    CHECK(vault.add_person("Léo Exemple").has_value());
    // Meanwhile another device filed something there.
    auto late = prepared("De loin", "trois");
    late.person = family.one;
    REQUIRE(!put(*family.two.second, late).is_zero());
    family.meet();
    family.each([&](Vault& one) {
      CHECK(one.persons().size() == 4);
      CHECK(in_record(one, family.one) == 1);
    });
    REQUIRE(vault.restore(document).has_value());
    CHECK(in_record(vault, family.one) == 2);
  }
}

}  // namespace
}  // namespace coffret::store
