// SPDX-License-Identifier: EUPL-1.2
//
// The history before a checkpoint (store/history.hpp) taken in page by page, crashed and failed at
// every durable call, the one that makes the log whole among them: the vault says the same all the
// time, and goes on where it was.
#include <doctest/doctest.h>

#include "tests/support/crash_play.hpp"
#include "tests/support/shelf_source.hpp"
#include "vault/store/checkpoints.hpp"

namespace coffret::test {
namespace {

constexpr std::uint32_t page = 2;  // entries

// Made on another machine, lived with, and begun here from its checkpoint.
void begun_at_checkpoint(Stage& stage) {
  auto& machine = stage.machine;
  auto made =
      store::Vault::create(machine.config("second"), machine.passphrase, machine.environment());
  REQUIRE(made.has_value());
  auto& first = made->vault;
  const auto kept = put(first, prepared("Premier", "un"));
  const auto gone = put(first, prepared("Effacé", "deux"));
  for (const auto* title : {"Deuxième nom", "Troisième nom", "Quatrième nom"})
    REQUIRE(first.amend({.document = kept, .title = title, .date = {}, .kind = {}, .note = {}})
                .has_value());
  REQUIRE(first.remove(gone).has_value());
  REQUIRE(stage.sync(first).has_value());
  machine.clock.time += 31 * 24 * 3600;
  REQUIRE(first.purge(machine.clock.time).has_value());
  REQUIRE(stage.sync(first).has_value());
  REQUIRE(store::Checkpoints{first}.write().has_value());
  (void)put(first, prepared("Après", "trois"));
  REQUIRE(stage.sync(first).has_value());

  const auto start = start_of(stage.shelf, made->seed);
  REQUIRE(start.has_value());
  REQUIRE(start->checkpoint.has_value());
  const auto enrolled = [](const protocol::SignedCertificate&) { return Result<void>{}; };
  auto begun = store::Vault::rebuild(machine.config(), made->seed, *start, machine.passphrase,
                                     machine.environment(), enrolled);
  REQUIRE(begun.has_value());
  REQUIRE(stage.sync(*begun).has_value());
  REQUIRE(store::History{*begun}.progress().has_value());
}

Result<void> one_page(Stage& stage, store::Vault& vault) {
  COFFRET_TRY([[maybe_unused]] const bool whole, read_history(vault, stage.shelf, page));
  return {};
}

Play reading() {
  return {.name = "history read",
          .prepare = begun_at_checkpoint,
          .acts = {one_page, one_page, one_page},
          .afterwards = [](Stage& stage, store::Vault& vault) {
            while (store::History{vault}.progress())
              REQUIRE(read_history(vault, stage.shelf, page).has_value());
            CHECK(vault.check(true)->empty());
            const auto all = vault.entries_after(0, 1000);
            REQUIRE(all.has_value());
            CHECK(*all == stage.shelf.log);
          }};
}

TEST_SUITE("vault/crash/history") {
  TEST_CASE("the reading ends with its last act") {
    Stage stage;
    begun_at_checkpoint(stage);
    auto vault = stage.machine.open();
    REQUIRE(vault.has_value());
    for (const auto& act : reading().acts) {
      CHECK(store::History{*vault}.progress().has_value());
      REQUIRE(act(stage, *vault).has_value());
    }
    CHECK_FALSE(store::History{*vault}.progress().has_value());
  }
  TEST_CASE("a history that is cut short anywhere goes on, and the vault says the same") {
    CHECK(crash_everywhere(reading()).crashes > 20);
  }
  TEST_CASE("a disk that fails anywhere while it is read loses nothing") {
    fail_everywhere(reading());
  }
}

}  // namespace
}  // namespace coffret::test
