// SPDX-License-Identifier: EUPL-1.2
//
// device_command.hpp: what the device commands need of the person at the terminal: a pairing code,
// a yes, a look at two screens.
#ifndef COFFRET_TOOLS_COFFRET_DEVICE_COMMAND_HPP
#define COFFRET_TOOLS_COFFRET_DEVICE_COMMAND_HPP

#include "coffret/error.hpp"
#include "coffret/secret.hpp"
#include "tools/coffret/invocation.hpp"
#include "tools/coffret/typed.hpp"
#include "vault/daemon/local_client.hpp"

namespace coffret::cli {

// From standard input ("-"), a file ("@FILE"), the argument itself (with a warning), or asked for.
Result<SecretText> read_code(Invocation& invocation, Told& told);

// One line of JSON, or words around it.
Result<void> show_code(const Invocation& invocation, const SecretText& code);

// Asks whether the other screen shows the same words, and tells the daemon. Without a terminal
// nothing: `device confirm` says it.
void ask_whether_same(const Invocation& invocation, const daemon::DaemonPlace& place);

// Errors: not_confirmed.
Result<void> confirm_removal(const Invocation& invocation);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_DEVICE_COMMAND_HPP
