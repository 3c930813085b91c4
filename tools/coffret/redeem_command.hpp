// SPDX-License-Identifier: EUPL-1.2
//
// redeem_command.hpp: `coffret redeem`, the caregiver's side: no vault, no daemon.
#ifndef COFFRET_TOOLS_COFFRET_REDEEM_COMMAND_HPP
#define COFFRET_TOOLS_COFFRET_REDEEM_COMMAND_HPP

#include "tools/coffret/invocation.hpp"

namespace coffret::cli {

// Runs the command; returns the exit status of cli.md.
int redeem(Invocation& invocation);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_REDEEM_COMMAND_HPP
