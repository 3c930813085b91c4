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

Result<void> changed_one(Query q) {
  COFFRET_TRY(const auto rows, q.change());
  if (rows == 0) return errc::not_found;
  return {};
}

Device device_of(const Query& q) {
  Device d;
  q.read(0, d.key);
  q.read(1, d.vault);
  q.read(2, d.device);
  d.certificate.body = to_bytes(q.blob(3));
  q.read(4, d.certificate.signature);
  d.removed = q.integer(5) != 0;
  return d;
}

// A device row is never replaced: the same certificate again is a repeat, anything else a conflict.
Result<void> insert_device(Connection& db, const Device& d) {
  auto q = db.query(
      "SELECT key, vault, device, body, signature, removed FROM devices "
      "WHERE key = ?1 OR (vault = ?2 AND device = ?3)",
      d.key, d.vault, d.device);
  COFFRET_TRY(const bool found, q.step());
  if (found) {
    const Device kept = device_of(q);
    const bool repeat = kept.key == d.key && kept.vault == d.vault && kept.device == d.device;
    return repeat && !kept.removed ? Result<void>{} : Result<void>{errc::conflict};
  }
  return db
      .query("INSERT INTO devices(key, vault, device, body, signature) VALUES(?1, ?2, ?3, ?4, ?5)",
             d.key, d.vault, d.device, d.certificate.body, d.certificate.signature)
      .run();
}

Result<void> insert_account(Connection& db, const Account& a, const Quota& quota, Timestamp now) {
  return db
      .query(
          "INSERT INTO accounts(vault, account, root, quota_bytes, quota_objects, "
          "quota_entries, created_at, tree_day) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
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
                                    const Device& first, Timestamp now) {
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
      COFFRET_CHECK(insert_device(db, first));
      return opened;
    }
    if (q.integer(3) <= to_unix(now)) return errc::invite_expired;
    const Quota quota{q.number<std::uint64_t>(0), q.number<std::uint64_t>(1),
                      q.number<std::uint64_t>(2)};
    COFFRET_CHECK(insert_account(db, account, quota, now));
    COFFRET_CHECK(insert_device(db, first));
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
    }
    COFFRET_CHECK(db.query("DELETE FROM grants WHERE vault = ?1", vault).run());
    COFFRET_CHECK(db.query("DELETE FROM entries WHERE vault = ?1", vault).run());
    COFFRET_CHECK(db.query("DELETE FROM access_lines WHERE vault = ?1", vault).run());
    COFFRET_CHECK(
        db.query("DELETE FROM nonces WHERE key = ?2 OR key IN (SELECT key FROM devices WHERE "
                 "vault = ?1)",
                 vault, account.root)
            .run());
    COFFRET_CHECK(db.query("DELETE FROM devices WHERE vault = ?1", vault).run());
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

Result<Signatory> SqliteRecords::signatory(const SigningPublicKey& key) {
  return engine_->read([&](Connection& db) -> Result<Signatory> {
    auto q = db.query(
        "SELECT vault, device, suspended FROM devices JOIN accounts USING(vault) "
        "WHERE key = ?1 AND removed = 0 "
        "UNION ALL SELECT vault, x'', suspended FROM accounts WHERE root = ?1",
        key);
    COFFRET_TRY(const bool found, q.step());
    if (!found) return errc::not_found;
    Signatory s;
    s.key = key;
    q.read(0, s.vault);
    if (!q.blob(1).empty()) q.read(1, s.device.emplace());
    s.suspended = q.integer(2) != 0;
    return s;
  });
}

Result<Device> SqliteRecords::device(const VaultId& vault, const DeviceId& device) {
  return engine_->read([&](Connection& db) -> Result<Device> {
    auto q = db.query(
        "SELECT key, vault, device, body, signature, removed FROM devices "
        "WHERE vault = ?1 AND device = ?2",
        vault, device);
    COFFRET_TRY(const bool found, q.step());
    if (!found) return errc::not_found;
    return device_of(q);
  });
}

Result<void> SqliteRecords::add_device(const Device& device) {
  return engine_->write([&](Connection& db) -> Result<void> {
    COFFRET_CHECK(load_account(db, device.vault));
    return insert_device(db, device);
  });
}

Result<void> SqliteRecords::remove_device(const VaultId& vault, const DeviceId& device) {
  return engine_->write([&](Connection& db) {
    return changed_one(
        db.query("UPDATE devices SET removed = 1 WHERE vault = ?1 AND device = ?2", vault, device));
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
