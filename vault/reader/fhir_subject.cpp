// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/fhir_subject.hpp"

#include <algorithm>
#include <set>

#include "vault/reader/clean.hpp"

namespace coffret::reader {
namespace {

constexpr std::string_view subject_members[] = {"subject", "patient"};

// Without a version: "Patient/1/_history/2" is Patient/1.
std::string_view unversioned(std::string_view reference) {
  return reference.substr(0, reference.find("/_history/"));
}

// "Patient/1" of "https://a.example/fhir/Patient/1"; of a URN the whole.
std::string_view relative(std::string_view reference) {
  const auto id = reference.rfind('/');
  if (id == std::string_view::npos || id == 0) return reference;
  const auto type = reference.rfind('/', id - 1);
  return type == std::string_view::npos ? reference : reference.substr(type + 1);
}

std::string_view last_part(std::string_view reference) {
  return reference.substr(reference.find_last_of("/:") + 1);
}

// Whether a literal reference tells a type, and another than Patient.
bool is_no_patient(std::string_view reference) {
  const auto at = relative(reference);
  const auto slash = at.find('/');
  return slash != std::string_view::npos && at.substr(0, slash) != "Patient";
}

std::vector<FhirNode> with_contained(const FhirFile& file) {
  std::vector<FhirNode> all = file.resources();
  if (file.root().type() != "Bundle") all = {file.root()};
  const std::size_t outer = all.size();
  for (std::size_t i = 0; i < outer; ++i)
    for (const FhirNode inner : all[i].all("contained")) all.push_back(inner);
  return all;
}

// People, by each way to name one; those of one way are held against each other.
struct Named {
  std::set<std::string> references, identifiers, displays;

  void add(FhirNode subject) {
    const std::string target = subject["reference"].text();
    if (target.starts_with('#') || (!target.empty() && is_no_patient(unversioned(target)))) return;
    const std::string number = subject["identifier"]["value"].text();
    if (!target.empty())
      add_to(references, relative(unversioned(target)));
    else if (!number.empty())
      add_to(identifiers, subject["identifier"]["system"].text() + " " + number);
    else if (const std::string name = folded(subject["display"].text()); !name.empty())
      add_to(displays, name);
  }
  static void add_to(std::set<std::string>& names, std::string_view name) {
    if (names.size() < fhir_subjects) names.emplace(name);
  }
  bool several() const {
    return references.size() > 1 || identifiers.size() > 1 || displays.size() > 1;
  }
  std::string shown() const {
    std::string all;
    for (const auto* names : {&references, &identifiers, &displays})
      if (names->size() > 1)
        for (const auto& name : *names) append_words(all, name);
    return clean_line(all);
  }
};

std::string shared_family(const std::vector<FhirNode>& patients) {
  std::string shared;
  for (const FhirNode patient : patients) {
    const auto family = fhir_patient(patient).family;
    if (family.empty() || (!shared.empty() && folded(family) != folded(shared))) return {};
    shared = family;
  }
  return shared;
}

}  // namespace

FhirSubject::FhirSubject(const FhirFile& file) : patient_(file.patient()) {
  const auto all = with_contained(file);
  if (patient_) {
    own_ids_.push_back(patient_["id"].text());
    for (const FhirNode entry : file.root().all("entry"))
      if (entry["resource"] == patient_)
        own_ids_.emplace_back(last_part(unversioned(entry["fullUrl"].text())));
    return;
  }
  Named named;
  for (const FhirNode resource : all)
    for (const std::string_view member : subject_members) {
      const FhirNode subject = resource[member];
      named.add(subject);
      if (!first_ && (subject["identifier"] || subject["display"])) first_ = subject;
    }
  named_ = named.shown();
  std::vector<FhirNode> patients;
  for (const FhirNode resource : file.resources())
    if (resource.type() == "Patient") patients.push_back(resource);
  unclear_ = named.several() || patients.size() > 1;
  shared_family_ = shared_family(patients);
}

PatientIdentity FhirSubject::stated() const {
  PatientIdentity identity;
  if (unclear_) {
    identity.family = shared_family_;
    if (!shared_family_.empty()) identity.families = {shared_family_};
  }
  if (unclear_ || !first_) return identity;
  split_name(clean_line(first_["display"].text()), identity);
  if (std::string number = clean_line(first_["identifier"]["value"].text()); !number.empty())
    identity.ids.push_back({std::move(number), clean_line(first_["identifier"]["system"].text())});
  return identity;
}

// Of a reference that leads to nothing in the file.
bool FhirSubject::is_elsewhere(FhirNode reference) const {
  const std::string target{unversioned(reference["reference"].text())};
  if (target.starts_with('#')) return false;
  if (!target.empty()) {
    if (is_no_patient(target)) return true;
    return patient_ &&
           std::find(own_ids_.begin(), own_ids_.end(), last_part(target)) == own_ids_.end();
  }
  // Another number of the same register is another person's.
  const FhirNode number = reference["identifier"];
  bool differs = false;
  for (const FhirNode own : patient_.all("identifier")) {
    if (number["value"].text().empty() || own["system"].text() != number["system"].text()) continue;
    if (own["value"].text() == number["value"].text()) return false;
    differs = true;
  }
  return differs;
}

bool FhirSubject::is_other(FhirNode resource, const FhirIndex& index) const {
  for (const std::string_view member : subject_members) {
    const FhirNode reference = resource[member];
    if (!reference) continue;
    if (const FhirNode found = index.resolve(reference)) {
      if (!(found == patient_)) return true;
    } else if (is_elsewhere(reference)) {
      return true;
    }
  }
  // A newborn, a donor, a device: what the patient's observation is about, when not the patient.
  for (const FhirNode focus : resource.all("focus"))
    if (!patient_ || !(index.resolve(focus) == patient_)) return true;
  return false;
}

std::string FhirSubject::elsewhere(FhirNode resource, const FhirIndex& index) const {
  for (const std::string_view member : subject_members)
    if (const FhirNode reference = resource[member];
        reference && !index.resolve(reference) && is_elsewhere(reference))
      return clean_line(reference["reference"].text());
  return {};
}

}  // namespace coffret::reader
