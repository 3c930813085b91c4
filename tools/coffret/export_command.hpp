// SPDX-License-Identifier: EUPL-1.2
//
// export_command.hpp: what `coffret export` settles on this side of the socket: where to write, and
// the passphrase of the file.
#ifndef COFFRET_TOOLS_COFFRET_EXPORT_COMMAND_HPP
#define COFFRET_TOOLS_COFFRET_EXPORT_COMMAND_HPP

#include "tools/coffret/invocation.hpp"
#include "vault/daemon/frame.hpp"

namespace coffret::cli {

// The passphrase is that of --age-passphrase-file, else of --passphrase-file, else asked twice;
// none for the other formats, nor where recipients are named.
// Errors: wrong_passphrase (typed differently), not_found (no file, no terminal), usage (a
// passphrase and recipients: the format knows one or the other).
Result<void> prepare_export(const Invocation& invocation, daemon::LocalRequest& request);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_EXPORT_COMMAND_HPP
