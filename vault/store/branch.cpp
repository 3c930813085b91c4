// SPDX-License-Identifier: EUPL-1.2
//
// One history in the place of another, and what only the other held taken in behind it.
//
// The rules are the cautious ones: a document is kept that either history holds; what one removed,
// revoked or ended stays so, a device that one removed too; an edit is made again. What belongs to
// one history alone (its server's acknowledgements, its pins, its checkpoints, its notes of
// restorations and mergers, its epochs that nobody was removed with) is not taken over.
#include <algorithm>
#include <map>
#include <utility>

#include "vault/store/checkpoints.hpp"
#include "vault/store/follower.hpp"
#include "vault/store/left_branch.hpp"
#include "vault/store/state.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::store {
namespace {

class Following {
 public:
  Following(Vault::State& state, Act& act, std::vector<Own>& own,
            const std::set<ObjectId>& unavailable)
      : state_(state), act_(act), own_(own), unavailable_(unavailable), follower_(state) {
    for (auto& one : own_)
      if (one.row) rows_.emplace(std::get<DocumentPut>(one.opened.payload).document, &one);
  }

  Result<void> take(const protocol::SignedEntry& entry) {
    const auto opened = act_.take(entry);
    if (opened.has_error())
      return opened.error() == errc::conflict ? error_code{errc::fork_detected} : opened.error();
    if (opened->entry.device == state_.owner.device && !left_once(entry))
      return errc::device_cloned;
    acts_.insert(protocol::operation_hash(entry.operation));
    if (const auto* merged = std::get_if<BranchMerged>(&opened->payload)) cover(*merged);
    if (const auto* put = std::get_if<DocumentPut>(&opened->payload)) {
      const auto known = rows_.find(put->document);
      if (known != rows_.end() && known->second->row->object == put->locator.object) {
        // Here already, with its body: the same document under another number.
        COFFRET_CHECK(state_.documents.set_seq(known->second->row->row, opened->entry.seq));
        known->second->row.reset();
        rows_.erase(known);
        return {};
      }
    }
    return follower_.take(*opened);
  }

  // What made this device a signer comes first: all that follows is signed by it.
  // Errors: denied (the history followed does not know it, and only another device vouches for it).
  Result<void> carry_enrolment(Followed& told) {
    for (auto& one : own_)
      if (!is_enrolled(state_.owner.device) && enrols(one.opened.payload, state_.owner.device) &&
          fate_of(one) == Fate::carried)
        COFFRET_CHECK(carry(one, told));
    return is_enrolled(state_.owner.device) ? Result<void>{} : Result<void>{errc::denied};
  }

  Result<void> carry(Own& one, Followed& told) {
    const bool has_row = one.row.has_value();
    // Of who may sign, whoever took this history in could say only a part again.
    const bool covered = one.opened.entry.seq <= covered_ && !is_about_signers(one.opened.payload);
    if (!has_row && (covered || std::holds_alternative<DocumentPut>(one.opened.payload))) return {};
    // The very same sealed operation, which a vault restored from a backup may have sent.
    if (!has_row && acts_.contains(protocol::operation_hash(one.entry.operation))) return {};
    const Fate fate = fate_of(one);
    if (fate == Fate::nothing_new) return {};
    if (fate == Fate::left_out) {
      told.left_out.push_back({.seq = one.opened.entry.seq,
                               .time = one.opened.entry.time,
                               .device = one.opened.entry.device,
                               .type = one.opened.operation.type,
                               .title = {}});
      if (const auto* put = std::get_if<DocumentPut>(&one.opened.payload))
        told.left_out.back().title =
            put->entry.title.empty() ? put->entry.file_name : put->entry.title;
      return has_row ? forget(*one.row) : Result<void>{};
    }
    COFFRET_TRY(const auto again, act_.renew(one.entry));
    ++told.carried;
    if (has_row) return state_.documents.set_seq(one.row->row, again.entry.seq);
    return follower_.take(again);
  }

  Result<void> finish() { return follower_.finish(act_.folded()); }

 private:
  enum class Fate : std::uint8_t { carried, nothing_new, left_out };

  // Which entries here a merger that is written there already took in.
  void cover(const BranchMerged& merged) {
    for (const auto& one : own_)
      if (one.opened.entry.seq == merged.branch.seq && one.hash == merged.branch.hash)
        covered_ = std::max(covered_, merged.branch.seq);
  }

  // Written here once, in a history that was left: no copy of this device wrote it.
  bool left_once(const protocol::SignedEntry& entry) {
    if (!former_) former_ = entries_left(state_);
    return former_->contains(protocol::entry_hash(entry.body));
  }
  bool is_enrolled(const DeviceId& id) const {
    const auto& devices = act_.folded().devices();
    const auto found = devices.find(id);
    return found != devices.end() && !found->second.removed;
  }
  static bool is_about_signers(const Payload& payload) {
    return std::holds_alternative<DeviceAdded>(payload) ||
           std::holds_alternative<DeviceRemoved>(payload) ||
           std::holds_alternative<RecoveryReplaced>(payload);
  }
  static bool enrols(const Payload& payload, const DeviceId& id) {
    const protocol::SignedCertificate* certificate = nullptr;
    if (const auto* added = std::get_if<DeviceAdded>(&payload)) certificate = &added->certificate;
    if (const auto* removed = std::get_if<DeviceRemoved>(&payload); removed && removed->replacement)
      certificate = &removed->replacement->certificate;
    if (certificate == nullptr) return false;
    const auto stated = wire::decode<protocol::DeviceCertificate>(certificate->body);
    return stated.has_value() && stated->device == id;
  }

  Fate fate_of(const Own& one) const {
    return std::visit([&](const auto& payload) { return fate(one, payload); }, one.opened.payload);
  }
  static Fate when(bool is_new) { return is_new ? Fate::carried : Fate::nothing_new; }
  bool has_grant(const GrantId& id, bool revoked) const {
    const auto& grants = act_.folded().grants();
    return std::any_of(grants.begin(), grants.end(), [&](const GrantView& grant) {
      return grant.decision.grant == id && (!revoked || grant.revoked_at);
    });
  }

  Fate fate(const Own&, const DocumentPut& put) const {
    return unavailable_.contains(put.locator.object) ? Fate::left_out : Fate::carried;
  }
  // What was erased here for good is erased, whatever the other history says of it.
  Fate fate(const Own& one, const DocumentRemoved& removed) const {
    return when(one.opened.entry.drops.empty() ? !act_.folded().removed_at(removed.document)
                                               : !act_.folded().purged(removed.document));
  }
  Fate fate(const Own&, const DocumentRestored& restored) const {
    return when(act_.folded().removed_at(restored.document).has_value());
  }
  Fate fate(const Own&, const DocumentAmended&) const { return Fate::carried; }
  Fate fate(const Own&, const DocumentAssigned& assigned) const {
    return act_.folded().persons().contains(assigned.person) ? Fate::carried : Fate::left_out;
  }
  Fate fate(const Own&, const PersonNamed&) const { return Fate::carried; }
  Fate fate(const Own&, const PersonIdentified& identified) const {
    return when(act_.folded().persons().contains(identified.person));
  }
  Fate fate(const Own&, const GrantDecided& decided) const {
    return when(!has_grant(decided.grant, false));
  }
  Fate fate(const Own&, const GrantPublished& published) const {
    const auto& grants = act_.folded().grants();
    return when(std::any_of(grants.begin(), grants.end(), [&](const GrantView& grant) {
      return grant.decision.grant == published.grant && grant.version < published.version;
    }));
  }
  Fate fate(const Own&, const GrantRevoked& revoked) const {
    return when(has_grant(revoked.grant, false) && !has_grant(revoked.grant, true));
  }
  // A device that another one invited is only vouched for by that one: it is invited again. So is
  // one of a sheet that the history followed does not know.
  Fate fate(const Own&, const DeviceAdded& added) const {
    const auto stated = wire::decode<protocol::DeviceCertificate>(added.certificate.body);
    if (stated.has_error()) return Fate::left_out;
    const auto& folded = act_.folded();
    if (folded.devices().contains(stated->device)) return Fate::nothing_new;
    const bool good =
        stated->issuer == protocol::Issuer::root
            ? protocol::verify_certificate(added.certificate, folded.root()).has_value()
            : stated->issuer_device == state_.owner.device;
    return good ? Fate::carried : Fate::left_out;
  }
  Fate fate(const Own&, const DeviceRemoved& removed) const {
    return when(is_enrolled(removed.device));
  }
  // Its certificate is the word of the device that made the new sheet, and of no other.
  Fate fate(const Own&, const RecoveryReplaced& replaced) const {
    const auto& folded = act_.folded();
    if (folded.root() == replaced.root || folded.was_root(replaced.root)) return Fate::nothing_new;
    const auto stated = wire::decode<protocol::DeviceCertificate>(replaced.certificate.body);
    const bool ours = stated.has_value() && stated->device == state_.owner.device;
    return ours ? Fate::carried : Fate::left_out;
  }
  Fate fate(const Own&, const Genesis&) const { return Fate::nothing_new; }
  Fate fate(const Own&, const EpochStarted&) const { return Fate::nothing_new; }
  Fate fate(const Own&, const GrantAcknowledged&) const { return Fate::nothing_new; }
  Fate fate(const Own&, const ServerPinned&) const { return Fate::nothing_new; }
  Fate fate(const Own&, const AccessCheckpoint&) const { return Fate::nothing_new; }
  Fate fate(const Own&, const ServerRestored&) const { return Fate::nothing_new; }
  Fate fate(const Own&, const BranchMerged&) const { return Fate::nothing_new; }
  Fate fate(const Own&, const CaregiverPaired&) const { return Fate::carried; }
  Fate fate(const Own&, const CaregiverRemoved&) const { return Fate::carried; }
  Fate fate(const Own&, const DepositLinkMade& made) const {
    const auto& links = act_.folded().deposit_links();
    return when(std::none_of(links.begin(), links.end(), [&](const DepositLinkView& one) {
      return one.made.link == made.link;
    }));
  }
  Fate fate(const Own&, const DepositLinkClosed&) const { return Fate::carried; }
  Fate fate(const Own&, const DepositSettled&) const { return Fate::carried; }
  Fate fate(const Own&, const CardNoted&) const { return Fate::carried; }
  Fate fate(const Own& one, const std::monostate&) const {
    return when(!announces_checkpoint(one.opened));
  }

  Result<void> forget(const DocumentRow& row) {
    COFFRET_CHECK(state_.search.remove(row.row));
    COFFRET_CHECK(state_.facts.remove(row.row));
    return state_.documents.remove(row.row);
  }

  Vault::State& state_;
  Act& act_;
  std::vector<Own>& own_;
  const std::set<ObjectId>& unavailable_;
  Follower follower_;
  std::map<DocumentId, Own*> rows_;
  std::uint64_t covered_ = 0;
  std::set<ObjectId> acts_;                    // sealed operations of the history followed
  std::optional<std::set<EntryHash>> former_;  // entries of histories that were left
};

}  // namespace

Result<Followed> WaysOut::follow(const protocol::Head& base,
                                 std::span<const protocol::SignedEntry> theirs,
                                 const std::set<ObjectId>& unavailable) {
  auto& state = *vault_->state_;
  COFFRET_CHECK(state.require_behind(base.seq));
  COFFRET_TRY(const auto there, state.log.hash_at(base.seq));
  if (there != base.hash) return errc::fork_detected;
  Followed told;
  COFFRET_TRY(auto own, own_since(state, base));
  COFFRET_TRY(told.evidence, keep_left(state, base, own));

  COFFRET_TRY(auto act, Act::begin(state));
  COFFRET_CHECK(act.rewind(base));
  Following following{state, act, own, unavailable};
  for (const auto& entry : theirs) {
    const auto taken = following.take(entry);
    if (taken.has_error() && taken.error() == errc::device_cloned) state.retire();
    COFFRET_CHECK(taken);
    ++told.taken;
  }
  const protocol::Head shown = act.head();
  COFFRET_CHECK(following.carry_enrolment(told));
  for (auto& one : own) COFFRET_CHECK(following.carry(one, told));
  // Others who know this history know it as far as its server acknowledged it.
  if (state.server.seq > base.seq) {
    BranchMerged merged{.base = base,
                        .branch = state.server,
                        .carried = told.carried,
                        .left_out = told.left_out.size(),
                        .at = state.now()};
    auto operation = make_operation(merged);
    operation.ignorable = true;
    COFFRET_TRY([[maybe_unused]] const auto opened, act.append(operation));
  }
  COFFRET_CHECK(following.finish());

  // Until the log here is the other one, the server's is known as far as both agree.
  const auto before = std::exchange(state.server, base);
  const auto committed = act.commit(shown);
  if (!act.committed()) state.server = before;
  COFFRET_CHECK(committed);
  COFFRET_CHECK(state.finish_erasing());
  return told;
}

}  // namespace coffret::store
