// SPDX-License-Identifier: EUPL-1.2
//
// recovery_key.hpp: the recovery key as text, for the two forms that hold one: what is typed, and
// the recovery file. Only vault/crypto includes this.
#ifndef COFFRET_VAULT_CRYPTO_RECOVERY_KEY_HPP
#define COFFRET_VAULT_CRYPTO_RECOVERY_KEY_HPP

#include <array>
#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "vault/crypto/keys.hpp"
#include "vault/crypto/wiped.hpp"

namespace coffret::crypto {

// A hash of what is written in groups, from which its check words and check group are taken.
using KeyCheck = std::array<std::uint8_t, 32>;
inline constexpr std::size_t check_digits = 4;  // base32 of 20 bits
inline constexpr std::size_t group_digits = 4;  // characters of a group
std::string words_of(const KeyCheck& check);
// The check group: the first 20 bits behind those of the words.
void write_check_group(MutableByteView out, const KeyCheck& check);

// What may stand between the characters of a key.
bool is_separator(std::uint8_t c);
// In upper case; a digit that base32 lacks is the letter it was read for.
std::uint8_t repaired(std::uint8_t c);

// The fourteen groups, with dashes between them.
void write_key_groups(SecretWriter& out, const RecoverySeed& seed);

// Groups, then the check words or nothing. Errors: wrong_recovery_key.
Result<RecoverySeed> read_key(ByteView text);

// Whether both are the same words, whatever the case and the separators.
bool same_words(ByteView typed, std::string_view expected);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_RECOVERY_KEY_HPP
