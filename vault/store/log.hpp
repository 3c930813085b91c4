// SPDX-License-Identifier: EUPL-1.2
//
// log.hpp: the entries as rows. A row of `entries` is written once and never changed, except that a
// rebase replaces the newest ones: an older copy of one of its pages therefore breaks the chain.
//
// A vault that began at a checkpoint has gaps below it until its history is read (gap.hpp). They
// are let pass only where the Log was told of that record: then every entry that it names must be
// there, unchanged, and nothing else but the history read so far, from the first entry on.
//
// Errors: those of sqlite.hpp; not_found.
#ifndef COFFRET_VAULT_STORE_LOG_HPP
#define COFFRET_VAULT_STORE_LOG_HPP

#include <cstdint>
#include <functional>
#include <vector>

#include "coffret/error.hpp"
#include "sync/protocol/entry.hpp"
#include "vault/store/gap.hpp"
#include "vault/store/sqlite.hpp"

namespace coffret::store {

// One row on the walk: the body is a view into it. `control` says that the operation is not a
// document put; it stands in the row that the chain protects.
struct Link {
  protocol::Head before;  // behind a gap what the entry itself says of it
  protocol::Head at;
  bool control = false;
  // Of the history before a checkpoint, which is not judged as a whole yet: no part of the state.
  bool history = false;
  std::int64_t time = 0;  // that the entry bears
  ByteView body;
};

class Log {
 public:
  explicit Log(Connection& db) noexcept : db_(&db) {}

  // The gaps that may be; null: none. Outlives the Log or the next call.
  void allow(const KeptGap* gap) noexcept { gap_ = gap; }

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
  // How many entries there are up to this one.
  Result<std::uint64_t> count_until(std::uint64_t seq) const;

 private:
  Connection* db_;
  const KeptGap* gap_ = nullptr;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_LOG_HPP
