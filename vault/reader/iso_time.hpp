// SPDX-License-Identifier: EUPL-1.2
//
// iso_time.hpp: the dates of HL7 documents in ISO 8601, with the precision and offset they have.
#ifndef COFFRET_VAULT_READER_ISO_TIME_HPP
#define COFFRET_VAULT_READER_ISO_TIME_HPP

#include <string>
#include <string_view>

namespace coffret::reader {

// HL7 TS, YYYY[MM[DD[hh[mm[ss[.f…]]]]]][+hhmm|-hhmm]: "20200312111700+0100" becomes
// "2020-03-12T11:17:00+01:00". Empty when it is not a date. An offset without hours is dropped.
std::string from_hl7(std::string_view ts);

// The date of a FHIR resource or of a PDF: already ISO 8601; "+02" is completed to "+02:00". Empty
// when it is not a date.
std::string from_iso(std::string_view date);

// Whether two ISO 8601 dates may name the same moment: compared as far as both are precise, with
// their offsets where both have one; else their days may lie one apart.
bool same_moment(std::string_view a, std::string_view b);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_ISO_TIME_HPP
