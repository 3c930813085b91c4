// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/facts_fhir.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "vault/reader/clean.hpp"
#include "vault/reader/fhir_subject.hpp"

namespace coffret::reader {
namespace {

bool is_one_of(const std::string& text, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

Fact begun(FactKind kind, FhirNode subject, const ResourceContext& context) {
  Fact fact;
  fact.kind = kind;
  take_fhir_code(subject, fact);
  fact.label = fhir_label(subject);
  fact.place = context.place;
  return fact;
}

// Of a CodeableConcept whose code is a word of FHIR, or of the word alone, as STU3 has it.
std::string status_code(FhirNode status) {
  for (const FhirNode coding : status.all("coding"))
    if (std::string code = coding["code"].text(); !code.empty()) return code;
  return status.text();
}

// verificationStatus; any of its codings that denies it counts before the others.
std::string certainty_of(FhirNode resource) {
  const FhirNode status = resource["verificationStatus"];
  std::string found = certainty_word(status.text());
  for (const FhirNode coding : status.all("coding")) {
    std::string word = certainty_word(coding["code"].text());
    if (found.empty() || says_it_is_not_so(word)) found = std::move(word);
  }
  return found;
}

void add_allergy(FhirNode resource, const ResourceContext& context) {
  std::string certainty = certainty_of(resource);
  if (says_it_is_not_so(certainty)) return;
  Fact fact = begun(FactKind::allergy, resource["code"], context);
  fact.status = status_code(resource["clinicalStatus"]);
  fhir_when(resource, {"onsetDateTime", "onsetPeriod", "recordedDate"}, fact);
  if (const auto none = fhir_absence(resource["code"]))
    return context.facts.add_absence(FactKind::allergy, *none, std::move(fact));
  for (const FhirNode reaction : resource.all("reaction")) {
    // A reaction to one substance among several that the code means.
    if (fact.label.empty()) fact.label = fhir_label(reaction["substance"]);
    for (const FhirNode sign : reaction.all("manifestation"))
      append_words(fact.detail, fhir_label(sign));
    keep_worst(fact.dose, severity_word(reaction["severity"].text()));
  }
  for (const FhirNode note : resource.all("note"))
    append_words(fact.detail, clean_line(note["text"].text()), " ; ");
  fact.flag = std::move(certainty);
  fact.value = criticality_word(resource["criticality"].text());
  fact.author = fhir_stated_by(resource, {"asserter", "recorder"}, context);
  context.facts.add(std::move(fact));
}

void add_condition(FhirNode resource, const ResourceContext& context) {
  std::string certainty = certainty_of(resource);
  if (says_it_is_not_so(certainty)) return;
  Fact fact = begun(FactKind::problem, resource["code"], context);
  fact.status = status_code(resource["clinicalStatus"]);
  fhir_when(resource, {"onsetDateTime", "onsetPeriod", "recordedDate"}, fact);
  if (const auto none = fhir_absence(resource["code"]))
    return context.facts.add_absence(FactKind::problem, *none, std::move(fact));
  fact.flag = std::move(certainty);
  Fact over;
  fhir_when(resource, {"abatementDateTime", "abatementPeriod"}, over);
  if (fact.end.empty()) fact.end = over.date;
  fact.author = fhir_stated_by(resource, {"asserter", "recorder"}, context);
  context.facts.add(std::move(fact));
}

void add_procedure(FhirNode resource, const ResourceContext& context) {
  const std::string status = resource["status"].text();
  const auto none = fhir_absence(resource["code"]);
  if (status == "entered-in-error" || (!none && is_one_of(status, {"not-done", "preparation"})))
    return;
  Fact fact = begun(FactKind::procedure, resource["code"], context);
  fact.status = status;
  fhir_when(resource, {"performedDateTime", "performedPeriod"}, fact);
  if (none) return context.facts.add_absence(FactKind::procedure, *none, std::move(fact));
  fact.author = fhir_stated_by(resource, {"performer", "asserter", "recorder"}, context);
  context.facts.add(std::move(fact));
}

// RelatedPerson, or one of Patient.contact, whose name is a single HumanName.
void add_contact(FhirNode person, const std::string& place, const ResourceContext& context) {
  Fact fact = begun(FactKind::contact, person["relationship"], context);
  fact.code.display = fact.label;
  fact.label = fhir_person(person);
  for (const FhirNode telecom : person.all("telecom"))
    append_words(fact.detail, reachable(telecom["value"].text()));
  fhir_when(person, {"period"}, fact);
  fact.place = place;
  context.facts.add(std::move(fact));
}

void add_patient_contacts(FhirNode patient, const ResourceContext& context) {
  std::size_t number = 0;
  for (const FhirNode contact : patient.all("contact"))
    add_contact(contact, context.place + "/contact[" + std::to_string(++number) + "]", context);
}

void add_resource(FhirNode resource, const ResourceContext& context) {
  const std::string type = resource.type();
  if (resource["status"].text() == "entered-in-error") return;
  if (type == "Observation") return add_fhir_observation(resource, context);
  if (type.starts_with("Medication") && type != "Medication" && type != "MedicationKnowledge")
    return add_fhir_medicine(resource, type, context);
  if (type == "Immunization") return add_fhir_vaccine(resource, context);
  if (type == "AllergyIntolerance") return add_allergy(resource, context);
  if (type == "Condition") return add_condition(resource, context);
  if (type == "Procedure") return add_procedure(resource, context);
  if (type == "RelatedPerson" && resource["active"].text() != "false")
    return add_contact(resource, context.place, context);
}

// What its author took back, with what it holds: nothing in it is so.
bool is_withdrawn(FhirNode resource, std::string* said = nullptr) {
  const std::string type = resource.type();
  if (type != "Composition" && type != "DiagnosticReport" && type != "DocumentReference")
    return false;
  for (const std::string_view member : {"status", "docStatus"}) {
    const std::string status = resource[member].text();
    if (!is_one_of(status, {"entered-in-error", "cancelled"})) continue;
    if (said != nullptr) *said = status;
    return true;
  }
  return false;
}

// A person who reads the entry should know why there are fewer facts than the document has.
void note(DocumentDescription& into, std::string_view field, std::string around,
          std::string inside) {
  into.entry.discrepancies.push_back({std::string{field}, std::move(around), std::move(inside)});
}

void add_all_of(FhirNode resource, const FhirSubject& owner, ResourceContext context) {
  if (context.facts.full() || is_withdrawn(resource)) return;
  context.index.begin(resource);
  context.place = resource.type();
  if (const std::string id = resource["id"].text(); !id.empty()) context.place += "/" + id;
  if (resource == owner.patient()) return add_patient_contacts(resource, context);
  if (!owner.is_other(resource, context.index)) add_resource(resource, context);
  const std::string place = context.place;
  for (const FhirNode inner : resource.all("contained")) {
    context.place = place + "#" + inner["id"].text();
    if (!owner.is_other(inner, context.index)) add_resource(inner, context);
  }
}

// What a section of a Composition is about; absent for one that holds no facts of ours.
std::optional<FactKind> kind_of_section(FhirNode section) {
  for (const FhirNode coding : section["code"].all("coding")) {
    const std::string code = coding["code"].text();
    for (const auto& [section_code, kind] : fact_sections)
      if (code == section_code) return kind;
  }
  return std::nullopt;
}

// Sections that are empty, and say why (List empty reasons: "nilknown", "notasked" …).
void add_empty_sections(FhirNode composition, FactList& facts) {
  std::size_t number = 0;
  for (const FhirNode section : composition.all("section")) {
    ++number;
    const std::string reason = status_code(section["emptyReason"]);
    const auto kind = kind_of_section(section);
    if (reason.empty() || !kind || !section.all("entry").empty()) continue;
    Fact about;
    about.place = "Composition/section[" + std::to_string(number) + "]";
    facts.add_absence(*kind,
                      {reason == "nilknown" ? "no-known-" : "no-section-info", "",
                       fhir_label(section["emptyReason"])},
                      std::move(about));
  }
}

// Results of reports that were taken back.
std::set<const boost::json::value*> results_taken_back(const std::vector<FhirNode>& all,
                                                       const FhirIndex& index) {
  std::set<const boost::json::value*> found;
  for (const FhirNode resource : all)
    if (is_withdrawn(resource))
      for (const FhirNode result : resource.all("result"))
        if (const FhirNode there = index.resolve(result)) found.insert(there.value());
  return found;
}

}  // namespace

FhirIndex::FhirIndex(const FhirFile& file) : file_(file) {}

void FhirIndex::begin(FhirNode resource) {
  contained_.clear();
  for (const FhirNode inner : resource.all("contained"))
    contained_.emplace("#" + inner["id"].text(), inner);
}

FhirNode FhirIndex::resolve(FhirNode reference) const {
  std::string target = reference["reference"].text();
  // A version of it is it.
  if (const auto version = target.find("/_history/"); version != std::string::npos)
    target.resize(version);
  if (target.starts_with('#')) {
    const auto found = contained_.find(target);
    return found == contained_.end() ? FhirNode{} : found->second;
  }
  return file_.addresses().find(target);
}

void add_fhir_facts(const FhirFile& file, DocumentDescription& into) {
  if (std::string status; is_withdrawn(file.main(), &status))
    return note(into, "status", "", std::move(status));
  const FhirSubject owner{file};
  if (owner.unclear()) return note(into, "patient", "", owner.named());
  FactList facts{into};
  FhirIndex index{file};
  std::vector<FhirNode> all = file.resources();
  if (file.root().type() != "Bundle") all = {file.root()};
  const auto taken_back = results_taken_back(all, index);
  if (file.main().type() == "Composition") add_empty_sections(file.main(), facts);
  std::string elsewhere;
  for (const FhirNode resource : all) {
    if (taken_back.contains(resource.value())) continue;
    add_all_of(resource, owner, {facts, index, ""});
    if (elsewhere.empty() && owner.patient()) elsewhere = owner.elsewhere(resource, index);
  }
  if (!elsewhere.empty()) note(into, "patient", std::move(elsewhere), fhir_person(owner.patient()));
}

}  // namespace coffret::reader
