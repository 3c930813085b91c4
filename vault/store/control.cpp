// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/control.hpp"

#include <algorithm>

namespace coffret::store {

std::optional<std::int64_t> Control::removed_at(const DocumentId& id) const {
  const auto found = removed_.find(id);
  if (found == removed_.end()) return std::nullopt;
  return found->second;
}

std::vector<DocumentId> Control::removed_until(std::int64_t time) const {
  std::vector<DocumentId> ids;
  for (const auto& [id, at] : removed_)
    if (at <= time && !purged(id)) ids.push_back(id);
  return ids;
}

GrantView* Control::find(const GrantId& id) {
  const auto found = std::find_if(grants_.begin(), grants_.end(),
                                  [&](const GrantView& g) { return g.decision.grant == id; });
  return found == grants_.end() ? nullptr : &*found;
}

const std::vector<DocumentEdit>* Control::edits(const DocumentId& id) const {
  const auto at = edits_.find(id);
  return at == edits_.end() ? nullptr : &at->second;
}

Result<void> Control::fold(const Opened& opened, const DocumentPut& put) {
  // What the server was told to keep is what the operation says the document lies in.
  if (opened.entry.puts != std::vector<ObjectId>{put.locator.object}) return errc::malformed;
  count_put(opened.entry.time);
  return {};
}

Result<void> Control::fold(const Opened& opened, const DocumentRemoved& removed) {
  removed_.try_emplace(removed.document, clock_);
  if (!opened.entry.drops.empty()) purged_.insert(removed.document);
  return {};
}

// What was purged is nowhere any more.
Result<void> Control::fold(const Opened&, const DocumentRestored& restored) {
  if (!purged(restored.document)) removed_.erase(restored.document);
  return {};
}

Result<void> Control::fold(const Opened& opened, const GrantDecided& decided) {
  if (find(decided.grant) != nullptr) return errc::malformed;
  const auto epoch = opened.entry.epoch;
  grants_.push_back({.decision = decided,
                     .epoch = epoch,
                     .seq = opened.entry.seq,
                     .revoked_at = {},
                     .acknowledged_at = {},
                     .terms = terms_of(opened.operation),
                     .version = 1,
                     .half_epoch = epoch,
                     .versions = {{.version = 1,
                                   .change = GrantChange::decided,
                                   .at = decided.created_at,
                                   .expires_at = decided.expires_at,
                                   .openings = decided.openings,
                                   .documents = decided.documents}}});
  return {};
}

// The server takes each number once, and only a higher one: of two entries about one grant the
// higher number is what it applies, in whatever order the devices came to write them.
Result<void> Control::fold(const Opened& opened, const GrantPublished& published) {
  auto* grant = find(published.grant);
  if (grant == nullptr) return {};  // of a history that this one did not take in
  grant->versions.push_back({.version = published.version,
                             .change = published.change,
                             .at = published.at,
                             .expires_at = published.expires_at,
                             .openings = published.openings,
                             .documents = published.documents});
  if (published.version <= grant->version) return {};
  auto& decision = grant->decision;
  grant->version = published.version;
  grant->half_epoch = opened.entry.epoch;
  decision.documents = published.documents;
  decision.policy = published.policy;
  decision.wrapped_server_half = published.wrapped_server_half;
  decision.not_before = published.not_before;
  decision.expires_at = published.expires_at;
  decision.openings = published.openings;
  return {};
}

// The earliest revocation counts; two devices may both revoke.
Result<void> Control::fold(const Opened&, const GrantRevoked& revoked) {
  auto* grant = find(revoked.grant);
  if (grant == nullptr) return errc::malformed;
  if (!grant->revoked_at) grant->revoked_at = revoked.at;
  return {};
}

Result<void> Control::fold(const Opened&, const GrantAcknowledged& acknowledged) {
  auto* grant = find(acknowledged.grant);
  if (grant == nullptr) return errc::malformed;
  if (!grant->acknowledged_at) grant->acknowledged_at = acknowledged.at;
  return {};
}

// A paper is opened a few times and then replaced: what two devices noted both is shown once, and
// no flood of openings makes every unlock longer.
Result<void> Control::fold(const Opened&, const CardNoted& noted) {
  constexpr std::size_t most = 1000;  // openings of one card
  auto* grant = find(noted.grant);
  if (grant == nullptr) return {};  // of a history that this one did not take in
  auto& notes = grant->card;
  const bool known = std::find(notes.begin(), notes.end(), noted) != notes.end();
  if (noted.event == CardEvent::opened && (known || notes.size() >= most)) return {};
  notes.push_back(noted);
  return {};
}

Result<void> Control::fold(const Opened&, const ServerPinned& pinned) {
  server_ = pinned;
  return {};
}

// Two devices may verify the log at once; the longer one contains the shorter.
Result<void> Control::fold(const Opened&, const AccessCheckpoint& checkpoint) {
  if (!access_ || access_->range.size <= checkpoint.range.size) access_ = checkpoint;
  return {};
}

const DocumentAmended* Control::amended(const DocumentId& id) const {
  const auto at = amended_.find(id);
  return at == amended_.end() ? nullptr : &at->second;
}

const PersonId* Control::assigned(const DocumentId& id) const {
  const auto at = assigned_.find(id);
  return at == assigned_.end() ? nullptr : &at->second;
}

Result<void> Control::fold(const Opened& opened, const DocumentAmended& amended) {
  edits_[amended.document].push_back({.seq = opened.entry.seq,
                                      .device = opened.entry.device,
                                      .time = opened.entry.time,
                                      .change = amended});
  auto& so_far = amended_[amended.document];
  so_far.document = amended.document;
  const auto take = [](auto& into, const auto& from) {
    if (from) into = from;
  };
  take(so_far.title, amended.title);
  take(so_far.date, amended.date);
  take(so_far.kind, amended.kind);
  take(so_far.note, amended.note);
  return {};
}

// Only to a record that exists.
Result<void> Control::fold(const Opened&, const DocumentAssigned& assigned) {
  if (!persons_.contains(assigned.person)) return errc::malformed;
  assigned_[assigned.document] = assigned.person;
  return {};
}

Result<void> Control::fold(const Opened&, const PersonNamed& named) {
  auto& person = persons_[named.person];
  person.id = named.person;
  person.name = named.name;
  return {};
}

Result<void> Control::fold(const Opened&, const PersonIdentified& identified) {
  const auto at = persons_.find(identified.person);
  if (at == persons_.end()) return errc::malformed;
  at->second.identity = identified.identity;
  return {};
}

// Each caregiver once: the later pairing counts.
Result<void> Control::fold(const Opened&, const CaregiverPaired& paired) {
  const auto known =
      std::find_if(caregivers_.begin(), caregivers_.end(),
                   [&](const CaregiverPaired& one) { return one.caregiver == paired.caregiver; });
  if (known == caregivers_.end())
    caregivers_.push_back(paired);
  else
    *known = paired;
  return {};
}

// Two devices may both remove one.
Result<void> Control::fold(const Opened&, const CaregiverRemoved& removed) {
  std::erase_if(caregivers_,
                [&](const CaregiverPaired& one) { return one.caregiver == removed.caregiver; });
  return {};
}

Result<void> Control::fold(const Opened& opened, const DepositLinkMade& made) {
  const auto known =
      std::find_if(deposit_links_.begin(), deposit_links_.end(),
                   [&](const DepositLinkView& one) { return one.made.link == made.link; });
  if (known != deposit_links_.end()) return errc::malformed;
  deposit_links_.push_back({.made = made, .epoch = opened.entry.epoch});
  return {};
}

Result<void> Control::fold(const Opened&, const DepositLinkClosed& closed) {
  for (auto& one : deposit_links_)
    if (one.made.link == closed.link && !one.closed_at) one.closed_at = closed.at;
  return {};
}

// Two devices may both decide: the first entry counts, and of two acceptances the documents of the
// later are the same once more. What one refused and the other took in stays.
Result<void> Control::fold(const Opened& opened, const DepositSettled& settled) {
  const auto seq = opened.entry.seq;
  const auto [first, fresh] =
      settled_.try_emplace({settled.link, settled.deposit}, SettledDeposit{seq, settled.accepted});
  if (fresh || !settled.accepted) return {};
  if (first->second.accepted)
    for (const auto& document : settled.documents) doubled_.emplace_back(seq, document);
  first->second.accepted = true;
  return {};
}

// Two devices may both record a restoration; the access log of the newer one begins anew.
Result<void> Control::fold(const Opened&, const ServerRestored& restored) {
  if (restored.epoch <= server_epoch_) return {};
  server_epoch_ = restored.epoch;
  access_.reset();
  return {};
}

}  // namespace coffret::store
