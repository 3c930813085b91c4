// SPDX-License-Identifier: EUPL-1.2
//
// recovery_slip.hpp: where a recovery key was mistyped, told without asking anybody.
//
// Every key that differs in one character, or by two neighbours changed over, is tried against the
// check group and the check words: one that fits says which group is wrong. Of wrong guesses about
// one in six hundred fits by chance where the words were left out.
// Threads: pure functions. Cost: some two thousand hashes.
#ifndef COFFRET_VAULT_CRYPTO_RECOVERY_SLIP_HPP
#define COFFRET_VAULT_CRYPTO_RECOVERY_SLIP_HPP

#include <cstdint>

#include "coffret/secret.hpp"

namespace coffret::crypto {

enum class SlipKind : std::uint8_t {
  none,       // the key is right
  too_short,  // characters are missing
  character,  // a character that no key contains, in `group`
  group,      // `group` is wrong
  words,      // the key is right, the check words are others
  unknown,    // several mistakes, or another key's check
};
struct Slip {
  SlipKind kind = SlipKind::none;
  unsigned group = 0;  // from 1 to 14
};

// `text`: as parse_recovery_text takes it, or a recovery file.
Slip find_slip(const SecretText& text);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_RECOVERY_SLIP_HPP
