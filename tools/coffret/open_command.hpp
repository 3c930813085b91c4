// SPDX-License-Identifier: EUPL-1.2
//
// open_command.hpp: `coffret open`: hands the daemon's redirect file to the system's browser.
//
// The file's path is all that any argument list shows: the code is inside it.
#ifndef COFFRET_TOOLS_COFFRET_OPEN_COMMAND_HPP
#define COFFRET_TOOLS_COFFRET_OPEN_COMMAND_HPP

#include <boost/json/object.hpp>

#include "tools/coffret/invocation.hpp"

namespace coffret::cli {

// `opened`: what the daemon answered. Returns the exit status.
int show_page(const Invocation& invocation, const boost::json::object& opened);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_OPEN_COMMAND_HPP
