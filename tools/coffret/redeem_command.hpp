// SPDX-License-Identifier: EUPL-1.2
//
// redeem_command.hpp: `coffret redeem`, the caregiver's side: no vault, no daemon.
#ifndef COFFRET_TOOLS_COFFRET_REDEEM_COMMAND_HPP
#define COFFRET_TOOLS_COFFRET_REDEEM_COMMAND_HPP

#include <string>

#include "coffret/error.hpp"
#include "coffret/secret.hpp"
#include "tools/coffret/invocation.hpp"

namespace coffret::cli {

// Runs the command; returns the exit status of cli.md.
int redeem(Invocation& invocation);

// The link that a command was given, wherever it stands. `missing` is the file that could not be
// read. Errors: malformed (neither a link nor a place of one), file_not_found.
Result<SecretText> read_link(Invocation& invocation, std::string& missing);
// Says that it is no whole link; returns the exit status.
int refuse_link(const Invocation& invocation);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_REDEEM_COMMAND_HPP
