// SPDX-License-Identifier: EUPL-1.2
//
// backup_keys.hpp: the two age identities that open a backup (vault/DESIGN.md §14): the recovery
// key's, and the vault's own of one epoch, so that a vault can read its backups without the sheet.
//
// The recovery identity is the X25519 key that epochs are sealed to: every device holds its public
// half, and no other public key of the sheet's. age derives its keys from the shared secret with
// HKDF-SHA256 under a label of its own, an envelope with keyed BLAKE2b under another.
// Errors: none. Threads: pure functions.
#ifndef COFFRET_VAULT_CRYPTO_BACKUP_KEYS_HPP
#define COFFRET_VAULT_CRYPTO_BACKUP_KEYS_HPP

#include <cstdint>

#include "vault/crypto/age.hpp"
#include "vault/crypto/keys.hpp"

namespace coffret::crypto {

AgeIdentity recovery_identity(const RecoverySeed& seed);
AgeIdentity export_identity(const VaultKey& key, const VaultId& vault, std::uint32_t epoch);

AgeRecipient age_recipient(const AgreementPublicKey& key);
AgeRecipient age_recipient(const AgeIdentity& identity);

// "AGE-SECRET-KEY-1…", as the stock program takes it. The result holds the whole secret.
SecretText age_identity_text(const AgeIdentity& identity);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_BACKUP_KEYS_HPP
