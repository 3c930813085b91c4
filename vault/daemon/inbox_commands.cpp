// SPDX-License-Identifier: EUPL-1.2
//
// inbox_commands.cpp: documents that were set apart, until the person decides.
#include <algorithm>

#include "vault/daemon/commands.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/persons.hpp"

namespace coffret::daemon {
namespace {

// Errors: not_found (also for a document that is not set apart).
Result<store::DocumentView> set_apart(Call& call) {
  COFFRET_TRY(auto document,
              call.with([&](store::Vault& vault) { return vault.document(call.text("id")); }));
  if (!document.quarantined || document.removed_at) return errc::not_found;
  return document;
}

}  // namespace

Result<Object> inbox_list(Call& call) {
  COFFRET_TRY(const auto persons, persons_of(call));
  store::DocumentFilter filter;
  filter.quarantined = true;
  COFFRET_TRY(const auto documents,
              call.with([&](store::Vault& vault) { return vault.documents(filter); }));
  for (const auto& document : documents) {
    auto row = summary_json(document, call.language);
    row["names"] = identity_json(document.entry.patient);
    const auto record =
        std::find_if(persons.begin(), persons.end(),
                     [&](const store::PersonView& person) { return person.id == document.person; });
    row["expected"] = record == persons.end() ? Object{} : identity_json(*record);
    row["source"] = document.source;
    row["discrepancies"] = discrepancies_json(document.entry);
    add_person(row, document.person, persons);
    COFFRET_CHECK(call.answer.row(row));
  }
  return Object{{"count", documents.size()}};
}

Result<Object> inbox_accept(Call& call) {
  COFFRET_TRY(const auto document, set_apart(call));
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto wanted, wanted_person(call, persons));
  const PersonId person = wanted ? wanted->id : document.person;
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.assign(document.id, person); }));
  Object result{{"id", document.id.text()}};
  add_person(result, person, persons);
  return result;
}

// Refused is removed, so that a mistake can be undone.
Result<Object> inbox_refuse(Call& call) {
  COFFRET_TRY([[maybe_unused]] const auto document, set_apart(call));
  return remove_document(call);
}

}  // namespace coffret::daemon
