// SPDX-License-Identifier: EUPL-1.2
//
// repair.hpp: what a check found, named in the person's words, and put right where that can be.
//
// A body that is damaged or gone here is fetched again from the server, and takes its place only
// when it is the one that the signed entry names. An object that the server lacks is made again
// here, byte for byte, and sent. What cannot be repaired says what to do.
// Threads: as a command.
#ifndef COFFRET_VAULT_DAEMON_REPAIR_HPP
#define COFFRET_VAULT_DAEMON_REPAIR_HPP

#include "vault/daemon/commands.hpp"

namespace coffret::daemon {

// Moves what could be put right from `problems` to `repaired`; the rest keeps its reason, "error".
// Errors: locked; a server that cannot be reached leaves the problems as they are.
Result<void> repair(Call& call, boost::json::array& problems, boost::json::array& repaired);

// Adds to each problem the "title" of its document and the "way_out", in the call's language.
void explain_problems(Call& call, boost::json::array& problems);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_REPAIR_HPP
