// SPDX-License-Identifier: EUPL-1.2
//
// facts_ranges.hpp: which of the reference ranges that a result comes with is the patient's.
//
// Flow: one RangeOffer for each range; take_range() keeps the one that applies by the patient's sex
// and age, or tells all that are left in words, with whom each is for: none is chosen silently.
//
// Units: ages in years; their bounds in UCUM (a, mo, wk, d) or in words.
// Pure functions; no errors.
#ifndef COFFRET_VAULT_READER_FACTS_RANGES_HPP
#define COFFRET_VAULT_READER_FACTS_RANGES_HPP

#include <string>
#include <string_view>
#include <vector>

#include "coffret/document.hpp"
#include "coffret/fact.hpp"

namespace coffret::reader {

enum class Applies { yes, no, unclear };

struct RangeOffer {
  std::string low, high;  // in the result's unit; empty where they are in another
  std::string text;       // the range's own words
  std::string words;      // the whole of it: "12 - 16 g/dL"
  std::string who;        // whom it is for, in the document's words; empty: everybody
  Applies applies = Applies::yes;

  bool operator==(const RangeOffer&) const = default;
};

// Whom it is for, by a code (FHIR, HL7 v3, SNOMED CT) or words for a sex. Unclear: it is about
// something else, or the patient's sex is not known.
Applies for_sex(std::string_view said, const PatientIdentity& patient);
// The same, of words that may say nothing of a sex, or speak of both: these are for everybody.
Applies for_sex_in(std::string_view words, const PatientIdentity& patient);

struct AgeBound {
  std::string value, unit;  // empty: none
};
Applies for_age(const AgeBound& low, const AgeBound& high, const PatientIdentity& patient,
                std::string_view day);

// Of two conditions that both have to hold.
Applies both(Applies a, Applies b);

void take_range(std::vector<RangeOffer> offers, Fact& into);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_FACTS_RANGES_HPP
