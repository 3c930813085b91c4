// SPDX-License-Identifier: EUPL-1.2
//
// hl7_text.hpp: the delimited text of HL7 v2, in which XDS writes people and organisations too.
//
// Cleaned (clean.hpp). Fields and components that are not there are empty.
#ifndef COFFRET_VAULT_READER_HL7_TEXT_HPP
#define COFFRET_VAULT_READER_HL7_TEXT_HPP

#include <string>
#include <string_view>
#include <vector>

#include "coffret/document.hpp"

namespace coffret::reader {

inline constexpr std::size_t hl7_pieces = 256;  // of one text; what follows is one last piece

std::vector<std::string_view> hl7_split(std::string_view text, char at);

// Component n, from 0, of "a^b&c^d", escapes resolved.
std::string hl7_component(std::string_view text, std::size_t n);

// XCN, "id^family^given^…^&system&ISO": a person. What has no components is a name.
Author hl7_person(std::string_view xcn);
// XON, "name^^^^^&system&ISO^…": the name of an organisation.
std::string hl7_organisation(std::string_view xon);
// CX, "id^^^&system&ISO^type".
Identifier hl7_identifier(std::string_view cx);
// CE or CWE, "code^display^system".
CodedValue hl7_code(std::string_view ce);

// PID-5 (XPN, repeated by "~") and PID-3 (CX, repeated) into a patient.
void hl7_patient_names(std::string_view xpn, PatientIdentity& patient);
void hl7_patient_ids(std::string_view cx, PatientIdentity& patient);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_HL7_TEXT_HPP
