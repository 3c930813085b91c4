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
  fact.code = fhir_fact_code(subject);
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

// Any of the codings of a verificationStatus says that it is not so.
bool is_denied(FhirNode resource) {
  const FhirNode status = resource["verificationStatus"];
  const auto denies = [](const std::string& code) {
    return is_one_of(code, {"refuted", "entered-in-error"});
  };
  const auto codings = status.all("coding");
  return denies(status.text()) || std::any_of(codings.begin(), codings.end(), [&](FhirNode coding) {
           return denies(coding["code"].text());
         });
}

void add_allergy(FhirNode resource, const ResourceContext& context) {
  if (is_denied(resource) || fhir_states_absence(resource["code"])) return;
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
  if (is_denied(resource) || fhir_states_absence(resource["code"])) return;
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
  std::string target = reference["reference"].text();
  // A version of it is it.
  if (const auto version = target.find("/_history/"); version != std::string::npos)
    target.resize(version);
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
  if (std::string status; is_withdrawn(file.main(), &status))
    return note(into, "status", "", std::move(status));
  const FhirSubject owner{file};
  if (owner.unclear()) return note(into, "patient", "", owner.named());
  FactList facts{into};
  FhirIndex index{file};
  std::vector<FhirNode> all = file.resources();
  if (file.root().type() != "Bundle") all = {file.root()};
  const auto taken_back = results_taken_back(all, index);
  std::string elsewhere;
  for (const FhirNode resource : all) {
    if (taken_back.contains(resource.value())) continue;
    add_all_of(resource, owner, {facts, index, ""});
    if (elsewhere.empty() && owner.patient()) elsewhere = owner.elsewhere(resource, index);
  }
  if (!elsewhere.empty()) note(into, "patient", std::move(elsewhere), fhir_person(owner.patient()));
}

}  // namespace coffret::reader
