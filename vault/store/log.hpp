// SPDX-License-Identifier: EUPL-1.2
//
// log.hpp: the entries as rows. A row of `entries` is written once and never changed, except that a
// rebase replaces the newest ones: an older copy of one of its pages therefore breaks the chain.
//
// Errors: those of sqlite.hpp; not_found.
#ifndef COFFRET_VAULT_STORE_LOG_HPP
#define COFFRET_VAULT_STORE_LOG_HPP

#include <cstdint>
#include <functional>
#include <vector>

#include "coffret/error.hpp"
#include "sync/protocol/entry.hpp"
#include "vault/store/sqlite.hpp"

namespace coffret::store {

// One row on the walk: the body is a view into it. `control` says that the operation is not a
// document put; it stands in the row that the chain protects.
struct Link {
  protocol::Head before;
  protocol::Head at;
  bool control = false;
  std::int64_t time = 0;  // that the entry bears
  ByteView body;
};

class Log {
 public:
  explicit Log(Connection& db) noexcept : db_(&db) {}

  // Every entry from seq 1, without its operation: the sequence without gaps and each hash, until
  // the end or the first error of `visit`. Returns where it ends.
  // Errors: local_state_tampered (a gap, or an entry that does not follow); those of visit.
  Result<protocol::Head> walk(const std::function<Result<void>(const Link&)>& visit) const;

  Result<protocol::SignedEntry> at(std::uint64_t seq) const;
  Result<EntryHash> hash_at(std::uint64_t seq) const;  // zero for seq 0
  // Entries (after, after + limit], oldest first.
  Result<std::vector<protocol::SignedEntry>> after(std::uint64_t seq, std::size_t limit) const;

  Result<void> add(const protocol::SignedEntry& entry, const protocol::Head& at, bool control);
  Result<void> drop_after(std::uint64_t seq);

 private:
  Connection* db_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_LOG_HPP
