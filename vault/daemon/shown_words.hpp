// SPDX-License-Identifier: EUPL-1.2
//
// shown_words.hpp: what facts and entries hold as codes, as people read it, in French and English.
// JSON keeps the codes.
//
// Pure functions. What no table knows stays as it is: it is the document's, and not safe to print.
#ifndef COFFRET_VAULT_DAEMON_SHOWN_WORDS_HPP
#define COFFRET_VAULT_DAEMON_SHOWN_WORDS_HPP

#include <string>
#include <string_view>

#include "coffret/error.hpp"

namespace coffret::daemon {

// A UCUM unit as people write it: "mm[Hg]" is mmHg, "10*9/L" is G/L, "{pack}/a" is paquets/an,
// "{score}" is nothing. shown_units.cpp.
std::string shown_unit(std::string_view unit, Language language);
// The other way, for a unit that a person typed: "mmHg" is "mm[Hg]". Else as typed.
std::string_view ucum_unit(std::string_view typed);

// A number with the language's decimal sign; words like "not detected" translated.
std::string shown_value(std::string value, Language language);

// How a result stands, by its members as rows have them. Empty where its value says that already.
std::string shown_standing(std::string_view standing, bool critical, std::string_view value,
                           Language language);

// How a fact stands, by its members as rows have them. Empty where the status says nothing that
// the fact does not: a vaccine given, a result that is final. What "completed" means depends on the
// format: in a CDA document, that the line is complete, not that the treatment is over.
std::string shown_status(std::string_view kind, std::string_view event, std::string_view status,
                         std::string_view place, Language language);

// How sure a problem or allergy is, how critical an allergy and how severe its worst reaction was,
// by FHIR's words (coffret/fact.hpp). Empty where that needs no word: confirmed, unknown.
std::string shown_certainty(std::string_view code, Language language);
std::string shown_criticality(std::string_view code, Language language);
std::string shown_severity(std::string_view code, Language language);

// Who a contact is to the person (HL7 v3 RoleClass and RoleCode); empty when unknown.
std::string shown_role(std::string_view code, Language language);

// How a document came, and which field two descriptions of it disagree on.
std::string shown_source(std::string_view source, Language language);
std::string shown_field(std::string_view field, Language language);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SHOWN_WORDS_HPP
