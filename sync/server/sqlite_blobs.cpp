// SPDX-License-Identifier: EUPL-1.2
//
// The rows of immutable blobs: uploads, quota, and what may be freed.
#include "sync/server/sqlite_records.hpp"

namespace coffret::server {
namespace {

constexpr std::int64_t upload_grace = std::int64_t{7} * 86400;  // seconds: uploads nobody named
constexpr std::int64_t drop_grace = std::int64_t{30} * 86400;   // seconds: dropped objects

enum class State : std::int64_t { arriving = 0, complete = 1, removing = 2 };

Query where_key(Connection& db, const char* sql, const BlobKey& key) {
  return db.query(sql, static_cast<std::uint8_t>(key.kind), ByteView{key.owner}, key.id);
}

// Deletes the row if it is in this state, and gives its room back.
Result<void> delete_blob(Connection& db, const BlobKey& key, State state) {
  auto q = db.query(
      "DELETE FROM blobs WHERE kind = ?1 AND owner = ?2 AND id = ?3 AND state = ?4 "
      "RETURNING vault, total, dropped_at",
      static_cast<std::uint8_t>(key.kind), ByteView{key.owner}, key.id,
      static_cast<std::int64_t>(state));
  COFFRET_TRY(const bool found, q.step());
  if (!found) return {};
  VaultId vault;
  q.read(0, vault);
  const std::int64_t total = q.integer(1);
  if (q.integer(2) > 0) return add_usage(db, vault, 0, 0, -total);
  return add_usage(db, vault, -total, -1, 0);
}

}  // namespace

Result<BlobRow> load_blob(Connection& db, const BlobKey& key) {
  auto q = where_key(db,
                     "SELECT vault, total, offset, state, sha256 FROM blobs "
                     "WHERE kind = ?1 AND owner = ?2 AND id = ?3",
                     key);
  COFFRET_TRY(const bool found, q.step());
  if (!found) return errc::not_found;
  const auto state = static_cast<State>(q.integer(3));
  if (state == State::removing) return errc::not_found;
  BlobRow row;
  row.key = key;
  q.read(0, row.vault);
  row.total = q.number<std::uint64_t>(1);
  row.offset = q.number<std::uint64_t>(2);
  row.complete = state == State::complete;
  q.read(4, row.sha256);
  return row;
}

Result<BlobRow> SqliteRecords::begin_upload(const BlobKey& key, const VaultId& vault,
                                            std::uint64_t total, Timestamp now) {
  return engine_->write([&](Connection& db) -> Result<BlobRow> {
    COFFRET_TRY(const Account account, load_account(db, vault));
    if (auto row = load_blob(db, key); row.has_value()) {
      if (row->vault != vault) return errc::not_found;
      return row->total == total ? row : Result<BlobRow>{errc::conflict};
    } else if (row.error() != errc::not_found) {
      return row.error();
    }
    COFFRET_CHECK(check_quota(account, total, 1));
    // A row that is being removed keeps its key until its bytes are gone.
    COFFRET_CHECK(db.query("INSERT INTO blobs(kind, owner, id, vault, total, created_at) "
                           "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                           static_cast<std::uint8_t>(key.kind), ByteView{key.owner}, key.id, vault,
                           total, to_unix(now))
                      .run());
    COFFRET_CHECK(add_usage(db, vault, static_cast<std::int64_t>(total), 1, 0));
    return load_blob(db, key);
  });
}

Result<BlobRow> SqliteRecords::blob(const BlobKey& key) {
  return engine_->read([&](Connection& db) { return load_blob(db, key); });
}

Result<void> SqliteRecords::uploaded(const BlobKey& key, std::uint64_t offset,
                                     const std::optional<Sha256>& complete) {
  return engine_->write([&](Connection& db) -> Result<void> {
    COFFRET_CHECK(load_blob(db, key));
    const auto state = complete ? State::complete : State::arriving;
    const ByteView sha256 = complete ? complete->view() : ByteView{};
    return db
        .query(
            "UPDATE blobs SET offset = ?4, state = ?5, sha256 = ?6 "
            "WHERE kind = ?1 AND owner = ?2 AND id = ?3",
            static_cast<std::uint8_t>(key.kind), ByteView{key.owner}, key.id, offset,
            static_cast<std::int64_t>(state), sha256)
        .run();
  });
}

Result<std::vector<ObjectId>> SqliteRecords::missing(const VaultId& vault,
                                                     const std::vector<ObjectId>& wanted) {
  return engine_->read([&](Connection& db) -> Result<std::vector<ObjectId>> {
    std::vector<ObjectId> absent;
    for (const ObjectId& id : wanted) {
      const auto row = load_blob(db, BlobKey::object(vault, id));
      if (row.has_error() && row.error() != errc::not_found) return row.error();
      if (row.has_error() || !row->complete) absent.push_back(id);
    }
    return absent;
  });
}

Result<std::vector<BlobKey>> SqliteRecords::take_stale(Timestamp now, std::size_t limit) {
  return engine_->write([&](Connection& db) -> Result<std::vector<BlobKey>> {
    std::vector<BlobKey> stale;
    {
      // state 2: taken before, but a crash came between. Parcels have no grace: their grant ended.
      auto q = db.query(
          "SELECT kind, owner, id FROM blobs WHERE named = 0 AND (state = 2 "
          "OR (dropped_at = 0 AND created_at <= ?1) OR (dropped_at > 0 AND dropped_at <= ?2) "
          "OR (dropped_at > 0 AND kind = 1)) LIMIT ?3",
          to_unix(now) - upload_grace, to_unix(now) - drop_grace, limit);
      for (;;) {
        COFFRET_TRY(const bool more, q.step());
        if (!more) break;
        auto& key = stale.emplace_back();
        key.kind = static_cast<BlobKind>(q.integer(0));
        std::copy_n(q.blob(1).begin(), std::min(q.blob(1).size(), key.owner.size()),
                    key.owner.begin());
        key.id = to_bytes(q.blob(2));
      }
    }
    for (const auto& key : stale)
      COFFRET_CHECK(
          where_key(db, "UPDATE blobs SET state = 2 WHERE kind = ?1 AND owner = ?2 AND id = ?3",
                    key)
              .run());
    return stale;
  });
}

Result<void> SqliteRecords::forget(const BlobKey& key) {
  return engine_->write([&](Connection& db) { return delete_blob(db, key, State::removing); });
}

Result<void> SqliteRecords::discard(const BlobKey& key) {
  return engine_->write([&](Connection& db) { return delete_blob(db, key, State::arriving); });
}

}  // namespace coffret::server
