// SPDX-License-Identifier: EUPL-1.2
//
// recovery_slot.hpp: the file `recovery-slot`, by which the sheet opens a vault whose passphrase is
// forgotten. Written with the vault, with each new sheet and new keys, and at an unlock that finds
// it absent or made for another sheet.
//
// Errors: those of the Disk, and of each call.
#ifndef COFFRET_VAULT_STORE_RECOVERY_SLOT_HPP
#define COFFRET_VAULT_STORE_RECOVERY_SLOT_HPP

#include "vault/store/vault.hpp"

namespace coffret::store {

Result<void> keep_recovery_slot(Vault::State& state, const crypto::LocalSecrets& secrets);

// The sheet was replaced, here or on another device: the slot is for the new one at once. Where it
// cannot be written it goes, and the next unlock makes it.
void renew_recovery_slot(Vault::State& state) noexcept;

// Whether the slot is this sheet's: what can be known of it while the vault is open. Errors:
// not_found (no slot), wrong_recovery_key, damaged, other_version.
Result<void> judge_sheet(const std::string& directory, const crypto::RecoverySeed& seed,
                         const Disk& disk);

// The keyslot is made again under `fresh`, after the slot's keys opened the vault. Nothing else
// changes. Errors: those of Vault::open but wrong_passphrase; wrong_recovery_key;
// recovery_replaced (the vault knows a newer sheet); not_found (no such slot: a vault that an older
// build made and that was never unlocked since).
Result<Vault> reset_passphrase(const std::string& directory, const crypto::RecoverySeed& seed,
                               const SecretText& fresh, const crypto::CostPolicy& cost,
                               Environment environment);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_RECOVERY_SLOT_HPP
