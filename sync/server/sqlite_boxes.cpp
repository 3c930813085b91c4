// SPDX-License-Identifier: EUPL-1.2
//
// Deposit boxes of the records port: what strangers may leave for a vault, counted per link.
#include <algorithm>

#include "sync/server/sqlite_records.hpp"

namespace coffret::server {
namespace {

#define COFFRET_ON_ITS_WAY "FROM blobs WHERE kind = 2 AND owner = boxes.link AND named = 0 AND "

// What is on its way counts as taken until it is here, or given up.
constexpr const char* box_columns =
    "SELECT vault, key, expires_at, max_deposits, max_bytes, closed_at, held, "
    "(SELECT suspended FROM accounts WHERE accounts.vault = boxes.vault), "
    "taken + (SELECT count(*) " COFFRET_ON_ITS_WAY
    "dropped_at = 0), "
    "taken_bytes + (SELECT coalesce(sum(total), 0) " COFFRET_ON_ITS_WAY
    "dropped_at = 0) FROM boxes WHERE link = ?1";

Result<BoxRow> load_box(Connection& db, const LinkId& link) {
  auto q = db.query(box_columns, link);
  COFFRET_TRY(const bool found, q.step());
  if (!found) return errc::not_found;
  BoxRow box;
  box.link = link;
  q.read(0, box.vault);
  q.read(1, box.terms.key);
  box.terms.expires_at = q.integer(2);
  box.terms.deposits = q.number<std::uint32_t>(3);
  box.terms.bytes = q.number<std::uint64_t>(4);
  box.closed = q.integer(5) != 0;
  box.held = q.integer(6) != 0;
  box.suspended = q.integer(7) != 0;
  box.deposits = q.number<std::uint64_t>(8);
  box.bytes = q.number<std::uint64_t>(9);
  return box;
}

// The latest time that anything happened at, or now: a clock that was set back opens nothing.
Result<std::int64_t> latest_time(Connection& db, Timestamp now) {
  auto q = db.query("SELECT value FROM meta WHERE name = 'last_time'");
  COFFRET_TRY(const bool found, q.step());
  return std::max(to_unix(now), found ? q.integer(0) : std::int64_t{0});
}

// Its deposit is given up: no grace, its bytes go with the next sweep.
Result<void> erase_deposit(Connection& db, const DepositPlace& place) {
  auto q = db.query(
      "UPDATE blobs SET named = 0, dropped_at = 1 WHERE kind = 2 AND owner = ?1 AND id = ?2 AND "
      "dropped_at = 0 RETURNING vault, total",
      place.link, place.deposit);
  COFFRET_TRY(const bool found, q.step());
  if (!found) return {};
  VaultId vault;
  q.read(0, vault);
  const std::int64_t total = q.integer(1);
  return add_usage(db, vault, -total, -1, total);
}

}  // namespace

Result<void> SqliteRecords::put_box(const LinkId& link, const VaultId& vault,
                                    const protocol::BoxTerms& terms, Timestamp now) {
  return engine_->write([&](Connection& db) -> Result<void> {
    COFFRET_CHECK(load_account(db, vault));
    COFFRET_TRY(const auto time, latest_time(db, now));
    if (terms.expires_at <= time) return errc::link_not_active;
    const auto there = load_box(db, link);
    if (there.has_value()) {
      if (there->vault != vault) return errc::not_found;
      if (there->closed) return errc::link_not_active;
      if (there->terms != terms) return errc::conflict;
      return db.query("UPDATE boxes SET held = 0 WHERE link = ?1", link).run();
    }
    if (there.error() != errc::not_found) return there.error();
    return db
        .query(
            "INSERT INTO boxes(link, vault, key, expires_at, max_deposits, max_bytes) "
            "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
            link, vault, terms.key, terms.expires_at, terms.deposits, terms.bytes)
        .run();
  });
}

Result<void> SqliteRecords::close_box(const LinkId& link, const VaultId& vault, Timestamp now) {
  return engine_->write([&](Connection& db) {
    return db
        .query("UPDATE boxes SET closed_at = ?3 WHERE link = ?1 AND vault = ?2 AND closed_at = 0",
               link, vault, std::max<std::int64_t>(to_unix(now), 1))
        .run();
  });
}

Result<BoxRow> SqliteRecords::box(const LinkId& link) {
  return engine_->read([&](Connection& db) { return load_box(db, link); });
}

// To whoever sends, everything that keeps the box from taking it is one and the same.
Result<BlobRow> SqliteRecords::begin_deposit(const DepositPlace& place, std::uint64_t total,
                                             Timestamp now) {
  const auto key = BlobKey::deposit(place);
  return engine_->write([&](Connection& db) -> Result<BlobRow> {
    auto row = load_blob(db, key);
    if (row.has_error() && row.error() != errc::not_found) return row.error();
    if (row.has_value() && row->total != total) return errc::conflict;
    if (row.has_value() && row->complete) return row;
    const auto box = load_box(db, place.link);
    if (box.has_error())
      return box.error() == errc::not_found ? errc::link_not_active : to_errc(box.error());
    COFFRET_TRY(const auto time, latest_time(db, now));
    if (!box->takes_deposits(time)) return errc::link_not_active;
    if (row.has_value()) return row;
    COFFRET_TRY(const Account account, load_account(db, box->vault));
    const auto room = box->room(account, time);
    if (room == 0 || total > room) return errc::link_not_active;
    COFFRET_CHECK(db.query("INSERT INTO blobs(kind, owner, id, vault, total, created_at) "
                           "VALUES(2, ?1, ?2, ?3, ?4, ?5)",
                           place.link, place.deposit, box->vault, total, to_unix(now))
                      .run());
    COFFRET_CHECK(add_usage(db, box->vault, static_cast<std::int64_t>(total), 1, 0));
    return load_blob(db, key);
  });
}

Result<void> SqliteRecords::deposited(const DepositPlace& place, const Sha256& sha256) {
  return engine_->write([&](Connection& db) -> Result<void> {
    auto q = db.query(
        "UPDATE blobs SET offset = total, state = 1, named = 1, sha256 = ?3 WHERE kind = 2 AND "
        "owner = ?1 AND id = ?2 AND state = 0 AND dropped_at = 0 RETURNING total",
        place.link, place.deposit, sha256);
    COFFRET_TRY(const bool found, q.step());
    if (!found) return errc::not_found;
    const std::int64_t total = q.integer(0);
    return db
        .query("UPDATE boxes SET taken = taken + 1, taken_bytes = taken_bytes + ?2 WHERE link = ?1",
               place.link, total)
        .run();
  });
}

Result<protocol::DepositList> SqliteRecords::deposits(const VaultId& vault, std::size_t limit) {
  return engine_->read([&](Connection& db) -> Result<protocol::DepositList> {
    protocol::DepositList list;
    {
      auto q = db.query(
          "SELECT owner, id, total FROM blobs WHERE vault = ?1 AND kind = 2 AND state = 1 AND "
          "named = 1 ORDER BY created_at, owner, id LIMIT ?2",
          vault, limit);
      for (;;) {
        COFFRET_TRY(const bool more, q.step());
        if (!more) break;
        auto& one = list.deposits.emplace_back();
        q.read(0, one.place.link);
        q.read(1, one.place.deposit);
        one.size = q.number<std::uint64_t>(2);
      }
    }
    auto q = db.query(
        "SELECT link FROM boxes WHERE vault = ?1 AND held = 1 AND closed_at = 0 "
        "LIMIT ?2",
        vault, limit);
    for (;;) {
      COFFRET_TRY(const bool more, q.step());
      if (!more) return list;
      q.read(0, list.held.emplace_back());
    }
  });
}

Result<void> SqliteRecords::drop_deposit(const DepositPlace& place, const VaultId& vault) {
  return engine_->write([&](Connection& db) -> Result<void> {
    const auto row = load_blob(db, BlobKey::deposit(place));
    if (row.has_error())
      return row.error() == errc::not_found ? Result<void>{} : Result<void>{row.error()};
    return row->vault == vault ? erase_deposit(db, place) : Result<void>{};
  });
}

Result<void> end_old_boxes(Connection& db, std::int64_t now, std::size_t limit) {
  std::vector<DepositPlace> left;
  const std::int64_t until = now - protocol::box_grace;
  {
    auto q = db.query(
        "SELECT owner, id FROM blobs WHERE kind = 2 AND named = 1 AND owner IN (SELECT link FROM "
        "boxes WHERE expires_at <= ?1 OR (closed_at > 0 AND closed_at <= ?1)) LIMIT ?2",
        until, limit);
    for (;;) {
      COFFRET_TRY(const bool more, q.step());
      if (!more) break;
      auto& place = left.emplace_back();
      q.read(0, place.link);
      q.read(1, place.deposit);
    }
  }
  for (const auto& place : left) COFFRET_CHECK(erase_deposit(db, place));
  return db
      .query(
          "DELETE FROM boxes WHERE expires_at <= ?1 AND NOT EXISTS (SELECT 1 FROM blobs WHERE "
          "kind = 2 AND owner = boxes.link)",
          until)
      .run();
}

}  // namespace coffret::server
