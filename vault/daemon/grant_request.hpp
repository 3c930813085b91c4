// SPDX-License-Identifier: EUPL-1.2
//
// grant_request.hpp: what `grant create` and `grant preview` are asked for, understood in one way.
//
// Errors: usage (call.detail says what is missing or meant, in the person's language), malformed (a
// duration), not_found (a document or person; a rule that names nothing), unsupported.
#ifndef COFFRET_VAULT_DAEMON_GRANT_REQUEST_HPP
#define COFFRET_VAULT_DAEMON_GRANT_REQUEST_HPP

#include "vault/daemon/commands.hpp"
#include "vault/grants/grants.hpp"
#include "vault/grants/scope.hpp"

namespace coffret::daemon {

struct Asked {
  grants::GrantRequest request;  // with its consent text, in the language of the call
  grants::Scope scope;
};

// `now`: by the clock that will judge the grant, the server's where it is known. A passcode that
// came with the call is moved into the request.
Result<Asked> asked_of(Call& call, Timestamp now);

// What rules left out, and why: [{id, title, date, reasons}].
boost::json::array left_out_json(const std::vector<grants::LeftOut>& left_out);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_GRANT_REQUEST_HPP
