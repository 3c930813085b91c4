// SPDX-License-Identifier: EUPL-1.2
//
// shares.hpp: the recovery key split so that any two of three shares give it and one alone gives
// nothing (Shamir, "How to share a secret", 1979, over GF(2^8) as in FIPS 197; DESIGN.md §15).
//
//   share text := base32(split id (2) ‖ number (1) ‖ 32 bytes) in fourteen groups, check group,
//                 four check words
//   share file := coffret-share: 1, part, vault, key, check, then the lines of a recovery file
//
// The check is of the share alone: it says nothing of the key.
// Errors: wrong_recovery_key (a mistake in a share; shares of two different splits); conflict (the
// same share twice); malformed, other_version (the file).
// Threads: pure functions. Time depends on no secret.
#ifndef COFFRET_VAULT_CRYPTO_SHARES_HPP
#define COFFRET_VAULT_CRYPTO_SHARES_HPP

#include <array>
#include <cstdint>
#include <optional>

#include "coffret/error.hpp"
#include "coffret/random.hpp"
#include "vault/crypto/recovery.hpp"

namespace coffret::crypto {

inline constexpr unsigned share_count = 3;

// The share files, part 1 to 3.
std::array<SecretText, share_count> split_recovery(const RecoverySeed& seed,
                                                   const RecoveryFacts& facts, Random& random);

struct CombinedKey {
  RecoverySeed seed;
  std::optional<RecoveryFacts> facts;  // where a share file told them
};
// Each a share file, or a share's text alone.
Result<CombinedKey> combine_shares(const SecretText& one, const SecretText& other);

namespace gf256 {
std::uint8_t multiply(std::uint8_t a, std::uint8_t b) noexcept;
std::uint8_t inverse(std::uint8_t a) noexcept;  // of 0: 0
}  // namespace gf256

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_SHARES_HPP
