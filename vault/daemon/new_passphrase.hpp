// SPDX-License-Identifier: EUPL-1.2
//
// new_passphrase.hpp: what a new passphrase must be, whoever asks for it; for the command line,
// which tells a person before anything else is done, how it is judged.
#ifndef COFFRET_VAULT_DAEMON_NEW_PASSPHRASE_HPP
#define COFFRET_VAULT_DAEMON_NEW_PASSPHRASE_HPP

#include "coffret/error.hpp"
#include "coffret/random.hpp"
#include "coffret/secret.hpp"
#include "vault/crypto/passphrase_strength.hpp"

namespace coffret::daemon {

struct Call;

using crypto::PassphraseStrength;
inline constexpr std::size_t shortest_passphrase = crypto::shortest_passphrase;  // characters
PassphraseStrength passphrase_strength(const SecretText& passphrase);
SecretText suggested_passphrase(Random& random);

// Errors: usage (none, or fewer characters than crypto::shortest_passphrase), with the reason as
// the detail.
Result<void> judge_new_passphrase(Call& call, const SecretText* passphrase);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_NEW_PASSPHRASE_HPP
