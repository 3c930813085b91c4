// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/migration.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "coffret/file_upgrade.hpp"
#include "vault/store/log.hpp"
#include "vault/store/parameters.hpp"

namespace coffret::store {
namespace {

constexpr const char* database_name = "store.db";

// What must be the same before and after.
struct Content {
  protocol::Head head;  // where the chain ends
  std::array<std::int64_t, 4> rows{};
  bool operator==(const Content&) const = default;
};

Result<Content> content_of(Connection& db) {
  Content content;
  const Log log{db};
  COFFRET_TRY(content.head, log.walk([](const Link&) { return Result<void>{}; }));
  std::size_t at = 0;
  for (const char* sql : {"SELECT count(*) FROM entries", "SELECT count(*) FROM operations",
                          "SELECT count(*) FROM documents", "SELECT count(*) FROM bodies"}) {
    COFFRET_TRY(auto query, db.prepare(sql));
    COFFRET_TRY(const bool found, query.step());
    if (found) content.rows[at] = query.int64(0);
    ++at;
  }
  COFFRET_TRY(auto structure, db.prepare("PRAGMA quick_check(1)"));
  COFFRET_TRY(const bool said, structure.step());
  if (!said || structure.text(0) != "ok") return errc::damaged;
  return content;
}

// A damaged chain is damage here: nothing says yet that somebody meant it.
Result<Content> judged(Connection& db) {
  auto content = content_of(db);
  if (content.has_error() && content.error() == errc::local_state_tampered) return errc::damaged;
  return content;
}

// Everything is in the file when this returns, and its write-ahead log is empty.
Result<Content> settle(const std::string& path, const crypto::StoreKey& key) {
  COFFRET_TRY(auto db, Connection::open(path, key));
  COFFRET_TRY(auto content, judged(db));
  COFFRET_CHECK(db.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  return content;
}

// Which format a migrated file has, in the file itself; 0 in one that never was.
Result<std::int64_t> version_in(const std::string& path, const crypto::StoreKey& key) {
  COFFRET_TRY(auto db, Connection::open(path, key));
  COFFRET_TRY(auto query, db.prepare("PRAGMA user_version"));
  COFFRET_TRY(const bool found, query.step());
  return found ? query.int64(0) : 0;
}

Result<void> run_step(Connection& db, std::int64_t from, std::span<const Migration> steps) {
  const auto step = std::find_if(steps.begin(), steps.end(),
                                 [&](const Migration& one) { return one.from == from; });
  if (step == steps.end()) return errc::other_version;
  COFFRET_TRY(auto transaction, Transaction::begin(db));
  COFFRET_CHECK(step->run(db));
  // A pragma takes no parameter.
  const std::string mark = "PRAGMA user_version = " + std::to_string(from + 1);
  COFFRET_CHECK(db.execute(mark.c_str()));
  return transaction.commit();
}

Result<void> work_on_copy(const std::string& path, const crypto::StoreKey& key,
                          const Content& before, FormatChange change,
                          std::span<const Migration> steps) {
  {
    COFFRET_TRY(auto db, Connection::open(path, key));
    for (auto format = change.from; format < change.to; ++format)
      COFFRET_CHECK(run_step(db, format, steps));
  }
  // Read again from the file, as the next unlock will.
  COFFRET_TRY(const auto after, settle(path, key));
  return after == before ? Result<void>{} : Result<void>{errc::damaged};
}

Result<void> remove_log(const std::string& path, Disk& disk) {
  return disk.remove(path + "-wal");
}

// A copy, migrated and verified, or none.
Result<void> make_copy(FileUpgrade& upgrade, const crypto::StoreKey& key, FormatChange change,
                       std::span<const Migration> steps, Disk& disk) {
  COFFRET_TRY(const auto before, settle(upgrade.path(), key));
  COFFRET_CHECK(remove_log(upgrade.path(), disk));
  COFFRET_CHECK(remove_log(upgrade.copy(), disk));
  COFFRET_CHECK(upgrade.begin());
  auto worked = work_on_copy(upgrade.copy(), key, before, change, steps);
  const auto cleared = remove_log(upgrade.copy(), disk);
  if (worked.has_value()) worked = cleared;
  if (worked.has_error()) (void)disk.remove(upgrade.copy());
  return worked;
}

}  // namespace

std::span<const Migration> migrations() noexcept {
  return {};
}

Result<void> migrate(const Directory& place, const crypto::StoreKey& key, FormatChange change,
                     std::span<const Migration> steps, Environment environment) {
  auto& disk = environment.disk;
  FileUpgrade upgrade{place.path(), database_name, change.from, disk};
  COFFRET_TRY(auto stage, upgrade.stage());
  if (stage == FileUpgrade::Stage::in_place) {
    COFFRET_TRY(const auto version, version_in(upgrade.path(), key));
    if (version != change.to) stage = FileUpgrade::Stage::untouched;  // an old one, put back
  }
  if (stage == FileUpgrade::Stage::untouched)
    COFFRET_CHECK(make_copy(upgrade, key, change, steps, disk));
  if (stage != FileUpgrade::Stage::in_place) {
    // A write-ahead log of the old file must not be found beside the new one.
    COFFRET_CHECK(remove_log(upgrade.path(), disk));
    COFFRET_CHECK(upgrade.finish(to_unix(environment.clock.now())));
  }
  return disk.replace(place.parameters(), as_bytes(format_parameters({.format = change.to})));
}

}  // namespace coffret::store
