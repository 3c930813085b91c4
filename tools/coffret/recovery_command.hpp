// SPDX-License-Identifier: EUPL-1.2
//
// recovery_command.hpp: the sheet on paper, its shares, and which way leads back. All of it on this
// side of the socket: what is printed is made by no other program.
#ifndef COFFRET_TOOLS_COFFRET_RECOVERY_COMMAND_HPP
#define COFFRET_TOOLS_COFFRET_RECOVERY_COMMAND_HPP

#include "tools/coffret/invocation.hpp"
#include "vault/daemon/local_client.hpp"

namespace coffret::cli {

// The sheet of this recovery file as PDF. Errors: malformed, disk_full, io.
Result<void> write_sheet(const Invocation& invocation, const SecretText& recovery_file,
                         const daemon::Descriptor& file);

// `recovery split` and `recovery ways`: the exit status. Where the vault is open, its daemon is
// asked whether the key is the newest.
int recovery_split(const Invocation& invocation, const daemon::DaemonPlace& place);
int recovery_ways(const Invocation& invocation);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_RECOVERY_COMMAND_HPP
