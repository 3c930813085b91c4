// SPDX-License-Identifier: EUPL-1.2
//
// export_command.hpp: what `coffret export` settles on this side of the socket: where to write, and
// the passphrase of the file.
#ifndef COFFRET_TOOLS_COFFRET_EXPORT_COMMAND_HPP
#define COFFRET_TOOLS_COFFRET_EXPORT_COMMAND_HPP

#include "tools/coffret/invocation.hpp"
#include "tools/coffret/typed.hpp"
#include "vault/daemon/frame.hpp"

namespace coffret::cli {

// As the daemon takes it, which stands in another folder: absolute; as the hexadecimal of its
// bytes, `<name>_hex`, where it is not UTF-8 and has no place in JSON.
void send_path(boost::json::object& arguments, const std::string& name, const std::string& given);

// The passphrase is that of --age-passphrase-file, else of --passphrase-file, else asked twice;
// none for the other formats, nor where recipients are named.
// Errors: wrong_passphrase (typed differently, or empty), file_not_found, usage (no terminal; a
// passphrase and recipients: the format knows one or the other).
Result<void> prepare_export(const Invocation& invocation, daemon::LocalRequest& request,
                            Told& told);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_EXPORT_COMMAND_HPP
