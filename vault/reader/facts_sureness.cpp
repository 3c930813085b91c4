// SPDX-License-Identifier: EUPL-1.2
//
// facts_sureness.cpp: how sure a problem or an allergy is, how severe and how critical, in FHIR's
// words, whatever system says it.
#include <algorithm>
#include <array>
#include <utility>

#include "vault/reader/facts_collect.hpp"

namespace coffret::reader {
namespace {

using Words = std::pair<std::string_view, std::string_view>;  // a code, FHIR's word

// FHIR verificationStatus; SNOMED CT's finding contexts and sorts of diagnosis.
constexpr std::array<Words, 19> certainties = {{
    {"unconfirmed", "unconfirmed"},
    {"presumed", "unconfirmed"},
    {"provisional", "provisional"},
    {"differential", "differential"},
    {"confirmed", "confirmed"},
    {"refuted", "refuted"},
    {"entered-in-error", "entered-in-error"},
    {"415684004", "provisional"},  // suspected
    {"410590009", "provisional"},  // known possible
    {"410592001", "provisional"},  // probably present
    {"148006", "provisional"},     // preliminary diagnosis
    {"410593006", "unconfirmed"},  // probably not present
    {"410591008", "unconfirmed"},  // definitely present or absent not known
    {"47965005", "differential"},  // differential diagnosis
    {"410605003", "confirmed"},    // confirmed present
    {"410515003", "confirmed"},    // known present
    {"410516002", "refuted"},      // known absent
    {"410594000", "refuted"},      // definitely not present
    {"723511001", "refuted"},      // refuted
}};

// FHIR reaction severity; SNOMED CT's qualifiers; HL7 v3 ObservationValue.
constexpr std::array<Words, 12> severities = {{
    {"mild", "mild"},
    {"moderate", "moderate"},
    {"severe", "severe"},
    {"255604002", "mild"},
    {"371923003", "moderate"},  // mild to moderate
    {"6736007", "moderate"},
    {"371924009", "severe"},  // moderate to severe
    {"24484000", "severe"},
    {"399166001", "severe"},  // fatal
    {"L", "mild"},
    {"M", "moderate"},
    {"H", "severe"},
}};

constexpr std::array<Words, 6> criticalities = {{
    {"low", "low"},
    {"high", "high"},
    {"unable-to-assess", "unable-to-assess"},
    {"CRITL", "low"},
    {"CRITH", "high"},
    {"CRITU", "unable-to-assess"},
}};

template <std::size_t n>
std::string word_for(std::string_view code, const std::array<Words, n>& table) {
  for (const auto& [known, word] : table)
    if (known == code) return std::string{word};
  return {};
}

std::size_t rank(std::string_view severity) {
  constexpr std::array<std::string_view, 4> ranks = {"", "mild", "moderate", "severe"};
  return static_cast<std::size_t>(std::find(ranks.begin(), ranks.end(), severity) - ranks.begin());
}

}  // namespace

std::string certainty_word(std::string_view code) {
  return word_for(code, certainties);
}

std::string severity_word(std::string_view code) {
  return word_for(code, severities);
}

std::string criticality_word(std::string_view code) {
  return word_for(code, criticalities);
}

void keep_worst(std::string& severity, std::string other) {
  if (rank(other) > rank(severity)) severity = std::move(other);
}

bool says_it_is_not_so(std::string_view certainty) {
  return certainty == "refuted" || certainty == "entered-in-error";
}

}  // namespace coffret::reader
