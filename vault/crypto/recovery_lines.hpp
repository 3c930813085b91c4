// SPDX-License-Identifier: EUPL-1.2
//
// recovery_lines.hpp: the "name: value" lines that a recovery file and a share file have in common.
// Only vault/crypto includes this.
//
// Errors: malformed (also over a limit).
#ifndef COFFRET_VAULT_CRYPTO_RECOVERY_LINES_HPP
#define COFFRET_VAULT_CRYPTO_RECOVERY_LINES_HPP

#include <map>
#include <string_view>

#include "vault/crypto/recovery.hpp"
#include "vault/crypto/wiped.hpp"

namespace coffret::crypto {

// The values by their names; both point into the text. A name twice is refused.
using Lines = std::map<std::string_view, std::string_view>;
Result<Lines> read_lines(std::string_view text);
std::string_view value_of(const Lines& lines, std::string_view name);

Result<RecoveryFacts> read_facts(const Lines& lines);
// All but the vault, each behind a line break.
void write_facts(SecretWriter& out, const RecoveryFacts& facts);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_RECOVERY_LINES_HPP
