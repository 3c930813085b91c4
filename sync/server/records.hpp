// SPDX-License-Identifier: EUPL-1.2
//
// records.hpp: the port for everything the server keeps that is small and must be consistent:
// accounts, invites, devices, logs, nonces, blobs' rows, grants and access logs.
//
// Rules every engine keeps (one conformance suite tests them all):
//   - a write that returned is durable; a write that failed changed nothing;
//   - each call is one transaction; writes of one vault or link happen one after the other;
//   - a repeat after a lost answer is harmless: it succeeds and changes nothing;
//   - a blob's row exists before its bytes, and outlives them (engines.md's invariant order).
// Calls block; they are made on storage threads.
// Units: bytes; times are UTC seconds.
// Errors: those named per call, and disk_full, damaged, io, in_use, stopping.
// Threads: any.
#ifndef COFFRET_SYNC_SERVER_RECORDS_HPP
#define COFFRET_SYNC_SERVER_RECORDS_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/time.hpp"
#include "sync/protocol/access_log.hpp"
#include "sync/protocol/device.hpp"
#include "sync/protocol/entry.hpp"
#include "sync/protocol/http_signature.hpp"
#include "sync/protocol/merkle.hpp"
#include "sync/protocol/policy.hpp"

namespace coffret::server {

struct Quota {
  std::uint64_t bytes = std::uint64_t{2} << 30;
  std::uint64_t objects = 200'000;
  std::uint64_t entries = 200'000;
  bool operator==(const Quota&) const = default;
};

struct Usage {
  std::uint64_t bytes = 0;  // objects, parcels and log operations; uploads count in full
  std::uint64_t objects = 0;
  std::uint64_t dropped_bytes = 0;  // given up by their owner, not yet freed
};

struct Account {
  VaultId vault;
  protocol::AccountId account;
  SigningPublicKey root;
  Quota quota;
  Usage used;
  protocol::Head head;
  bool suspended = false;
  std::int64_t created_at = 0;
};

struct Invite {
  Sha256 token_hash;
  Quota quota;
  std::int64_t expires_at = 0;
};

struct Device {
  VaultId vault;
  DeviceId device;
  SigningPublicKey key;
  protocol::SignedCertificate certificate;
  bool removed = false;
};

// Whose signature a key makes.
struct Signatory {
  VaultId vault;
  std::optional<DeviceId> device;  // none: the vault's root
  SigningPublicKey key;
  bool suspended = false;
};

enum class BlobKind : std::uint8_t { object = 0, parcel = 1 };

// Names one immutable blob: an object of a vault, or a file of a link.
struct BlobKey {
  BlobKind kind = BlobKind::object;
  std::array<std::uint8_t, 16> owner{};  // vault, or link
  Bytes id;                              // 32 bytes of an object, 16 of a parcel's file

  static BlobKey object(const VaultId& vault, const ObjectId& id) {
    return {BlobKind::object, vault.bytes, to_bytes(id.view())};
  }
  static BlobKey parcel(const LinkId& link, const FileId& id) {
    return {BlobKind::parcel, link.bytes, to_bytes(id.view())};
  }
  bool operator==(const BlobKey&) const = default;
  auto operator<=>(const BlobKey&) const = default;
};

struct BlobRow {
  BlobKey key;
  VaultId vault;
  std::uint64_t total = 0;
  std::uint64_t offset = 0;  // durable bytes so far
  bool complete = false;
  Sha256 sha256;  // of a complete parcel file; zero otherwise
};

// What openings, revocations and time change of a published grant.
struct GrantRow {
  LinkId link;
  VaultId vault;
  protocol::SignedPolicy policy;
  std::uint32_t openings_used = 0;
  std::uint32_t wrong_passcodes = 0;  // tried and wrong, or being judged right now
  std::int64_t ends_at = 0;           // when the last reader's time is over; 0: not set
  std::int64_t revoked_at = 0;        // 0: not revoked
  bool destroyed = false;             // server half and files are gone
  std::int64_t attempts_day = 0;      // days since the epoch
  std::uint32_t attempts_today = 0;
  bool suspended = false;  // its account is: closed meanwhile, and not ended
};

// Who opened a link, and until when they get it again uncounted.
struct Reader {
  Sha256 token_hash;
  LinkId link;
  std::uint32_t version = 0;
  std::int64_t until = 0;
  std::string recipient;  // as in the line that told the opening
};

// A file of an SHL under a name that works once.
struct Location {
  Sha256 token_hash;
  LinkId link;
  FileId file;
  std::int64_t until = 0;
};

// Attempts of one link and day that have a line of their own; the others are one line's count.
inline constexpr std::uint32_t lines_per_day = 20;

struct GrantChange {
  std::int64_t time = 0;                    // the server's clock, kept durably
  std::vector<protocol::AccessLine> lines;  // the engine numbers them
  std::vector<Reader> readers;
  std::vector<Location> locations;
  std::optional<Sha256> proved;  // the reader of this token proved it; a second time: conflict
};

// Judges and changes a grant's row inside the engine's transaction. `last` is the latest time any
// change was made at. May be called again if the engine must retry; must not call the engine.
using GrantDecision = std::function<Result<GrantChange>(GrantRow& row, Timestamp last)>;

struct Totals {
  std::uint64_t accounts = 0, bytes = 0, objects = 0, entries = 0, grants = 0, invites = 0;
};

class Records {
 public:
  virtual ~Records() = default;

  // Invites and accounts. join: invite_expired (unknown, used or late token), conflict (the vault,
  // root or key belongs to another). A repeat with the same root and device gives the account.
  virtual Result<void> add_invite(const Invite& invite, Timestamp now) = 0;
  virtual Result<Account> join(const Sha256& token_hash, const Account& account,
                               const Device& first, Timestamp now) = 0;
  virtual Result<Account> account(const VaultId& vault) = 0;  // not_found
  virtual Result<std::vector<Account>> accounts() = 0;
  virtual Result<void> set_quota(const VaultId& vault, const Quota& quota) = 0;  // not_found
  virtual Result<void> set_suspended(const VaultId& vault, bool suspended) = 0;  // not_found
  // Forgets the account, its invite and all its rows; returns its links. Blobs become stale.
  // not_found
  virtual Result<std::vector<LinkId>> erase(const VaultId& vault) = 0;
  virtual Result<Totals> totals() = 0;

  // Devices and signatures. signatory, device: not_found. A removed id or key never returns:
  // add_device: conflict. use_nonce: replayed.
  virtual Result<Signatory> signatory(const SigningPublicKey& key) = 0;
  virtual Result<Device> device(const VaultId& vault, const DeviceId& device) = 0;
  virtual Result<void> add_device(const Device& device) = 0;
  virtual Result<void> remove_device(const VaultId& vault, const DeviceId& device) = 0;
  virtual Result<void> use_nonce(const protocol::RequestSignature& signature, Timestamp until) = 0;

  // The log. `entries` were verified as a chain that follows `expected`. All or none.
  // Errors: not_found, conflict (the head is another), incomplete_upload (a put is not here),
  // over_quota (entries that only drop are always taken).
  virtual Result<protocol::Head> append(const VaultId& vault, const protocol::Head& expected,
                                        const std::vector<protocol::SignedEntry>& entries,
                                        Timestamp now) = 0;
  // At most `limit` entries and about `bytes` bytes, at least one if there is one. not_found
  virtual Result<protocol::EntryPage> entries(const VaultId& vault, std::uint64_t after,
                                              std::size_t limit, std::size_t bytes) = 0;

  // Blobs. begin_upload gives the row as it stands (complete or not), or makes it, counting
  // `total` against the quota. Errors: not_found (vault; or another vault's), over_quota, conflict
  // (another total, or being removed).
  virtual Result<BlobRow> begin_upload(const BlobKey& key, const VaultId& vault,
                                       std::uint64_t total, Timestamp now) = 0;
  virtual Result<BlobRow> blob(const BlobKey& key) = 0;  // not_found
  virtual Result<void> uploaded(const BlobKey& key, std::uint64_t offset,
                                const std::optional<Sha256>& complete) = 0;  // not_found
  virtual Result<std::vector<ObjectId>> missing(const VaultId& vault,
                                                const std::vector<ObjectId>& wanted) = 0;
  // Blobs no entry or policy names any more, past their grace; each is first marked, so that no
  // upload begins under its name, then its bytes are removed, then it is forgotten. Only what is
  // marked is.
  virtual Result<std::vector<BlobKey>> take_stale(Timestamp now, std::size_t limit) = 0;
  virtual Result<void> forget(const BlobKey& key) = 0;
  // An upload that turned out wrong; nothing when it is complete, or marked meanwhile.
  virtual Result<void> discard(const BlobKey& key) = 0;

  // Grants. publish stores or replaces by a higher version. The row's files must be complete and
  // of the stated size and hash: incomplete_upload. Errors: not_found (another vault's link),
  // conflict (this version with other bytes, or a lower one), link_not_active (ended).
  // `keep_half` is called once all of that was judged and only the commit is left; not for a
  // repeat. Its error undoes the rest. If it was called and publish fails, the half is the caller's
  // to destroy. It must not call the engine.
  using KeepHalf = std::function<Result<void>()>;
  virtual Result<void> publish(const protocol::Policy& policy, const protocol::SignedPolicy& body,
                               Timestamp now, const KeepHalf& keep_half) = 0;
  virtual Result<GrantRow> grant(const LinkId& link) = 0;             // not_found
  virtual Result<LinkId> link_of(const protocol::ShlPath& path) = 0;  // not_found
  virtual Result<GrantRow> change(const LinkId& link, const GrantDecision& decide) = 0;
  virtual Result<std::vector<GrantRow>> ended(Timestamp now, std::size_t limit) = 0;
  virtual Result<void> destroyed(const LinkId& link) = 0;
  virtual Result<Reader> reader(const Sha256& token_hash) = 0;  // not_found
  // Gives the location once. not_found
  virtual Result<Location> take_location(const Sha256& token_hash, Timestamp now) = 0;

  // The access log. lines: from leaf `after`, with the tree that covers all leaves. not_found
  struct AccessLog {
    std::vector<Bytes> lines;
    protocol::CompactRange tree;
  };
  virtual Result<AccessLog> access_log(const VaultId& vault, std::uint64_t after,
                                       std::size_t limit) = 0;
  // Counts held back become lines once their day is over, and every vault whose tree did not grow
  // today gets a daily head.
  virtual Result<void> close_day(Timestamp now) = 0;

  // Forgets nonces, readers, locations and invites whose time is over.
  virtual Result<void> forget_old(Timestamp now) = 0;
  // The latest time any change was made at; note_time moves it forward.
  virtual Result<Timestamp> last_time() = 0;
  virtual Result<void> note_time(Timestamp now) = 0;
};

// The embedded engine: one SQLite file, made when absent.
Result<std::unique_ptr<Records>> open_sqlite_records(const std::string& path);

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_RECORDS_HPP
