// SPDX-License-Identifier: EUPL-1.2
//
// The file by which the sheet opens a vault whose passphrase is forgotten: always for the sheet
// and the keys of now.
#include "vault/store/recovery_slot.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/two_devices.hpp"
#include "vault/crypto/keyslot.hpp"

namespace coffret::store {
namespace {

using test::prepared;
using test::secret_text;
using test::TwoDevices;

Result<Vault> reset(test::Machine& machine, const crypto::RecoverySeed& seed) {
  return reset_passphrase(machine.directory(), seed, secret_text("retrouvée"), test::cheap_cost,
                          machine.environment());
}

TEST_SUITE("vault/store/recovery_slot") {
  TEST_CASE("after a rekey the sheet opens the vault whose new passphrase is forgotten") {
    test::Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    const auto seed = std::move(made->seed);
    REQUIRE_FALSE(test::put(made->vault, prepared("Seul exemplaire", "s")).is_zero());
    made = errc::locked;
    {
      const auto renewed =
          Vault::rekey(machine.config(), machine.passphrase, secret_text("oubliée"),
                       machine.environment(), [](const auto&) { return Result<void>{}; });
      REQUIRE(renewed.has_value());
    }
    auto opened = reset(machine, seed);
    REQUIRE(opened.has_value());
    CHECK(opened->status()->documents == 1);
  }

  TEST_CASE("a new sheet opens at once, here and on every device that hears of it") {
    TwoDevices two;
    REQUIRE(two.second.has_value());
    REQUIRE(two.shelf.sync(*two.second));
    REQUIRE(two.shelf.sync(*two.first));
    const std::string kept = two.second_machine.folder / "slot";
    std::filesystem::copy_file(two.second_machine.file("recovery-slot"), kept);
    const auto fresh = two.first->renew_recovery();
    REQUIRE(fresh.has_value());
    two.first.reset();
    CHECK(reset(two.first_machine, *two.seed).error() == errc::wrong_recovery_key);
    {
      auto first = reset(two.first_machine, *fresh);
      REQUIRE(first.has_value());
      REQUIRE(two.shelf.push(*first));
    }
    // Never locked since before: the old sheet opens it no more all the same.
    REQUIRE(two.shelf.pull(*two.second).has_value());
    two.second.reset();
    CHECK(reset(two.second_machine, *two.seed).error() == errc::wrong_recovery_key);
    CHECK(reset(two.second_machine, *fresh).has_value());
    // Nor does the old file, put back.
    std::filesystem::copy_file(kept, two.second_machine.file("recovery-slot"),
                               std::filesystem::copy_options::overwrite_existing);
    CHECK(reset(two.second_machine, *two.seed).error() == errc::recovery_replaced);
  }

  TEST_CASE("where the slot for a new sheet cannot be written, none is left for the old one") {
    test::Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    const auto slot = machine.file("recovery-slot");
    std::filesystem::remove(slot);
    std::filesystem::create_directory(slot);
    const auto fresh = made->vault.renew_recovery();
    REQUIRE(fresh.has_value());
    CHECK_FALSE(std::filesystem::is_regular_file(slot));
  }

  TEST_CASE("what a cut left half written is removed at the next unlock, whichever file it is") {
    test::Machine machine;
    REQUIRE(machine.create().has_value());
    for (const char* name : {"keyslot", "recovery-slot", "head", "store.json", "last_sync",
                             "last_backup", "last_proven_restore", "sync_paused", "watched"})
      std::ofstream{machine.file(name) + ".new"} << "à moitié";
    REQUIRE(machine.open().has_value());
    for (const auto& file : std::filesystem::directory_iterator{machine.directory()})
      CHECK(file.path().extension() != ".new");
  }
}

}  // namespace
}  // namespace coffret::store
