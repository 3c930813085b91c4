// SPDX-License-Identifier: EUPL-1.2
//
// facts_fhir_builder.hpp: FHIR Bundles for tests, of a few resources.
#ifndef COFFRET_TESTS_VAULT_READER_FACTS_FHIR_BUILDER_HPP
#define COFFRET_TESTS_VAULT_READER_FACTS_FHIR_BUILDER_HPP

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "coffret/spoken.hpp"
#include "vault/reader/reader.hpp"

namespace coffret::reader::fhir_bundle {

inline DocumentDescription describe_all(const std::string& resources) {
  const std::string file =
      R"({"resourceType":"Bundle","type":"collection","language":"fr","entry":[)" + resources +
      "]}";
  const auto read = describe(as_bytes(file), "a.json");
  REQUIRE(read.has_value());
  CHECK(within_limits(*read));
  return *read;
}

// As a French reader is told them; `language`: as another.
inline std::vector<Fact> facts_of(const std::string& resources,
                                  Language language = Language::french) {
  auto facts = describe_all(resources).facts;
  for (Fact& fact : facts)
    for (std::string* words : {&fact.label, &fact.dose, &fact.detail})
      *words = said_in(*words, language);
  return facts;
}

inline std::string entry(const std::string& type, const std::string& members) {
  return R"({"resource":{"resourceType":")" + type + R"(","id":"1",)" + members + "}}";
}

}  // namespace coffret::reader::fhir_bundle

#endif  // COFFRET_TESTS_VAULT_READER_FACTS_FHIR_BUILDER_HPP
