// SPDX-License-Identifier: EUPL-1.2
//
// control.hpp: the fold of everything in the log but the documents themselves: who the vault
// belongs to, which devices may sign, what was removed, which grants stand, which server is pinned.
//
// A value: folded afresh from the chained entries at every unlock, never read from a table.
// Errors of admit and apply: unauthenticated (no enrolled device signed this, or a certificate does
// not verify), conflict (does not extend the head), malformed, other_version; device_removed and
// recovery_replaced (a verified entry starts an epoch whose key is not for us).
#ifndef COFFRET_VAULT_STORE_CONTROL_HPP
#define COFFRET_VAULT_STORE_CONTROL_HPP

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "coffret/error.hpp"
#include "vault/store/keyring.hpp"
#include "vault/store/views.hpp"

namespace coffret::store {

class Control {
 public:
  // Judges the next entry after `head`: chained, signed by a device that is enrolled at that point
  // (or that enrols itself: with the root's certificate, or with that of the device it replaces),
  // and opened. The key of a new epoch joins the ring when all of that holds, and not before.
  Result<Opened> admit(const protocol::SignedEntry& entry, const protocol::Head& head,
                       Keyring& keyring) const;
  // Folds an admitted entry in.
  Result<void> apply(const Opened& opened);

  const Genesis& genesis() const noexcept { return genesis_; }
  std::uint32_t epoch() const noexcept { return epoch_; }
  const SigningPublicKey& root() const noexcept { return root_; }            // of the latest sheet
  const AgreementPublicKey& recovery() const noexcept { return recovery_; }  // of the latest sheet
  // Whether an earlier sheet was this root's.
  bool was_root(const SigningPublicKey& root) const;
  const std::map<DeviceId, DeviceView>& devices() const noexcept { return devices_; }
  const std::vector<GrantView>& grants() const noexcept { return grants_; }
  const std::optional<ServerPinned>& server() const noexcept { return server_; }
  const std::optional<AccessCheckpoint>& access() const noexcept { return access_; }
  const std::vector<CaregiverPaired>& caregivers() const noexcept { return caregivers_; }
  const std::vector<DepositLinkView>& deposit_links() const noexcept { return deposit_links_; }
  const std::map<DepositPlace, SettledDeposit>& settled() const noexcept { return settled_; }
  // Documents that were taken in from a deposit which had been accepted before, with the number of
  // the entry that says so: another device was first.
  const std::vector<std::pair<std::uint64_t, DocumentId>>& doubled() const noexcept {
    return doubled_;
  }
  std::uint64_t server_epoch() const noexcept { return server_epoch_; }  // of the newest note
  // Number of the newest entry that announces a checkpoint; 0: none.
  std::uint64_t checkpoint() const noexcept { return checkpoint_; }
  // By the log's own clock: the latest time that any entry up to the removal bears. A device whose
  // clock is behind cannot make a removal older than what the log already holds.
  std::optional<std::int64_t> removed_at(const DocumentId& id) const;
  // For good: its object was dropped.
  bool purged(const DocumentId& id) const { return purged_.contains(id); }
  // Removed at this time or before, and not purged.
  std::vector<DocumentId> removed_until(std::int64_t time) const;
  // What the person changed in it, all amendments in one. Null: nothing.
  const DocumentAmended* amended(const DocumentId& id) const;
  // The same one by one, in the log's order. Null: none.
  const std::vector<DocumentEdit>* edits(const DocumentId& id) const;
  // Whose record it was assigned to. Null: never assigned, the put's own person holds.
  const PersonId* assigned(const DocumentId& id) const;
  const std::map<PersonId, PersonView>& persons() const noexcept { return persons_; }
  std::uint64_t puts() const noexcept { return puts_; }
  // A put that needs no folding, and the time its entry bears.
  void count_put(std::int64_t time) noexcept {
    ++puts_;
    clock_ = std::max(clock_, time);
  }

 private:
  Result<SigningPublicKey> own_key(const Opened& opened) const;
  Result<void> judge_epoch(const Opened& opened) const;
  Result<void> enrol(const Opened& opened, const DeviceAdded& added, const DeviceView* voucher);
  Result<void> fold(const Opened& opened, const Genesis& genesis);
  Result<void> fold(const Opened& opened, const EpochStarted& started);
  Result<void> fold(const Opened& opened, const DeviceAdded& added);
  Result<void> fold(const Opened& opened, const DeviceRemoved& removed);
  Result<void> fold(const Opened& opened, const RecoveryReplaced& replaced);
  Result<void> fold(const Opened& opened, const DocumentPut& put);
  Result<void> fold(const Opened& opened, const DocumentRemoved& removed);
  Result<void> fold(const Opened& opened, const DocumentRestored& restored);
  Result<void> fold(const Opened& opened, const GrantDecided& decided);
  Result<void> fold(const Opened& opened, const GrantPublished& published);
  Result<void> fold(const Opened& opened, const GrantRevoked& revoked);
  Result<void> fold(const Opened& opened, const GrantAcknowledged& acknowledged);
  Result<void> fold(const Opened& opened, const ServerPinned& pinned);
  Result<void> fold(const Opened& opened, const AccessCheckpoint& checkpoint);
  Result<void> fold(const Opened& opened, const DocumentAmended& amended);
  Result<void> fold(const Opened& opened, const DocumentAssigned& assigned);
  Result<void> fold(const Opened& opened, const PersonNamed& named);
  Result<void> fold(const Opened& opened, const PersonIdentified& identified);
  Result<void> fold(const Opened& opened, const ServerRestored& restored);
  Result<void> fold(const Opened& opened, const CaregiverPaired& paired);
  Result<void> fold(const Opened& opened, const CaregiverRemoved& removed);
  Result<void> fold(const Opened& opened, const DepositLinkMade& made);
  Result<void> fold(const Opened& opened, const DepositLinkClosed& closed);
  Result<void> fold(const Opened& opened, const DepositSettled& settled);
  Result<void> fold(const Opened& opened, const CardNoted& noted);
  Result<void> fold(const Opened&, const BranchMerged&) { return {}; }
  Result<void> fold(const Opened& opened, const std::monostate&) {
    if (opened.operation.type == checkpoint_written) checkpoint_ = opened.entry.seq;
    return {};
  }
  // The enrolled device of this identifier. Null: none, or removed.
  const DeviceView* enrolled(const DeviceId& id) const;
  GrantView* find(const GrantId& id);

  Genesis genesis_;
  bool begun_ = false;
  std::uint32_t epoch_ = 1;
  SigningPublicKey root_;
  AgreementPublicKey recovery_;
  std::vector<SigningPublicKey> former_roots_;
  std::map<DeviceId, DeviceView> devices_;
  std::int64_t clock_ = 0;  // the latest time of an entry so far
  std::map<DocumentId, std::int64_t> removed_;
  std::set<DocumentId> purged_;
  std::map<DocumentId, DocumentAmended> amended_;
  std::map<DocumentId, std::vector<DocumentEdit>> edits_;
  std::map<DocumentId, PersonId> assigned_;
  std::map<PersonId, PersonView> persons_;  // the owner's too, under the zero identifier
  std::vector<GrantView> grants_;
  std::vector<CaregiverPaired> caregivers_;     // in the order they were first paired
  std::vector<DepositLinkView> deposit_links_;  // oldest first
  std::map<DepositPlace, SettledDeposit> settled_;
  std::vector<std::pair<std::uint64_t, DocumentId>> doubled_;
  std::optional<ServerPinned> server_;
  std::optional<AccessCheckpoint> access_;
  std::uint64_t server_epoch_ = 0;
  std::uint64_t checkpoint_ = 0;
  std::uint64_t puts_ = 0;  // document versions the log holds
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_CONTROL_HPP
