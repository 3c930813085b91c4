// SPDX-License-Identifier: EUPL-1.2
//
// log_pins.hpp: what a log says of its server and its devices, for whoever holds the recovery key,
// before a vault is made of it and a device enrolled.
//
// Errors: malformed (empty), and those of Vault::rebuild for a log.
#ifndef COFFRET_VAULT_STORE_LOG_PINS_HPP
#define COFFRET_VAULT_STORE_LOG_PINS_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vault/crypto/recovery.hpp"
#include "vault/store/views.hpp"

namespace coffret::store {

struct LogPins {
  std::optional<ServerPinned> server;  // none when the vault never joined
  std::vector<DeviceView> devices;     // that may sign at the log's end
};

// As the log's last word has it. Verifies the whole log, as Vault::rebuild then does again: a
// rebuild is rare, and what it trusts must not be half judged.
Result<LogPins> pins_in_log(const crypto::RecoverySeed& seed,
                            const std::vector<protocol::SignedEntry>& log);
Result<std::optional<ServerPinned>> server_in_log(const crypto::RecoverySeed& seed,
                                                  const std::vector<protocol::SignedEntry>& log);

// A document of the log, ready to be opened without a store.
struct LoggedDocument {
  DocumentId id;
  std::uint32_t version = 1;
  DocumentEntry entry;  // title, date and type as the person changed them
  std::string person;   // whose record, by name
  bool removed = false;
  ObjectId object;
  std::uint64_t size = 0;
  Sha256 sha256;
  crypto::DocumentKey key;
};
// All but what was purged, in the log's order. Verifies the whole log first.
Result<std::vector<LoggedDocument>> documents_in_log(const crypto::RecoverySeed& seed,
                                                     const std::vector<protocol::SignedEntry>& log);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_LOG_PINS_HPP
