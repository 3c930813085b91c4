// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/live_entries.hpp"

#include "vault/store/checkpoint.hpp"

namespace coffret::store {

void LiveEntries::take(const Opened& opened) {
  const Seq seq = opened.entry.seq;
  last_ = seq;
  if (opened.entry.time > clock_) {
    clock_ = opened.entry.time;
    clock_at_ = seq;
  }
  std::visit([&](const auto& payload) { take(seq, opened, payload); }, opened.payload);
}

void LiveEntries::take(Seq seq, const Opened&, const DocumentPut& put) {
  documents_[put.document].puts.push_back(seq);
}

// As Control::fold: the first removal stands until a restore; a purge stands for good.
void LiveEntries::take(Seq seq, const Opened& opened, const DocumentRemoved& removed) {
  auto& document = documents_[removed.document];
  if (document.removed == 0) {
    document.removed = seq;
    document.clock = clock_at_;
  }
  if (!opened.entry.drops.empty() && document.purged == 0) document.purged = seq;
}

void LiveEntries::take(Seq, const Opened&, const DocumentRestored& restored) {
  auto& document = documents_[restored.document];
  document.removed = 0;
  document.clock = 0;
}

void LiveEntries::take(Seq seq, const Opened&, const DocumentAmended& amended) {
  auto& document = documents_[amended.document];
  if (amended.title) document.title = seq;
  if (amended.date) document.date = seq;
  if (amended.kind) document.kind = seq;
  if (amended.note) document.note = seq;
}

void LiveEntries::take(Seq seq, const Opened&, const DocumentAssigned& assigned) {
  documents_[assigned.document].assigned = seq;
}

void LiveEntries::take(Seq seq, const Opened&, const GrantDecided& decided) {
  grants_[decided.grant].decided = seq;
}

void LiveEntries::take(Seq seq, const Opened&, const GrantRevoked& revoked) {
  auto& grant = grants_[revoked.grant];
  if (grant.revoked == 0) grant.revoked = seq;
}

void LiveEntries::take(Seq seq, const Opened&, const GrantAcknowledged& acknowledged) {
  auto& grant = grants_[acknowledged.grant];
  if (grant.acknowledged == 0) grant.acknowledged = seq;
}

void LiveEntries::take(Seq seq, const Opened&, const PersonIdentified& identified) {
  identities_[identified.person] = seq;
}

void LiveEntries::take(Seq seq, const Opened&, const ServerPinned&) {
  server_ = seq;
}

void LiveEntries::take(Seq seq, const Opened&, const AccessCheckpoint& checkpoint) {
  if (access_ != 0 && checkpoint.range.size < access_size_) return;
  access_ = seq;
  access_size_ = checkpoint.range.size;
}

void LiveEntries::take(Seq seq, const Opened&, const ServerRestored& restored) {
  if (restored.epoch <= server_epoch_) return;
  server_epoch_ = restored.epoch;
  access_ = 0;
  always_.push_back(seq);
}

void LiveEntries::take(Seq seq, const Opened& opened, const std::monostate&) {
  if (opened.operation.type != checkpoint_written)
    always_.push_back(seq);
  else if (announcement_of(opened).has_value())
    checkpoint_ = seq;
}

void LiveEntries::add(std::set<Seq>& to, const OfDocument& document) {
  if (document.purged != 0) {
    to.insert(document.purged);
    return;
  }
  to.insert(document.puts.begin(), document.puts.end());
  for (const Seq seq : {document.removed, document.clock, document.title, document.date,
                        document.kind, document.note, document.assigned})
    to.insert(seq);
}

std::vector<std::uint64_t> LiveEntries::seqs() const {
  std::set<Seq> live{always_.begin(), always_.end()};
  for (const auto& [id, document] : documents_) add(live, document);
  for (const auto& [id, grant] : grants_)
    for (const Seq seq : {grant.decided, grant.revoked, grant.acknowledged}) live.insert(seq);
  for (const auto& [id, seq] : identities_) live.insert(seq);
  for (const Seq seq : {server_, access_, checkpoint_, last_}) live.insert(seq);
  live.erase(0);
  return {live.begin(), live.end()};
}

}  // namespace coffret::store
