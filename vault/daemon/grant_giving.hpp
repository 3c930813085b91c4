// SPDX-License-Identifier: EUPL-1.2
//
// grant_giving.hpp: a grant from what was asked to what the server applies and the log tells.
//
// Errors: those of grants::prepare(), of the server and of the vault, and open_reply()'s.
#ifndef COFFRET_VAULT_DAEMON_GRANT_GIVING_HPP
#define COFFRET_VAULT_DAEMON_GRANT_GIVING_HPP

#include "vault/daemon/commands.hpp"
#include "vault/daemon/session.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/grants/grants.hpp"

namespace coffret::daemon {

Result<grants::Parcel> give(Call& call, Session::Hold& hold, client::Server& server,
                            const Signer& signer, grants::GrantRequest request);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_GRANT_GIVING_HPP
