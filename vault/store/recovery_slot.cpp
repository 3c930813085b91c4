// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/recovery_slot.hpp"

#include "vault/crypto/recovery_slot.hpp"
#include "vault/store/state.hpp"

namespace coffret::store {
namespace {

constexpr std::uint64_t max_slot = 4096;  // bytes

constexpr std::string_view slot_name = "recovery-slot";

std::string slot_path(const Directory& place) {
  return place.file(slot_name);
}

}  // namespace

Result<void> keep_recovery_slot(Vault::State& state, const crypto::LocalSecrets& secrets) {
  const crypto::RecoverySlotFacts facts{state.owner, state.control.recovery()};
  const auto path = slot_path(state.directory);
  const auto file = state.env.disk.read(path, max_slot);
  if (file.has_value()) {
    const auto there = crypto::recovery_slot_facts(*file);
    if (there.has_value() && *there == facts) return {};
  }
  COFFRET_TRY(const auto made, crypto::make_recovery_slot(facts, secrets, state.env.random));
  return state.env.disk.replace(path, made);
}

void renew_recovery_slot(Vault::State& state) noexcept {
  if (keep_recovery_slot(state, state.slot).has_error())
    (void)state.env.disk.remove(slot_path(state.directory));
}

Result<void> judge_sheet(const std::string& directory, const crypto::RecoverySeed& seed,
                         const Disk& disk) {
  COFFRET_TRY(const auto file, disk.read(directory + "/" + std::string{slot_name}, max_slot));
  COFFRET_CHECK(crypto::open_recovery_slot(file, seed));
  return {};
}

Result<Vault> reset_passphrase(const std::string& directory, const crypto::RecoverySeed& seed,
                               const SecretText& fresh, const crypto::CostPolicy& cost,
                               Environment environment) {
  COFFRET_TRY(auto place,
              Directory::open(directory, environment.disk, Directory::Keyslot::to_be_made));
  COFFRET_TRY(const auto file, environment.disk.read(slot_path(place), max_slot));
  COFFRET_TRY(const auto slot, crypto::open_recovery_slot(file, seed));
  const auto keyslot = place.keyslot();
  // First that these keys open the vault: the slot that does so now is replaced only then.
  COFFRET_TRY(auto state,
              Vault::State::load(environment, std::move(place), slot.owner, slot.secrets));
  // A file of before the sheet was replaced, left or put back: what it opens knows the newer sheet.
  if (crypto::public_key(crypto::recovery_agreement_key(seed)) != state->control.recovery())
    return errc::recovery_replaced;
  COFFRET_TRY(const auto made,
              crypto::make_keyslot(slot.owner, slot.secrets, fresh, cost, environment.random));
  COFFRET_CHECK(environment.disk.replace(keyslot, made.file));
  return Vault::State::unlocked(std::move(state));
}

}  // namespace coffret::store
