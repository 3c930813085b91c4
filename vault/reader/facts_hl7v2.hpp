// SPDX-License-Identifier: EUPL-1.2
//
// facts_hl7v2.hpp: results out of the OBX segments of an HL7 v2 message (chapter 7, ORU^R01).
//
// Value types read: NM, SN, CE, CWE, CF, dates, texts; not ED and RP, which are documents. A range
// of OBX-7 is two numbers, or a bound that is part of it ("<= 5"); any other stays words. Numbers
// have a decimal point, whatever the message writes.
// Pure functions; no errors.
#ifndef COFFRET_VAULT_READER_FACTS_HL7V2_HPP
#define COFFRET_VAULT_READER_FACTS_HL7V2_HPP

#include <string>
#include <string_view>
#include <vector>

#include "vault/reader/facts_collect.hpp"

namespace coffret::reader {

using Hl7Fields = std::vector<std::string_view>;

// OBX-5 as a person reads it: of a structured number ">100", "1:64".
std::string hl7_value(const Hl7Fields& obx);
// The result of one OBX; `observed` is its OBR's date, `number` its place among all OBX, from 1.
void add_hl7v2_result(const Hl7Fields& obx, const std::string& observed, std::size_t number,
                      FactList& facts);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_FACTS_HL7V2_HPP
