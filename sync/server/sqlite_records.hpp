// SPDX-License-Identifier: EUPL-1.2
//
// sqlite_records.hpp: the records port on SQLite. One source file per subject: accounts, log,
// blobs, grants, access log.
#ifndef COFFRET_SYNC_SERVER_SQLITE_RECORDS_HPP
#define COFFRET_SYNC_SERVER_SQLITE_RECORDS_HPP

#include "sync/server/records.hpp"
#include "sync/server/sqlite_engine.hpp"

namespace coffret::server {

class SqliteRecords final : public Records {
 public:
  explicit SqliteRecords(std::unique_ptr<SqliteEngine> engine) : engine_(std::move(engine)) {}

  Result<void> add_invite(const Invite& invite, Timestamp now) override;
  Result<Account> join(const Sha256& token_hash, const Account& account, const Device& first,
                       Timestamp now) override;
  Result<Account> account(const VaultId& vault) override;
  Result<std::vector<Account>> accounts() override;
  Result<void> set_quota(const VaultId& vault, const Quota& quota) override;
  Result<void> set_suspended(const VaultId& vault, bool suspended) override;
  Result<std::vector<LinkId>> erase(const VaultId& vault) override;
  Result<Totals> totals() override;

  Result<Signatory> signatory(const SigningPublicKey& key) override;
  Result<Device> device(const VaultId& vault, const DeviceId& device) override;
  Result<void> add_device(const Device& device) override;
  Result<void> remove_device(const VaultId& vault, const DeviceId& device) override;
  Result<void> use_nonce(const protocol::RequestSignature& signature, Timestamp until) override;

  Result<protocol::Head> append(const VaultId& vault, const protocol::Head& expected,
                                const std::vector<protocol::SignedEntry>& entries,
                                Timestamp now) override;
  Result<protocol::EntryPage> entries(const VaultId& vault, std::uint64_t after, std::size_t limit,
                                      std::size_t bytes) override;

  Result<BlobRow> begin_upload(const BlobKey& key, const VaultId& vault, std::uint64_t total,
                               Timestamp now) override;
  Result<BlobRow> blob(const BlobKey& key) override;
  Result<void> uploaded(const BlobKey& key, std::uint64_t offset,
                        const std::optional<Sha256>& complete) override;
  Result<std::vector<ObjectId>> missing(const VaultId& vault,
                                        const std::vector<ObjectId>& wanted) override;
  Result<std::vector<BlobKey>> take_stale(Timestamp now, std::size_t limit) override;
  Result<void> forget(const BlobKey& key) override;
  Result<void> discard(const BlobKey& key) override;

  Result<void> publish(const protocol::Policy& policy, const protocol::SignedPolicy& body,
                       Timestamp now, const KeepHalf& keep_half) override;
  Result<GrantRow> grant(const LinkId& link) override;
  Result<LinkId> link_of(const protocol::ShlPath& path) override;
  Result<GrantRow> change(const LinkId& link, const GrantDecision& decide) override;
  Result<std::vector<GrantRow>> ended(Timestamp now, std::size_t limit) override;
  Result<void> destroyed(const LinkId& link) override;
  Result<Reader> reader(const Sha256& token_hash) override;
  Result<Location> take_location(const Sha256& token_hash, Timestamp now) override;

  Result<AccessLog> access_log(const VaultId& vault, std::uint64_t after,
                               std::size_t limit) override;
  Result<void> close_day(Timestamp now) override;
  Result<void> forget_old(Timestamp now) override;
  Result<Timestamp> last_time() override;
  Result<void> note_time(Timestamp now) override;

 private:
  std::unique_ptr<SqliteEngine> engine_;
};

// Shared by the source files; all run inside the engine's transaction.
Result<Account> load_account(Connection& db, const VaultId& vault);  // not_found
Result<void> add_usage(Connection& db, const VaultId& vault, std::int64_t bytes,
                       std::int64_t objects, std::int64_t dropped);
Result<BlobRow> load_blob(Connection& db, const BlobKey& key);  // not_found
// Whether the account takes this much more. Errors: over_quota.
Result<void> check_quota(const Account& account, std::uint64_t bytes, std::uint64_t objects);
// Appends leaves to the vault's tree, numbering them.
Result<void> append_lines(Connection& db, const VaultId& vault,
                          std::vector<protocol::AccessLine> lines);
Result<void> keep_time(Connection& db, std::int64_t time);

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_SQLITE_RECORDS_HPP
