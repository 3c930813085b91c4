// SPDX-License-Identifier: EUPL-1.2
//
// A vault's acts, crashed and failed at every durable call (tests/support/crash_walk.hpp says how a
// longer run is asked for).
#include <doctest/doctest.h>

#include "tests/support/crash_play.hpp"
#include "vault/store/copies.hpp"

namespace coffret::test {
namespace {

constexpr std::int64_t day = 24 * 3600;  // seconds

store::PreparedDocument large(const std::string& title) {
  auto document = prepared(title, std::string((1u << 20) + 5000, 'g'));
  document.text = "un gros document";
  return document;
}

store::PreparedDocument with_facts(const std::string& title) {
  auto document = prepared(title, "deux mesures", "2026-05-01");
  for (const char* label : {"Glycémie", "Sodium"}) {
    Fact fact;
    fact.label = label;
    fact.value = "5.1";
    document.facts.push_back(fact);
  }
  return document;
}

Result<void> put_all(store::Vault& vault, std::vector<store::PreparedDocument> batch) {
  COFFRET_TRY([[maybe_unused]] const auto outcome, vault.put_documents(std::move(batch)));
  return {};
}

Result<DocumentId> titled(store::Vault& vault, const std::string& title, bool removed = false) {
  COFFRET_TRY(const auto all, vault.documents({.removed = removed}));
  for (const auto& view : all)
    if (view.entry.title == title) return view.id;
  return errc::not_found;
}

void one_vault(Stage& stage) {
  auto made = stage.machine.create();
  REQUIRE(made.has_value());
  stage.seed.emplace(std::move(made->seed));
  // As `server join` does: entries of others come from a pinned server, or from a backup.
  store::ServerPinned pinned;
  pinned.url = "https://serveur.example";
  REQUIRE(made->vault.append(make_operation(pinned)).has_value());
  REQUIRE(put_all(made->vault, {prepared("Premier", "un"), large("Gros")}).has_value());
  REQUIRE(stage.sync(made->vault).has_value());
}

const Play importing{
    "import",
    one_vault,
    {[](Stage&, store::Vault& vault) { return put_all(vault, {prepared("Petit", "p")}); },
     [](Stage&, store::Vault& vault) { return put_all(vault, {large("Second gros")}); },
     [](Stage&, store::Vault& vault) {
       return put_all(vault, {with_facts("Bilan"), prepared("A", "a"), large("Troisième")});
     },
     [](Stage&, store::Vault& vault) -> Result<void> {
       COFFRET_TRY(const auto id, titled(vault, "Petit"));
       return vault.set_derived(id, "lu de nouveau", {}, with_facts("x").facts);
     }}};

const Play changing{"changes",
                    one_vault,
                    {[](Stage&, store::Vault& vault) -> Result<void> {
                       auto id = titled(vault, "Premier");
                       if (id.has_error())
                         id = titled(vault, "Premier, renommé");  // by the try that failed
                       if (id.has_error()) return id.error();
                       store::DocumentAmended amended{};
                       amended.document = *id;
                       amended.title = "Premier, renommé";
                       return vault.amend(amended);
                     },
                     [](Stage&, store::Vault& vault) -> Result<void> {
                       auto id = titled(vault, "Gros");
                       if (id.has_error()) id = titled(vault, "Gros", true);
                       if (id.has_error()) return id.error();
                       return vault.remove(*id);
                     },
                     [](Stage&, store::Vault& vault) -> Result<void> {
                       auto id = titled(vault, "Gros", true);
                       if (id.has_error())
                         id = titled(vault, "Gros");  // restored by the try that failed
                       if (id.has_error()) return id.error();
                       return vault.restore(*id);
                     },
                     [](Stage&, store::Vault& vault) -> Result<void> {
                       const auto added = vault.add_person("Léo");
                       if (added.has_error() && added.error() != errc::conflict)
                         return added.error();
                       return {};
                     }}};

const Play purging{
    "purge",
    [](Stage& stage) {
      one_vault(stage);
      {
        auto vault = stage.machine.open();
        REQUIRE(vault.has_value());
        for (const char* title : {"Premier", "Gros"})
          REQUIRE(vault->remove(*titled(*vault, title)).has_value());
        REQUIRE(stage.sync(*vault).has_value());
      }
      stage.machine.clock.time += 31 * day;
    },
    {[](Stage& stage, store::Vault& vault) { return vault.purge(stage.machine.clock.time); },
     [](Stage& stage, store::Vault& vault) { return stage.send(vault); },
     [](Stage& stage, store::Vault& vault) { return vault.mark_pushed(stage.shelf.head()); }}};

// The other device has put, removed and pushed what this one has not seen.
const Play syncing{
    "sync with a rebase",
    [](Stage& stage) {
      one_vault(stage);
      auto second = stage.machine.rebuild(*stage.seed, stage.shelf.log, "second");
      REQUIRE(second.has_value());
      REQUIRE(stage.sync(*second).has_value());
      {
        auto first = stage.machine.open();
        REQUIRE(first.has_value());
        REQUIRE(stage.sync(*first).has_value());
      }
      REQUIRE(put_all(*second, {prepared("Ailleurs", "a"), large("Gros d'ailleurs")}).has_value());
      REQUIRE(second->remove(*titled(*second, "Premier")).has_value());
      REQUIRE(stage.sync(*second).has_value());
    },
    {[](Stage&, store::Vault& vault) {
       return put_all(vault, {prepared("Ici", "i"), large("Gros d'ici")});
     },
     // Before the pull: the server refuses, and has seen these entries all the same.
     [](Stage& stage, store::Vault& vault) { return stage.send(vault); },
     [](Stage& stage, store::Vault& vault) -> Result<void> {
       COFFRET_TRY([[maybe_unused]] const auto accepted, stage.shelf.pull(vault));
       return {};
     },
     [](Stage& stage, store::Vault& vault) -> Result<void> {
       COFFRET_TRY(const auto missing, vault.missing_objects());
       if (missing.empty()) return {};
       COFFRET_CHECK(
           vault.store_object(missing[0].object, {stage.shelf.objects.at(missing[0].object)}));
       return {};
     },
     [](Stage& stage, store::Vault& vault) -> Result<void> {
       return stage.shelf.fetch(vault) ? Result<void>{} : Result<void>{errc::io};
     },
     [](Stage& stage, store::Vault& vault) { return stage.send(vault); },
     [](Stage& stage, store::Vault& vault) { return vault.mark_pushed(stage.shelf.head()); }}};

// Both devices put the same files, and the other one changed what it had put.
const Play joining{
    "documents put twice",
    [](Stage& stage) {
      one_vault(stage);
      auto second = stage.machine.rebuild(*stage.seed, stage.shelf.log, "second");
      REQUIRE(second.has_value());
      REQUIRE(stage.sync(*second).has_value());
      auto first = stage.machine.open();
      REQUIRE(first.has_value());
      REQUIRE(stage.sync(*first).has_value());
      for (auto* vault : {&*first, &*second}) {
        REQUIRE(put_all(*vault, {prepared("Double", "d"), large("Gros double")}).has_value());
        REQUIRE(stage.sync(*vault).has_value());
      }
      store::DocumentAmended amended{};
      amended.note = "vu";
      for (const auto& view : *second->documents()) {
        amended.document = view.id;
        REQUIRE(second->amend(amended).has_value());
      }
      REQUIRE(stage.sync(*second).has_value());
      REQUIRE(stage.sync(*first).has_value());
    },
    {[](Stage&, store::Vault& vault) -> Result<void> {
       store::Copies copies{vault};
       COFFRET_TRY(const auto pairs, copies.of_same_bytes());
       // One act: the next one is the same again.
       if (!pairs.empty()) COFFRET_CHECK(copies.join(pairs.front(), store::Sameness::bytes));
       return {};
     },
     [](Stage&, store::Vault& vault) -> Result<void> {
       store::Copies copies{vault};
       COFFRET_TRY(const auto pairs, copies.of_same_bytes());
       if (!pairs.empty()) COFFRET_CHECK(copies.join(pairs.front(), store::Sameness::bytes));
       return {};
     },
     [](Stage& stage, store::Vault& vault) { return stage.send(vault); },
     [](Stage& stage, store::Vault& vault) { return vault.mark_pushed(stage.shelf.head()); }}};

TEST_SUITE("vault/crash/acts") {
  TEST_CASE("an import cut short anywhere is whole or absent, and what was acknowledged is there") {
    CHECK(crash_everywhere(importing).crashes > 100);
  }
  TEST_CASE("an import whose disk fails anywhere says so, and goes on when the disk is well") {
    fail_everywhere(importing);
  }
  TEST_CASE("changes cut short anywhere are made or not made") {
    CHECK(crash_everywhere(changing).crashes > 20);
  }
  TEST_CASE("changes whose disk fails anywhere are made or not made") {
    fail_everywhere(changing);
  }
  TEST_CASE("a purge cut short anywhere leaves nothing behind and loses nothing else") {
    CHECK(crash_everywhere(purging).crashes > 20);
  }
  TEST_CASE("a purge whose disk fails anywhere is made good later") {
    fail_everywhere(purging);
  }
  TEST_CASE("two documents made one are one or two when that is cut short anywhere") {
    CHECK(crash_everywhere(joining).crashes > 20);
  }
  TEST_CASE("two documents made one while the disk fails anywhere are made one later") {
    fail_everywhere(joining);
  }
  TEST_CASE("a sync cut short anywhere signs no place of the log twice, and goes on") {
    CHECK(crash_everywhere(syncing).crashes > 50);
  }
  TEST_CASE("a sync whose disk fails anywhere signs no place of the log twice, and goes on") {
    fail_everywhere(syncing);
  }
}

}  // namespace
}  // namespace coffret::test
