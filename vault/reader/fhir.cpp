// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/fhir.hpp"

#include <optional>

#include "vault/reader/clean.hpp"
#include "vault/reader/facts_fhir.hpp"
#include "vault/reader/fhir_subject.hpp"
#include "vault/reader/iso_time.hpp"

namespace coffret::reader {
namespace {

// Where each resource keeps what it is about. A CodeableConcept each; the first that is there.
constexpr std::string_view subject_codes[] = {"type", "code", "vaccineCode",
                                              "medicationCodeableConcept"};

FhirNode concept_of(const FhirFile& file) {
  const FhirNode main = file.main();
  if (main.type() == "Consent") return main["category"];
  for (const std::string_view name : subject_codes)
    if (const FhirNode found = main[name]) return found;
  return file.resolve(main["medicationReference"])["code"];
}

std::string first_display(FhirNode subject) {
  if (std::string text = subject["text"].text(); !text.empty()) return text;
  for (const FhirNode coding : subject.all("coding"))
    if (std::string text = coding["display"].text(); !text.empty()) return text;
  return {};
}

std::string title_of(const FhirFile& file) {
  const FhirNode main = file.main();
  const std::string type = main.type();
  if (type == "Composition") return main["title"].text();
  if (type == "DocumentReference") {
    const std::string title = main["content"]["attachment"]["title"].text();
    return title.empty() ? main["description"].text() : title;
  }
  // A consent's category is its kind, not its name.
  return type == "Consent" || type == "Patient" ? std::string{} : first_display(concept_of(file));
}

// When it happened, before when it was written down.
std::string date_of(FhirNode main) {
  if (main.type() == "DocumentReference")
    if (auto made = from_iso(main["content"]["attachment"]["creation"].text()); !made.empty())
      return made;
  for (const std::string_view name :
       {"effectiveDateTime", "occurrenceDateTime", "performedDateTime", "authoredOn", "dateTime",
        "onsetDateTime", "whenHandedOver", "date", "issued", "recordedDate", "dateAsserted"})
    if (auto found = from_iso(main[name].text()); !found.empty()) return found;
  for (const std::string_view name : {"effectivePeriod", "performedPeriod", "period"})
    if (auto found = from_iso(main[name]["start"].text()); !found.empty()) return found;
  return {};
}

Identifier identifier_of(FhirNode identifier) {
  return {clean_line(identifier["value"].text()), clean_line(identifier["system"].text())};
}

Identifier own_id(const FhirFile& file) {
  for (const FhirNode candidate :
       {file.main()["masterIdentifier"], file.root()["identifier"], file.main()["identifier"]})
    if (Identifier found = identifier_of(candidate); !found.value.empty()) return found;
  return {};
}

std::optional<RelationKind> relation_of(const std::string& code) {
  if (code == "replaces") return RelationKind::replaces;
  if (code == "appends") return RelationKind::appends;
  if (code == "transforms") return RelationKind::transforms;
  return std::nullopt;  // signs
}

// Composition names the other by identifier or reference, DocumentReference by reference, which
// may be of a resource in this file, or carry an identifier.
void read_relations(const FhirFile& file, std::vector<Relation>& relations) {
  for (const FhirNode item : file.main().all("relatesTo")) {
    const auto kind = relation_of(item["code"].text());
    const FhirNode reference = item["target"] ? item["target"] : item["targetReference"];
    const FhirNode there = file.resolve(reference);
    Identifier target;
    for (const FhirNode candidate : {item["targetIdentifier"], there["masterIdentifier"],
                                     there["identifier"], reference["identifier"]})
      if (target.value.empty()) target = identifier_of(candidate);
    if (target.value.empty()) target.value = clean_line(reference["reference"].text());
    if (kind && !target.value.empty() && relations.size() < limits::list_length)
      relations.push_back({*kind, std::move(target)});
  }
}

void read_care(FhirNode main, DocumentEntry& entry) {
  const FhirNode context = main["context"];
  entry.practice_setting = fhir_code(context["practiceSetting"]);
  entry.facility_type = fhir_code(context["facilityType"]);
  if (main.type() == "DocumentReference" || main.type() == "Composition")
    entry.class_code = fhir_code(main["category"]);
  for (const FhirNode period : {context["period"], main["event"]["period"]}) {
    if (!entry.service_start.empty()) continue;
    entry.service_start = from_iso(period["start"].text());
    entry.service_end = from_iso(period["end"].text());
  }
}

// The first author is a Patient: the document is the person's own.
bool is_by_patient(const FhirFile& file) {
  const FhirNode author = file.main()["author"];
  const std::string reference = author["reference"].text();
  return file.resolve(author).type() == "Patient" || reference.starts_with("Patient/") ||
         reference.find("/Patient/") != std::string::npos;
}

// The EHDS category that a single resource has by its kind, whatever its code.
std::string_view category_of(FhirNode main) {
  const std::string type = main.type();
  if (type == "Immunization" || type == "AllergyIntolerance" || type == "Condition")
    return "patient-summary";
  if (type == "MedicationRequest") return "eprescription";
  if (type == "MedicationDispense") return "edispensation";
  if (type == "ImagingStudy") return "imaging";
  if (type != "Observation" && type != "DiagnosticReport") return {};
  for (const FhirNode category : main.all("category"))
    for (const FhirNode coding : category.all("coding")) {
      const std::string code = coding["code"].text();
      if (code == "laboratory" || code == "LAB") return "laboratory";
      if (code == "imaging" || code == "RAD") return "imaging";
    }
  return {};
}

}  // namespace

CodedValue fhir_code(FhirNode subject) {
  // The first coding that has a code; a bare Coding is its own.
  for (const FhirNode coding : subject.all("coding"))
    if (!coding["code"].text().empty()) return fhir_code(coding);
  return {clean_line(subject["code"].text()), clean_line(subject["system"].text()),
          clean_line(subject["display"].text())};
}

void describe_fhir(const boost::json::value& root, DocumentDescription& into) {
  const FhirFile file{FhirNode{&root}};
  const FhirNode main = file.main();
  auto& entry = into.entry;
  entry.format = DocumentFormat::fhir;
  entry.media_type = "application/fhir+json";
  entry.title = clean_line(title_of(file));
  entry.date = date_of(main);
  entry.type = fhir_code(concept_of(file));
  entry.authors = fhir_authors(file);
  const FhirNode patient = file.patient();
  entry.patient = patient ? fhir_patient(patient) : FhirSubject{file}.stated();
  entry.language = clean_line(main["language"].text());
  if (entry.language.empty()) entry.language = clean_line(file.root()["language"].text());
  if (const std::string code = main["confidentiality"].text(); !code.empty())
    entry.confidentiality.push_back(
        {clean_line(code), "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", ""});
  for (const FhirNode label : main.all("securityLabel"))
    if (CodedValue code = fhir_code(label); !code.code.empty())
      entry.confidentiality.push_back(std::move(code));
  read_care(main, entry);
  read_relations(file, entry.relations);
  entry.category = category_of(main);
  entry.unique_id = own_id(file);
  // A Composition's identifier stays from version to version; its Bundle's does not.
  if (main.type() == "Composition" && file.root().type() == "Bundle")
    if (const Identifier set = identifier_of(main["identifier"]); !set.value.empty())
      entry.set_id = clean_line(set.system.empty() ? set.value : set.system + "^" + set.value);
  entry.patient_authored = is_by_patient(file);
  read_fhir_body(file, into);
  add_fhir_facts(file, into);
}

}  // namespace coffret::reader
