// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/facts_fhir.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "vault/reader/clean.hpp"

namespace coffret::reader {
namespace {

bool is_one_of(const std::string& text, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

Fact begun(FactKind kind, FhirNode subject, const ResourceContext& context) {
  Fact fact;
  fact.kind = kind;
  fact.code = fhir_fact_code(subject);
  fact.label = fhir_label(subject);
  fact.place = context.place;
  return fact;
}

// Of a CodeableConcept whose code is a word of FHIR: clinicalStatus, verificationStatus.
std::string status_code(FhirNode status) {
  return status["coding"]["code"].text();
}

void add_allergy(FhirNode resource, const ResourceContext& context) {
  if (is_one_of(status_code(resource["verificationStatus"]), {"refuted", "entered-in-error"}) ||
      fhir_states_absence(resource["code"]))
    return;
  Fact fact = begun(FactKind::allergy, resource["code"], context);
  fact.status = status_code(resource["clinicalStatus"]);
  fhir_when(resource, {"onsetDateTime", "onsetPeriod", "recordedDate"}, fact);
  for (const FhirNode reaction : resource.all("reaction")) {
    // A reaction to one substance among several that the code means.
    if (fact.label.empty()) fact.label = fhir_label(reaction["substance"]);
    for (const FhirNode sign : reaction.all("manifestation"))
      append_words(fact.detail, fhir_label(sign));
  }
  fact.author = fhir_stated_by(resource, {"asserter", "recorder"}, context);
  context.facts.add(std::move(fact));
}

void add_condition(FhirNode resource, const ResourceContext& context) {
  if (is_one_of(status_code(resource["verificationStatus"]), {"refuted", "entered-in-error"}) ||
      fhir_states_absence(resource["code"]))
    return;
  Fact fact = begun(FactKind::problem, resource["code"], context);
  fact.status = status_code(resource["clinicalStatus"]);
  fhir_when(resource, {"onsetDateTime", "onsetPeriod", "recordedDate"}, fact);
  Fact over;
  fhir_when(resource, {"abatementDateTime", "abatementPeriod"}, over);
  if (fact.end.empty()) fact.end = over.date;
  fact.author = fhir_stated_by(resource, {"asserter", "recorder"}, context);
  context.facts.add(std::move(fact));
}

void add_procedure(FhirNode resource, const ResourceContext& context) {
  const std::string status = resource["status"].text();
  if (is_one_of(status, {"entered-in-error", "not-done", "preparation"}) ||
      fhir_states_absence(resource["code"]))
    return;
  Fact fact = begun(FactKind::procedure, resource["code"], context);
  fact.status = status;
  fhir_when(resource, {"performedDateTime", "performedPeriod"}, fact);
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

// Whose the facts of a file are.
struct Owner {
  FhirNode patient;      // absent: the file holds no Patient
  bool unclear = false;  // several, and none is the file's own

  bool is_other(FhirNode resource, const ResourceContext& context) const {
    for (const std::string_view name : {"subject", "patient"}) {
      const FhirNode found = context.index.resolve(resource[name]);
      if (found.type() == "Patient" && !(found == patient)) return true;
    }
    return false;
  }
};

void add_all_of(FhirNode resource, const Owner& owner, ResourceContext context) {
  if (context.facts.full()) return;
  context.index.begin(resource);
  context.place = resource.type();
  if (const std::string id = resource["id"].text(); !id.empty()) context.place += "/" + id;
  if (resource == owner.patient) return add_patient_contacts(resource, context);
  if (!owner.is_other(resource, context)) add_resource(resource, context);
  const std::string place = context.place;
  for (const FhirNode inner : resource.all("contained")) {
    context.place = place + "#" + inner["id"].text();
    if (!owner.is_other(inner, context)) add_resource(inner, context);
  }
}

}  // namespace

FhirIndex::FhirIndex(const FhirFile& file) {
  const auto enter = [this](FhirNode resource) {
    if (const std::string id = resource["id"].text(); !id.empty())
      addresses_.emplace(resource.type() + "/" + id, resource);
  };
  enter(file.root());
  for (const FhirNode entry : file.root().all("entry")) {
    const FhirNode resource = entry["resource"];
    if (!resource) continue;
    if (const std::string url = entry["fullUrl"].text(); !url.empty())
      addresses_.emplace(url, resource);
    enter(resource);
  }
}

void FhirIndex::begin(FhirNode resource) {
  contained_.clear();
  for (const FhirNode inner : resource.all("contained"))
    contained_.emplace("#" + inner["id"].text(), inner);
}

FhirNode FhirIndex::resolve(FhirNode reference) const {
  const std::string target = reference["reference"].text();
  if (target.starts_with('#')) {
    const auto found = contained_.find(target);
    return found == contained_.end() ? FhirNode{} : found->second;
  }
  if (const auto exact = addresses_.find(target); exact != addresses_.end()) return exact->second;
  // An absolute address of something that the Bundle names by type and id only.
  const auto id = target.rfind('/');
  const auto type = id == std::string::npos || id == 0 ? id : target.rfind('/', id - 1);
  if (id == std::string::npos || type == std::string::npos) return {};
  const auto relative = addresses_.find(target.substr(type + 1));
  return relative == addresses_.end() ? FhirNode{} : relative->second;
}

void add_fhir_facts(const FhirFile& file, DocumentDescription& into) {
  FactList facts{into};
  FhirIndex index{file};
  std::vector<FhirNode> all = file.resources();
  if (file.root().type() != "Bundle") all = {file.root()};
  Owner owner{file.patient()};
  if (!owner.patient)
    owner.unclear = std::count_if(all.begin(), all.end(), [](FhirNode resource) {
                      return resource.type() == "Patient";
                    }) > 1;
  if (owner.unclear) return;
  for (const FhirNode resource : all) add_all_of(resource, owner, {facts, index, ""});
}

}  // namespace coffret::reader
