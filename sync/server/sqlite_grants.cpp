// SPDX-License-Identifier: EUPL-1.2
//
// Grants of the records port.
#include <algorithm>

#include "sync/server/sqlite_records.hpp"

namespace coffret::server {
namespace {

#define COFFRET_GRANT_COLUMNS                                                                    \
  "SELECT link, vault, policy, signature, openings_used, wrong_passcodes, ends_at, revoked_at, " \
  "destroyed, attempts_day, attempts_today, "                                                    \
  "(SELECT suspended FROM accounts WHERE accounts.vault = grants.vault), "                       \
  "EXISTS (SELECT 1 FROM closed_grants WHERE closed_grants.link = grants.link) FROM grants"

GrantRow grant_of(const Query& q) {
  GrantRow g;
  q.read(0, g.link);
  q.read(1, g.vault);
  g.policy.body = to_bytes(q.blob(2));
  q.read(3, g.policy.signature);
  g.openings_used = q.number<std::uint32_t>(4);
  g.wrong_passcodes = q.number<std::uint32_t>(5);
  g.ends_at = q.integer(6);
  g.revoked_at = q.integer(7);
  g.destroyed = q.integer(8) != 0;
  g.attempts_day = q.integer(9);
  g.attempts_today = q.number<std::uint32_t>(10);
  g.suspended = q.integer(11) != 0;
  g.closed = q.integer(12) != 0;
  return g;
}

Result<GrantRow> load_grant(Connection& db, const LinkId& link) {
  auto q = db.query(COFFRET_GRANT_COLUMNS " WHERE link = ?1", link);
  COFFRET_TRY(const bool found, q.step());
  if (!found) return errc::not_found;
  return grant_of(q);
}

Result<void> store_grant(Connection& db, const GrantRow& g) {
  return db
      .query(
          "UPDATE grants SET openings_used = ?2, wrong_passcodes = ?3, ends_at = ?4, "
          "revoked_at = ?5, destroyed = ?6, attempts_day = ?7, attempts_today = ?8 "
          "WHERE link = ?1",
          g.link, g.openings_used, g.wrong_passcodes, g.ends_at, g.revoked_at, g.destroyed,
          g.attempts_day, g.attempts_today)
      .run();
}

// Files of earlier versions are given up; the new policy's must all be here as it says.
Result<void> name_files(Connection& db, const protocol::Policy& policy, Timestamp now) {
  auto q = db.query("SELECT id, total FROM blobs WHERE kind = 1 AND owner = ?1 AND named = 1",
                    policy.link);
  std::int64_t dropped = 0;
  std::int64_t count = 0;
  for (;;) {
    COFFRET_TRY(const bool more, q.step());
    if (!more) break;
    dropped += q.integer(1);
    ++count;
  }
  COFFRET_CHECK(db.query("UPDATE blobs SET named = 0, dropped_at = ?2 WHERE kind = 1 AND "
                         "owner = ?1 AND named = 1",
                         policy.link, to_unix(now))
                    .run());
  COFFRET_CHECK(add_usage(db, policy.vault, -dropped, -count, dropped));
  for (const auto& file : policy.files) {
    const auto row = load_blob(db, BlobKey::parcel(policy.link, file.id));
    if (row.has_error())
      return row.error() == errc::not_found ? errc::incomplete_upload : to_errc(row.error());
    if (!row->complete || row->total != file.size || row->sha256 != file.sha256 ||
        row->vault != policy.vault)
      return errc::incomplete_upload;
    COFFRET_TRY(const auto back, db.query("UPDATE blobs SET dropped_at = 0 WHERE kind = 1 AND "
                                          "owner = ?1 AND id = ?2 AND dropped_at > 0",
                                          policy.link, file.id)
                                     .change());
    const auto bytes = static_cast<std::int64_t>(row->total);
    if (back > 0) COFFRET_CHECK(add_usage(db, policy.vault, bytes, 1, -bytes));
    COFFRET_CHECK(db.query("UPDATE blobs SET named = 1 WHERE kind = 1 AND owner = ?1 AND id = ?2",
                           policy.link, file.id)
                      .run());
  }
  return {};
}

enum class Publishing { fresh, repeat };

// The row of an earlier version may be replaced; the same bytes again are a repeat.
// Errors: not_found (another vault's), conflict, link_not_active.
Result<Publishing> how_to_publish(Connection& db, const protocol::Policy& policy,
                                  const protocol::SignedPolicy& body, Timestamp now) {
  auto q = db.query(
      "SELECT vault, version, policy, expires_at, revoked_at, destroyed, ends_at, openings_used, "
      "wrong_passcodes, EXISTS (SELECT 1 FROM closed_grants WHERE closed_grants.link = "
      "grants.link) "
      "FROM grants WHERE link = ?1",
      policy.link);
  COFFRET_TRY(const bool found, q.step());
  if (!found) return Publishing::fresh;
  if (!std::ranges::equal(q.blob(0), policy.vault.bytes)) return errc::not_found;
  const std::int64_t t = to_unix(now);
  const bool ended = q.integer(3) <= t || q.integer(4) != 0 || q.integer(5) != 0 ||
                     (q.integer(6) != 0 && q.integer(6) <= t);
  if (ended) return errc::link_not_active;
  const auto version = q.number<std::uint32_t>(1);
  if (version == policy.version && std::ranges::equal(q.blob(2), body.body))
    return Publishing::repeat;
  if (policy.version <= version) return errc::conflict;
  // Its counters are the backup's: only the owner's confirmation opens it again.
  if (q.integer(9) != 0) return errc::link_not_active;
  // Nobody could open it either: what its last opening or wrong passcode ended stays over.
  const bool used_up = policy.openings != 0 && q.number<std::uint32_t>(7) >= policy.openings;
  const bool locked = q.number<std::uint32_t>(8) >= protocol::max_wrong_passcodes;
  return used_up || locked ? Result<Publishing>{errc::link_not_active} : Publishing::fresh;
}

}  // namespace

Result<void> SqliteRecords::publish(const protocol::Policy& policy,
                                    const protocol::SignedPolicy& body, Timestamp now,
                                    const KeepHalf& keep_half) {
  return engine_->write([&](Connection& db) -> Result<void> {
    COFFRET_CHECK(load_account(db, policy.vault));
    COFFRET_TRY(const auto publishing, how_to_publish(db, policy, body, now));
    if (publishing == Publishing::repeat) return {};
    COFFRET_CHECK(name_files(db, policy, now));
    // An SHL's path stays taken; other links have none (NULL is never equal to NULL).
    COFFRET_CHECK(
        db.query("INSERT INTO grants(link, vault, shl, policy, signature, version, expires_at) "
                 "VALUES(?1, ?2, nullif(?3, zeroblob(32)), ?4, ?5, ?6, ?7) "
                 "ON CONFLICT(link) DO UPDATE SET policy = excluded.policy, "
                 "signature = excluded.signature, version = excluded.version, "
                 "expires_at = excluded.expires_at, shl = excluded.shl, ends_at = 0",
                 policy.link, policy.vault, policy.shl, body.body, body.signature, policy.version,
                 policy.expires_at)
            .run());
    COFFRET_CHECK(keep_time(db, to_unix(now)));
    return keep_half();
  });
}

Result<GrantRow> SqliteRecords::grant(const LinkId& link) {
  return engine_->read([&](Connection& db) { return load_grant(db, link); });
}

Result<LinkId> SqliteRecords::link_of(const protocol::ShlPath& path) {
  return engine_->read([&](Connection& db) -> Result<LinkId> {
    auto q = db.query("SELECT link FROM grants WHERE shl = ?1", path);
    COFFRET_TRY(const bool found, q.step());
    if (!found) return errc::not_found;
    LinkId link;
    q.read(0, link);
    return link;
  });
}

Result<GrantRow> SqliteRecords::change(const LinkId& link, const GrantDecision& decide) {
  return engine_->write([&](Connection& db) -> Result<GrantRow> {
    COFFRET_TRY(GrantRow row, load_grant(db, link));
    auto q = db.query("SELECT value FROM meta WHERE name = 'last_time'");
    COFFRET_CHECK(q.step());
    COFFRET_TRY(GrantChange change, decide(row, from_unix(q.integer(0))));
    COFFRET_CHECK(store_grant(db, row));
    COFFRET_CHECK(append_lines(db, row.vault, std::move(change.lines)));
    for (const auto& r : change.readers)
      COFFRET_CHECK(db.query("INSERT INTO readers VALUES(?1, ?2, ?3, ?4, ?5, 0)", r.token_hash,
                             r.link, r.version, r.until, std::string_view{r.recipient})
                        .run());
    for (const auto& l : change.locations)
      COFFRET_CHECK(db.query("INSERT INTO locations VALUES(?1, ?2, ?3, ?4)", l.token_hash, l.link,
                             l.file, l.until)
                        .run());
    if (change.proved) {
      COFFRET_TRY(const auto first, db.query("UPDATE readers SET proved = 1 WHERE token_hash = ?1 "
                                             "AND proved = 0",
                                             *change.proved)
                                        .change());
      if (first == 0) return errc::conflict;
    }
    COFFRET_CHECK(keep_time(db, change.time));
    return row;
  });
}

Result<std::vector<GrantRow>> SqliteRecords::ended(Timestamp now, std::size_t limit) {
  return engine_->read([&](Connection& db) -> Result<std::vector<GrantRow>> {
    auto q = db.query(COFFRET_GRANT_COLUMNS
                      " WHERE destroyed = 0 AND (expires_at <= ?1 OR revoked_at > 0 "
                      "OR (ends_at > 0 AND ends_at <= ?1)) LIMIT ?2",
                      to_unix(now), limit);
    std::vector<GrantRow> rows;
    for (;;) {
      COFFRET_TRY(const bool more, q.step());
      if (!more) return rows;
      rows.push_back(grant_of(q));
    }
  });
}

Result<void> SqliteRecords::destroyed(const LinkId& link) {
  return engine_->write([&](Connection& db) -> Result<void> {
    auto q = db.query(
        "UPDATE grants SET destroyed = 1 WHERE link = ?1 AND destroyed = 0 RETURNING vault", link);
    COFFRET_TRY(const bool found, q.step());
    if (!found) return {};
    protocol::Policy nothing;
    q.read(0, nothing.vault);
    nothing.link = link;
    COFFRET_CHECK(db.query("DELETE FROM readers WHERE link = ?1", link).run());
    COFFRET_CHECK(db.query("DELETE FROM locations WHERE link = ?1", link).run());
    COFFRET_CHECK(db.query("DELETE FROM closed_grants WHERE link = ?1", link).run());
    return name_files(db, nothing, from_unix(1));  // no grace
  });
}

Result<Reader> SqliteRecords::reader(const Sha256& token_hash) {
  return engine_->read([&](Connection& db) -> Result<Reader> {
    auto q = db.query("SELECT link, version, until, recipient FROM readers WHERE token_hash = ?1",
                      token_hash);
    COFFRET_TRY(const bool found, q.step());
    if (!found) return errc::not_found;
    Reader r{token_hash, {}, q.number<std::uint32_t>(1), q.integer(2), to_text(q.blob(3))};
    q.read(0, r.link);
    return r;
  });
}

Result<Location> SqliteRecords::take_location(const Sha256& token_hash, Timestamp now) {
  return engine_->write([&](Connection& db) -> Result<Location> {
    auto q = db.query(
        "DELETE FROM locations WHERE token_hash = ?1 AND until > ?2 RETURNING link, file, until",
        token_hash, to_unix(now));
    COFFRET_TRY(const bool found, q.step());
    if (!found) return errc::not_found;
    Location l{token_hash, {}, {}, q.integer(2)};
    q.read(0, l.link);
    q.read(1, l.file);
    return l;
  });
}

}  // namespace coffret::server
