// SPDX-License-Identifier: EUPL-1.2
//
// rehearse.hpp: the scratch place of a rehearsal. What a stop left there is removed at the next
// unlock or rehearsal; it was sealed under a passphrase that nobody was ever told.
#ifndef COFFRET_VAULT_DAEMON_REHEARSE_HPP
#define COFFRET_VAULT_DAEMON_REHEARSE_HPP

#include "vault/daemon/service.hpp"

namespace coffret::daemon {

std::string rehearsal_path(const Service& service);
// Absent is success. Best effort.
void wipe_rehearsal(const Service& service) noexcept;

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_REHEARSE_HPP
