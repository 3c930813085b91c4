// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/copies.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "vault/store/follower.hpp"
#include "vault/store/state.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::store {
namespace {

constexpr std::size_t most_apart = 100'000;  // pairs remembered

// The numbers of the entries whose change of a field counts; 0: it was never changed.
struct ChangedAt {
  std::uint64_t title = 0;
  std::uint64_t date = 0;
  std::uint64_t kind = 0;
  std::uint64_t note = 0;
};

ChangedAt changed_at(const Control& control, const DocumentId& id) {
  ChangedAt at;
  const auto* edits = control.edits(id);
  if (edits == nullptr) return at;
  for (const auto& [seq, device, time, change] : *edits) {
    if (change.title) at.title = seq;
    if (change.date) at.date = seq;
    if (change.kind) at.kind = seq;
    if (change.note) at.note = seq;
  }
  return at;
}

// Of two notes neither is lost; one that holds the other says it all.
std::string both(const std::string& earlier, const std::string& later) {
  if (earlier.find(later) != std::string::npos) return earlier;
  if (later.find(earlier) != std::string::npos) return later;
  const auto joined = earlier + "\n\n" + later;
  return joined.size() <= max_words ? joined : later;
}

// What of the changes to the copy is to be made to the one kept.
DocumentAmended carried(const Control& control, const Copies::Pair& pair) {
  DocumentAmended change;
  change.document = pair.kept;
  const auto* of_copy = control.amended(pair.copy);
  if (of_copy == nullptr) return change;
  const auto* of_kept = control.amended(pair.kept);
  const auto copy = changed_at(control, pair.copy);
  const auto kept = changed_at(control, pair.kept);
  if (copy.title > kept.title) change.title = of_copy->title;
  if (copy.date > kept.date) change.date = of_copy->date;
  if (copy.kind > kept.kind) change.kind = of_copy->kind;
  if (copy.note == 0) return change;
  const auto& theirs = *of_copy->note;
  const auto ours = kept.note == 0 ? std::string{} : *of_kept->note;
  const auto note = copy.note > kept.note ? both(ours, theirs) : both(theirs, ours);
  if (note != ours) change.note = note;
  return change;
}

// Into whose record the one kept goes: out of quarantine where the copy was accepted, and where the
// person filed the copy later.
std::optional<PersonId> refiled(const Control& control, const DocumentView& kept,
                                const DocumentView& copy) {
  if (kept.quarantined && !copy.quarantined) return copy.filed;
  if (control.assigned_at(copy.id) > control.assigned_at(kept.id) && copy.filed != kept.filed)
    return copy.filed;
  return std::nullopt;
}

}  // namespace

Copies::Copies(Vault& vault) noexcept : state_(&WaysOut::state_of(vault)) {}

bool Copies::looked() const noexcept {
  const auto& state = *state_;
  return state.gap || state.read_only || state.retired || state.copies_looked_at == state.server;
}

void Copies::done() noexcept {
  state_->copies_looked_at = state_->server;
}

Result<std::vector<Copies::Pair>> Copies::of_same_bytes() const {
  std::vector<Pair> pairs;
  COFFRET_TRY(const auto rows, state_->documents.of_same_bytes());
  const DocumentRow* kept = nullptr;
  for (const auto& row : rows) {  // by what they hold, then as they came
    COFFRET_TRY(const auto id, DocumentId::parse(row.name));
    if (row.seq > state_->server.seq || state_->control.removed_at(id)) continue;
    if (kept == nullptr || kept->sha256 != row.sha256) {
      kept = &row;
      continue;
    }
    COFFRET_TRY(const auto first, DocumentId::parse(kept->name));
    const bool here = kept->place == Place::row || kept->place == Place::file;
    if (here && first != id && !apart({first, id})) pairs.push_back({first, id});
  }
  return pairs;
}

Result<std::vector<std::vector<DocumentId>>> Copies::of_same_id() const {
  using Key = std::pair<std::string, std::string>;
  std::map<Key, std::vector<DocumentId>> by_id;
  COFFRET_TRY(const auto rows, state_->documents.of_same_unique_id(most_namesakes));
  for (const auto& row : rows) {
    COFFRET_TRY(const auto id, DocumentId::parse(row.name));
    if (row.seq > state_->server.seq || state_->control.removed_at(id)) continue;
    const auto& own = row.lineage.unique_id;
    auto& list = by_id[{own.value, own.system}];
    if (std::find(list.begin(), list.end(), id) == list.end()) list.push_back(id);
  }
  std::vector<std::vector<DocumentId>> lists;
  for (auto& [key, list] : by_id)
    if (list.size() > 1) lists.push_back(std::move(list));
  return lists;
}

bool Copies::apart(const Pair& pair) const {
  return state_->control.parted(pair.kept) || state_->control.parted(pair.copy) ||
         state_->no_copies.contains({pair.kept, pair.copy});
}

void Copies::found_apart(const Pair& pair) {
  if (state_->no_copies.size() < most_apart) state_->no_copies.emplace(pair.kept, pair.copy);
}

Result<void> Copies::join(const Pair& pair, Sameness sameness) {
  auto& state = *state_;
  COFFRET_CHECK(state.require_behind(0));
  COFFRET_TRY(const auto kept_row, state.documents.by_prefix(pair.kept.text()));
  COFFRET_TRY(const auto copy_row, state.documents.by_prefix(pair.copy.text()));
  if (state.control.stands_for(pair.copy) == pair.kept) return {};
  COFFRET_TRY(const auto kept, state.view(kept_row));
  COFFRET_TRY(const auto copy, state.view(copy_row));
  if (kept.removed_at || copy.removed_at || kept_row.seq >= copy_row.seq ||
      copy_row.seq > state.server.seq)
    return errc::conflict;
  if (sameness == Sameness::bytes && kept.sha256 != copy.sha256) return errc::conflict;

  COFFRET_TRY(auto act, Act::begin(state));
  const SameDocument same{.kept = pair.kept, .copy = pair.copy};
  const auto change = carried(state.control, pair);
  if (change.title || change.date || change.kind || change.note) {
    COFFRET_TRY([[maybe_unused]] const auto made, act.append(make_operation(change, same)));
    COFFRET_CHECK(index_title(state, act.folded(), pair.kept));
  }
  if (const auto person = refiled(state.control, kept, copy)) {
    const DocumentAssigned assigned{.document = pair.kept, .person = *person};
    COFFRET_TRY([[maybe_unused]] const auto made, act.append(make_operation(assigned, same)));
  }
  std::vector<ObjectId> drops;
  if (sameness == Sameness::bytes) drops.push_back(copy_row.object);
  COFFRET_TRY([[maybe_unused]] const auto removed,
              act.append(make_operation(DocumentRemoved{pair.copy}, same), {}, std::move(drops)));
  if (sameness == Sameness::bytes) COFFRET_CHECK(state.erase(copy_row));
  COFFRET_CHECK(act.commit());
  return state.finish_erasing();
}

}  // namespace coffret::store
