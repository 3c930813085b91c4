// SPDX-License-Identifier: EUPL-1.2
//
// log.hpp: pulling and appending log entries (PROTOCOL.md §4).
//
// Entries come as they were sent: the caller verifies chain and signatures, since only the fold of
// the log knows which device was enrolled when.
// Errors: those of server.hpp; over_quota, incomplete_upload, not_found.
#ifndef COFFRET_SYNC_CLIENT_LOG_HPP
#define COFFRET_SYNC_CLIENT_LOG_HPP

#include <cstdint>
#include <span>

#include "sync/client/server.hpp"
#include "sync/protocol/entry.hpp"

namespace coffret::client {

inline constexpr std::uint32_t max_pull = 1000;   // entries of a page
inline constexpr std::size_t max_append = 100;    // entries of a request
inline constexpr std::size_t max_page = 8 << 20;  // bytes of a page, and of an append

// The entries after `after`, oldest first, at most `limit`, with the server's head. A page shorter
// than the distance to the head is followed by another.
Result<protocol::EntryPage> pull(Server& server, const Signer& signer, const VaultId& vault,
                                 std::uint64_t after, std::uint32_t limit = max_pull);

struct Appended {
  bool accepted = false;  // false: the head was not `expected`, nothing was written
  protocol::Head head;    // the server's, after the append or as it is
};

// Compare-and-set: appends all entries or none. Repeating it after a lost answer is harmless.
// Errors: also too_large (more than max_append or max_page: nothing is sent).
Result<Appended> append(Server& server, const Signer& signer, const VaultId& vault,
                        const EntryHash& expected, std::span<const protocol::SignedEntry> entries);

}  // namespace coffret::client

#endif  // COFFRET_SYNC_CLIENT_LOG_HPP
