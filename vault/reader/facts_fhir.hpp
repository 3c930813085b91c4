// SPDX-License-Identifier: EUPL-1.2
//
// facts_fhir.hpp: facts out of FHIR R4 resources: those of a Bundle, those contained in them, or
// the one resource that the file is.
//
// What was entered in error, refuted or not done is no fact; of vaccines what was not done stays,
// as "not-done". A resource about another patient than the file's is left out (fhir_subject.hpp),
// and so is all that a report holds which was entered in error; the entry's discrepancies tell it.
//
// Not covered: DiagnosticReport and List on their own (their results are Observations), devices,
// encounters, goals, family history, sampled data.
#ifndef COFFRET_VAULT_READER_FACTS_FHIR_HPP
#define COFFRET_VAULT_READER_FACTS_FHIR_HPP

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "vault/reader/facts_collect.hpp"
#include "vault/reader/fhir.hpp"

namespace coffret::reader {

// Adds to into.facts. Precondition: into.entry is described (authors, language).
void add_fhir_facts(const FhirFile& file, DocumentDescription& into);

// Where references lead, found at once however many resources there are.
class FhirIndex {
 public:
  explicit FhirIndex(const FhirFile& file);
  // "#id" means something inside the resource that is being read, and only there.
  void begin(FhirNode resource);
  FhirNode resolve(FhirNode reference) const;

 private:
  const FhirFile& file_;
  std::unordered_map<std::string, FhirNode> contained_;  // #id, of the resource begun last
};

// What one resource is read with.
struct ResourceContext {
  FactList& facts;
  FhirIndex& index;
  std::string place;  // "Observation/abc", "DiagnosticReport/x#r1"
};

void add_fhir_observation(FhirNode resource, const ResourceContext& context);
// facts_fhir_medicines.cpp; `type` is the resource's.
void add_fhir_medicine(FhirNode resource, const std::string& type, const ResourceContext& context);
// facts_fhir_dose.cpp: one Dosage, its own words first; `with_period`: also its boundsPeriod.
std::string fhir_dose(FhirNode dosage, bool with_period, bool english);
void add_fhir_vaccine(FhirNode resource, const ResourceContext& context);
// facts_fhir_values.cpp
CodedValue fhir_fact_code(FhirNode subject);        // of a CodeableConcept
void take_fhir_code(FhirNode subject, Fact& into);  // that, and every coding beside it
std::string fhir_label(FhirNode subject);           // its text, else a display
std::string fhir_amount(FhirNode quantity);         // Quantity, Range or Ratio, in words
// The coding, or the words, of a CodeableConcept that say that there is none; absent: none does.
std::optional<CodedValue> fhir_absence(FhirNode subject);
std::string fhir_person(FhirNode person);  // "given family" of its official name
void fhir_when(FhirNode resource, std::initializer_list<std::string_view> names, Fact& into);
// Who stated it: of the first reference that is there, another than the document's author.
std::string fhir_stated_by(FhirNode resource, std::initializer_list<std::string_view> names,
                           const ResourceContext& context);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_FACTS_FHIR_HPP
