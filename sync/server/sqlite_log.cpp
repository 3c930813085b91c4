// SPDX-License-Identifier: EUPL-1.2
//
// The log of the records port: append by compare-and-set, and pages.
#include <set>

#include "sync/server/sqlite_records.hpp"

namespace coffret::server {
namespace {

// Of entries that are taken over quota, in bytes.
constexpr std::size_t max_dropping_operation = 8 * 1024;
constexpr std::size_t max_removing_operation = 64 * 1024;  // keys for all devices that stay

// Marks an object as named by the log. Errors: incomplete_upload (not here in full).
Result<void> name_object(Connection& db, const VaultId& vault, const ObjectId& id, Puts puts) {
  const auto row = load_blob(db, BlobKey::object(vault, id));
  if (row.has_error() && row.error() != errc::not_found) return row.error();
  if (row.has_error() && puts == Puts::may_be_gone) return {};
  if (row.has_error() || !row->complete) return errc::incomplete_upload;
  // Put again before it was freed: it counts again.
  COFFRET_TRY(const auto back, db.query("UPDATE blobs SET dropped_at = 0 WHERE kind = 0 AND "
                                        "owner = ?1 AND id = ?2 AND dropped_at > 0",
                                        vault, id)
                                   .change());
  if (back > 0) {
    const auto bytes = static_cast<std::int64_t>(row->total);
    COFFRET_CHECK(add_usage(db, vault, bytes, 1, -bytes));
  }
  return db.query("UPDATE blobs SET named = 1 WHERE kind = 0 AND owner = ?1 AND id = ?2", vault, id)
      .run();
}

Result<void> drop_object(Connection& db, const VaultId& vault, const ObjectId& id, Timestamp now) {
  auto row = load_blob(db, BlobKey::object(vault, id));
  if (row.has_error()) {
    // Gone already: a second device may drop what a first has dropped.
    return row.error() == errc::not_found ? Result<void>{} : Result<void>{row.error()};
  }
  COFFRET_TRY(const auto rows, db.query("UPDATE blobs SET named = 0, dropped_at = ?3 WHERE "
                                        "kind = 0 AND owner = ?1 AND id = ?2 AND dropped_at = 0",
                                        vault, id, to_unix(now))
                                   .change());
  if (rows == 0) return {};
  const auto bytes = static_cast<std::int64_t>(row->total);
  return add_usage(db, vault, -bytes, -1, bytes);
}

// Whether an entry is taken over quota too: it only drops, as a full vault must be able to. Nobody
// knows here whether what it drops is worth its own bytes, so such entries have bounds as well.
bool gives_room(const Account& account, const protocol::Entry& entry, std::size_t operation) {
  return entry.puts.empty() && !entry.drops.empty() && operation <= max_dropping_operation &&
         account.head.seq / 2 < account.quota.entries;
}

// Nor may a full vault keep a device in that its owner takes out: an entry for each that goes with
// this append and is still here. Whoever is gone excuses nothing again, so that there are never
// more of these than devices, of which a vault has a thousand in its life.
Result<std::size_t> excused_by(Connection& db, const VaultId& vault, const SignerChanges& changes) {
  const std::set<DeviceId> removed{changes.removed.begin(), changes.removed.end()};
  std::size_t leaving = 0;
  for (const auto& device : removed) {
    auto q = db.query("SELECT 1 FROM devices WHERE vault = ?1 AND device = ?2 AND removed <> 1",
                      vault, device);
    COFFRET_TRY(const bool here, q.step());
    if (here) ++leaving;
  }
  return changes.added.size() <= leaving ? leaving : std::size_t{0};
}

// `excused`: how many entries may yet be taken over quota for the devices that go.
Result<void> take_entry(Connection& db, const VaultId& vault,
                        const protocol::SignedEntry& signed_entry, std::size_t& excused,
                        Timestamp now, Puts puts) {
  COFFRET_TRY(const protocol::Entry entry, protocol::decode_entry(signed_entry.body));
  COFFRET_TRY(const Account account, load_account(db, vault));
  const std::uint64_t size = signed_entry.body.size() + signed_entry.operation.size();
  if (!gives_room(account, entry, signed_entry.operation.size())) {
    const bool fits =
        check_quota(account, size, 0).has_value() && account.head.seq < account.quota.entries;
    if (!fits && (excused == 0 || !entry.puts.empty() ||
                  signed_entry.operation.size() > max_removing_operation))
      return errc::over_quota;
    if (!fits) --excused;
  }
  for (const auto& id : entry.puts) COFFRET_CHECK(name_object(db, vault, id, puts));
  for (const auto& id : entry.drops) COFFRET_CHECK(drop_object(db, vault, id, now));
  COFFRET_CHECK(db.query("INSERT INTO entries(vault, seq, body, signature, operation) "
                         "VALUES(?1, ?2, ?3, ?4, ?5)",
                         vault, entry.seq, signed_entry.body, signed_entry.signature,
                         signed_entry.operation)
                    .run());
  COFFRET_CHECK(add_usage(db, vault, static_cast<std::int64_t>(size), 0, 0));
  return db
      .query("UPDATE accounts SET head_seq = ?2, head_hash = ?3 WHERE vault = ?1", vault, entry.seq,
             protocol::entry_hash(signed_entry.body))
      .run();
}

}  // namespace

Result<protocol::Head> SqliteRecords::append(const VaultId& vault, const protocol::Head& expected,
                                             const std::vector<protocol::SignedEntry>& entries,
                                             const SignerChanges& changes, Timestamp now,
                                             Puts puts) {
  return engine_->write([&](Connection& db) -> Result<protocol::Head> {
    COFFRET_TRY(const Account account, load_account(db, vault));
    if (account.head != expected) return errc::conflict;
    COFFRET_TRY(std::size_t excused, excused_by(db, vault, changes));
    for (const auto& entry : entries)
      COFFRET_CHECK(take_entry(db, vault, entry, excused, now, puts));
    COFFRET_CHECK(change_signers(db, account, changes));
    COFFRET_TRY(const Account after, load_account(db, vault));
    return after.head;
  });
}

Result<protocol::EntryPage> SqliteRecords::entries(const VaultId& vault, std::uint64_t after,
                                                   std::size_t limit, std::size_t bytes) {
  return engine_->read([&](Connection& db) -> Result<protocol::EntryPage> {
    COFFRET_TRY(const Account account, load_account(db, vault));
    protocol::EntryPage page{account.head, {}};
    auto q = db.query(
        "SELECT body, signature, operation FROM entries WHERE vault = ?1 AND seq > ?2 "
        "AND seq <= ?3 ORDER BY seq LIMIT ?4",
        vault, after, account.head.seq, limit);
    std::size_t size = 0;
    for (;;) {
      COFFRET_TRY(const bool more, q.step());
      if (!more) return page;
      size += q.blob(0).size() + q.blob(2).size() + 80;  // bytes, with the record's own
      if (size > bytes && !page.entries.empty()) return page;
      auto& entry = page.entries.emplace_back();
      entry.body = to_bytes(q.blob(0));
      q.read(1, entry.signature);
      entry.operation = to_bytes(q.blob(2));
    }
  });
}

}  // namespace coffret::server
