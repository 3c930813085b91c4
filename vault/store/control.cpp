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

// Of what stands in the log behind it a purge alone counts: it says by itself of what the document
// was a copy (live_entries.hpp).
Result<void> Control::fold(const Opened& opened, const DocumentRemoved& removed) {
  const auto& id = removed.document;
  const auto same = same_document_of(opened.operation);
  const bool fresh = removed_.try_emplace(id, clock_).second;
  const bool purges = !opened.entry.drops.empty() && purged_.insert(id).second;
  if (purges) copies_.erase(id);
  if ((purges || fresh) && same && same->copy == id) copies_[id] = same->kept;
  return {};
}

// What was purged is nowhere any more.
Result<void> Control::fold(const Opened&, const DocumentRestored& restored) {
  if (purged(restored.document)) return {};
  removed_.erase(restored.document);
  if (copies_.erase(restored.document) > 0) parted_.insert(restored.document);
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
  return at == assigned_.end() ? nullptr : &at->second.person;
}

std::uint64_t Control::assigned_at(const DocumentId& id) const {
  const auto at = assigned_.find(id);
  return at == assigned_.end() ? 0 : at->second.seq;
}

const DocumentId* Control::copy_of(const DocumentId& id) const {
  const auto at = copies_.find(id);
  return at == copies_.end() ? nullptr : &at->second;
}

// Whoever writes such entries keeps the one that came first; a circle that somebody wrote all the
// same ends where it began to be long.
DocumentId Control::stands_for(const DocumentId& id) const {
  constexpr int longest = 64;
  DocumentId at = id;
  for (int i = 0; i < longest; ++i) {
    const auto* kept = copy_of(at);
    if (kept == nullptr) return at;
    at = *kept;
  }
  return id;
}

bool Control::is_in(const PersonId& id, const PersonId& record) const {
  auto into = merged_.find(id);
  while (into != merged_.end() && into->second != record) into = merged_.find(into->second);
  return into != merged_.end();
}

PersonId Control::record_of(const PersonId& id) const {
  PersonId at = id;
  for (auto into = merged_.find(at); into != merged_.end(); into = merged_.find(at))
    at = into->second;
  return at;
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
Result<void> Control::fold(const Opened& opened, const DocumentAssigned& assigned) {
  if (!persons_.contains(assigned.person)) return errc::malformed;
  assigned_[assigned.document] = {assigned.person, opened.entry.seq};
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

// Two devices may merge two records crosswise: the first entry counts, and the second would make a
// circle. A record that another history named is unknown here, and merging it says nothing.
Result<void> Control::fold(const Opened&, const PersonMerged& merged) {
  if (!persons_.contains(merged.person) || !persons_.contains(merged.into)) return {};
  if (merged.into == merged.person) {
    merged_.erase(merged.person);
    return {};
  }
  if (is_in(merged.into, merged.person)) return {};
  merged_[merged.person] = merged.into;
  removed_persons_.erase(merged.into);
  return {};
}

Result<void> Control::fold(const Opened&, const PersonRemoved& removed) {
  if (persons_.contains(removed.person)) removed_persons_.insert(removed.person);
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
