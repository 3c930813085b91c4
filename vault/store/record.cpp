// SPDX-License-Identifier: EUPL-1.2
//
// The record that documents make: versions, what they state, whose they are, and what the person
// changed in how they are listed.
#include <algorithm>
#include <map>

#include "vault/store/follower.hpp"
#include "vault/store/state.hpp"

namespace coffret::store {
namespace {

// Newest first, undated last; then in the document's own order, which a stable sort keeps.
bool newer(const FactView& a, const FactView& b) {
  return a.fact.date > b.fact.date;
}

}  // namespace

Result<std::vector<DocumentView>> Vault::find_by_unique_id(const Identifier& id) const {
  std::vector<DocumentView> found;
  COFFRET_TRY(const auto rows, state_->documents.by_unique_id(id.value));
  for (const auto& row : rows) {
    if (row.lineage.unique_id != id) continue;
    COFFRET_TRY(auto view, state_->view(row));
    if (!view.removed_at) found.push_back(std::move(view));
  }
  return found;
}

Result<std::vector<DocumentView>> Vault::versions(const DocumentId& id) const {
  COFFRET_TRY(const auto own, state_->find(id));
  COFFRET_TRY(const auto* known, state_->versions());
  std::vector<DocumentView> views;
  for (const auto number : known->of(own.row)) {
    COFFRET_TRY(const auto row, state_->documents.at(number));
    COFFRET_TRY(auto view, state_->view(row));
    if (!view.removed_at || view.id == id) views.push_back(std::move(view));
  }
  if (views.empty()) {
    COFFRET_TRY(auto alone, state_->view(own));
    views.push_back(std::move(alone));
  }
  std::reverse(views.begin(), views.end());
  return views;
}

Result<void> Vault::amend(const DocumentAmended& amendment) {
  COFFRET_TRY([[maybe_unused]] const auto row, state_->find(amendment.document));
  if (!amendment.title && !amendment.date && !amendment.kind && !amendment.note) return {};
  auto change = amendment;
  change.document = state_->standing(amendment.document);
  COFFRET_TRY(auto act, Act::begin(*state_));
  COFFRET_TRY([[maybe_unused]] const auto opened, act.append(make_operation(change)));
  COFFRET_CHECK(index_title(*state_, act.folded(), change.document));
  return act.commit();
}

Result<void> Vault::assign(const DocumentId& id, const PersonId& person) {
  COFFRET_TRY(const auto row, state_->find(id));
  if (!state_->control.persons().contains(person)) return errc::not_found;
  COFFRET_TRY(const auto view, state_->view(row));
  if (!view.quarantined && view.person == person) return {};
  COFFRET_TRY([[maybe_unused]] const auto head,
              append(make_operation(DocumentAssigned{.document = view.id, .person = person})));
  return {};
}

Result<std::vector<FactView>> Vault::facts(const FactFilter& filter) const {
  const DocumentFilter dates{.since = filter.since, .until = filter.until};
  std::vector<FactView> views;
  COFFRET_TRY(auto rows, state_->facts.find(filter.kind, filter.code));
  std::optional<DocumentView> document;  // of the row at hand: rows come document by document
  std::int64_t at = 0;
  for (auto& [row, fact] : rows) {
    if (!within_dates(dates, fact.date)) continue;
    if (!document || at != row) {
      COFFRET_TRY(const auto found, state_->documents.at(row));
      COFFRET_TRY(document, state_->view(found));
      at = row;
    }
    if (!matches({.person = filter.person}, *document)) continue;
    const auto& entry = document->entry;
    views.push_back({.fact = std::move(fact),
                     .document = document->id,
                     .document_title = entry.title.empty() ? entry.file_name : entry.title,
                     .document_date = entry.date,
                     .person = document->person});
  }
  std::stable_sort(views.begin(), views.end(), newer);
  return views;
}

std::vector<PersonView> Vault::persons() const {
  std::vector<PersonView> persons;
  const auto& control = state_->control;
  for (const auto& [id, view] : control.persons()) {
    if (control.merged().contains(id)) continue;
    // One that something is in after all is shown again: nothing may lie where nobody looks.
    if (control.removed(id)) {
      const auto holds = state_->holds_documents(id);
      if (holds.has_value() && !*holds) continue;
    }
    persons.push_back(view);
  }
  std::sort(persons.begin(), persons.end(), [](const PersonView& a, const PersonView& b) {
    if (a.id.is_zero() != b.id.is_zero()) return a.id.is_zero();
    return a.name != b.name ? a.name < b.name : a.id < b.id;
  });
  return persons;
}

Result<PersonId> Vault::add_person(const std::string& name) {
  if (name.empty() || name.size() > limits::short_text) return errc::malformed;
  for (const auto& view : persons())
    if (view.name == name) return errc::conflict;
  const auto person = state_->env.random.make<PersonId>();
  COFFRET_TRY([[maybe_unused]] const auto head,
              append(make_operation(PersonNamed{.person = person, .name = name})));
  return person;
}

std::vector<MergedPerson> Vault::merged_persons() const {
  std::vector<MergedPerson> merged;
  for (const auto& [id, into] : state_->control.merged())
    merged.push_back({state_->control.persons().at(id), into});
  return merged;
}

std::optional<PersonView> Vault::person(const PersonId& id) const {
  const auto& persons = state_->control.persons();
  const auto found = persons.find(id);
  return found == persons.end() ? std::nullopt : std::optional{found->second};
}

PersonId Vault::record_of(const PersonId& person) const {
  return state_->control.record_of(person);
}

Result<void> Vault::merge_person(const PersonId& person, const PersonId& into) {
  const auto& control = state_->control;
  if (!control.persons().contains(person) || !control.persons().contains(into))
    return errc::not_found;
  if (person.is_zero()) return errc::denied;
  const auto now = control.merged().find(person);
  if (person == into ? now == control.merged().end()
                     : now != control.merged().end() && now->second == into)
    return {};
  if (person != into && control.is_in(into, person)) return errc::conflict;
  auto operation = make_operation(PersonMerged{.person = person, .into = into});
  operation.ignorable = true;
  COFFRET_TRY([[maybe_unused]] const auto head, append(operation));
  return {};
}

Result<void> Vault::remove_person(const PersonId& person) {
  if (!state_->control.persons().contains(person)) return errc::not_found;
  if (person.is_zero()) return errc::denied;
  COFFRET_TRY(const bool holds, state_->holds_documents(person));
  if (holds) return errc::conflict;
  if (state_->control.removed(person)) return {};
  auto operation = make_operation(PersonRemoved{.person = person});
  operation.ignorable = true;
  COFFRET_TRY([[maybe_unused]] const auto head, append(operation));
  return {};
}

Result<void> Vault::identify(const PersonId& person, const PatientIdentity& identity) {
  const auto known = state_->control.persons().find(person);
  if (known == state_->control.persons().end()) return errc::not_found;
  if (known->second.identity == identity) return {};
  COFFRET_TRY([[maybe_unused]] const auto head,
              append(make_operation(PersonIdentified{.person = person, .identity = identity})));
  return {};
}

}  // namespace coffret::store
