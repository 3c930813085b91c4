// SPDX-License-Identifier: EUPL-1.2
//
// Which documents a list shows: versions, and filters, without opening entries.
#include <algorithm>
#include <limits>
#include <set>

#include "vault/store/state.hpp"

namespace coffret::store {
namespace {

bool asks_the_entry(const DocumentFilter& filter) {
  return !filter.kind.empty() || !filter.category.empty() || !filter.since.empty() ||
         !filter.until.empty();
}

std::string key_of(const CodedValue& type, const std::string& category) {
  std::string key;
  for (const auto* part : {&type.code, &type.system, &type.display, &category})
    key.append(*part).push_back('\0');
  return key;
}

}  // namespace

// As the fold has it: a document may have been given to another person, or taken away.
Result<Relative> Vault::State::relative(DocumentRow& row) const {
  COFFRET_TRY(const auto id, DocumentId::parse(row.name));
  auto& lineage = row.lineage;
  if (const auto* person = control.assigned(id)) {
    lineage.person = *person;
    lineage.quarantined = false;
  }
  lineage.person = control.record_of(lineage.person);
  return Relative{.row = row.row,
                  .id = id,
                  .seq = row.seq,
                  .removed = control.removed_at(id).has_value(),
                  .lineage = std::move(lineage)};
}

void Vault::State::stand(const Relative& one) {
  standings_[one.row] = {one.id, one.lineage.person, one.removed, one.lineage.quarantined};
  ties_.add(one);
  last_counted_ = std::max(last_counted_, one.row);
}

// What came since, where nothing but documents came and none of them is a version of another.
Result<bool> Vault::State::count_on() {
  if (!versions_ || counted_folds_ != folds) return false;
  COFFRET_TRY(auto rows, documents.after(last_counted_, std::numeric_limits<std::int64_t>::max()));
  for (auto& row : rows) {
    COFFRET_TRY(const auto one, relative(row));
    if (ties_.bind(one)) return false;
    stand(one);
  }
  return true;
}

Result<const Versions*> Vault::State::versions() {
  if (versions_ && versions_at_ == head && counted_folds_ == folds) return &*versions_;
  COFFRET_TRY(const bool counted, count_on());
  if (!counted) {
    COFFRET_TRY(auto rows, documents.current());
    std::vector<Relative> relatives;
    relatives.reserve(rows.size());
    standings_.clear();
    ties_ = {};
    last_counted_ = 0;
    for (auto& row : rows) {
      COFFRET_TRY(auto one, relative(row));
      stand(one);
      relatives.push_back(std::move(one));
    }
    versions_.emplace(std::move(relatives));
    counted_folds_ = folds;
  }
  versions_at_ = head;
  return &*versions_;
}

Result<bool> Vault::State::holds_documents(const PersonId& person) {
  COFFRET_TRY([[maybe_unused]] const auto* known, versions());
  return std::any_of(standings_.begin(), standings_.end(), [&](const auto& one) {
    return !one.second.removed && one.second.person == person;
  });
}

bool Vault::State::may_list(std::int64_t row, const DocumentFilter& filter) const {
  const auto at = standings_.find(row);
  if (at == standings_.end()) return false;
  const auto& standing = at->second;
  if (standing.removed != filter.removed) return false;
  if (filter.person && standing.person != *filter.person) return false;
  if (standing.removed) return true;
  return standing.quarantined == filter.quarantined &&
         (filter.superseded || !versions_->replaced_by(row));
}

// As the person changed it, where they did.
bool Vault::State::sorted_as_asked(std::int64_t row, const DocumentFilter& filter) const {
  const auto at = sortings_.find(row);
  if (at == sortings_.end()) return false;
  const auto& [id, sort, date] = at->second;
  const auto& [type, category] = *sort;
  const auto* amended = control.amended(id);
  return matches(filter, amended != nullptr && amended->kind ? *amended->kind : type, category,
                 amended != nullptr && amended->date ? *amended->date : date);
}

// Opens the entries that were never looked at. What an entry says stays, and a row that has been
// given to another document has another identifier.
Result<void> Vault::State::sort_all() {
  if (sorted_at_ == head) return {};
  std::set<std::int64_t> rows;  // in the order in which they lie
  for (const auto& [row, standing] : standings_) {
    const auto known = sortings_.find(row);
    if (known == sortings_.end() || known->second.id != standing.id) rows.insert(row);
  }
  for (const auto row : rows) {
    COFFRET_TRY(const auto at, documents.at(row));
    if (at.place == Place::purged) continue;
    COFFRET_TRY(const auto document, stored(at));
    const auto& entry = document.put().entry;
    const std::string key = key_of(entry.type, entry.category);
    const auto sort = sorts_.try_emplace(key, entry.type, entry.category).first;
    sortings_[row] = {.id = document.put().document,
                      .sort = &sort->second,
                      .date = entry.date.substr(0, compared_date)};
  }
  sorted_at_ = head;
  return {};
}

Result<Ranking::Wanted> Vault::State::lister(const DocumentFilter& filter) {
  COFFRET_TRY([[maybe_unused]] const auto* known, versions());
  if (!asks_the_entry(filter))
    return Ranking::Wanted{[this, &filter](std::int64_t row) { return may_list(row, filter); }};
  COFFRET_CHECK(sort_all());
  return Ranking::Wanted{[this, &filter](std::int64_t row) {
    return may_list(row, filter) && sorted_as_asked(row, filter);
  }};
}

}  // namespace coffret::store
