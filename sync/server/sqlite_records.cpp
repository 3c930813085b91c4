// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/sqlite_records.hpp"

namespace coffret::server {
namespace {

// Times are UTC seconds, sizes bytes, identifiers raw bytes.

constexpr const char* schema = R"sql(
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO meta VALUES('schema_version', 3), ('last_time', 0);

CREATE TABLE IF NOT EXISTS accounts(
  vault BLOB PRIMARY KEY, account BLOB NOT NULL UNIQUE, root BLOB NOT NULL UNIQUE,
  quota_bytes INTEGER NOT NULL, quota_objects INTEGER NOT NULL, quota_entries INTEGER NOT NULL,
  used_bytes INTEGER NOT NULL DEFAULT 0, used_objects INTEGER NOT NULL DEFAULT 0,
  dropped_bytes INTEGER NOT NULL DEFAULT 0,
  head_seq INTEGER NOT NULL DEFAULT 0, head_hash BLOB NOT NULL DEFAULT x'',
  suspended INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL,
  tree BLOB NOT NULL DEFAULT x'', tree_day INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS invites(
  token_hash BLOB PRIMARY KEY, quota_bytes INTEGER NOT NULL, quota_objects INTEGER NOT NULL,
  quota_entries INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  used_by BLOB NOT NULL DEFAULT x'') STRICT;
CREATE TABLE IF NOT EXISTS devices(
  key BLOB PRIMARY KEY, vault BLOB NOT NULL, device BLOB NOT NULL,
  body BLOB NOT NULL, signature BLOB NOT NULL, removed INTEGER NOT NULL DEFAULT 0,
  UNIQUE(vault, device)) STRICT;
-- Vaults whose log a device is giving to an account that was opened for it. A program that does not
-- know the table ignores it.
CREATE TABLE IF NOT EXISTS given_again(vault BLOB PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS former_roots(
  root BLOB PRIMARY KEY, vault BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS nonces(
  key BLOB NOT NULL, nonce BLOB NOT NULL, until INTEGER NOT NULL,
  PRIMARY KEY(key, nonce)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS nonces_until ON nonces(until);

CREATE TABLE IF NOT EXISTS entries(
  vault BLOB NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, signature BLOB NOT NULL,
  operation BLOB NOT NULL, PRIMARY KEY(vault, seq)) STRICT;

-- state: 0 arriving, 1 complete, 2 being removed. dropped_at: 0 or when its owner gave it up.
CREATE TABLE IF NOT EXISTS blobs(
  kind INTEGER NOT NULL, owner BLOB NOT NULL, id BLOB NOT NULL, vault BLOB NOT NULL,
  total INTEGER NOT NULL, offset INTEGER NOT NULL DEFAULT 0, sha256 BLOB NOT NULL DEFAULT x'',
  state INTEGER NOT NULL DEFAULT 0, named INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL, dropped_at INTEGER NOT NULL DEFAULT 0,
  -- Where it lies when it came in a pack; empty: in a file of its own.
  pack BLOB NOT NULL DEFAULT x'', start INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(kind, owner, id)) STRICT;
CREATE INDEX IF NOT EXISTS blobs_unnamed ON blobs(created_at) WHERE named = 0;
CREATE INDEX IF NOT EXISTS blobs_vault ON blobs(vault);
CREATE INDEX IF NOT EXISTS blobs_pack ON blobs(pack) WHERE pack <> x'';

CREATE TABLE IF NOT EXISTS grants(
  link BLOB PRIMARY KEY, vault BLOB NOT NULL, shl BLOB UNIQUE, policy BLOB NOT NULL,
  signature BLOB NOT NULL, version INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  openings_used INTEGER NOT NULL DEFAULT 0, wrong_passcodes INTEGER NOT NULL DEFAULT 0,
  ends_at INTEGER NOT NULL DEFAULT 0, revoked_at INTEGER NOT NULL DEFAULT 0,
  destroyed INTEGER NOT NULL DEFAULT 0,
  attempts_day INTEGER NOT NULL DEFAULT 0, attempts_today INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX IF NOT EXISTS grants_vault ON grants(vault);
CREATE INDEX IF NOT EXISTS grants_end ON grants(expires_at) WHERE destroyed = 0;
CREATE TABLE IF NOT EXISTS readers(
  token_hash BLOB PRIMARY KEY, link BLOB NOT NULL, version INTEGER NOT NULL,
  until INTEGER NOT NULL, recipient TEXT NOT NULL, proved INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE IF NOT EXISTS locations(
  token_hash BLOB PRIMARY KEY, link BLOB NOT NULL, file BLOB NOT NULL,
  until INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS access_lines(
  vault BLOB NOT NULL, leaf INTEGER NOT NULL, line BLOB NOT NULL,
  PRIMARY KEY(vault, leaf)) STRICT;

-- What the backup held of each vault when the server was last put back to one, and the grants that
-- are closed since then.
CREATE TABLE IF NOT EXISTS restorations(
  vault BLOB PRIMARY KEY, epoch INTEGER NOT NULL, backup_at INTEGER NOT NULL,
  restored_at INTEGER NOT NULL, head_seq INTEGER NOT NULL, head_hash BLOB NOT NULL,
  access_size INTEGER NOT NULL, access_root BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS closed_grants(link BLOB PRIMARY KEY) STRICT;

-- Where strangers may leave deposits. taken: those complete, whatever became of them.
CREATE TABLE IF NOT EXISTS boxes(
  link BLOB PRIMARY KEY, vault BLOB NOT NULL, key BLOB NOT NULL, expires_at INTEGER NOT NULL,
  max_deposits INTEGER NOT NULL, max_bytes INTEGER NOT NULL,
  taken INTEGER NOT NULL DEFAULT 0, taken_bytes INTEGER NOT NULL DEFAULT 0,
  closed_at INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX IF NOT EXISTS boxes_vault ON boxes(vault);
)sql";

}  // namespace

Result<std::int64_t> records_version(const std::string& path) {
  COFFRET_TRY(Connection db, Connection::open(path));
  {
    auto there = db.query("SELECT count(*) FROM sqlite_master WHERE name = 'meta'");
    COFFRET_TRY(const bool found, there.step());
    if (!found || there.integer(0) == 0) return std::int64_t{0};
  }
  auto q = db.query("SELECT value FROM meta WHERE name = 'schema_version'");
  COFFRET_TRY(const bool found, q.step());
  if (!found) return errc::damaged;
  return q.integer(0);
}

Result<std::unique_ptr<Records>> open_sqlite_records(const std::string& path) {
  // Before anything is written: a later version's tables are not ours to complete.
  COFFRET_TRY(const auto version, records_version(path));
  if (version != 0 && version != schema_version) return errc::other_version;
  COFFRET_TRY(auto engine, SqliteEngine::open(path, schema));
  return std::unique_ptr<Records>{std::make_unique<SqliteRecords>(std::move(engine))};
}

Result<void> keep_time(Connection& db, std::int64_t time) {
  return db.query("UPDATE meta SET value = ?1 WHERE name = 'last_time' AND value < ?1", time).run();
}

Result<Timestamp> SqliteRecords::last_time() {
  return engine_->read([](Connection& db) -> Result<Timestamp> {
    auto q = db.query("SELECT value FROM meta WHERE name = 'last_time'");
    COFFRET_TRY(const bool found, q.step());
    if (!found) return errc::damaged;
    return from_unix(q.integer(0));
  });
}

Result<void> SqliteRecords::note_time(Timestamp now) {
  return engine_->write([&](Connection& db) { return keep_time(db, to_unix(now)); });
}

Result<void> SqliteRecords::forget_old(Timestamp now) {
  return engine_->write([&](Connection& db) -> Result<void> {
    const std::int64_t t = to_unix(now);
    COFFRET_CHECK(db.query("DELETE FROM nonces WHERE until <= ?1", t).run());
    COFFRET_CHECK(db.query("DELETE FROM readers WHERE until <= ?1", t).run());
    COFFRET_CHECK(db.query("DELETE FROM locations WHERE until <= ?1", t).run());
    // A used invite stays as long as a lost answer may be repeated.
    return db.query("DELETE FROM invites WHERE expires_at <= ?1", t).run();
  });
}

}  // namespace coffret::server
