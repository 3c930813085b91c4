// SPDX-License-Identifier: EUPL-1.2
//
// recovery_key.hpp: the recovery key as text, for the two forms that hold one: what is typed, and
// the recovery file. Only vault/crypto includes this.
#ifndef COFFRET_VAULT_CRYPTO_RECOVERY_KEY_HPP
#define COFFRET_VAULT_CRYPTO_RECOVERY_KEY_HPP

#include <string_view>

#include "coffret/error.hpp"
#include "vault/crypto/keys.hpp"
#include "vault/crypto/wiped.hpp"

namespace coffret::crypto {

// The fourteen groups, with dashes between them.
void write_key_groups(SecretWriter& out, const RecoverySeed& seed);

// Groups, then the check words or nothing. Errors: wrong_recovery_key.
Result<RecoverySeed> read_key(ByteView text);

// Whether both are the same words, whatever the case and the separators.
bool same_words(ByteView typed, std::string_view expected);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_RECOVERY_KEY_HPP
