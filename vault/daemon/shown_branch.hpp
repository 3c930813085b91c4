// SPDX-License-Identifier: EUPL-1.2
//
// shown_branch.hpp: how far the server's log is the one known here, and what it holds beyond.
//
// Errors: server_rolled_back (it ends before `from`), fork_detected (it does not hold `from`, or
// what it shows is no chain), too_large (more than client::LogBounds), those of client::Server.
// Threads: under Service::syncing.
#ifndef COFFRET_VAULT_DAEMON_SHOWN_BRANCH_HPP
#define COFFRET_VAULT_DAEMON_SHOWN_BRANCH_HPP

#include <set>

#include "sync/client/server.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::daemon {

// `from`: a head that both logs hold, as far as is known; the empty one is in every log. The base
// of the answer is the last entry that both hold, at most the end of what the server acknowledged.
Result<store::Branch> shown_branch(Call& call, client::Server& server, const Signer& signer,
                                   const protocol::Head& from);

// The last head before the two logs part, found in as many requests as the log's length has bits.
Result<protocol::Head> parting(Call& call, client::Server& server, const Signer& signer);

// Follows what the server shows; what only this device held is taken in behind it.
Result<store::Followed> follow_branch(Call& call, client::Server& server, const Signer& signer,
                                      const store::Branch& shown);

// The same of any branch; `nowhere`: objects that nobody has. A history that does not know this
// device stays a fork, and call.detail says whose word it needs. Errors: those of WaysOut::follow.
Result<store::Followed> follow_here(Call& call, const store::Branch& branch,
                                    const std::set<ObjectId>& nowhere);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SHOWN_BRANCH_HPP
