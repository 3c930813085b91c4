// SPDX-License-Identifier: EUPL-1.2
//
// grant_versions.hpp: publishing a further version of a grant, and writing it to the log.
//
// Errors: those of grants::prepare_next(), of the server and of the vault, and open_reply()'s.
#ifndef COFFRET_VAULT_DAEMON_GRANT_VERSIONS_HPP
#define COFFRET_VAULT_DAEMON_GRANT_VERSIONS_HPP

#include "vault/daemon/grant_parts.hpp"
#include "vault/daemon/session.hpp"

namespace coffret::daemon {

// Publishes, then writes it to the log. `request.version` is set here. Where the server may have
// taken a version and its answer stays lost, the log tells of it if it gives more: of two ends the
// owner has to know the later one. (Documents: the next sync publishes them again, and writes it.)
Result<grants::NextVersion> publish_next(Call& call, const Sender& to,
                                         const store::GrantView& grant,
                                         grants::NextRequest request);

// Another end of the grant is another end of what its reader answers through: a box keeps its
// terms, so a new one takes its place. None where there was none, or its owner closed it.
Result<grants::NextVersion> publish_moved(Call& call, Session::Hold& hold, const Sender& to,
                                          const store::GrantView& grant,
                                          grants::NextRequest request);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_GRANT_VERSIONS_HPP
