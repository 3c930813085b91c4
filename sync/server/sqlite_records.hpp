// SPDX-License-Identifier: EUPL-1.2
//
// sqlite_records.hpp: the records port on SQLite. One source file per subject: accounts, log,
// blobs, grants, access log.
#ifndef COFFRET_SYNC_SERVER_SQLITE_RECORDS_HPP
#define COFFRET_SYNC_SERVER_SQLITE_RECORDS_HPP

#include "sync/server/records.hpp"
#include "sync/server/sqlite_engine.hpp"

namespace coffret::server {

// The version of the schema that this build reads and writes; an older file is migrated first
// (migration.hpp).
inline constexpr std::int64_t schema_version = 3;

// Of the file as it lies there; 0: it is new. Writes nothing. Errors: those of sqlite.hpp.
Result<std::int64_t> records_version(const std::string& path);

class SqliteRecords final : public Records {
 public:
  explicit SqliteRecords(std::unique_ptr<SqliteEngine> engine) : engine_(std::move(engine)) {}

  Result<void> add_invite(const Invite& invite, Timestamp now) override;
  Result<Account> join(const Sha256& token_hash, const Account& account, const Device& first,
                       Timestamp now, const std::optional<Device>& giver) override;
  Result<bool> given_again(const VaultId& vault) override;
  Result<void> end_giving(const VaultId& vault) override;
  Result<Account> account(const VaultId& vault) override;
  Result<std::vector<Account>> accounts() override;
  Result<void> set_quota(const VaultId& vault, const Quota& quota) override;
  Result<void> set_suspended(const VaultId& vault, bool suspended) override;
  Result<std::vector<LinkId>> erase(const VaultId& vault) override;
  Result<Totals> totals() override;

  Result<std::vector<SigningPublicKey>> former_roots(const VaultId& vault) override;
  Result<Signatory> signatory(const SigningPublicKey& key) override;
  Result<Device> device(const VaultId& vault, const DeviceId& device) override;
  Result<Roster> roster(const VaultId& vault) override;
  Result<void> add_device(const Device& device) override;
  Result<void> remove_device(const VaultId& vault, const DeviceId& device) override;
  Result<void> use_nonce(const protocol::RequestSignature& signature, Timestamp until) override;

  Result<protocol::Head> append(const VaultId& vault, const protocol::Head& expected,
                                const std::vector<protocol::SignedEntry>& entries,
                                const SignerChanges& changes, Timestamp now, Puts puts) override;
  Result<protocol::EntryPage> entries(const VaultId& vault, std::uint64_t after, std::size_t limit,
                                      std::size_t bytes) override;

  Result<BlobRow> begin_upload(const BlobKey& key, const VaultId& vault, std::uint64_t total,
                               Timestamp now) override;
  Result<BlobRow> blob(const BlobKey& key) override;
  Result<void> uploaded(const BlobKey& key, std::uint64_t offset,
                        const std::optional<Sha256>& complete) override;
  Result<std::vector<ObjectId>> missing(const VaultId& vault,
                                        const std::vector<ObjectId>& wanted) override;
  Result<std::vector<ObjectId>> takeable(const VaultId& vault,
                                         const std::vector<PackedRow>& wanted) override;
  Result<std::vector<ObjectId>> take_pack(const VaultId& vault, const PackId& pack,
                                          const std::vector<PackedRow>& objects,
                                          Timestamp now) override;
  Result<std::vector<PackId>> packs() override;
  Result<std::vector<StaleBlob>> take_stale(Timestamp now, std::size_t limit) override;
  Result<std::optional<PackId>> forget(const BlobKey& key) override;
  Result<void> discard(const BlobKey& key) override;
  Result<BlobRow> give_up(const BlobKey& key) override;

  Result<void> publish(const protocol::Policy& policy, const protocol::SignedPolicy& body,
                       Timestamp now, const KeepHalf& keep_half) override;
  Result<GrantRow> grant(const LinkId& link) override;
  Result<LinkId> link_of(const protocol::ShlPath& path) override;
  Result<GrantRow> change(const LinkId& link, const GrantDecision& decide) override;
  Result<std::vector<GrantRow>> ended(Timestamp now, std::size_t limit) override;
  Result<void> destroyed(const LinkId& link) override;
  Result<GrantRow> confirm(const LinkId& link, std::uint32_t openings,
                           std::uint32_t wrong_passcodes, Timestamp now,
                           const KeepHalf& keep_half) override;
  Result<Reader> reader(const Sha256& token_hash) override;
  Result<Location> take_location(const Sha256& token_hash, Timestamp now) override;

  Result<AccessLog> access_log(const VaultId& vault, std::uint64_t after,
                               std::size_t limit) override;
  Result<void> close_day(Timestamp now) override;
  Result<void> begin_epoch(Timestamp backup_at, Timestamp now) override;
  Result<Restoration> restoration(const VaultId& vault) override;
  Result<std::int64_t> restored_at() override;
  Result<void> put_box(const LinkId& link, const VaultId& vault, const protocol::BoxTerms& terms,
                       Timestamp now) override;
  Result<void> close_box(const LinkId& link, const VaultId& vault, Timestamp now) override;
  Result<BoxRow> box(const LinkId& link) override;
  Result<BlobRow> begin_deposit(const DepositPlace& place, std::uint64_t total,
                                Timestamp now) override;
  Result<void> deposited(const DepositPlace& place, const Sha256& sha256) override;
  Result<protocol::DepositList> deposits(const VaultId& vault, std::size_t limit) override;
  Result<void> drop_deposit(const DepositPlace& place, const VaultId& vault) override;
  Result<void> forget_old(Timestamp now) override;
  Result<Timestamp> last_time() override;
  Result<void> note_time(Timestamp now) override;

 private:
  std::unique_ptr<SqliteEngine> engine_;
};

// Shared by the source files; all run inside the engine's transaction.
Result<Account> load_account(Connection& db, const VaultId& vault);  // not_found
Result<void> insert_device(Connection& db, const Device& device);
Result<void> change_signers(Connection& db, const Account& account, const SignerChanges& changes);
Result<void> add_usage(Connection& db, const VaultId& vault, std::int64_t bytes,
                       std::int64_t objects, std::int64_t dropped);
Result<BlobRow> load_blob(Connection& db, const BlobKey& key);  // not_found
// From a blob's columns `pack` and `start`.
std::optional<Place> place_in(const Query& q, int column);
// Whether the account takes this much more. Errors: over_quota.
Result<void> check_quota(const Account& account, std::uint64_t bytes, std::uint64_t objects);
// Appends leaves to the vault's tree, numbering them.
Result<void> append_lines(Connection& db, const VaultId& vault,
                          std::vector<protocol::AccessLine> lines);
Result<void> keep_time(Connection& db, std::int64_t time);
// Deposits of links that ended long ago are given up, and such links forgotten.
Result<void> end_old_boxes(Connection& db, std::int64_t now, std::size_t limit);
Result<protocol::CompactRange> load_tree(Connection& db, const VaultId& vault);  // not_found

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_SQLITE_RECORDS_HPP
