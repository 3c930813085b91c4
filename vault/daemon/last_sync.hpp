// SPDX-License-Identifier: EUPL-1.2
//
// last_sync.hpp: when this device last agreed with its server, kept as one line of text beside the
// store: it is shown while the vault is locked, and says nothing but a time.
#ifndef COFFRET_VAULT_DAEMON_LAST_SYNC_HPP
#define COFFRET_VAULT_DAEMON_LAST_SYNC_HPP

#include <optional>

#include "coffret/time.hpp"
#include "vault/daemon/service.hpp"

namespace coffret::daemon {

std::optional<Timestamp> read_last_sync(Service& service);
// Best effort: a failure to write it fails nothing.
void keep_last_sync(Service& service, Timestamp time);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_LAST_SYNC_HPP
