// SPDX-License-Identifier: EUPL-1.2
//
// export_fhir_parts.hpp: what every FHIR R4 resource of an export is made of. Pure functions.
#ifndef COFFRET_VAULT_DAEMON_EXPORT_FHIR_PARTS_HPP
#define COFFRET_VAULT_DAEMON_EXPORT_FHIR_PARTS_HPP

#include <initializer_list>
#include <string>
#include <string_view>

#include "vault/daemon/export_fhir.hpp"

namespace coffret::daemon::fhir {

boost::json::string_view view(std::string_view text);
std::string narrative(std::string_view text);  // as XHTML takes it, a line break for each newline
Json reference(const std::string& url);
Json coded(std::string_view system, std::string_view code);      // CodeableConcept of one coding
Json hl7_coded(std::string_view system, std::string_view code);  // of terminology.hl7.org
Json unknown();  // an element that has the extension data-absent-reason alone

// As FHIR spells it: documents write "Active", "On Hold"; HL7 v3 has words of its own.
std::string fhir_status(const Fact& fact);
// The status where FHIR's list has it, else `otherwise`.
std::string status_of(const Fact& fact, std::initializer_list<std::string_view> known,
                      std::string_view otherwise);

// A resource of a type, which `document` (a fullUrl, may be empty) states.
Json begun(std::string_view type, const std::string& document);
void put(Json& into, std::string_view name, const std::string& text);  // unless it is empty
// name + "DateTime" or "Period"; false when the fact has no date.
bool put_when(Json& into, const std::string& name, const Fact& fact);

// export_fhir_medicines.cpp: a MedicationRequest, MedicationDispense or MedicationStatement.
Json medicine_resource(const Fact& fact, const std::string& patient, const std::string& document,
                       std::string_view today);

}  // namespace coffret::daemon::fhir

#endif  // COFFRET_VAULT_DAEMON_EXPORT_FHIR_PARTS_HPP
