// SPDX-License-Identifier: EUPL-1.2
//
// An account erased: nothing of it stays but what is about to be freed.
#include "sync/server/sqlite_records.hpp"

namespace coffret::server {

Result<std::vector<LinkId>> SqliteRecords::erase(const VaultId& vault) {
  return engine_->write([&](Connection& db) -> Result<std::vector<LinkId>> {
    COFFRET_TRY(const Account account, load_account(db, vault));
    std::vector<LinkId> links;
    auto q = db.query("SELECT link FROM grants WHERE vault = ?1", vault);
    for (;;) {
      COFFRET_TRY(const bool more, q.step());
      if (!more) break;
      q.read(0, links.emplace_back());
    }
    for (const LinkId& link : links) {
      COFFRET_CHECK(db.query("DELETE FROM readers WHERE link = ?1", link).run());
      COFFRET_CHECK(db.query("DELETE FROM locations WHERE link = ?1", link).run());
      COFFRET_CHECK(db.query("DELETE FROM closed_grants WHERE link = ?1", link).run());
    }
    COFFRET_CHECK(db.query("DELETE FROM restorations WHERE vault = ?1", vault).run());
    COFFRET_CHECK(db.query("DELETE FROM grants WHERE vault = ?1", vault).run());
    COFFRET_CHECK(db.query("DELETE FROM boxes WHERE vault = ?1", vault).run());
    COFFRET_CHECK(db.query("DELETE FROM entries WHERE vault = ?1", vault).run());
    COFFRET_CHECK(db.query("DELETE FROM access_lines WHERE vault = ?1", vault).run());
    COFFRET_CHECK(
        db.query("DELETE FROM nonces WHERE key = ?2 OR key IN (SELECT key FROM devices WHERE "
                 "vault = ?1)",
                 vault, account.root)
            .run());
    COFFRET_CHECK(db.query("DELETE FROM devices WHERE vault = ?1", vault).run());
    COFFRET_CHECK(db.query("DELETE FROM given_again WHERE vault = ?1", vault).run());
    COFFRET_CHECK(db.query("DELETE FROM former_roots WHERE vault = ?1", vault).run());
    COFFRET_CHECK(db.query("DELETE FROM invites WHERE used_by = ?1", account.account).run());
    // No grace: the blobs are stale from the beginning of time.
    COFFRET_CHECK(
        db.query("UPDATE blobs SET named = 0, dropped_at = 1, created_at = 0 WHERE vault = ?1",
                 vault)
            .run());
    COFFRET_CHECK(db.query("DELETE FROM accounts WHERE vault = ?1", vault).run());
    return links;
  });
}

}  // namespace coffret::server
