// SPDX-License-Identifier: EUPL-1.2
//
// emergency_command.hpp: the papers of an emergency card, made on this side of the socket as all
// that is printed is.
#ifndef COFFRET_TOOLS_COFFRET_EMERGENCY_COMMAND_HPP
#define COFFRET_TOOLS_COFFRET_EMERGENCY_COMMAND_HPP

#include <boost/json/object.hpp>

#include "tools/coffret/invocation.hpp"
#include "vault/daemon/local_client.hpp"

namespace coffret::cli {

// `result`: of "emergency card". Errors: too_large, disk_full, io.
Result<void> write_card(const Invocation& invocation, const boost::json::object& result,
                        const SecretText& link, const daemon::Descriptor& file);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_EMERGENCY_COMMAND_HPP
