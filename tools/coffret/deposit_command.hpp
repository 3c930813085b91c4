// SPDX-License-Identifier: EUPL-1.2
//
// deposit_command.hpp: `coffret deposit`, the sender's side of a deposit link: no vault, no daemon.
#ifndef COFFRET_TOOLS_COFFRET_DEPOSIT_COMMAND_HPP
#define COFFRET_TOOLS_COFFRET_DEPOSIT_COMMAND_HPP

#include "tools/coffret/invocation.hpp"

namespace coffret::cli {

// Runs the command; returns the exit status of cli.md.
int deposit(Invocation& invocation);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_DEPOSIT_COMMAND_HPP
