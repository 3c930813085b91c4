// SPDX-License-Identifier: EUPL-1.2
//
// What a restoration means for the records: an epoch of the server begins, and grants are closed
// until their owners' devices confirm them.
#include <algorithm>

#include "sync/server/sqlite_records.hpp"

namespace coffret::server {
namespace {

Result<std::int64_t> meta_value(Connection& db, const char* sql) {
  auto q = db.query(sql);
  COFFRET_TRY(const bool found, q.step());
  return found ? q.integer(0) : std::int64_t{0};
}

Result<void> mark_vaults(Connection& db, std::int64_t epoch, std::int64_t backup_at,
                         std::int64_t now) {
  std::vector<std::pair<VaultId, protocol::Head>> vaults;
  {
    auto q = db.query("SELECT vault, head_seq, head_hash FROM accounts");
    for (;;) {
      COFFRET_TRY(const bool more, q.step());
      if (!more) break;
      auto& [vault, head] = vaults.emplace_back();
      q.read(0, vault);
      head.seq = q.number<std::uint64_t>(1);
      q.read(2, head.hash);
    }
  }
  for (const auto& [vault, head] : vaults) {
    COFFRET_TRY(const auto tree, load_tree(db, vault));
    COFFRET_CHECK(db.query("INSERT OR REPLACE INTO restorations VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, "
                           "?8)",
                           vault, epoch, backup_at, now, head.seq, head.hash, tree.size,
                           tree.root())
                      .run());
  }
  return {};
}

}  // namespace

Result<void> SqliteRecords::begin_epoch(Timestamp backup_at, Timestamp now) {
  return engine_->write([&](Connection& db) -> Result<void> {
    COFFRET_TRY(const auto before,
                meta_value(db, "SELECT value FROM meta WHERE name = 'server_epoch'"));
    // Time makes it newer than the epoch of another restoration of the same backup.
    const std::int64_t epoch = std::max(before + 1, to_unix(now));
    COFFRET_CHECK(mark_vaults(db, epoch, to_unix(backup_at), to_unix(now)));
    COFFRET_CHECK(db.query("INSERT OR IGNORE INTO closed_grants SELECT link FROM grants WHERE "
                           "destroyed = 0")
                      .run());
    // A box may have been closed since, or have taken more than the backup knows of.
    COFFRET_CHECK(db.query("UPDATE boxes SET held = 1").run());
    // Whoever opened a link before the backup was given S by a server that is no more.
    COFFRET_CHECK(db.query("DELETE FROM readers").run());
    COFFRET_CHECK(db.query("DELETE FROM locations").run());
    COFFRET_CHECK(
        db.query("INSERT OR REPLACE INTO meta VALUES('server_epoch', ?1), ('restored_at', ?2)",
                 epoch, to_unix(now))
            .run());
    return keep_time(db, to_unix(now));
  });
}

Result<Restoration> SqliteRecords::restoration(const VaultId& vault) {
  return engine_->read([&](Connection& db) -> Result<Restoration> {
    auto q = db.query(
        "SELECT epoch, backup_at, restored_at, head_seq, head_hash, access_size, access_root "
        "FROM restorations WHERE vault = ?1",
        vault);
    COFFRET_TRY(const bool found, q.step());
    if (!found) return errc::not_found;
    Restoration r;
    r.epoch = q.number<std::uint64_t>(0);
    r.backup_at = q.integer(1);
    r.restored_at = q.integer(2);
    r.head.seq = q.number<std::uint64_t>(3);
    q.read(4, r.head.hash);
    r.access_size = q.number<std::uint64_t>(5);
    q.read(6, r.access_root);
    return r;
  });
}

Result<std::int64_t> SqliteRecords::restored_at() {
  return engine_->read([](Connection& db) {
    return meta_value(db, "SELECT value FROM meta WHERE name = 'restored_at'");
  });
}

Result<GrantRow> SqliteRecords::confirm(const LinkId& link, std::uint32_t openings,
                                        std::uint32_t wrong_passcodes, Timestamp now,
                                        const KeepHalf& keep_half) {
  const auto confirmed = engine_->write([&](Connection& db) -> Result<void> {
    COFFRET_TRY(const auto opened,
                db.query("DELETE FROM closed_grants WHERE link = ?1", link).change());
    if (opened == 0) return {};
    COFFRET_CHECK(db.query("UPDATE grants SET openings_used = max(openings_used, ?2), "
                           "wrong_passcodes = max(wrong_passcodes, ?3) WHERE link = ?1",
                           link, openings, wrong_passcodes)
                      .run());
    COFFRET_CHECK(keep_time(db, to_unix(now)));
    return keep_half();
  });
  if (confirmed.has_error()) return confirmed.error();
  return grant(link);
}

}  // namespace coffret::server
