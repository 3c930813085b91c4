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

#include "coffret/deposit.hpp"
#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/time.hpp"
#include "sync/protocol/access_log.hpp"
#include "sync/protocol/deposit.hpp"
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
  // Another device vouched for it, and no entry has come with it yet: it goes with that device.
  bool waiting = false;
};

// Whom other devices let in, for good, as it stands at this head.
struct Roster {
  protocol::Head head;
  std::vector<DeviceId> devices;
};

// Whose signature a key makes.
struct Signatory {
  VaultId vault;
  std::optional<DeviceId> device;  // none: the vault's root
  SigningPublicKey key;
  bool suspended = false;
};

// What an append changes in who may sign from then on.
struct SignerChanges {
  std::vector<Device> added;
  std::vector<DeviceId> removed;
  std::optional<SigningPublicKey> root;
};

enum class BlobKind : std::uint8_t { object = 0, parcel = 1, deposit = 2 };

// Names one immutable blob: an object of a vault, a file of a link, or a deposit in a box.
struct BlobKey {
  BlobKind kind = BlobKind::object;
  std::array<std::uint8_t, 16> owner{};  // vault, or link
  Bytes id;                              // 32 bytes of an object, 16 of a file or a deposit

  static BlobKey object(const VaultId& vault, const ObjectId& id) {
    return {BlobKind::object, vault.bytes, to_bytes(id.view())};
  }
  static BlobKey parcel(const LinkId& link, const FileId& id) {
    return {BlobKind::parcel, link.bytes, to_bytes(id.view())};
  }
  static BlobKey deposit(const DepositPlace& place) {
    return {BlobKind::deposit, place.link.bytes, to_bytes(place.deposit.view())};
  }
  bool operator==(const BlobKey&) const = default;
  auto operator<=>(const BlobKey&) const = default;
};

// Where an object lies that came in a pack: in a file with others, which ends with the last of
// them.
using PackId = Id<16, struct PackIdTag>;
struct Place {
  PackId pack;
  std::uint64_t start = 0;  // bytes into the file
  bool operator==(const Place&) const = default;
};

// An object of a pack that is being taken.
struct PackedRow {
  ObjectId object;
  std::uint64_t total = 0;
  std::uint64_t start = 0;  // bytes into the pack's file
};

struct BlobRow {
  BlobKey key;
  VaultId vault;
  std::uint64_t total = 0;
  std::uint64_t offset = 0;  // durable bytes so far
  bool complete = false;
  Sha256 sha256;               // of a complete parcel file or deposit; zero otherwise
  std::optional<Place> place;  // none: a file of its own
};

// What is to be freed.
struct StaleBlob {
  BlobKey key;
  std::uint64_t total = 0;
  std::optional<Place> place;
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
  bool closed = false;     // by a restoration, until its owner's device confirms it
};

// What the backup held of a vault when the server was put back to it.
struct Restoration {
  std::uint64_t epoch = 0;
  std::int64_t backup_at = 0;
  std::int64_t restored_at = 0;
  protocol::Head head;
  std::uint64_t access_size = 0;
  Sha256 access_root;
};

// Whether an object that an entry puts must be here. What a device sends again after a restoration
// may have been dropped, and erased everywhere, by an entry that follows.
enum class Puts : std::uint8_t { must_be_here, may_be_gone };

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

// Where strangers may leave deposits for a vault, and what it took so far.
struct BoxRow {
  LinkId link;
  VaultId vault;
  protocol::BoxTerms terms;
  bool closed = false;         // by its owner
  bool held = false;           // by a restoration, until its owner's device says the terms again
  bool suspended = false;      // its account is
  std::uint64_t deposits = 0;  // ever taken, and those on their way
  std::uint64_t bytes = 0;     // of these

  bool takes_deposits(std::int64_t now) const noexcept;  // it is open, whatever room it has
  // How much one more deposit may have now, in bytes. 0: the box takes none.
  std::uint64_t room(const Account& account, std::int64_t now) const noexcept;
};

struct Totals {
  std::uint64_t accounts = 0, bytes = 0, objects = 0, entries = 0, grants = 0, invites = 0;
};

class Records {
 public:
  virtual ~Records() = default;

  // Invites and accounts. join: invite_expired (unknown, used or late token), conflict (the vault,
  // root or key belongs to another). A repeat with the same root and device gives the account.
  // `giver`: who gives a log that was written elsewhere; it waits, and the account is given_again
  // until end_giving. Whoever waits by the word of nobody that is enrolled ends with it.
  virtual Result<void> add_invite(const Invite& invite, Timestamp now) = 0;
  virtual Result<Account> join(const Sha256& token_hash, const Account& account,
                               const Device& first, Timestamp now,
                               const std::optional<Device>& giver = {}) = 0;
  virtual Result<bool> given_again(const VaultId& vault) = 0;
  virtual Result<void> end_giving(const VaultId& vault) = 0;
  virtual Result<Account> account(const VaultId& vault) = 0;  // not_found
  virtual Result<std::vector<Account>> accounts() = 0;
  virtual Result<void> set_quota(const VaultId& vault, const Quota& quota) = 0;  // not_found
  virtual Result<void> set_suspended(const VaultId& vault, bool suspended) = 0;  // not_found
  // Forgets the account, its invite and all its rows; returns its links. Blobs become stale.
  // not_found
  virtual Result<std::vector<LinkId>> erase(const VaultId& vault) = 0;
  virtual Result<Totals> totals() = 0;

  // Those of earlier sheets of this vault, since its account was opened.
  virtual Result<std::vector<SigningPublicKey>> former_roots(const VaultId& vault) = 0;

  // Devices and signatures. signatory, device: not_found; signatory also device_removed and
  // recovery_replaced (the root key of an earlier sheet). A removed id or key never returns:
  // add_device: conflict; over_quota (too many were enrolled). Of those that wait for one device a
  // few are kept, the newest. remove_device takes along who waits for it. use_nonce: replayed.
  virtual Result<Signatory> signatory(const SigningPublicKey& key) = 0;
  virtual Result<Device> device(const VaultId& vault, const DeviceId& device) = 0;
  virtual Result<void> add_device(const Device& device) = 0;
  virtual Result<void> remove_device(const VaultId& vault, const DeviceId& device) = 0;
  virtual Result<void> use_nonce(const protocol::RequestSignature& signature, Timestamp until) = 0;

  // The log. `entries` were verified as a chain that follows `expected`. All or none.
  // Errors: not_found, conflict (the head is another; a changed device or root is or was
  // another's), incomplete_upload (a put is not here), over_quota (entries that only drop are
  // always taken).
  virtual Result<protocol::Head> append(const VaultId& vault, const protocol::Head& expected,
                                        const std::vector<protocol::SignedEntry>& entries,
                                        const SignerChanges& changes, Timestamp now,
                                        Puts puts = Puts::must_be_here) = 0;
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
  // Of `wanted`, those that a pack may bring: no row is in their way, and the quota has room for
  // them, counted in this order; what does not fit is left out. not_found (vault)
  virtual Result<std::vector<ObjectId>> takeable(const VaultId& vault,
                                                 const std::vector<PackedRow>& wanted) = 0;
  // Makes complete rows for objects whose bytes lie durably in the pack's file: all that may still
  // be taken. Returns those. not_found (vault)
  virtual Result<std::vector<ObjectId>> take_pack(const VaultId& vault, const PackId& pack,
                                                  const std::vector<PackedRow>& objects,
                                                  Timestamp now) = 0;
  // All packs that some row lies in.
  virtual Result<std::vector<PackId>> packs() = 0;
  // Blobs no entry or policy names any more, past their grace; each is first marked, so that no
  // upload begins under its name, then its bytes are removed, then it is forgotten. Only what is
  // marked is.
  virtual Result<std::vector<StaleBlob>> take_stale(Timestamp now, std::size_t limit) = 0;
  // Returns the pack in which it was the last.
  virtual Result<std::optional<PackId>> forget(const BlobKey& key) = 0;
  // An upload that turned out wrong; nothing when it is complete, or marked meanwhile.
  virtual Result<void> discard(const BlobKey& key) = 0;
  // A complete object whose bytes turned out gone or altered: what names it still does, and its
  // upload begins anew. Returns the row as it stands then. not_found
  virtual Result<BlobRow> give_up(const BlobKey& key) = 0;

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
  // Opens a grant that a restoration closed: the higher of the counts on both sides, and
  // `keep_half` as in publish. One that is not closed stays as it is. not_found
  virtual Result<GrantRow> confirm(const LinkId& link, std::uint32_t openings,
                                   std::uint32_t wrong_passcodes, Timestamp now,
                                   const KeepHalf& keep_half) = 0;
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

  // Restorations. begin_epoch: every grant is closed, and what the vaults' logs hold now is what
  // the backup held. restoration: not_found (the vault came later, or there was none). restored_at:
  // 0 when there was none.
  virtual Result<void> begin_epoch(Timestamp backup_at, Timestamp now) = 0;
  virtual Result<Restoration> restoration(const VaultId& vault) = 0;
  virtual Result<std::int64_t> restored_at() = 0;

  // Boxes (PROTOCOL.md §14). put_box: the same terms again are a repeat, and open a box that a
  // restoration held. Errors: not_found (another vault's link), conflict (other terms),
  // link_not_active (closed, or over). close_box: unknown and closed ones too.
  virtual Result<void> put_box(const LinkId& link, const VaultId& vault,
                               const protocol::BoxTerms& terms, Timestamp now) = 0;
  virtual Result<void> close_box(const LinkId& link, const VaultId& vault, Timestamp now) = 0;
  virtual Result<BoxRow> box(const LinkId& link) = 0;  // not_found
  // As begin_upload, counted against the box and against the account. Errors: link_not_active
  // (unknown, over, closed, held, full), conflict (another total).
  virtual Result<BlobRow> begin_deposit(const DepositPlace& place, std::uint64_t total,
                                        Timestamp now) = 0;
  // All of it is durable: from here on it waits for its owner.
  virtual Result<void> deposited(const DepositPlace& place, const Sha256& sha256) = 0;
  virtual Result<protocol::DepositList> deposits(const VaultId& vault, std::size_t limit) = 0;
  // Given up by its owner; absent ones and others' too.
  virtual Result<void> drop_deposit(const DepositPlace& place, const VaultId& vault) = 0;

  // Forgets nonces, readers, locations and invites whose time is over.
  virtual Result<void> forget_old(Timestamp now) = 0;
  // The latest time any change was made at; note_time moves it forward.
  virtual Result<Timestamp> last_time() = 0;
  virtual Result<void> note_time(Timestamp now) = 0;

  // Whom other devices let in for good, and the head at which that stands, as one state: neither
  // those of the root's nor those that wait. not_found
  virtual Result<Roster> roster(const VaultId& vault) = 0;
};

// The embedded engine: one SQLite file, made when absent.
Result<std::unique_ptr<Records>> open_sqlite_records(const std::string& path);

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_RECORDS_HPP
