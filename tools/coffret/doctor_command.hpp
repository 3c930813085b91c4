// SPDX-License-Identifier: EUPL-1.2
//
// doctor_command.hpp: `coffret doctor`: whether this machine has what Coffret needs. It opens no
// vault and starts no daemon.
#ifndef COFFRET_TOOLS_COFFRET_DOCTOR_COMMAND_HPP
#define COFFRET_TOOLS_COFFRET_DOCTOR_COMMAND_HPP

#include "tools/coffret/invocation.hpp"

namespace coffret::cli {

// 0: everything that is needed is there; 1: something is not.
int doctor(const Invocation& invocation);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_DOCTOR_COMMAND_HPP
