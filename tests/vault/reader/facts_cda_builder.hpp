// SPDX-License-Identifier: EUPL-1.2
//
// facts_cda_builder.hpp: CDA documents for tests, of one section and its entries. Their namespace
// prefix is "v", as a document may choose.
#ifndef COFFRET_TESTS_VAULT_READER_FACTS_CDA_BUILDER_HPP
#define COFFRET_TESTS_VAULT_READER_FACTS_CDA_BUILDER_HPP

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "coffret/spoken.hpp"
#include "vault/reader/reader.hpp"

namespace coffret::reader::cda {

// As a French reader is told them; `language`: as another.
inline std::vector<Fact> facts_of(const std::string& body, const std::string& header = "",
                                  Language language = Language::french) {
  const std::string file =
      "<v:ClinicalDocument xmlns:v='urn:hl7-org:v3' "
      "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xmlns:x='urn:ihe:pharm'>"
      "<v:languageCode code='fr-FR'/>" +
      header + "<v:component><v:structuredBody>" + body +
      "</v:structuredBody></v:component></v:ClinicalDocument>";
  const auto read = describe(as_bytes(file), "a.xml");
  REQUIRE(read.has_value());
  CHECK(within_limits(*read));
  auto facts = read->facts;
  for (Fact& fact : facts)
    for (std::string* words : {&fact.label, &fact.dose, &fact.detail})
      *words = said_in(*words, language);
  return facts;
}

// One section; entries as given, the narrative with an ID.
inline std::string section(const std::string& code, const std::string& entries,
                           const std::string& text = "") {
  return "<v:component><v:section><v:code code='" + code +
         "'/><v:title>Rubrique</v:title><v:text>" + text + "</v:text>" + entries +
         "</v:section></v:component>";
}

inline std::string entry(const std::string& act) {
  return "<v:entry>" + act + "</v:entry>";
}

inline std::string observation(const std::string& inside, const std::string& attributes = "") {
  return "<v:observation classCode='OBS' moodCode='EVN' " + attributes + ">" + inside +
         "</v:observation>";
}

inline const std::string glucose =
    "<v:code code='2345-7' codeSystem='2.16.840.1.113883.6.1' "
    "displayName='Glucose'/><v:statusCode code='completed'/>"
    "<v:effectiveTime value='202601150745+0100'/>";

}  // namespace coffret::reader::cda

#endif  // COFFRET_TESTS_VAULT_READER_FACTS_CDA_BUILDER_HPP
