// SPDX-License-Identifier: EUPL-1.2
//
// signers.hpp: the steps that every change of who may read and sign takes with the server.
//
// Errors: those of Syncer; fork_detected (the server gives back other bytes than it acknowledged).
#ifndef COFFRET_VAULT_DAEMON_SIGNERS_HPP
#define COFFRET_VAULT_DAEMON_SIGNERS_HPP

#include "vault/daemon/commands.hpp"
#include "vault/daemon/syncer.hpp"

namespace coffret::daemon {

// Whether the vault has a server.
Result<bool> is_joined(Call& call);

// Everything that is pending goes out, and what came meanwhile comes in.
Result<void> exchange_all(Call& call, Session::Hold& hold, client::Server& server);

// The same after an entry that starts an epoch was written here; then the entry is read back from
// the server and compared, before anything uses its key (what-users-ask: a key that existed on one
// device only). Without a server: nothing to do, false.
Result<bool> send_and_read_back(Call& call);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SIGNERS_HPP
