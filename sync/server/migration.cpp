// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/migration.hpp"

#include <algorithm>
#include <array>

#include "coffret/file_upgrade.hpp"
#include "sync/server/sqlite_records.hpp"

namespace coffret::server {
namespace {

constexpr const char* records_name = "records.db";

// Rows of the tables of version 1; a step that moves one changes what is counted here.
constexpr std::array counts{"SELECT count(*) FROM accounts",  "SELECT count(*) FROM invites",
                            "SELECT count(*) FROM devices",   "SELECT count(*) FROM nonces",
                            "SELECT count(*) FROM entries",   "SELECT count(*) FROM blobs",
                            "SELECT count(*) FROM grants",    "SELECT count(*) FROM readers",
                            "SELECT count(*) FROM locations", "SELECT count(*) FROM access_lines"};
using Counts = std::array<std::int64_t, counts.size()>;

// Everything is in the file when this returns, and its structure holds.
Result<Counts> settle(const std::string& path) {
  COFFRET_TRY(Connection db, Connection::open(path));
  Counts rows{};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    auto query = db.query(counts[i]);
    COFFRET_TRY(const bool found, query.step());
    rows[i] = found ? query.integer(0) : 0;
  }
  {
    auto structure = db.query("PRAGMA quick_check(1)");
    COFFRET_TRY(const bool said, structure.step());
    if (!said || as_text(structure.blob(0)) != "ok") return errc::damaged;
  }
  COFFRET_CHECK(db.empty_log());
  return rows;
}

Result<void> work_on_copy(const std::string& path, std::int64_t from, std::int64_t to,
                          std::span<const SchemaStep> steps) {
  COFFRET_TRY(Connection db, Connection::open(path));
  COFFRET_CHECK(db.execute("PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL;"));
  for (auto version = from; version < to; ++version) {
    const auto step = std::find_if(steps.begin(), steps.end(),
                                   [&](const SchemaStep& one) { return one.from == version; });
    if (step == steps.end()) return errc::other_version;
    COFFRET_CHECK(db.execute("BEGIN IMMEDIATE"));
    COFFRET_CHECK(step->run(db));
    COFFRET_CHECK(
        db.query("UPDATE meta SET value = ?1 WHERE name = 'schema_version'", version + 1).run());
    COFFRET_CHECK(db.execute("COMMIT"));
  }
  return {};
}

Result<void> remove_beside(const std::string& path, Disk& disk) {
  for (const char* tail : {"-wal", "-shm", "-journal"}) COFFRET_CHECK(disk.remove(path + tail));
  return {};
}

// A copy, migrated and verified, or none.
Result<void> make_copy(FileUpgrade& upgrade, std::int64_t from, std::int64_t to,
                       std::span<const SchemaStep> steps, Disk& disk) {
  const auto settled = settle(upgrade.path());
  if (settled.has_error() && settled.error() == errc::in_use) return errc::records_in_use;
  COFFRET_TRY(const auto before, settled);
  COFFRET_CHECK(remove_beside(upgrade.path(), disk));
  COFFRET_CHECK(remove_beside(upgrade.copy(), disk));
  COFFRET_CHECK(upgrade.begin());
  auto worked = work_on_copy(upgrade.copy(), from, to, steps);
  if (worked.has_value()) {
    const auto after = settle(upgrade.copy());
    if (after.has_error())
      worked = after.error();
    else if (*after != before)
      worked = errc::damaged;
  }
  const auto cleared = remove_beside(upgrade.copy(), disk);
  if (worked.has_value()) worked = cleared;
  if (worked.has_error()) (void)disk.remove(upgrade.copy());
  return worked;
}

}  // namespace

std::span<const SchemaStep> schema_steps() noexcept {
  static constexpr std::array steps{
      // Objects that came in a pack lie in its file. A program of version 1 would not find them.
      SchemaStep{1,
                 [](Connection& copy) {
                   return copy.execute(
                       "ALTER TABLE blobs ADD COLUMN pack BLOB NOT NULL DEFAULT x'';"
                       "ALTER TABLE blobs ADD COLUMN start INTEGER NOT NULL DEFAULT 0;");
                 }},
      // Restorations. A program of version 2 would open what one has closed.
      SchemaStep{2, [](Connection& copy) {
                   return copy.execute(
                       "CREATE TABLE IF NOT EXISTS restorations("
                       "vault BLOB PRIMARY KEY, epoch INTEGER NOT NULL, backup_at INTEGER NOT NULL,"
                       "restored_at INTEGER NOT NULL, head_seq INTEGER NOT NULL,"
                       "head_hash BLOB NOT NULL, access_size INTEGER NOT NULL,"
                       "access_root BLOB NOT NULL) STRICT;"
                       "CREATE TABLE IF NOT EXISTS closed_grants(link BLOB PRIMARY KEY) STRICT;");
                 }}};
  return steps;
}

Result<void> migrate_records(const std::string& directory, std::int64_t to,
                             std::span<const SchemaStep> steps, const Machine& machine) {
  Disk& disk = machine.disk;
  const std::int64_t now = to_unix(machine.clock.now());
  // A crash while the file was moved: there is only the whole copy, or the old one to go with it.
  FileUpgrade any{directory, records_name, 0, disk};
  const bool there = disk.size(any.path()).has_value();
  if (!there && disk.size(any.path() + ".migrated").has_error()) return {};
  COFFRET_TRY(const auto from, there ? records_version(any.path()) : Result<std::int64_t>{to - 1});
  if (from == 0 || from >= to) return FileUpgrade::forget_old(directory, records_name, now, disk);

  FileUpgrade upgrade{directory, records_name, from, disk};
  COFFRET_TRY(const auto stage, upgrade.stage());
  if (stage != FileUpgrade::Stage::whole) COFFRET_CHECK(make_copy(upgrade, from, to, steps, disk));
  COFFRET_CHECK(remove_beside(upgrade.path(), disk));
  return upgrade.finish(now);
}

}  // namespace coffret::server
