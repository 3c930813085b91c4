// SPDX-License-Identifier: EUPL-1.2
//
// What two devices wrote while apart, whichever of them meets the server first: both end with the
// same record.
#include <doctest/doctest.h>

#include "tests/support/two_devices.hpp"

namespace coffret::store {
namespace {

using test::prepared;
using test::put;
using test::TwoDevices;

// Both devices write, then `first` meets the server before `second` does; then all is synced.
struct Meeting {
  TwoDevices two;
  Vault* first = nullptr;
  Vault* second = nullptr;

  explicit Meeting(bool swapped) {
    REQUIRE(two.second.has_value());
    REQUIRE(two.shelf.sync(*two.second));
    REQUIRE(two.shelf.sync(*two.first));
    first = swapped ? &*two.second : &*two.first;
    second = swapped ? &*two.first : &*two.second;
  }
  bool meet() {
    return two.shelf.sync(*first) && two.shelf.sync(*second) && two.shelf.sync(*first) &&
           first->status()->head == second->status()->head && first->check(true)->empty() &&
           second->check(true)->empty();
  }
  Result<Vault> rebuilt(test::Machine& machine) const {
    return machine.rebuild(*two.seed, two.shelf.log);
  }
};

TEST_SUITE("vault/store/meeting") {
  TEST_CASE("of two amendments of one field the later in the log counts, of two fields both") {
    for (const bool swapped : {false, true}) {
      CAPTURE(swapped);
      Meeting devices{swapped};
      const auto id = devices.first->search("premier")->front().document.id;
      DocumentAmended change{
          .document = id, .title = "Du premier", .date = "2001", .kind = {}, .note = {}};
      CHECK(devices.first->amend(change).has_value());
      change = {.document = id, .title = "Du second", .date = {}, .kind = {}, .note = "remarque"};
      CHECK(devices.second->amend(change).has_value());
      REQUIRE(devices.meet());

      test::Machine third{3};
      auto again = devices.rebuilt(third);
      REQUIRE(again.has_value());
      for (auto* vault : {devices.first, devices.second, &*again}) {
        const auto view = vault->document(id.text());
        CHECK(view->entry.title == "Du second");
        CHECK(view->entry.date == "2001");
        CHECK(view->amended->note == "remarque");
        CHECK(vault->search("second")->size() == 1);
        CHECK(vault->search("remarque")->size() == 1);
        CHECK(vault->search("premier")->empty());
      }
    }
  }

  TEST_CASE("persons of both devices stay, and a document is whose the later one said") {
    for (const bool swapped : {false, true}) {
      CAPTURE(swapped);
      Meeting devices{swapped};
      const auto id = devices.first->search("premier")->front().document.id;
      const auto one = devices.first->add_person("Léo Exemple");
      const auto other = devices.second->add_person("Léo Exemple");
      REQUIRE(one.has_value());
      REQUIRE(other.has_value());
      CHECK(devices.first->assign(id, *one).has_value());
      CHECK(devices.second->assign(id, *other).has_value());
      PatientIdentity identity;
      identity.family = "EXEMPLE";
      CHECK(devices.second->identify(*other, identity).has_value());
      REQUIRE(devices.meet());
      for (auto* vault : {devices.first, devices.second}) {
        CHECK(vault->persons().size() == 3);
        CHECK(vault->document(id.text())->person == *other);
        CHECK(vault->documents({.person = *one})->empty());
      }
      CHECK(devices.first->persons().back().id == devices.second->persons().back().id);
      CHECK(devices.first->persons().back().identity == devices.second->persons().back().identity);
    }
  }

  TEST_CASE("a document let in on one device while another put its next version") {
    for (const bool swapped : {false, true}) {
      CAPTURE(swapped);
      Meeting devices{swapped};
      auto old_one = prepared("Version 1", "bilan", "2026-01-01");
      old_one.entry.unique_id = {"a", "urn:test"};
      old_one.quarantined = true;
      const auto id = put(*devices.first, old_one);
      REQUIRE(devices.meet());
      CHECK(devices.second->documents({.quarantined = true})->size() == 1);
      CHECK(devices.second->search("bilan")->empty());

      CHECK(devices.first->assign(id, {}).has_value());
      auto new_one = prepared("Version 2", "bilan corrigé", "2026-01-01");
      new_one.entry.relations = {{RelationKind::replaces, {"a", "urn:test"}}};
      const auto newer = put(*devices.second, new_one);
      REQUIRE(devices.meet());
      for (auto* vault : {devices.first, devices.second}) {
        CHECK(vault->documents({.quarantined = true})->empty());
        CHECK(vault->document(id.text())->replaced_by == newer);
        CHECK(vault->versions(newer)->size() == 2);
        CHECK(vault->documents()->size() == 3);
      }
    }
  }
}

}  // namespace
}  // namespace coffret::store
