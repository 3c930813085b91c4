// SPDX-License-Identifier: EUPL-1.2
//
// Accounts, invites, devices and nonces of the records port.
#include "sync/server/sqlite_records.hpp"

namespace coffret::server {
namespace {

#define COFFRET_ACCOUNT_COLUMNS                                                          \
  "SELECT vault, account, root, quota_bytes, quota_objects, quota_entries, used_bytes, " \
  "used_objects, dropped_bytes, head_seq, head_hash, suspended, created_at FROM accounts"

Account account_of(const Query& q) {
  Account a;
  q.read(0, a.vault);
  q.read(1, a.account);
  q.read(2, a.root);
  a.quota = {q.number<std::uint64_t>(3), q.number<std::uint64_t>(4), q.number<std::uint64_t>(5)};
  a.used = {q.number<std::uint64_t>(6), q.number<std::uint64_t>(7), q.number<std::uint64_t>(8)};
  a.head.seq = q.number<std::uint64_t>(9);
  q.read(10, a.head.hash);
  a.suspended = q.integer(11) != 0;
  a.created_at = q.integer(12);
  return a;
}

// The log's first device, and the one that gives the log, if it was written elsewhere.
Result<void> insert_signers(Connection& db, const Device& first,
                            const std::optional<Device>& giver) {
  COFFRET_CHECK(insert_device(db, first));
  if (!giver) return {};
  COFFRET_CHECK(insert_device(db, *giver));
  return db.query("INSERT OR IGNORE INTO given_again VALUES(?1)", first.vault).run();
}

// Whether this device is here already, as it was brought.
Result<bool> is_expected(Connection& db, const Device& giver) {
  auto q = db.query("SELECT 1 FROM devices WHERE vault = ?1 AND device = ?2 AND key = ?3",
                    giver.vault, giver.device, giver.key);
  return q.step();
}

Result<void> changed_one(Query q) {
  COFFRET_TRY(const auto rows, q.change());
  if (rows == 0) return errc::not_found;
  return {};
}

// An account of the same vault may have been erased lately: what is still to be freed of it counts
// as dropped, so that naming it again or freeing it balances.
Result<void> insert_account(Connection& db, const Account& a, const Quota& quota, Timestamp now) {
  return db
      .query(
          "INSERT INTO accounts(vault, account, root, quota_bytes, quota_objects, "
          "quota_entries, created_at, tree_day, dropped_bytes) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, "
          "?8, (SELECT coalesce(sum(total), 0) FROM blobs WHERE vault = ?1 AND dropped_at > 0))",
          a.vault, a.account, a.root, quota.bytes, quota.objects, quota.entries, to_unix(now),
          to_unix(now) / 86400)
      .run();
}

}  // namespace

Result<Account> load_account(Connection& db, const VaultId& vault) {
  auto q = db.query(COFFRET_ACCOUNT_COLUMNS " WHERE vault = ?1", vault);
  COFFRET_TRY(const bool found, q.step());
  if (!found) return errc::not_found;
  return account_of(q);
}

Result<void> add_usage(Connection& db, const VaultId& vault, std::int64_t bytes,
                       std::int64_t objects, std::int64_t dropped) {
  return db
      .query(
          "UPDATE accounts SET used_bytes = used_bytes + ?2, used_objects = used_objects + ?3, "
          "dropped_bytes = dropped_bytes + ?4 WHERE vault = ?1",
          vault, bytes, objects, dropped)
      .run();
}

Result<void> check_quota(const Account& a, std::uint64_t bytes, std::uint64_t objects) {
  // Dropping gives room back at once, but what waits to be freed may not exceed the quota again:
  // putting and dropping in turns would fill the disk.
  const auto fits = [&](std::uint64_t used, std::uint64_t limit) {
    return used <= limit && bytes <= limit - used;
  };
  if (!fits(a.used.bytes, a.quota.bytes) ||
      !fits(a.used.bytes + a.used.dropped_bytes, 2 * a.quota.bytes) ||
      a.used.objects + objects > a.quota.objects)
    return errc::over_quota;
  return {};
}

Result<void> SqliteRecords::add_invite(const Invite& invite, Timestamp) {
  return engine_->write([&](Connection& db) {
    return db
        .query(
            "INSERT INTO invites(token_hash, quota_bytes, quota_objects, quota_entries, "
            "expires_at) VALUES(?1, ?2, ?3, ?4, ?5)",
            invite.token_hash, invite.quota.bytes, invite.quota.objects, invite.quota.entries,
            invite.expires_at)
        .run();
  });
}

Result<Account> SqliteRecords::join(const Sha256& token_hash, const Account& account,
                                    const Device& first, Timestamp now,
                                    const std::optional<Device>& giver) {
  return engine_->write([&](Connection& db) -> Result<Account> {
    auto q = db.query(
        "SELECT quota_bytes, quota_objects, quota_entries, expires_at, used_by FROM invites "
        "WHERE token_hash = ?1",
        token_hash);
    COFFRET_TRY(const bool found, q.step());
    if (!found) return errc::invite_expired;
    if (const ByteView used_by = q.blob(4); !used_by.empty()) {
      if (!std::ranges::equal(used_by, account.account.bytes)) return errc::invite_expired;
      // The vault is what the certificate says: it must be the one this invite opened.
      const auto opened = load_account(db, account.vault);
      if (opened.has_error())
        return opened.error() == errc::not_found ? errc::invite_expired : to_errc(opened.error());
      if (opened->account != account.account || opened->root != account.root) return errc::conflict;
      // A repeat brings nobody new once the log goes on by itself.
      if (giver) {
        COFFRET_TRY(const bool expected, is_expected(db, *giver));
        if (!expected) return errc::conflict;
      }
      COFFRET_CHECK(insert_device(db, first));
      return opened;
    }
    if (q.integer(3) <= to_unix(now)) return errc::invite_expired;
    const Quota quota{q.number<std::uint64_t>(0), q.number<std::uint64_t>(1),
                      q.number<std::uint64_t>(2)};
    COFFRET_CHECK(insert_account(db, account, quota, now));
    COFFRET_CHECK(insert_signers(db, first, giver));
    COFFRET_CHECK(db.query("UPDATE invites SET used_by = ?2 WHERE token_hash = ?1", token_hash,
                           account.account)
                      .run());
    return load_account(db, account.vault);
  });
}

Result<Account> SqliteRecords::account(const VaultId& vault) {
  return engine_->read([&](Connection& db) { return load_account(db, vault); });
}

Result<std::vector<Account>> SqliteRecords::accounts() {
  return engine_->read([](Connection& db) -> Result<std::vector<Account>> {
    auto q = db.query(COFFRET_ACCOUNT_COLUMNS " ORDER BY created_at, vault");
    std::vector<Account> all;
    for (;;) {
      COFFRET_TRY(const bool more, q.step());
      if (!more) return all;
      all.push_back(account_of(q));
    }
  });
}

Result<void> SqliteRecords::set_quota(const VaultId& vault, const Quota& quota) {
  return engine_->write([&](Connection& db) {
    return changed_one(
        db.query("UPDATE accounts SET quota_bytes = ?2, quota_objects = ?3, "
                 "quota_entries = ?4 WHERE vault = ?1",
                 vault, quota.bytes, quota.objects, quota.entries));
  });
}

Result<void> SqliteRecords::set_suspended(const VaultId& vault, bool suspended) {
  return engine_->write([&](Connection& db) {
    return changed_one(
        db.query("UPDATE accounts SET suspended = ?2 WHERE vault = ?1", vault, suspended));
  });
}

Result<Totals> SqliteRecords::totals() {
  return engine_->read([](Connection& db) -> Result<Totals> {
    auto q = db.query(
        "SELECT count(*), coalesce(sum(used_bytes), 0), coalesce(sum(used_objects), 0), "
        "coalesce(sum(head_seq), 0), (SELECT count(*) FROM grants WHERE destroyed = 0), "
        "(SELECT count(*) FROM invites WHERE used_by = x'') FROM accounts");
    COFFRET_CHECK(q.step());
    return Totals{q.number<std::uint64_t>(0), q.number<std::uint64_t>(1),
                  q.number<std::uint64_t>(2), q.number<std::uint64_t>(3),
                  q.number<std::uint64_t>(4), q.number<std::uint64_t>(5)};
  });
}

Result<void> SqliteRecords::use_nonce(const protocol::RequestSignature& signature,
                                      Timestamp until) {
  return engine_->write([&](Connection& db) -> Result<void> {
    COFFRET_TRY(const auto rows, db.query("INSERT OR IGNORE INTO nonces VALUES(?1, ?2, ?3)",
                                          signature.key, signature.nonce, to_unix(until))
                                     .change());
    if (rows == 0) return errc::replayed;
    return {};
  });
}

}  // namespace coffret::server
