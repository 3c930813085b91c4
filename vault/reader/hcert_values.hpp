// SPDX-License-Identifier: EUPL-1.2
//
// hcert_values.hpp: the words for the codes of EU COVID certificates: the value sets of the eHealth
// Network, as far as people meet them.
//
// Pure functions; empty for a code that no table knows.
#ifndef COFFRET_VAULT_READER_HCERT_VALUES_HPP
#define COFFRET_VAULT_READER_HCERT_VALUES_HPP

#include <string_view>

namespace coffret::reader {

// The brand of a vaccine, by its marketing authorisation: "EU/1/20/1528" is Comirnaty.
std::string_view hcert_vaccine(std::string_view product);

// What the certificate is about (SNOMED CT): "840539006" is COVID-19.
std::string_view hcert_disease(std::string_view agent);

// A sort of test, in French and English (LOINC).
std::string_view hcert_test(std::string_view sort);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_HCERT_VALUES_HPP
