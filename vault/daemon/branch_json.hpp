// SPDX-License-Identifier: EUPL-1.2
//
// branch_json.hpp: the entries of a history, for a person: when, by which device, what.
//
// Threads: as the vault, which is touched for the devices' names.
#ifndef COFFRET_VAULT_DAEMON_BRANCH_JSON_HPP
#define COFFRET_VAULT_DAEMON_BRANCH_JSON_HPP

#include <boost/json/array.hpp>
#include <string_view>
#include <vector>

#include "vault/daemon/commands.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::daemon {

// {"seq","time","device","kind","what","title"} each: `kind` is stable, `what` is in the language
// of the call, `device` is its name where it is known.
boost::json::array branch_json(Call& call, const std::vector<store::BranchEntry>& entries);

// The stable name of an operation, and the plain words for it.
std::string_view kind_of(store::OperationType type) noexcept;
std::string_view said_of(store::OperationType type, Language language) noexcept;

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_BRANCH_JSON_HPP
