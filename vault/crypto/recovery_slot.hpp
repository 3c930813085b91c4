// SPDX-License-Identifier: EUPL-1.2
//
// recovery_slot.hpp: the second slot of a device: the recovery key opens this device's keys, so
// that a forgotten passphrase costs nothing, not even what was not sent yet (vault/DESIGN.md §5).
//
// Errors: damaged (not one, or altered), other_version, wrong_recovery_key (sealed to another),
// malformed (a recovery key of small order).
// Threads: pure functions.
#ifndef COFFRET_VAULT_CRYPTO_RECOVERY_SLOT_HPP
#define COFFRET_VAULT_CRYPTO_RECOVERY_SLOT_HPP

#include "coffret/error.hpp"
#include "vault/crypto/keyslot.hpp"

namespace coffret::crypto {

struct RecoverySlotFacts {
  KeyslotOwner owner;
  AgreementPublicKey recovery;
  bool operator==(const RecoverySlotFacts&) const = default;
};

Result<Bytes> make_recovery_slot(const RecoverySlotFacts& facts, const LocalSecrets& secrets,
                                 Random& random);
// Readable by anybody, and authenticated by nobody: for telling whether to make another.
Result<RecoverySlotFacts> recovery_slot_facts(ByteView file);
Result<OpenedKeyslot> open_recovery_slot(ByteView file, const RecoverySeed& seed);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_RECOVERY_SLOT_HPP
