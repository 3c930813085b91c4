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

#include <string>
#include <string_view>
#include <unordered_map>

#include "vault/reader/facts_collect.hpp"
#include "vault/reader/fhir.hpp"

namespace coffret::reader {

// Adds to into.facts. Precondition: into.entry is described (authors, language).
void add_fhir_facts(const FhirFile& file, DocumentDescription& into);

// JSON with each number as a string of its own characters: 5.40 must not become 5.4. What is not
// JSON stays so.
std::string numbers_as_text(std::string_view json);

// Where references lead, found at once however many resources there are.
class FhirIndex {
 public:
  explicit FhirIndex(const FhirFile& file);
  // "#id" means something inside the resource that is being read, and only there.
  void begin(FhirNode resource);
  FhirNode resolve(FhirNode reference) const;

 private:
  std::unordered_map<std::string, FhirNode> addresses_;  // fullUrl, and Type/id
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
void add_fhir_vaccine(FhirNode resource, const ResourceContext& context);
// facts_fhir_values.cpp
CodedValue fhir_fact_code(FhirNode subject);  // of a CodeableConcept
std::string fhir_label(FhirNode subject);     // its text, else a display
std::string fhir_amount(FhirNode quantity);   // Quantity, Range or Ratio, in words
bool fhir_states_absence(FhirNode subject);   // any of its codings
std::string fhir_person(FhirNode person);     // "given family" of its official name
void fhir_when(FhirNode resource, std::initializer_list<std::string_view> names, Fact& into);
// Who stated it: of the first reference that is there, another than the document's author.
std::string fhir_stated_by(FhirNode resource, std::initializer_list<std::string_view> names,
                           const ResourceContext& context);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_FACTS_FHIR_HPP
