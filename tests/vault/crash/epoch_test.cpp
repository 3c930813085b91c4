// SPDX-License-Identifier: EUPL-1.2
//
// A device removed and a sheet replaced, crashed and failed at every durable call: the epoch has
// begun or it has not, and the sheet that counts opens every document from what the server has.
#include <doctest/doctest.h>

#include "tests/support/crash_play.hpp"

namespace coffret::test {
namespace {

crypto::RecoverySeed new_sheet() {
  SeededRandom random{77};
  return crypto::make_key<crypto::RecoverySeed>(random);
}

void two_devices_in_step(Stage& stage) {
  auto made = stage.machine.create();
  REQUIRE(made.has_value());
  stage.seed.emplace(std::move(made->seed));
  REQUIRE(!put(made->vault, prepared("Premier", "un")).is_zero());
  REQUIRE(stage.sync(made->vault).has_value());
  auto second = stage.machine.rebuild(*stage.seed, stage.shelf.log, "second");
  REQUIRE(second.has_value());
  REQUIRE(stage.sync(*second).has_value());
  REQUIRE(stage.sync(made->vault).has_value());
}

Result<void> put_one(store::Vault& vault, store::PreparedDocument document) {
  std::vector<store::PreparedDocument> batch;
  batch.push_back(std::move(document));
  COFFRET_TRY([[maybe_unused]] const auto outcome, vault.put_documents(std::move(batch)));
  return {};
}

Result<void> remove_the_other(Stage& /*stage*/, store::Vault& vault) {
  for (const auto& device : vault.devices())
    if (device.id != vault.device()) return vault.remove_device(device.id);
  return errc::not_found;
}

// Not again when the try that failed has done it.
Result<void> replace_sheet(Stage& /*stage*/, store::Vault& vault) {
  return vault.epoch() < 3 ? vault.replace_recovery(new_sheet()) : Result<void>{};
}

// Apart: once the vault knows that the server has it, the server has it.
Result<void> send(Stage& stage, store::Vault& vault) {
  return stage.send(vault);
}
Result<void> acknowledge(Stage& stage, store::Vault& vault) {
  return vault.mark_pushed(stage.shelf.head());
}

// A rebuild costs as much as twenty crashes: after one in sixteen.
void opens_from_the_sheet(Stage& stage, store::Vault& vault) {
  static std::size_t asked = 0;
  if (asked++ % 16 != 0) return;
  const auto fresh = new_sheet();
  const auto& sheet = vault.epoch() < 3 ? *stage.seed : fresh;
  const auto& old_sheet = vault.epoch() < 3 ? fresh : *stage.seed;
  CHECK(stage.machine.rebuild(old_sheet, stage.shelf.log, "third").has_error());
  auto third = stage.machine.rebuild(sheet, stage.shelf.log, "third");
  CHECK_MESSAGE(third.has_value(), "the sheet: " << row(to_errc(third.error())).code);
  if (third.has_error()) return;
  CHECK(stage.shelf.fetch(*third));
  const auto ours = vault.documents({});
  const auto theirs = third->documents({});
  REQUIRE(ours.has_value());
  REQUIRE(theirs.has_value());
  CHECK(ours->size() == theirs->size());
  for (const auto& view : *ours) CHECK(third->body(view.id).value() == vault.body(view.id).value());
}

const Play epochs{
    "epochs",
    two_devices_in_step,
    {[](Stage&, store::Vault& vault) { return put_one(vault, prepared("Avant", "a")); },
     remove_the_other, send, acknowledge, replace_sheet,
     [](Stage&, store::Vault& vault) { return put_one(vault, prepared("Dernier", "d")); }, send,
     acknowledge, send, acknowledge},
    opens_from_the_sheet};

TEST_SUITE("vault/crash/epoch") {
  TEST_CASE("an epoch cut short anywhere has begun or not, and the sheet opens all of it") {
    CHECK(crash_everywhere(epochs).crashes > 50);
  }
  TEST_CASE("an epoch whose disk fails anywhere has begun or not, and the sheet opens all of it") {
    fail_everywhere(epochs);
  }
}

}  // namespace
}  // namespace coffret::test
