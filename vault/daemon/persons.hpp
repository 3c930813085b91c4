// SPDX-License-Identifier: EUPL-1.2
//
// persons.hpp: the records of a vault, as commands name and show them.
#ifndef COFFRET_VAULT_DAEMON_PERSONS_HPP
#define COFFRET_VAULT_DAEMON_PERSONS_HPP

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/daemon/commands.hpp"

namespace coffret::daemon {

using Persons = std::vector<store::PersonView>;

Result<Persons> persons_of(Call& call);

// By name (accents and case aside), by identifier or a beginning of at least 4 characters, or
// the owner as "owner", "vous" or "you". Errors: not_found; ambiguous_name (two are meant).
Result<store::PersonView> find_person(const Persons& persons, std::string_view words);

// The person of `--person`, or of another argument; empty when it was not given. Errors: those of
// find_person; the detail says what was typed, which records it may mean, and what to do.
Result<std::optional<store::PersonView>> wanted_person(Call& call, const Persons& persons,
                                                       std::string_view argument = "person");

// "owner", or the identifier.
std::string person_id(const PersonId& id);

// What is called a person: the typed name, else the name of the documents.
std::string shown_person(const store::PersonView& person);

// {name, birth_date, id}: who a document or a record is about.
Object identity_json(const PatientIdentity& identity);
// The same of a record, where the typed name stands in for a name that no document stated.
Object identity_json(const store::PersonView& person);

// Adds `person` (name) and `person_id` ("owner", or the identifier) to a row.
void add_person(Object& row, const PersonId& id, const Persons& persons);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_PERSONS_HPP
