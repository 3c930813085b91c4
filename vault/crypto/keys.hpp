// SPDX-License-Identifier: EUPL-1.2
//
// keys.hpp: the vault's keys as distinct types, and how one comes from another (vault/DESIGN.md
// §1).
//
// Errors: none of these can fail; a machine without memory for a key stops the program.
// Ownership: every key is wiped when its owner is destroyed.
// Threads: pure functions of their arguments.
#ifndef COFFRET_VAULT_CRYPTO_KEYS_HPP
#define COFFRET_VAULT_CRYPTO_KEYS_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "coffret/ids.hpp"
#include "coffret/random.hpp"
#include "coffret/secret.hpp"
#include "coffret/signer.hpp"

namespace coffret::crypto {

using RecoverySeed = Secret<32, struct RecoverySeedTag>;  // printed, stored nowhere
using VaultKey = Secret<32, struct VaultKeyTag>;          // VMK of one epoch
using StoreKey = Secret<32, struct StoreKeyTag>;          // SQLCipher's raw key, per device
using SigningSeed = Secret<32, struct SigningSeedTag>;    // Ed25519
using AgreementKey = Secret<32, struct AgreementKeyTag>;  // X25519
using DocumentKey = Secret<32, struct DocumentKeyTag>;    // DEK of one document version
using LogKey = Secret<32, struct LogKeyTag>;              // seals operations of one epoch
using HeadKey = Secret<32, struct HeadKeyTag>;            // MACs the kept head
using ConfigKey = Secret<32, struct ConfigKeyTag>;        // seals small local files
using LinkSecret = Secret<32, struct LinkSecretTag>;      // L of a protected link
using ContentKey = Secret<32, struct ContentKeyTag>;      // K_n of a parcel; key of an SHL

// A fresh key of any of these types.
template <class Key>
Key make_key(Random& random) {
  return Key::make([&](auto bytes) { random.fill(bytes); });
}

// The same key for a second owner, of the same purpose.
template <std::size_t N, class Tag>
Secret<N, Tag> duplicate(const Secret<N, Tag>& key) {
  return Secret<N, Tag>::make([&](auto bytes) {
    const auto from = key.expose();
    std::copy(from.begin(), from.end(), bytes.begin());
  });
}

LogKey log_key(const VaultKey& key, const VaultId& vault, std::uint32_t epoch);
HeadKey head_key(const VaultKey& key, const VaultId& vault, std::uint32_t epoch);
ConfigKey config_key(const VaultKey& key, const VaultId& vault, std::uint32_t epoch);

SigningSeed root_seed(const RecoverySeed& seed);
AgreementKey recovery_agreement_key(const RecoverySeed& seed);

SigningPublicKey public_key(const SigningSeed& seed);
AgreementPublicKey public_key(const AgreementKey& key);

// A Signer that holds its own copy of the key in guarded memory.
std::unique_ptr<Signer> make_signer(const SigningSeed& seed);

// The MAC of the kept head's content; same compares in constant time.
using HeadMac = std::array<std::uint8_t, 32>;
HeadMac head_mac(const HeadKey& key, ByteView content);
bool same(const HeadMac& a, const HeadMac& b) noexcept;
bool same(const VaultKey& a, const VaultKey& b) noexcept;  // the same for two vault keys

// "x'<64 hex digits>'": with this form SQLCipher takes the key as it is, without a PBKDF2 of its
// own.
SecretText sqlcipher_key_literal(const StoreKey& key);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_KEYS_HPP
