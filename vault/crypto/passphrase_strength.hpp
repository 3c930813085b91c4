// SPDX-License-Identifier: EUPL-1.2
//
// passphrase_strength.hpp: how hard a new passphrase is to guess, and six words for a better one.
//
// An estimate from below, of the text alone: two bits a character that is a letter or a space (what
// written language carries, generously), three where other characters are mixed in. Nothing is
// counted for a pair of neighbours that was there before, nor for a run like "abc", "321" or "aaa".
// It knows no list of common passphrases: what it calls good may still be somebody's birthday song.
// Threads: pure functions. Cost: some thousands of comparisons.
#ifndef COFFRET_VAULT_CRYPTO_PASSPHRASE_STRENGTH_HPP
#define COFFRET_VAULT_CRYPTO_PASSPHRASE_STRENGTH_HPP

#include <cstddef>
#include <cstdint>

#include "coffret/random.hpp"
#include "coffret/secret.hpp"

namespace coffret::crypto {

inline constexpr std::size_t shortest_passphrase = 8;  // characters in NFC; fewer are refused
// Below this a person is warned: with Argon2id at a second a guess, 45 bits are half a million
// years of one machine.
inline constexpr unsigned good_passphrase_bits = 45;

enum class PassphraseStrength : std::uint8_t { too_short, weak, good };

PassphraseStrength strength_of(const SecretText& passphrase);

// Six of the 256 check words, with spaces between: 48 bits, chosen and not counted.
SecretText suggested_passphrase(Random& random);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_PASSPHRASE_STRENGTH_HPP
