// SPDX-License-Identifier: EUPL-1.2
//
// One document that two devices put while apart is one again, whichever of them meets the server
// first, and nothing that was said of either is lost.
#include "vault/store/copies.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/shelf_source.hpp"
#include "tests/support/two_devices.hpp"
#include "vault/store/checkpoints.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::store {
namespace {

using test::prepared;
using test::put;
using test::TwoDevices;

std::size_t join_all(Vault& vault) {
  Copies copies{vault};
  const auto pairs = copies.of_same_bytes();
  REQUIRE(pairs.has_value());
  for (const auto& pair : *pairs) REQUIRE(copies.join(pair, Sameness::bytes).has_value());
  copies.done();
  return pairs->size();
}

PreparedDocument same_file() {
  return prepared("Bilan", "glycémie");
}

// Two devices that know each other and then write apart; `first` meets the server first.
struct PutApart {
  TwoDevices two;
  Vault* first = nullptr;
  Vault* second = nullptr;

  explicit PutApart(bool swapped) {
    REQUIRE(two.second.has_value());
    REQUIRE(two.shelf.sync(*two.second));
    REQUIRE(two.shelf.sync(*two.first));
    first = swapped ? &*two.second : &*two.first;
    second = swapped ? &*two.first : &*two.second;
  }
  // Until both say the same; each joins what it sees, as a sync does.
  void meet() {
    for (int round = 0; round < 4; ++round)
      for (auto* vault : {first, second}) {
        REQUIRE(two.shelf.sync(*vault));
        if (join_all(*vault) > 0) REQUIRE(two.shelf.sync(*vault));
      }
    REQUIRE(first->status()->head == second->status()->head);
    REQUIRE(first->check(true)->empty());
    REQUIRE(second->check(true)->empty());
  }
  // All of them, and one that knows only the sheet and the server's log, and one from a checkpoint.
  template <class Judge>
  void each(const Judge& judge) {
    test::Machine third{3};
    auto again = third.rebuild(*two.seed, two.shelf.log);
    REQUIRE(again.has_value());
    REQUIRE(two.shelf.fetch(*again));
    for (auto* vault : {first, second, &*again}) judge(*vault);
  }
};

std::size_t alive(Vault& vault) {
  return vault.documents()->size();
}

// What lies at the server and no entry lets go.
std::size_t kept_of(const Vault& vault) {
  return vault.kept_objects()->size();
}

TEST_SUITE("vault/store/copies") {
  TEST_CASE("the same file put on two devices is one document after they met, the earlier one") {
    for (const bool swapped : {false, true}) {
      CAPTURE(swapped);
      PutApart devices{swapped};
      const auto kept = put(*devices.first, same_file());
      const auto copy = put(*devices.second, same_file());
      REQUIRE(kept != copy);
      const auto before = kept_of(*devices.first);
      devices.meet();
      devices.each([&](Vault& vault) {
        CHECK(alive(vault) == 3);
        CHECK(vault.search("glycemie")->size() == 1);
        CHECK(vault.document(kept.text())->id == kept);
        // Whoever has the other name finds it, its bytes too.
        CHECK(vault.document(copy.text())->id == kept);
        CHECK(vault.stands_for(copy) == kept);
        CHECK(vault.body(copy).value() == same_file().body);
        CHECK(vault.documents({.removed = true})->empty());
        CHECK(kept_of(vault) == before);  // the server keeps one object for it
        CHECK(Copies{vault}.of_same_bytes()->empty());
      });
    }
  }

  TEST_CASE("three devices that put one file end with one, in any order of their meetings") {
    for (const int order : {0, 1, 2}) {
      CAPTURE(order);
      PutApart devices{false};
      test::Machine machine{3};
      auto third = machine.rebuild(*devices.two.seed, devices.two.shelf.log);
      REQUIRE(third.has_value());
      REQUIRE(devices.two.shelf.sync(*third));
      std::vector<Vault*> vaults{devices.first, devices.second, &*third};
      std::rotate(vaults.begin(), vaults.begin() + order, vaults.end());
      for (auto* vault : vaults) REQUIRE(!put(*vault, same_file()).is_zero());
      for (int round = 0; round < 3; ++round)
        for (auto* vault : vaults) {
          REQUIRE(devices.two.shelf.sync(*vault));
          if (join_all(*vault) > 0) REQUIRE(devices.two.shelf.sync(*vault));
        }
      for (auto* vault : vaults) {
        CHECK(alive(*vault) == 3);
        CHECK(vault->status()->head == vaults.front()->status()->head);
        CHECK(vault->check(true)->empty());
      }
    }
  }

  TEST_CASE("what was changed of either holds, the later change of one field, and both notes") {
    for (const bool swapped : {false, true}) {
      CAPTURE(swapped);
      PutApart devices{swapped};
      const auto kept = put(*devices.first, same_file());
      const auto copy = put(*devices.second, same_file());
      REQUIRE(devices.first
                  ->amend({.document = kept,
                           .title = "Du premier",
                           .date = "2001",
                           .kind = {},
                           .note = "à jeun"})
                  .has_value());
      REQUIRE(devices.second
                  ->amend({.document = copy,
                           .title = "Du second",
                           .date = {},
                           .kind = CodedValue{"11502-2", "2.16.840.1.113883.6.1", "Bilan"},
                           .note = "à refaire"})
                  .has_value());
      devices.meet();
      devices.each([&](Vault& vault) {
        const auto view = vault.document(kept.text());
        CHECK(view->entry.title == "Du second");
        CHECK(view->entry.date == "2001");
        CHECK(view->entry.type.code == "11502-2");
        CHECK(view->amended->note == "à jeun\n\nà refaire");
        CHECK(vault.search("refaire")->size() == 1);
        // Every change is still told, of whichever it was made.
        std::size_t told = 0;
        for (const auto& edit : vault.edits(kept))
          if (edit.change.title == "Du premier" || edit.change.title == "Du second") ++told;
        CHECK(told >= 2);
      });
    }
  }

  TEST_CASE("a copy in the trash of one device and alive on the other stays alive") {
    struct {
      const char* name;
      bool first_removes;
      bool second_removes;
      std::size_t alive;
    } const cases[] = {
        {"the first device removed its own", true, false, 3},
        {"the second did", false, true, 3},
        {"both did", true, true, 2},
    };
    for (const auto& c : cases)
      for (const bool swapped : {false, true}) {
        CAPTURE(c.name);
        CAPTURE(swapped);
        PutApart devices{swapped};
        const auto one = put(*devices.first, same_file());
        const auto other = put(*devices.second, same_file());
        if (c.first_removes) REQUIRE(devices.first->remove(one).has_value());
        if (c.second_removes) REQUIRE(devices.second->remove(other).has_value());
        devices.meet();
        devices.each([&](Vault& vault) {
          CHECK(alive(vault) == c.alive);
          const std::size_t removed = (c.first_removes ? 1u : 0u) + (c.second_removes ? 1u : 0u);
          CHECK(vault.documents({.removed = true})->size() == removed);
        });
        if (c.alive == 2) continue;
        // What was taken back out of the trash is one with the other again.
        REQUIRE(devices.first->restore(c.first_removes ? one : other).has_value());
        devices.meet();
        devices.each([&](Vault& vault) { CHECK(alive(vault) == 3); });
      }
  }

  TEST_CASE("who removes one, not knowing that the other lives, takes nothing away") {
    PutApart devices{false};
    const auto kept = put(*devices.first, same_file());
    REQUIRE(devices.two.shelf.sync(*devices.first));
    REQUIRE(devices.two.shelf.pull(*devices.second).has_value());
    // A third device put the file too; before it is heard of, the second removes the one it knows.
    test::Machine machine{3};
    auto third = machine.rebuild(*devices.two.seed, devices.two.shelf.log);
    REQUIRE(third.has_value());
    REQUIRE(devices.second->remove(kept).has_value());
    auto early = same_file();
    // Rebuilt from the log it knows the document: as if it had imported the file before.
    early.body.push_back('\n');
    early.sha256 = crypto::sha256(early.body);
    const auto copy = put(*third, early);
    REQUIRE(!copy.is_zero());
    REQUIRE(devices.two.shelf.sync(*third));
    REQUIRE(Copies{*third}.join({kept, copy}, Sameness::document).has_value());
    REQUIRE(devices.two.shelf.sync(*third));
    devices.meet();
    devices.each([&](Vault& vault) {
      CHECK_FALSE(vault.document(kept.text())->removed_at);
      CHECK(vault.stands_for(copy) == kept);
    });
  }

  TEST_CASE("both devices join at once: once is enough, and a change in between holds") {
    PutApart devices{false};
    const auto kept = put(*devices.first, same_file());
    const auto copy = put(*devices.second, same_file());
    REQUIRE(
        devices.second->amend({.document = copy, .title = "T", .date = {}, .kind = {}, .note = {}})
            .has_value());
    REQUIRE(devices.two.shelf.sync(*devices.first));
    REQUIRE(devices.two.shelf.sync(*devices.second));
    REQUIRE(devices.two.shelf.sync(*devices.first));
    CHECK(join_all(*devices.first) == 1);
    CHECK(join_all(*devices.second) == 1);
    REQUIRE(devices.two.shelf.sync(*devices.first));
    REQUIRE(
        devices.first->amend({.document = kept, .title = "U", .date = {}, .kind = {}, .note = {}})
            .has_value());
    REQUIRE(devices.two.shelf.sync(*devices.first));
    devices.meet();
    devices.each([&](Vault& vault) {
      CHECK(alive(vault) == 3);
      CHECK(vault.document(copy.text())->entry.title == "U");
    });
  }

  TEST_CASE("what a device that was away said of the copy is said of the document") {
    PutApart devices{false};
    const auto kept = put(*devices.first, same_file());
    const auto copy = put(*devices.second, same_file());
    REQUIRE(devices.two.shelf.sync(*devices.first));
    REQUIRE(devices.two.shelf.sync(*devices.second));
    const auto child = devices.second->add_person("Léo Exemple");
    REQUIRE(child.has_value());
    REQUIRE(devices.two.shelf.sync(*devices.second));
    REQUIRE(devices.two.shelf.sync(*devices.first));
    // Away: it knows both, and files and names the later one.
    REQUIRE(devices.second->assign(copy, *child).has_value());
    REQUIRE(devices.second
                ->amend({.document = copy, .title = "De loin", .date = {}, .kind = {}, .note = {}})
                .has_value());
    CHECK(join_all(*devices.first) == 1);
    devices.meet();
    devices.each([&](Vault& vault) {
      const auto view = vault.document(copy.text());
      CHECK(view->id == kept);
      CHECK(view->person == *child);
      CHECK(view->entry.title == "De loin");
      CHECK(vault.search("loin")->size() == 1);
      CHECK(alive(vault) == 3);
    });
  }

  TEST_CASE("set apart on one device and accepted on the other, it is accepted") {
    for (const bool swapped : {false, true}) {
      CAPTURE(swapped);
      PutApart devices{swapped};
      auto apart = same_file();
      apart.quarantined = true;
      const auto one = put(*devices.first, apart);
      const auto other = put(*devices.second, same_file());
      REQUIRE(!one.is_zero());
      REQUIRE(!other.is_zero());
      devices.meet();
      devices.each([&](Vault& vault) {
        CHECK(vault.documents({.quarantined = true})->empty());
        CHECK(alive(vault) == 3);
      });
    }
  }

  TEST_CASE(
      "the same document in other bytes goes to the trash, and who takes it back parts them") {
    PutApart devices{false};
    const auto kept = put(*devices.first, same_file());
    auto other = same_file();
    other.body.push_back(' ');
    other.sha256 = crypto::sha256(other.body);
    const auto copy = put(*devices.second, other);
    REQUIRE(
        devices.second->amend({.document = copy, .title = {}, .date = {}, .kind = {}, .note = "vu"})
            .has_value());
    devices.meet();
    REQUIRE(Copies{*devices.first}.join({kept, copy}, Sameness::document).has_value());
    CHECK(Copies{*devices.first}.join({kept, copy}, Sameness::document).has_value());
    devices.meet();
    devices.each([&](Vault& vault) {
      CHECK(alive(vault) == 3);
      CHECK(vault.document(kept.text())->amended->note == "vu");
      const auto trash = vault.documents({.removed = true});
      REQUIRE(trash->size() == 1);
      CHECK(trash->front().same_as == kept);
      CHECK(vault.body(copy).value() == other.body);
      CHECK(vault.stands_for(copy) == kept);
    });
    REQUIRE(devices.second->restore(copy).has_value());
    devices.meet();
    devices.each([&](Vault& vault) {
      CHECK(alive(vault) == 4);
      CHECK(vault.stands_for(copy) == copy);
      CHECK(Copies{vault}.apart({kept, copy}));
    });
  }

  TEST_CASE(
      "thirty days later the other bytes are gone, and the name still leads to the document") {
    PutApart devices{false};
    const auto kept = put(*devices.first, same_file());
    auto other = same_file();
    other.body.push_back(' ');
    other.sha256 = crypto::sha256(other.body);
    const auto copy = put(*devices.second, other);
    devices.meet();
    REQUIRE(Copies{*devices.first}.join({kept, copy}, Sameness::document).has_value());
    devices.meet();
    const auto before = kept_of(*devices.first);
    const auto later = devices.two.first_machine.clock.time + std::int64_t{31} * 24 * 3600;
    for (auto* clock : {&devices.two.first_machine.clock, &devices.two.second_machine.clock})
      clock->time = later;
    REQUIRE(devices.first->purge(later).has_value());
    devices.meet();
    devices.each([&](Vault& vault) {
      CHECK(kept_of(vault) == before - 1);
      CHECK(vault.documents({.removed = true})->empty());
      CHECK(vault.document(copy.text())->id == kept);
    });
  }

  TEST_CASE("only what the server has in its order is joined, the earlier kept, in no trash") {
    PutApart devices{false};
    const auto kept = put(*devices.first, same_file());
    REQUIRE(devices.two.shelf.sync(*devices.first));
    const auto copy = put(*devices.second, same_file());
    REQUIRE(devices.two.shelf.pull(*devices.second).has_value());
    Copies copies{*devices.second};
    CHECK(copies.of_same_bytes()->empty());
    CHECK(copies.join({kept, copy}, Sameness::bytes).error() == errc::conflict);
    REQUIRE(devices.two.shelf.sync(*devices.second));
    CHECK(copies.of_same_bytes()->size() == 1);
    CHECK(copies.join({copy, kept}, Sameness::bytes).error() == errc::conflict);
    const auto another = devices.second->search("premier")->front().document.id;
    CHECK(copies.join({another, copy}, Sameness::bytes).error() == errc::conflict);
    REQUIRE(devices.second->remove(kept).has_value());
    CHECK(copies.of_same_bytes()->empty());
    CHECK(copies.join({kept, copy}, Sameness::bytes).error() == errc::conflict);
  }

  TEST_CASE("put in two histories, of which one follows the other, it is one document too") {
    PutApart devices{false};
    auto& shelf = devices.two.shelf;
    const auto base = shelf.head();
    const auto one = put(*devices.first, same_file());
    const auto other = put(*devices.second, same_file());
    // A server that shows each device a history of its own.
    test::Shelf left = shelf;
    test::Shelf right = shelf;
    REQUIRE(left.sync(*devices.first));
    REQUIRE(right.sync(*devices.second));
    const auto theirs = std::vector<protocol::SignedEntry>{
        right.log.begin() + static_cast<std::ptrdiff_t>(base.seq), right.log.end()};
    REQUIRE(WaysOut{*devices.first}.follow(base, theirs, {}).has_value());
    for (const auto& [id, bytes] : left.objects) right.objects[id] = bytes;
    REQUIRE(right.sync(*devices.first));
    REQUIRE(right.sync(*devices.second));
    CHECK(join_all(*devices.first) == 1);
    REQUIRE(right.sync(*devices.first));
    REQUIRE(right.sync(*devices.second));
    for (auto* vault : {devices.first, devices.second}) {
      CHECK(alive(*vault) == 3);
      CHECK(vault->stands_for(one) == vault->stands_for(other));
      CHECK(vault->body(one).has_value());
      CHECK(vault->check(true)->empty());
    }
  }

  TEST_CASE("who begins at a checkpoint knows what stands for a copy") {
    PutApart devices{false};
    const auto kept = put(*devices.first, same_file());
    const auto copy = put(*devices.second, same_file());
    devices.meet();
    REQUIRE(Checkpoints{*devices.first}.write().has_value());
    REQUIRE(devices.two.shelf.sync(*devices.first));
    devices.meet();
    const auto start = test::start_of(devices.two.shelf, *devices.two.seed);
    REQUIRE(start.has_value());
    REQUIRE(start->checkpoint);
    test::Machine machine{4};
    const auto enrolled = [](const protocol::SignedCertificate&) { return Result<void>{}; };
    auto vault = Vault::rebuild(machine.config(), *devices.two.seed, *start, machine.passphrase,
                                machine.environment(), enrolled);
    REQUIRE(vault.has_value());
    CHECK(vault->stands_for(copy) == kept);
    CHECK(alive(*vault) == 3);
    CHECK(Copies{*vault}.looked());  // it does not judge before it has read the whole log
  }
}

}  // namespace
}  // namespace coffret::store
