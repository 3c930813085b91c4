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
#include <optional>
#include <span>
#include <vector>

#include "sync/client/server.hpp"
#include "sync/protocol/changes.hpp"
#include "sync/protocol/entry.hpp"

namespace coffret::client {

inline constexpr std::uint32_t max_pull = protocol::max_page_entries;    // entries of a page
inline constexpr std::size_t max_append = protocol::max_append_entries;  // entries of a request
inline constexpr std::size_t max_page = protocol::max_page_size;  // bytes of a page, and an append

// The entries after `after`, oldest first, at most `limit`, with the server's head. A page shorter
// than the distance to the head is followed by another.
Result<protocol::EntryPage> pull(Server& server, const Signer& signer, const VaultId& vault,
                                 std::uint64_t after, std::uint32_t limit = max_pull);

// How much of a log is held in memory at once. Twice and more of what a server's default quota
// lets in (200,000 entries, of 1.3 KiB when they are small): a family's documents of a lifetime are
// a tenth of that. A server that shows more is refused, not followed.
struct LogBounds {
  std::uint64_t entries = 500'000;
  std::size_t bytes = 512u << 20;  // of bodies and operations
};

// The whole log, seq 1 to the head, for a rebuild. Each page must continue the chain of the pages
// before it, or no other is asked for; signatures remain the caller's.
// Errors: also too_large (over the bounds), fork_detected (does not chain, or ends before the head
// it claims).
Result<std::vector<protocol::SignedEntry>> pull_whole(Server& server, const Signer& signer,
                                                      const VaultId& vault,
                                                      const LogBounds& bounds = {});

// Waits until the server's log is longer than `after`, at most `seconds`; returns its head then.
Result<protocol::Head> wait(Server& server, const Signer& signer, const VaultId& vault,
                            std::uint64_t after, std::uint32_t seconds);

struct Appended {
  bool accepted = false;  // false: the head was not `expected`, nothing was written
  protocol::Head head;    // the server's, after the append or as it is
};

// Compare-and-set: appends all entries or none. Repeating it after a lost answer is harmless.
// Errors: also too_large (more than max_append or max_page: nothing is sent).
Result<Appended> append(Server& server, const Signer& signer, const VaultId& vault,
                        const EntryHash& expected, std::span<const protocol::SignedEntry> entries);

// The same with what the entries change in who may sign; the server takes both at once.
struct SignerChanges {
  std::vector<protocol::SignedCertificate> added;
  std::vector<DeviceId> removed;
  std::optional<protocol::RootChange> root;
};
Result<Appended> append(Server& server, const Signer& signer, const VaultId& vault,
                        const EntryHash& expected, std::span<const protocol::SignedEntry> entries,
                        const SignerChanges& changes);

}  // namespace coffret::client

#endif  // COFFRET_SYNC_CLIENT_LOG_HPP
