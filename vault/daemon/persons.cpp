// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/persons.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

#include "vault/daemon/document_json.hpp"
#include "vault/daemon/plain_words.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t shortest_prefix = 4;  // characters of an identifier
constexpr std::size_t shown_id = 8;         // characters of one that is shown

// As lists show the owner, in both languages.
bool is_owner_word(std::string_view plain) {
  return plain == "vous" || plain == "you";
}

}  // namespace

std::string person_id(const PersonId& id) {
  return id.is_zero() ? "owner" : id.text();
}

Result<Persons> persons_of(Call& call) {
  return call.with([](store::Vault& vault) -> Result<Persons> { return vault.persons(); });
}

Result<store::PersonView> find_person(const Persons& persons, std::string_view words) {
  const auto wanted = plain_text(words);
  const store::PersonView* found = nullptr;
  for (const auto& person : persons) {
    const bool named = !wanted.empty() && (plain_text(person.name) == wanted ||
                                           plain_text(shown_person(person)) == wanted);
    const bool identified = person_id(person.id) == words ||
                            (person.id.is_zero() && is_owner_word(wanted)) ||
                            (words.size() >= shortest_prefix && !person.id.is_zero() &&
                             person.id.text().starts_with(words));
    if (!named && !identified) continue;
    if (found != nullptr) return errc::ambiguous_name;
    found = &person;
  }
  if (found == nullptr) return errc::not_found;
  return *found;
}

namespace {

// "Hugo Exemple (3f2a91bc), Hugo Exemple (77aa01de)": the records that the words may mean.
std::string meant_by(const Persons& persons, std::string_view words) {
  const auto wanted = plain_text(words);
  std::string all;
  for (const auto& person : persons) {
    const bool meant = plain_text(person.name) == wanted ||
                       plain_text(shown_person(person)) == wanted ||
                       (!person.id.is_zero() && person.id.text().starts_with(words));
    if (!meant) continue;
    if (!all.empty()) all += ", ";
    all += shown_person(person) + " (" + person_id(person.id).substr(0, shown_id) + ")";
  }
  return all;
}

errc tell_unfound(Call& call, const Persons& persons, const std::string& words, errc why) {
  const bool french = call.language == Language::french;
  if (why == errc::ambiguous_name)
    call.detail =
        (french ? "« " + words + " » : " : "\"" + words + "\": ") + meant_by(persons, words) +
        (french ? ". Donnez l'identifiant, ou changez un des noms : coffret person rename."
                : ". Give the identifier, or change one of the names: coffret person "
                  "rename.");
  else
    call.detail = french ? "« " + words +
                               " » : aucun dossier ne porte ce nom. « coffret person list » les "
                               "montre, « coffret person add » en ouvre un."
                         : "\"" + words +
                               "\": no record has this name. \"coffret person list\" shows them, "
                               "\"coffret person add\" opens one.";
  return why;
}

}  // namespace

Result<std::optional<store::PersonView>> wanted_person(Call& call, const Persons& persons,
                                                       std::string_view argument) {
  const auto words = call.text(argument);
  if (words.empty()) return std::optional<store::PersonView>{};
  auto found = find_person(persons, words);
  if (found.has_error()) return tell_unfound(call, persons, words, to_errc(found.error()));
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
  row["person_id"] = person_id(id);
}

Result<Object> person_add(Call& call) {
  const auto name = call.text("name");
  if (plain_text(name).empty()) return errc::usage;
  COFFRET_TRY(const auto persons, persons_of(call));
  const auto known = find_person(persons, name);
  if (known.has_value())
    return Object{{"id", person_id(known->id)}, {"name", shown_person(*known)}, {"added", false}};
  if (known.error() == errc::ambiguous_name)
    return tell_unfound(call, persons, name, errc::ambiguous_name);
  COFFRET_TRY(const auto id,
              call.with([&](store::Vault& vault) { return vault.add_person(name); }));
  return Object{{"id", id.text()}, {"name", name}, {"added", true}};
}

Result<Object> person_rename(Call& call) {
  const auto name = call.text("name");
  if (plain_text(name).empty()) return errc::usage;
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto person, wanted_person(call, persons));
  if (!person || name.size() > limits::short_text) return errc::usage;
  if (person->id.is_zero()) {
    call.detail = call.language == Language::french
                      ? "C'est le dossier à qui appartient le coffre : il garde son nom."
                      : "This is the record of the vault's owner: it keeps its name.";
    return errc::usage;
  }
  // A name that another record has would mean two.
  for (const auto& other : persons)
    if (other.id != person->id && (plain_text(other.name) == plain_text(name) ||
                                   plain_text(shown_person(other)) == plain_text(name))) {
      call.detail = meant_by(persons, name);
      return errc::ambiguous_name;
    }
  const auto renamed = store::PersonNamed{.person = person->id, .name = name};
  if (person->name != name)
    COFFRET_CHECK(call.with(
        [&](store::Vault& vault) { return vault.append(store::make_operation(renamed)); }));
  return Object{{"id", person_id(person->id)}, {"name", name}, {"before", shown_person(*person)}};
}

Result<Object> person_list(Call& call) {
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto merged,
              call.with([](store::Vault& vault) -> Result<std::vector<store::MergedPerson>> {
                return vault.merged_persons();
              }));
  for (const auto& person : persons) {
    store::DocumentFilter filter;
    filter.person = person.id;
    COFFRET_TRY(const auto documents,
                call.with([&](store::Vault& vault) { return vault.documents(filter); }));
    Object row{{"id", person_id(person.id)}, {"name", shown_person(person)}};
    row["identity"] = identity_json(person);
    row["documents"] = documents.size();
    boost::json::array inside;
    for (const auto& one : merged)
      if (one.into == person.id)
        inside.push_back(
            Object{{"id", person_id(one.person.id)}, {"name", shown_person(one.person)}});
    row["merged"] = std::move(inside);
    COFFRET_CHECK(call.answer.row(row));
  }
  return Object{{"count", persons.size()}};
}

}  // namespace coffret::daemon
