// SPDX-License-Identifier: EUPL-1.2
//
// fork_commands.hpp: "fork show", "fork merge", "fork export": two histories of one vault, shown
// side by side and made one by the owner's word (vault/DESIGN.md §16).
#ifndef COFFRET_VAULT_DAEMON_FORK_COMMANDS_HPP
#define COFFRET_VAULT_DAEMON_FORK_COMMANDS_HPP

#include "vault/daemon/commands.hpp"

namespace coffret::daemon {

// Errors: not_found (the server shows the history known here), server_rolled_back (it shows an
// older state and nothing else), unauthenticated (no enrolled device signed what it shows).
Result<Object> fork_show(Call& call);
// With "branch": the history in that file is followed instead of the server's.
Result<Object> fork_merge(Call& call);
Result<Object> fork_export(Call& call);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_FORK_COMMANDS_HPP
