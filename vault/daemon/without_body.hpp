// SPDX-License-Identifier: EUPL-1.2
//
// without_body.hpp: documents whose content is not on this device, counted and named.
//
// Absence is told, never shown as emptiness: a content that the server lost, or that did not come
// yet, is known by its signed entry, and by that alone.
// Errors: those of the vault. Threads: as a command.
#ifndef COFFRET_VAULT_DAEMON_WITHOUT_BODY_HPP
#define COFFRET_VAULT_DAEMON_WITHOUT_BODY_HPP

#include <string>

#include "vault/daemon/commands.hpp"

namespace coffret::daemon {

// "missing": how many; "missing_documents": "id" and "title" of the first few.
Result<void> tell_missing(store::Vault& vault, Object& result);

// A problem of `check` for each. Those that a sync under way may be bringing are none yet.
Result<void> report_missing(Call& call, boost::json::array& problems);

// The title of the document whose content this object is, where it is still to come; else the
// object's own identifier.
std::string name_of_missing(Call& call, const ObjectId& object);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_WITHOUT_BODY_HPP
