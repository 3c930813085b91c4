// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/hcert_values.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace coffret::reader {
namespace {

using CodeAndWords = std::pair<std::string_view, std::string_view>;

// Value set vaccine-medicinal-product; each brand as the Community register of medicinal products
// has it under that number (ec.europa.eu/health/documents/community-register/html/h<number>.htm).
constexpr CodeAndWords vaccine_brands[] = {
    {"EU/1/20/1507", "Spikevax"},   // h1507: COVID-19 Vaccine Moderna until June 2021
    {"EU/1/20/1525", "Jcovden"},    // h1525: COVID-19 Vaccine Janssen until 2022
    {"EU/1/20/1528", "Comirnaty"},  // h1528
    {"EU/1/21/1529", "Vaxzevria"},  // h1529: COVID-19 Vaccine AstraZeneca until March 2021
    {"EU/1/21/1618", "Nuvaxovid"},  // h1618
};

// Value set disease-agent-targeted.
constexpr CodeAndWords agents[] = {{"840539006", "COVID-19"}};

// Value set covid-19-lab-test-type.
constexpr CodeAndWords sorts_of_test[] = {
    {"LP6464-4", "Test PCR / PCR test"},
    {"LP217198-3", "Test antigénique rapide / Rapid antigen test"},
};

template <std::size_t n>
std::string_view words_for(std::string_view code, const CodeAndWords (&table)[n]) {
  const auto at = std::find_if(std::begin(table), std::end(table),
                               [&](const CodeAndWords& row) { return row.first == code; });
  return at == std::end(table) ? std::string_view{} : at->second;
}

}  // namespace

std::string_view hcert_vaccine(std::string_view product) {
  return words_for(product, vaccine_brands);
}

std::string_view hcert_disease(std::string_view agent) {
  return words_for(agent, agents);
}

std::string_view hcert_test(std::string_view sort) {
  return words_for(sort, sorts_of_test);
}

}  // namespace coffret::reader
