// SPDX-License-Identifier: EUPL-1.2
//
// patient_match.hpp: whether a document is about the person whose record it would enter.
//
// Pure functions. In this order, the first that tells decides:
//   birth dates, at the precision both have: different: another, under the same INS too;
//   the INS (French national health identifier): equal: the same person; two of one kind that
//   differ: another;
//   names: one family name equal (accents, case, hyphens and particles aside) and given names
//   compatible (all of one side among the other's, initials included): the same; else another.
// Who states nothing is taken for the same person: `unknown`.
#ifndef COFFRET_VAULT_DAEMON_PATIENT_MATCH_HPP
#define COFFRET_VAULT_DAEMON_PATIENT_MATCH_HPP

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/document.hpp"
#include "vault/store/views.hpp"

namespace coffret::daemon {

enum class PatientMatch : std::uint8_t { unknown, same, other };

// Whether it says enough to tell one person from another: a family name or an INS.
bool states_someone(const PatientIdentity& identity);

// `name` is what the owner of the vault typed for this person, given and family names in either
// order; it may be empty. A single word that does not occur tells nothing.
PatientMatch compare_patient(const PatientIdentity& stated, const PatientIdentity& known,
                             std::string_view name);

// Whether at least two of them are about different persons.
bool are_several(const std::vector<store::DocumentView>& documents);

// What a record knows after a document of the same person stated `stated`: an INS, a birth date and
// names are added where none was known. Empty: nothing new.
std::optional<PatientIdentity> completed(const PatientIdentity& known,
                                         const PatientIdentity& stated);

// Where a document belongs, among the records of a vault.
struct Filing {
  PersonId person;                           // zero: the owner
  bool quarantined = false;                  // it is about none of them
  std::optional<PatientIdentity> learned{};  // what the person's record now knows
  // Taken for the person by the INS alone: the names say somebody else. Not said of another family
  // name with the same given names and birth date, which a marriage makes.
  bool other_name = false;
};

// Whether an INS, were the record's known, could still tell that this is about its person.
bool number_may_tell(const PatientIdentity& stated, const store::PersonView& record);

// `target`: the record it was to enter. Precondition: target is one of `persons`. The owner's name
// counts even when it is one word: only an owner without a name takes it from the first document.
Filing file_document(const PatientIdentity& stated, const PersonId& target,
                     const std::vector<store::PersonView>& persons);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_PATIENT_MATCH_HPP
