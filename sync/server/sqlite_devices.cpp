// SPDX-License-Identifier: EUPL-1.2
//
// Devices of the records port. `removed` of a row is 0 for one that is enrolled, and see below.
#include "sync/server/sqlite_records.hpp"

namespace coffret::server {
namespace {

constexpr std::int64_t removed_state = 1;
// Vouched for by another device outside the log. A program of before counts it as removed.
constexpr std::int64_t waiting_state = 2;
constexpr std::int64_t max_devices = 1000;      // of a vault, with those that were removed
constexpr std::size_t max_waiting_for_one = 4;  // a change of keys that failed leaves one

#define COFFRET_DEVICE_COLUMNS "SELECT key, vault, device, body, signature, removed FROM devices "

Device device_of(const Query& q) {
  Device d;
  q.read(0, d.key);
  q.read(1, d.vault);
  q.read(2, d.device);
  d.certificate.body = to_bytes(q.blob(3));
  q.read(4, d.certificate.signature);
  d.removed = q.integer(5) == removed_state;
  d.waiting = q.integer(5) == waiting_state;
  return d;
}

// Why a key signs no more, or that it never did.
errc who_signed_before(Connection& db, const SigningPublicKey& key) {
  auto q = db.query(
      "SELECT 1 FROM devices WHERE key = ?1 UNION ALL "
      "SELECT 2 FROM former_roots WHERE root = ?1",
      key);
  const auto found = q.step();
  if (found.has_error()) return to_errc(found.error());
  if (!*found) return errc::not_found;
  return q.integer(0) == 1 ? errc::device_removed : errc::recovery_replaced;
}

// Who waits at this vault, the oldest first. A handful: see admit_waiting.
Result<std::vector<Device>> waiting(Connection& db, const VaultId& vault) {
  std::vector<Device> all;
  auto q = db.query(COFFRET_DEVICE_COLUMNS "WHERE vault = ?1 AND removed = ?2 ORDER BY rowid",
                    vault, waiting_state);
  for (;;) {
    COFFRET_TRY(const bool more, q.step());
    if (!more) return all;
    all.push_back(device_of(q));
  }
}

DeviceId issuer_of(const Device& device) {
  const auto stated = protocol::decode_certificate(device.certificate.body);
  return stated.has_value() ? stated->issuer_device : DeviceId{};
}

// Room for one more that waits: the oldest of the same issuer goes, which no entry ever came with.
Result<void> admit_waiting(Connection& db, const Device& device) {
  COFFRET_TRY(const auto there, waiting(db, device.vault));
  std::vector<SigningPublicKey> same;
  for (const Device& other : there)
    if (issuer_of(other) == issuer_of(device)) same.push_back(other.key);
  if (same.size() < max_waiting_for_one) return {};
  return db.query("DELETE FROM devices WHERE key = ?1", same.front()).run();
}

Result<void> check_room(Connection& db, const VaultId& vault) {
  auto q = db.query("SELECT count(*) FROM devices WHERE vault = ?1", vault);
  COFFRET_TRY(const bool found, q.step());
  return !found || q.integer(0) < max_devices ? Result<void>{} : Result<void>{errc::over_quota};
}

// With whoever waits for it, and for those: a device that is taken away leaves nobody behind.
// Errors: not_found (it never was here).
Result<void> withdraw(Connection& db, const VaultId& vault, const DeviceId& device) {
  COFFRET_TRY(const auto there, waiting(db, vault));
  std::vector<DeviceId> leaving{device};
  for (std::size_t at = 0; at < leaving.size(); ++at) {
    COFFRET_TRY(const auto rows, db.query("UPDATE devices SET removed = ?3 WHERE vault = ?1 AND "
                                          "device = ?2",
                                          vault, leaving[at], removed_state)
                                     .change());
    if (rows == 0) return errc::not_found;
    const DeviceId gone = leaving[at];
    for (const Device& other : there)
      if (issuer_of(other) == gone && other.device != device) leaving.push_back(other.device);
  }
  return {};
}

// Whether an enrolled device's key signed the certificate of one that waits. A name in it alone
// says nothing: whoever opened an account for a log brought their certificate unverified.
Result<bool> is_vouched(Connection& db, const Device& device) {
  auto q = db.query("SELECT key FROM devices WHERE vault = ?1 AND device = ?2 AND removed = 0",
                    device.vault, issuer_of(device));
  COFFRET_TRY(const bool found, q.step());
  if (!found) return false;
  SigningPublicKey issuer;
  q.read(0, issuer);
  return protocol::verify_certificate(device.certificate, issuer).has_value();
}

}  // namespace

// A device row is never replaced: the same certificate again is a repeat, anything else a conflict.
// One that waited is enrolled when an entry comes with it.
Result<void> insert_device(Connection& db, const Device& d) {
  {
    auto q = db.query(COFFRET_DEVICE_COLUMNS "WHERE key = ?1 OR (vault = ?2 AND device = ?3)",
                      d.key, d.vault, d.device);
    COFFRET_TRY(const bool found, q.step());
    if (found) {
      const Device kept = device_of(q);
      const bool repeat = kept.key == d.key && kept.vault == d.vault && kept.device == d.device;
      if (!repeat || kept.removed) return errc::conflict;
      if (!kept.waiting || d.waiting) return {};
      return db.query("UPDATE devices SET removed = 0 WHERE key = ?1", d.key).run();
    }
  }
  COFFRET_CHECK(check_room(db, d.vault));
  if (d.waiting) COFFRET_CHECK(admit_waiting(db, d));
  return db
      .query(
          "INSERT INTO devices(key, vault, device, body, signature, removed) "
          "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
          d.key, d.vault, d.device, d.certificate.body, d.certificate.signature,
          d.waiting ? waiting_state : 0)
      .run();
}

Result<void> change_signers(Connection& db, const Account& account, const SignerChanges& changes) {
  for (const Device& device : changes.added) COFFRET_CHECK(insert_device(db, device));
  for (const DeviceId& device : changes.removed) COFFRET_CHECK(withdraw(db, account.vault, device));
  if (!changes.root || *changes.root == account.root) return {};
  {
    auto q = db.query(
        "SELECT 1 FROM former_roots WHERE root = ?1 UNION ALL SELECT 1 FROM accounts WHERE root = "
        "?1",
        *changes.root);
    COFFRET_TRY(const bool taken, q.step());
    if (taken) return errc::conflict;
  }
  COFFRET_CHECK(
      db.query("INSERT INTO former_roots(root, vault) VALUES(?1, ?2)", account.root, account.vault)
          .run());
  return db.query("UPDATE accounts SET root = ?2 WHERE vault = ?1", account.vault, *changes.root)
      .run();
}

Result<Signatory> SqliteRecords::signatory(const SigningPublicKey& key) {
  return engine_->read([&](Connection& db) -> Result<Signatory> {
    auto q = db.query(
        "SELECT vault, device, suspended FROM devices JOIN accounts USING(vault) "
        "WHERE key = ?1 AND removed <> 1 "
        "UNION ALL SELECT vault, x'', suspended FROM accounts WHERE root = ?1",
        key);
    COFFRET_TRY(const bool found, q.step());
    if (!found) return who_signed_before(db, key);
    Signatory s;
    s.key = key;
    q.read(0, s.vault);
    if (!q.blob(1).empty()) q.read(1, s.device.emplace());
    s.suspended = q.integer(2) != 0;
    return s;
  });
}

Result<std::vector<SigningPublicKey>> SqliteRecords::former_roots(const VaultId& vault) {
  return engine_->read([&](Connection& db) -> Result<std::vector<SigningPublicKey>> {
    std::vector<SigningPublicKey> all;
    auto q = db.query("SELECT root FROM former_roots WHERE vault = ?1", vault);
    for (;;) {
      COFFRET_TRY(const bool more, q.step());
      if (!more) return all;
      q.read(0, all.emplace_back());
    }
  });
}

Result<Device> SqliteRecords::device(const VaultId& vault, const DeviceId& device) {
  return engine_->read([&](Connection& db) -> Result<Device> {
    auto q = db.query(COFFRET_DEVICE_COLUMNS "WHERE vault = ?1 AND device = ?2", vault, device);
    COFFRET_TRY(const bool found, q.step());
    if (!found) return errc::not_found;
    return device_of(q);
  });
}

// One statement, and so one state: an append changes head and devices together.
Result<Roster> SqliteRecords::roster(const VaultId& vault) {
  return engine_->read([&](Connection& db) -> Result<Roster> {
    auto q = db.query(
        "SELECT key, vault, device, body, signature, removed, head_seq, head_hash "
        "FROM accounts LEFT JOIN devices USING(vault) WHERE vault = ?1",
        vault);
    Roster roster;
    bool any = false;
    for (;;) {
      COFFRET_TRY(const bool more, q.step());
      if (!more) break;
      any = true;
      roster.head.seq = q.number<std::uint64_t>(6);
      q.read(7, roster.head.hash);
      const Device device = device_of(q);
      if (!device.removed && !device.waiting && !issuer_of(device).is_zero())
        roster.devices.push_back(device.device);
    }
    return any ? Result<Roster>{std::move(roster)} : Result<Roster>{errc::not_found};
  });
}

Result<bool> SqliteRecords::given_again(const VaultId& vault) {
  return engine_->read([&](Connection& db) {
    return db.query("SELECT 1 FROM given_again WHERE vault = ?1", vault).step();
  });
}

// In the order in which they came: whom somebody vouched for that goes here goes too.
Result<void> SqliteRecords::end_giving(const VaultId& vault) {
  return engine_->write([&](Connection& db) -> Result<void> {
    COFFRET_TRY(const auto there, waiting(db, vault));
    for (const Device& device : there) {
      COFFRET_TRY(const bool vouched, is_vouched(db, device));
      if (!vouched) COFFRET_CHECK(db.query("DELETE FROM devices WHERE key = ?1", device.key).run());
    }
    return db.query("DELETE FROM given_again WHERE vault = ?1", vault).run();
  });
}

Result<void> SqliteRecords::add_device(const Device& device) {
  return engine_->write([&](Connection& db) -> Result<void> {
    COFFRET_CHECK(load_account(db, device.vault));
    return insert_device(db, device);
  });
}

Result<void> SqliteRecords::remove_device(const VaultId& vault, const DeviceId& device) {
  return engine_->write([&](Connection& db) { return withdraw(db, vault, device); });
}

}  // namespace coffret::server
