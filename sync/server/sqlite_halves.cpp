// SPDX-License-Identifier: EUPL-1.2
#include <mutex>

#include "sync/server/halves.hpp"
#include "sync/server/sqlite.hpp"

namespace coffret::server {
namespace {

class SqliteHalves final : public Halves {
 public:
  explicit SqliteHalves(Connection db) : db_(std::move(db)) {}

  Result<void> put(const LinkId& link, std::uint32_t version, const ServerHalf& half) override {
    const std::lock_guard lock{mutex_};
    return db_.query("INSERT OR REPLACE INTO halves VALUES(?1, ?2, ?3)", link, version, half).run();
  }

  Result<ServerHalf> get(const LinkId& link, std::uint32_t version) override {
    const std::lock_guard lock{mutex_};
    auto q = db_.query("SELECT half FROM halves WHERE link = ?1 AND version = ?2", link, version);
    COFFRET_TRY(const bool found, q.step());
    if (!found) return errc::not_found;
    ServerHalf half;
    q.read(0, half);
    return half;
  }

  Result<void> destroy(const LinkId& link, std::uint32_t before) override {
    const std::lock_guard lock{mutex_};
    return db_.query("DELETE FROM halves WHERE link = ?1 AND version < ?2", link, before).run();
  }

  Result<void> destroy_one(const LinkId& link, std::uint32_t version) override {
    const std::lock_guard lock{mutex_};
    return db_.query("DELETE FROM halves WHERE link = ?1 AND version = ?2", link, version).run();
  }

  Result<std::vector<LinkId>> links() override {
    const std::lock_guard lock{mutex_};
    auto q = db_.query("SELECT DISTINCT link FROM halves");
    std::vector<LinkId> all;
    for (;;) {
      COFFRET_TRY(const bool more, q.step());
      if (!more) return all;
      q.read(0, all.emplace_back());
    }
  }

 private:
  std::mutex mutex_;
  Connection db_;
};

}  // namespace

Result<std::unique_ptr<Halves>> open_sqlite_halves(const std::string& path) {
  COFFRET_TRY(Connection db, Connection::open(path));
  {
    // Before anything is written: a later version's table is not ours to complete.
    auto version = db.query("PRAGMA user_version");
    COFFRET_TRY(const bool said, version.step());
    if (said && version.integer(0) != 0) return errc::other_version;
  }
  // Deleted halves are overwritten in the file, and the journal that held them is cut to nothing
  // at commit: neither a later copy of the file nor of its journal has them. Secure deletion is
  // set before the table exists.
  COFFRET_CHECK(
      db.execute("PRAGMA secure_delete=ON; PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL;"
                 "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"
                 "CREATE TABLE IF NOT EXISTS halves(link BLOB NOT NULL, version INTEGER NOT NULL,"
                 " half BLOB NOT NULL, PRIMARY KEY(link, version)) STRICT, WITHOUT ROWID;"));
  return std::unique_ptr<Halves>{std::make_unique<SqliteHalves>(std::move(db))};
}

}  // namespace coffret::server
