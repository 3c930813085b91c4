// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/persons.hpp"

#include <algorithm>

#include "vault/daemon/document_json.hpp"
#include "vault/daemon/plain_words.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t shortest_prefix = 4;  // characters of an identifier

std::string id_text(const PersonId& id) {
  return id.is_zero() ? "owner" : id.text();
}

}  // namespace

Result<Persons> persons_of(Call& call) {
  return call.with([](store::Vault& vault) -> Result<Persons> { return vault.persons(); });
}

Result<store::PersonView> find_person(const Persons& persons, std::string_view words) {
  const auto wanted = plain_text(words);
  const store::PersonView* found = nullptr;
  for (const auto& person : persons) {
    const bool named = !wanted.empty() && (plain_text(person.name) == wanted ||
                                           plain_text(shown_person(person)) == wanted);
    const bool identified =
        id_text(person.id) == words || (words.size() >= shortest_prefix && !person.id.is_zero() &&
                                        person.id.text().starts_with(words));
    if (!named && !identified) continue;
    if (found != nullptr) return errc::not_found;
    found = &person;
  }
  if (found == nullptr) return errc::not_found;
  return *found;
}

Result<std::optional<store::PersonView>> wanted_person(Call& call, const Persons& persons) {
  const auto words = call.text("person");
  if (words.empty()) return std::optional<store::PersonView>{};
  auto found = find_person(persons, words);
  if (found.has_error()) {
    call.detail = words;
    return found.error();
  }
  return std::optional{std::move(*found)};
}

std::string shown_person(const store::PersonView& person) {
  return person.name.empty() ? shown_patient(person.identity) : person.name;
}

Object identity_json(const PatientIdentity& identity) {
  return {{"name", shown_patient(identity)},
          {"birth_date", identity.birth_date.substr(0, 10)},
          {"id", identity.ids.empty() ? std::string{} : identity.ids.front().value}};
}

Object identity_json(const store::PersonView& person) {
  auto shown = identity_json(person.identity);
  if (shown.at("name").as_string().empty()) shown["name"] = person.name;
  return shown;
}

void add_person(Object& row, const PersonId& id, const Persons& persons) {
  const auto at = std::find_if(persons.begin(), persons.end(),
                               [&](const store::PersonView& person) { return person.id == id; });
  row["person"] = at == persons.end() ? std::string{} : shown_person(*at);
  row["person_id"] = id_text(id);
}

Result<Object> person_add(Call& call) {
  const auto name = call.text("name");
  if (plain_text(name).empty()) return errc::usage;
  COFFRET_TRY(const auto persons, persons_of(call));
  if (const auto known = find_person(persons, name); known.has_value())
    return Object{{"id", id_text(known->id)}, {"name", shown_person(*known)}, {"added", false}};
  COFFRET_TRY(const auto id,
              call.with([&](store::Vault& vault) { return vault.add_person(name); }));
  return Object{{"id", id.text()}, {"name", name}, {"added", true}};
}

Result<Object> person_list(Call& call) {
  COFFRET_TRY(const auto persons, persons_of(call));
  for (const auto& person : persons) {
    store::DocumentFilter filter;
    filter.person = person.id;
    COFFRET_TRY(const auto documents,
                call.with([&](store::Vault& vault) { return vault.documents(filter); }));
    Object row{{"id", id_text(person.id)}, {"name", shown_person(person)}};
    row["identity"] = identity_json(person);
    row["documents"] = documents.size();
    COFFRET_CHECK(call.answer.row(row));
  }
  return Object{{"count", persons.size()}};
}

}  // namespace coffret::daemon
