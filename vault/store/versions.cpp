// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/versions.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <queue>
#include <string_view>
#include <tuple>

#include "coffret/time.hpp"

namespace coffret::store {
namespace {

// Sets that grow together: each element points towards the one that stands for its set.
class Union {
 public:
  explicit Union(std::size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t find(std::size_t at) {
    while (parent_[at] != at) at = parent_[at] = parent_[parent_[at]];
    return at;
  }
  void join(std::size_t a, std::size_t b) { parent_[find(a)] = find(b); }

 private:
  std::vector<std::size_t> parent_;
};

// The same words of two persons are two keys: nobody's document replaces another's.
std::string key(const PersonId& person, std::string_view value, std::string_view system) {
  std::string text{as_text(person.view())};
  text.append(value).push_back('\0');
  return text.append(system);
}

std::size_t hash(const std::string& text) {
  return std::hash<std::string>{}(text);
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

// A date and time with an offset ("2020-03-12T11:17:00+01:00") in UTC, so that two of them compare
// as text; everything else as it is.
std::string in_utc(const std::string& date) {
  constexpr std::size_t local = 19;  // characters of date and time
  if (date.size() != local + 6 || date[local + 3] != ':') return date;
  const auto time = from_rfc3339(date.substr(0, local) + "Z");
  const auto hours = number_of(std::string_view{date}.substr(local + 1, 2));
  const auto minutes = number_of(std::string_view{date}.substr(local + 4, 2));
  if (time.has_error() || !hours || !minutes || *hours > 23 || *minutes > 59) return date;
  const Seconds offset{static_cast<std::int64_t>(*hours * 3600 + *minutes * 60)};
  return to_rfc3339(date[local] == '-' ? *time + offset : *time - offset);
}

using Rank = std::tuple<std::uint64_t, std::string, std::uint64_t>;  // greater is newer

std::vector<Rank> ranks(const std::vector<const Relative*>& members) {
  const bool numbered = std::all_of(members.begin(), members.end(), [](const Relative* member) {
    return number_of(member->lineage.version_number).has_value();
  });
  std::vector<Rank> ranks;
  ranks.reserve(members.size());
  for (const auto* member : members)
    ranks.emplace_back(numbered ? *number_of(member->lineage.version_number) : 0,
                       in_utc(member->lineage.date), member->seq);
  return ranks;
}

using Edges = std::vector<std::vector<std::size_t>>;

// For each member, those that it replaces by name.
Edges replaced(const std::vector<const Relative*>& members) {
  std::unordered_map<std::string, std::vector<std::size_t>> by_id;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto& own = members[i]->lineage.unique_id;
    if (!own.value.empty()) by_id[key({}, own.value, own.system)].push_back(i);
  }
  Edges edges(members.size());
  for (std::size_t i = 0; i < members.size(); ++i)
    for (const auto& target : members[i]->lineage.replaces) {
      const auto found = by_id.find(key({}, target.value, target.system));
      if (found == by_id.end()) continue;
      for (const std::size_t older : found->second)
        if (older != i) edges[i].push_back(older);
    }
  return edges;
}

// Newest first: always the newest by rank of those that nothing left replaces. Where documents
// replace each other in a circle, the newest by rank opens it.
std::vector<std::size_t> order(const std::vector<const Relative*>& members) {
  const auto rank = ranks(members);
  const auto edges = replaced(members);
  std::vector<std::size_t> waiting(members.size());  // how many of those left replace it
  for (const auto& targets : edges)
    for (const std::size_t older : targets) ++waiting[older];
  const auto below = [&](std::size_t a, std::size_t b) { return rank[a] < rank[b]; };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(below)> free{below};
  std::vector<std::size_t> by_rank(members.size());
  std::iota(by_rank.begin(), by_rank.end(), std::size_t{0});
  std::sort(by_rank.begin(), by_rank.end(), below);
  for (const std::size_t i : by_rank)
    if (waiting[i] == 0) free.push(i);

  std::vector<std::size_t> sorted;
  std::vector<bool> done(members.size());
  while (sorted.size() < members.size()) {
    while (free.empty()) {
      if (!done[by_rank.back()]) free.push(by_rank.back());
      by_rank.pop_back();
    }
    const std::size_t next = free.top();
    free.pop();
    if (done[next]) continue;
    done[next] = true;
    sorted.push_back(next);
    for (const std::size_t older : edges[next])
      if (--waiting[older] == 0) free.push(older);
  }
  return sorted;
}

}  // namespace

Lineage lineage_of(const PersonId& person, const DocumentPut& put) {
  Lineage lineage{.person = person,
                  .quarantined = put.quarantined,
                  .unique_id = put.entry.unique_id,
                  .set_id = put.entry.set_id,
                  .version_number = put.entry.version_number,
                  .date = put.entry.date,
                  .replaces = {}};
  for (const auto& relation : put.entry.relations)
    if (relation.kind == RelationKind::replaces && !relation.target.value.empty())
      lineage.replaces.push_back(relation.target);
  return lineage;
}

bool Ties::bind(const Relative& document) const {
  const auto& lineage = document.lineage;
  const auto known = [&](const auto& hashes, std::string_view value, std::string_view system) {
    return hashes.contains(hash(key(lineage.person, value, system)));
  };
  if (documents_.contains(hash(document.id.text()))) return true;
  if (lineage.quarantined) return false;
  const auto& own = lineage.unique_id;
  return (!own.value.empty() && known(replaced_, own.value, own.system)) ||
         (!lineage.set_id.empty() && known(sets_, lineage.set_id, {})) ||
         std::any_of(lineage.replaces.begin(), lineage.replaces.end(), [&](const auto& target) {
           return known(ids_, target.value, target.system) || target == own;
         });
}

void Ties::add(const Relative& document) {
  const auto& lineage = document.lineage;
  documents_.insert(hash(document.id.text()));
  if (lineage.quarantined) return;
  const auto& own = lineage.unique_id;
  if (!own.value.empty()) ids_.insert(hash(key(lineage.person, own.value, own.system)));
  if (!lineage.set_id.empty()) sets_.insert(hash(key(lineage.person, lineage.set_id, {})));
  for (const auto& target : lineage.replaces)
    replaced_.insert(hash(key(lineage.person, target.value, target.system)));
}

Versions::Versions(std::vector<Relative> documents) {
  std::erase_if(documents, [](const Relative& one) { return one.lineage.quarantined; });
  Union sets{documents.size()};
  // One id in two documents alone makes no versions: there is software that gives all its documents
  // the same one.
  std::unordered_map<std::string, std::vector<std::size_t>> by_id;
  std::unordered_map<std::string, std::size_t> by_set;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const auto& lineage = documents[i].lineage;
    const auto& own = lineage.unique_id;
    if (!own.value.empty()) by_id[key(lineage.person, own.value, own.system)].push_back(i);
    if (!lineage.set_id.empty())
      sets.join(by_set.try_emplace(key(lineage.person, lineage.set_id, {}), i).first->second, i);
  }
  for (std::size_t i = 0; i < documents.size(); ++i)
    for (const auto& target : documents[i].lineage.replaces) {
      const auto found = by_id.find(key(documents[i].lineage.person, target.value, target.system));
      if (found == by_id.end()) continue;
      for (const std::size_t older : found->second) sets.join(older, i);
    }
  std::unordered_map<std::size_t, std::vector<const Relative*>> members;
  for (std::size_t i = 0; i < documents.size(); ++i) members[sets.find(i)].push_back(&documents[i]);
  for (const auto& [root, group] : members)
    if (group.size() > 1) add(group);
}

void Versions::add(const std::vector<const Relative*>& members) {
  Group group;
  for (const std::size_t i : order(members)) {
    const auto& member = *members[i];
    group.rows.push_back(member.row);
    group_of_[member.row] = groups_.size();
    if (group.newest != 0 || member.removed) continue;
    group.newest = member.row;
    group.id = member.id;
  }
  groups_.push_back(std::move(group));
}

std::optional<DocumentId> Versions::replaced_by(std::int64_t row) const {
  const auto found = group_of_.find(row);
  if (found == group_of_.end()) return std::nullopt;
  const auto& group = groups_[found->second];
  if (group.newest == 0 || group.newest == row) return std::nullopt;
  return group.id;
}

const std::vector<std::int64_t>& Versions::of(std::int64_t row) const {
  static const std::vector<std::int64_t> none;
  const auto found = group_of_.find(row);
  return found == group_of_.end() ? none : groups_[found->second].rows;
}

}  // namespace coffret::store
