// SPDX-License-Identifier: EUPL-1.2
//
// receipt_command.hpp: where `grant receipt --out` writes what the daemon answered.
#ifndef COFFRET_TOOLS_COFFRET_RECEIPT_COMMAND_HPP
#define COFFRET_TOOLS_COFFRET_RECEIPT_COMMAND_HPP

#include <boost/json/object.hpp>
#include <string>

#include "coffret/error.hpp"
#include "tools/coffret/typed.hpp"

namespace coffret::cli {

// Whether `grant create` shows what would be seen and asks: a person at a terminal who did not say
// --yes. A program (--json, no terminal) agreed by calling it.
bool asks_consent(const Invocation& invocation);

// `out`: a file that ends with .txt, .json or .jws, or a folder, made where it is missing, for all
// three as receipt-<grant>.<ending>. Files are new and mode 0600.
// Errors: file_exists, disk_full, io; told.detail names the path.
Result<void> write_receipt(const std::string& out, const boost::json::object& result, Told& told);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_RECEIPT_COMMAND_HPP
