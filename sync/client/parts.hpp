// SPDX-License-Identifier: EUPL-1.2
//
// parts.hpp: bytes that travel in parts, both ways, resumable (this room's own).
//
// Errors: those of server.hpp; malformed (nothing to send, or answers that do not add up),
// too_large, conflict (the server would not agree where the upload is).
#ifndef COFFRET_SYNC_CLIENT_PARTS_HPP
#define COFFRET_SYNC_CLIENT_PARTS_HPP

#include <cstdint>

#include "sync/client/objects.hpp"
#include "sync/client/server.hpp"
#include "sync/protocol/paths.hpp"

namespace coffret::client {

// Sends what the server lacks of it. `signer`: null for the side that has no account.
Result<void> upload_parts(Server& server, const Signer* signer, const protocol::Target& status,
                          const protocol::Target& part, ByteView content, const Parts& parts);

// All of what lies there, at most `limit` bytes.
Result<Bytes> fetch_parts(Server& server, const Signer& signer, const protocol::Target& target,
                          std::uint64_t limit);

}  // namespace coffret::client

#endif  // COFFRET_SYNC_CLIENT_PARTS_HPP
