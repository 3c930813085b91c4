// SPDX-License-Identifier: EUPL-1.2
//
// edits_json.hpp: every change to how a document is listed, with the device that wrote it: two
// edits of one field are both shown, and which of them stands.
#ifndef COFFRET_VAULT_DAEMON_EDITS_JSON_HPP
#define COFFRET_VAULT_DAEMON_EDITS_JSON_HPP

#include <boost/json/array.hpp>

#include "vault/store/vault.hpp"

namespace coffret::daemon {

// In the log's order: [{device, device_name, time, seq, changes: [{field, value, stands}]}].
boost::json::array edits_json(const store::Vault& vault, const DocumentId& id);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_EDITS_JSON_HPP
