// SPDX-License-Identifier: EUPL-1.2
//
// keyslot.hpp: the local keyslot file: a passphrase opens this device's keys (vault/DESIGN.md §5).
//
// The passphrase is normalised to NFC before hashing, so that "é" typed as one character or as two
// gives the same key. Argon2id v1.3, RFC 9106.
// Bytes that are not UTF-8 are taken as they are.
// Errors of open_keyslot, in this order: other_version, keyslot_damaged, weak_parameters,
// wrong_passphrase, keyslot_damaged; and not_enough_memory when there is less than the slot's cost
// asks for. never_initialised is the caller's: there is no file.
// Threads: pure functions; one call computes on one thread for about a second.
#ifndef COFFRET_VAULT_CRYPTO_KEYSLOT_HPP
#define COFFRET_VAULT_CRYPTO_KEYSLOT_HPP

#include "coffret/error.hpp"
#include "vault/crypto/keys.hpp"

namespace coffret::crypto {

struct Argon2Cost {
  std::uint32_t memory_kib = 0;
  std::uint32_t passes = 0;
  bool operator==(const Argon2Cost&) const = default;
};

// What a program accepts and makes. Release programs use release_cost; cheap ones exist only in
// tests, which pass their own.
struct CostPolicy {
  Argon2Cost stated;   // for new keyslots
  Argon2Cost floor;    // refused below either
  Argon2Cost ceiling;  // refused above either
};
inline constexpr CostPolicy release_cost{
    .stated = {256 * 1024, 3}, .floor = {64 * 1024, 3}, .ceiling = {2 * 1024 * 1024, 10}};

struct LocalSecrets {
  std::uint32_t epoch = 1;
  VaultKey vault_key;
  SigningSeed signing_seed;
  AgreementKey agreement_key;
  StoreKey store_key;
};

// The secrets of a first device: epoch 1, every key fresh.
LocalSecrets make_local_secrets(Random& random);

struct KeyslotOwner {
  VaultId vault;
  DeviceId device;
  bool operator==(const KeyslotOwner&) const = default;
};

// Seals with policy.stated; where that much memory cannot be had, with less (not below the floor)
// and more passes, and says which in the returned cost.
// Errors: weak_parameters (not even the floor can be had).
struct MadeKeyslot {
  Bytes file;
  Argon2Cost cost;
};
Result<MadeKeyslot> make_keyslot(const KeyslotOwner& owner, const LocalSecrets& secrets,
                                 const SecretText& passphrase, const CostPolicy& policy,
                                 Random& random);

// Readable without the passphrase. Errors: other_version, keyslot_damaged.
Result<KeyslotOwner> keyslot_owner(ByteView file);

struct OpenedKeyslot {
  KeyslotOwner owner;
  LocalSecrets secrets;
};
Result<OpenedKeyslot> open_keyslot(ByteView file, const SecretText& passphrase,
                                   const CostPolicy& policy);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_KEYSLOT_HPP
