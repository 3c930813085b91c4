// SPDX-License-Identifier: EUPL-1.2
//
// grants.hpp: the owner's side of grants, and the access log (PROTOCOL.md §6, §9).
//
// Errors: those of server.hpp; unknown_policy, incomplete_upload, over_quota, not_found;
// unauthenticated (an answer that the pinned identity did not sign).
#ifndef COFFRET_SYNC_CLIENT_GRANTS_HPP
#define COFFRET_SYNC_CLIENT_GRANTS_HPP

#include <string>
#include <vector>

#include "sync/client/server.hpp"
#include "sync/protocol/access_log.hpp"
#include "sync/protocol/merkle.hpp"
#include "sync/protocol/messages.hpp"
#include "sync/protocol/policy.hpp"

namespace coffret::client {

// Publishes a policy whose files were uploaded. When this returns the grant is durable and active
// from its not_before, and the server has signed back the very bytes it applies. Repeatable.
Result<void> publish(Server& server, const Signer& device, const VaultId& vault, const LinkId& link,
                     const protocol::Publication& publication);

// No opening begins after this returns. Repeatable; unknown and ended links answer the same.
Result<protocol::Acknowledged> revoke(Server& server, const Signer& device, const VaultId& vault,
                                      const LinkId& link);

Result<protocol::GrantStatus> link_state(Server& server, const Signer& device, const VaultId& vault,
                                         const LinkId& link);

struct AccessNews {
  std::vector<protocol::AccessLine> lines;  // since the kept range, oldest first
  protocol::CompactRange range;             // to be kept, once the lines are
  std::string checkpoint;                   // the signed note that proves both
};

// How much of it is held in memory at once: the proof is in the last line. A link makes at most 20
// lines a day besides its counted openings, so this is a year of seventy links under attack.
struct AccessBounds {
  std::uint64_t lines = 500'000;
  std::size_t bytes = 128u << 20;  // encoded
};

// Everything logged since `kept`, proved to extend it: the new leaves, appended to the kept range,
// give the root of a checkpoint that the pinned identity signed.
// Errors: also server_rolled_back (the log is shorter than the kept one), fork_detected (another
// history), unauthenticated (checkpoint), too_large (over the bounds).
Result<AccessNews> access_log(Server& server, const Signer& device, const VaultId& vault,
                              const protocol::CompactRange& kept, const AccessBounds& bounds = {});

}  // namespace coffret::client

#endif  // COFFRET_SYNC_CLIENT_GRANTS_HPP
