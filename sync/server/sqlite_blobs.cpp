// SPDX-License-Identifier: EUPL-1.2
//
// The rows of immutable blobs: uploads, quota, and what may be freed.
#include "sync/server/sqlite_records.hpp"

namespace coffret::server {
namespace {

constexpr std::int64_t upload_grace = std::int64_t{7} * 86400;  // seconds: uploads nobody named
constexpr std::int64_t deposit_grace = 86400;                   // seconds: deposits cut off
constexpr std::int64_t drop_grace = std::int64_t{30} * 86400;   // seconds: dropped objects

enum class State : std::int64_t { arriving = 0, complete = 1, removing = 2 };

Query where_key(Connection& db, const char* sql, const BlobKey& key) {
  return db.query(sql, static_cast<std::uint8_t>(key.kind), ByteView{key.owner}, key.id);
}

// Deletes the row if it is in this state, and gives its room back. Returns the pack it lay in.
Result<std::optional<PackId>> delete_blob(Connection& db, const BlobKey& key, State state) {
  auto q = db.query(
      "DELETE FROM blobs WHERE kind = ?1 AND owner = ?2 AND id = ?3 AND state = ?4 "
      "RETURNING vault, total, dropped_at, pack, start",
      static_cast<std::uint8_t>(key.kind), ByteView{key.owner}, key.id,
      static_cast<std::int64_t>(state));
  COFFRET_TRY(const bool found, q.step());
  if (!found) return std::optional<PackId>{};
  VaultId vault;
  q.read(0, vault);
  const std::int64_t total = q.integer(1);
  const auto place = place_in(q, 3);
  if (q.integer(2) > 0)
    COFFRET_CHECK(add_usage(db, vault, 0, 0, -total));
  else
    COFFRET_CHECK(add_usage(db, vault, -total, -1, 0));
  return place ? std::optional{place->pack} : std::optional<PackId>{};
}

// Whether a pack may bring this object: nothing is in its way, and there is room beside what was
// counted in `account` before.
Result<bool> may_take(Connection& db, const VaultId& vault, const PackedRow& object,
                      Account& account) {
  auto q = where_key(db, "SELECT 1 FROM blobs WHERE kind = ?1 AND owner = ?2 AND id = ?3",
                     BlobKey::object(vault, object.object));
  COFFRET_TRY(const bool in_the_way, q.step());
  if (in_the_way || check_quota(account, object.total, 1).has_error()) return false;
  account.used.bytes += object.total;
  ++account.used.objects;
  return true;
}

}  // namespace

std::optional<Place> place_in(const Query& q, int column) {
  if (q.blob(column).size() != PackId::size) return std::nullopt;
  Place place;
  q.read(column, place.pack);
  place.start = q.number<std::uint64_t>(column + 1);
  return place;
}

Result<BlobRow> load_blob(Connection& db, const BlobKey& key) {
  auto q = where_key(db,
                     "SELECT vault, total, offset, state, sha256, pack, start FROM blobs "
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
  row.place = place_in(q, 5);
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

Result<std::vector<ObjectId>> SqliteRecords::takeable(const VaultId& vault,
                                                      const std::vector<PackedRow>& wanted) {
  return engine_->read([&](Connection& db) -> Result<std::vector<ObjectId>> {
    COFFRET_TRY(Account account, load_account(db, vault));
    std::vector<ObjectId> taken;
    for (const auto& object : wanted) {
      COFFRET_TRY(const bool allowed, may_take(db, vault, object, account));
      if (allowed) taken.push_back(object.object);
    }
    return taken;
  });
}

Result<std::vector<ObjectId>> SqliteRecords::take_pack(const VaultId& vault, const PackId& pack,
                                                       const std::vector<PackedRow>& objects,
                                                       Timestamp now) {
  return engine_->write([&](Connection& db) -> Result<std::vector<ObjectId>> {
    COFFRET_TRY(Account account, load_account(db, vault));
    const Usage before = account.used;
    std::vector<ObjectId> taken;
    for (const auto& object : objects) {
      COFFRET_TRY(const bool allowed, may_take(db, vault, object, account));
      if (!allowed) continue;
      COFFRET_CHECK(db.query("INSERT INTO blobs(kind, owner, id, vault, total, offset, sha256, "
                             "state, created_at, pack, start) "
                             "VALUES(0, ?1, ?2, ?1, ?3, ?3, zeroblob(32), 1, ?4, ?5, ?6)",
                             vault, object.object, object.total, to_unix(now), pack, object.start)
                        .run());
      taken.push_back(object.object);
    }
    COFFRET_CHECK(add_usage(db, vault, static_cast<std::int64_t>(account.used.bytes - before.bytes),
                            static_cast<std::int64_t>(taken.size()), 0));
    return taken;
  });
}

Result<std::vector<PackId>> SqliteRecords::packs() {
  return engine_->read([&](Connection& db) -> Result<std::vector<PackId>> {
    std::vector<PackId> all;
    auto q = db.query("SELECT DISTINCT pack FROM blobs WHERE pack <> x''");
    for (;;) {
      COFFRET_TRY(const bool more, q.step());
      if (!more) return all;
      q.read(0, all.emplace_back());
    }
  });
}

Result<std::vector<StaleBlob>> SqliteRecords::take_stale(Timestamp now, std::size_t limit) {
  return engine_->write([&](Connection& db) -> Result<std::vector<StaleBlob>> {
    COFFRET_CHECK(end_old_boxes(db, to_unix(now), limit));
    std::vector<StaleBlob> stale;
    {
      // state 2: taken before, but a crash came between. Parcels have no grace: their grant ended.
      // Nor have deposits: their owner has settled them.
      auto q = db.query(
          "SELECT kind, owner, id, total, pack, start FROM blobs WHERE named = 0 AND (state = 2 "
          "OR (dropped_at = 0 AND created_at <= ?1) OR (dropped_at > 0 AND dropped_at <= ?2) "
          "OR (dropped_at > 0 AND kind IN (1, 2)) "
          "OR (kind = 2 AND dropped_at = 0 AND created_at <= ?4)) LIMIT ?3",
          to_unix(now) - upload_grace, to_unix(now) - drop_grace, limit,
          to_unix(now) - deposit_grace);
      for (;;) {
        COFFRET_TRY(const bool more, q.step());
        if (!more) break;
        auto& blob = stale.emplace_back();
        blob.total = q.number<std::uint64_t>(3);
        blob.place = place_in(q, 4);
        auto& key = blob.key;
        key.kind = static_cast<BlobKind>(q.integer(0));
        std::copy_n(q.blob(1).begin(), std::min(q.blob(1).size(), key.owner.size()),
                    key.owner.begin());
        key.id = to_bytes(q.blob(2));
      }
    }
    for (const auto& blob : stale)
      COFFRET_CHECK(
          where_key(db, "UPDATE blobs SET state = 2 WHERE kind = ?1 AND owner = ?2 AND id = ?3",
                    blob.key)
              .run());
    return stale;
  });
}

Result<std::optional<PackId>> SqliteRecords::forget(const BlobKey& key) {
  return engine_->write([&](Connection& db) -> Result<std::optional<PackId>> {
    COFFRET_TRY(const auto pack, delete_blob(db, key, State::removing));
    if (!pack) return pack;
    auto q = db.query("SELECT 1 FROM blobs WHERE pack = ?1 LIMIT 1", *pack);
    COFFRET_TRY(const bool others, q.step());
    return others ? std::optional<PackId>{} : pack;
  });
}

Result<BlobRow> SqliteRecords::give_up(const BlobKey& key) {
  return engine_->write([&](Connection& db) -> Result<BlobRow> {
    COFFRET_CHECK(where_key(db,
                            "UPDATE blobs SET state = 0, offset = 0, pack = x'', start = 0 WHERE "
                            "kind = ?1 AND owner = ?2 AND id = ?3 AND state = 1",
                            key)
                      .run());
    return load_blob(db, key);
  });
}

Result<void> SqliteRecords::discard(const BlobKey& key) {
  return engine_->write([&](Connection& db) -> Result<void> {
    // One that an entry names was given up to be sent anew: it keeps its row, and begins again.
    auto named = where_key(db,
                           "UPDATE blobs SET offset = 0 WHERE kind = ?1 AND owner = ?2 AND id = ?3 "
                           "AND state = 0 AND named = 1",
                           key);
    COFFRET_TRY(const auto kept, named.change());
    if (kept > 0) return {};
    COFFRET_CHECK(delete_blob(db, key, State::arriving));
    return {};
  });
}

}  // namespace coffret::server
