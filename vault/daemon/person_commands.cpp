// SPDX-License-Identifier: EUPL-1.2
//
// Two records that are about one person made one, and a record taken off the list.
//
// Neither touches a document: what is merged is shown together and can be parted again, and what
// goes to the trash with its record comes back with `restore`, which brings the record back too.
#include <boost/json/array.hpp>

#include <algorithm>
#include <set>

#include "coffret/time.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/patient_match.hpp"
#include "vault/daemon/persons.hpp"

namespace coffret::daemon {
namespace {

constexpr std::int64_t undo_seconds = std::int64_t{30} * 86400;

errc refuse(Call& call, errc why, std::string_view french, std::string_view english) {
  call.detail = std::string{call.language == Language::french ? french : english};
  return why;
}

Result<store::PersonView> given(Call& call, const Persons& persons, std::string_view argument) {
  COFFRET_TRY(auto person, wanted_person(call, persons, argument));
  if (!person) return errc::usage;
  return std::move(*person);
}

// Of which no document is in the trash; those set apart for it too.
Result<std::vector<store::DocumentView>> documents_of(Call& call, const PersonId& person) {
  return call.with([&](store::Vault& vault) -> Result<std::vector<store::DocumentView>> {
    store::DocumentFilter filter;
    filter.person = person;
    filter.superseded = true;
    COFFRET_TRY(auto documents, vault.documents(filter));
    filter.quarantined = true;
    COFFRET_TRY(auto apart, vault.documents(filter));
    for (auto& one : apart) documents.push_back(std::move(one));
    return documents;
  });
}

Object merged_json(const store::PersonView& into, const store::PersonView& person,
                   std::size_t documents, bool undone, bool changed) {
  return {{"into", shown_person(into)},
          {"into_id", person_id(into.id)},
          {"person", shown_person(person)},
          {"person_id", person_id(person.id)},
          {"documents", documents},
          {"undone", undone},
          {"changed", changed}};
}

// The records that are in this one, as `--undo` finds them.
Result<Persons> merged_into(Call& call, const PersonId& into) {
  return call.with([&](store::Vault& vault) -> Result<Persons> {
    Persons inside;
    for (auto& one : vault.merged_persons())
      if (one.into == into) inside.push_back(std::move(one.person));
    return inside;
  });
}

Result<Object> part(Call& call, const store::PersonView& into) {
  COFFRET_TRY(const auto inside, merged_into(call, into.id));
  const auto person = find_person(inside, call.text("person"));
  if (person.has_error() && person.error() == errc::not_found)
    return refuse(call, errc::not_found,
                  "Aucun dossier de ce nom n'a été réuni à celui-là : rien n'est à défaire.",
                  "No record of this name was merged into that one: there is nothing to undo.");
  if (person.has_error()) return person.error();
  COFFRET_CHECK(
      call.with([&](store::Vault& vault) { return vault.merge_person(person->id, person->id); }));
  COFFRET_TRY(const auto documents, documents_of(call, person->id));
  return merged_json(into, *person, documents.size(), true, true);
}

// What the record that goes knew of its person, and the one that stays does not.
Result<void> learn(Call& call, const store::PersonView& into, const store::PersonView& person) {
  const auto known = completed(into.identity, person.identity);
  if (!known) return {};
  return call.with([&](store::Vault& vault) { return vault.identify(into.id, *known); });
}

boost::json::array holders_of(const store::Vault& vault,
                              const std::vector<store::DocumentView>& documents, std::int64_t now) {
  std::set<DocumentId> ids;
  for (const auto& document : documents) ids.insert(document.id);
  boost::json::array holders;
  for (const auto& grant : vault.grants()) {
    const auto& held = grant.decision.documents;
    if (grant.revoked_at || grant.decision.expires_at <= now) continue;
    const bool holds = std::any_of(held.begin(), held.end(), [&](const DocumentId& one) {
      return ids.contains(vault.stands_for(one));
    });
    if (holds)
      holders.push_back(
          Object{{"id", grant.decision.grant.text()}, {"to", grant.decision.caregiver}});
  }
  return holders;
}

}  // namespace

Result<Object> person_merge(Call& call) {
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto into, given(call, persons, "into"));
  if (call.flag("undo")) return part(call, into);
  COFFRET_TRY(const auto inside, merged_into(call, into.id));
  if (const auto already = find_person(inside, call.text("person")); already.has_value())
    if (find_person(persons, call.text("person")).has_error())
      return merged_json(into, *already, 0, false, false);
  COFFRET_TRY(const auto person, given(call, persons, "person"));
  if (person.id == into.id)
    return refuse(call, errc::usage, "C'est deux fois le même dossier.",
                  "This is the same record twice.");
  if (person.id.is_zero())
    return refuse(call, errc::usage,
                  "Le dossier à qui appartient le coffre reste : donnez-le en premier, et l'autre "
                  "lui sera réuni.",
                  "The record of the vault's owner stays: give it first, and the other one is "
                  "merged into it.");
  if (!call.flag("any_patient") &&
      compare_patient(person.identity, into.identity, into.name) == PatientMatch::other)
    return errc::records_differ;
  COFFRET_TRY(const auto documents, documents_of(call, person.id));
  COFFRET_CHECK(learn(call, into, person));
  COFFRET_CHECK(
      call.with([&](store::Vault& vault) { return vault.merge_person(person.id, into.id); }));
  return merged_json(into, person, documents.size(), false, true);
}

Result<Object> person_remove(Call& call) {
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto person, given(call, persons, "person"));
  if (person.id.is_zero())
    return refuse(call, errc::usage,
                  "C'est le dossier à qui appartient le coffre : il ne se retire pas.",
                  "This is the record of the vault's owner: it cannot be removed.");
  COFFRET_TRY(const auto documents, documents_of(call, person.id));
  if (!documents.empty() && !call.flag("to_trash")) {
    call.detail = shown_person(person) + " (" + std::to_string(documents.size()) + ")";
    return errc::record_not_empty;
  }
  for (const auto& document : documents)
    COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.remove(document.id); }));
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.remove_person(person.id); }));
  const auto now = call.service.environment().clock.now();
  COFFRET_TRY(auto shared, call.with([&](store::Vault& vault) -> Result<boost::json::array> {
    return holders_of(vault, documents, to_unix(now));
  }));
  Object result{{"person", shown_person(person)},
                {"person_id", person_id(person.id)},
                {"documents", documents.size()},
                {"until", nullptr},
                {"shared", std::move(shared)}};
  if (!documents.empty()) result["until"] = to_rfc3339(now + Seconds{undo_seconds});
  return result;
}

}  // namespace coffret::daemon
