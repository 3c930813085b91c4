// SPDX-License-Identifier: EUPL-1.2
//
// log_pins.hpp: what a log says of its server, for whoever holds the recovery key, before a vault
// is made of it and a device enrolled.
//
// Errors: malformed (empty), and those of Vault::rebuild for a log.
#ifndef COFFRET_VAULT_STORE_LOG_PINS_HPP
#define COFFRET_VAULT_STORE_LOG_PINS_HPP

#include <optional>
#include <vector>

#include "vault/crypto/recovery.hpp"
#include "vault/store/operation.hpp"

namespace coffret::store {

// As the log's last word has it; none when the vault never joined. Verifies the whole log, as
// Vault::rebuild then does again: a rebuild is rare, and what it trusts must not be half judged.
Result<std::optional<ServerPinned>> server_in_log(const crypto::RecoverySeed& seed,
                                                  const std::vector<protocol::SignedEntry>& log);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_LOG_PINS_HPP
