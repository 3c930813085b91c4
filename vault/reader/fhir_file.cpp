// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>

#include "vault/reader/fhir.hpp"

namespace coffret::reader {

FhirNode FhirNode::operator[](std::string_view name) const {
  if (value_ == nullptr) return {};
  if (const auto* list = value_->if_array())
    return list->empty() ? FhirNode{} : FhirNode{&list->front()}[name];
  const auto* object = value_->if_object();
  return object == nullptr ? FhirNode{} : FhirNode{object->if_contains({name.data(), name.size()})};
}

std::vector<FhirNode> FhirNode::all(std::string_view name) const {
  const FhirNode found = (*this)[name];
  if (!found) return {};
  if (found.value_->is_array()) return found.members();
  return {found};
}

std::vector<FhirNode> FhirNode::members() const {
  std::vector<FhirNode> found;
  if (value_ == nullptr) return found;
  if (const auto* list = value_->if_array())
    for (const auto& item : *list) found.emplace_back(&item);
  if (const auto* object = value_->if_object())
    for (const auto& item : *object) found.emplace_back(&item.value());
  return found;
}

std::string FhirNode::text() const {
  if (value_ == nullptr) return {};
  if (const auto* list = value_->if_array())
    return list->empty() ? std::string{} : FhirNode{&list->front()}.text();
  if (const auto* truth = value_->if_bool()) return *truth ? "true" : "false";
  const auto* string = value_->if_string();
  return string == nullptr ? std::string{} : std::string{string->data(), string->size()};
}

std::string FhirNode::type() const {
  return (*this)["resourceType"].text();
}

FhirFile::FhirFile(FhirNode root) : root_(root) {
  const auto enter = [this](FhirNode url, FhirNode resource) {
    addresses_.add(url, resource);
    for (const FhirNode inner : resource.all("contained")) addresses_.add_contained(inner);
  };
  if (root.type() != "Bundle") {
    enter({}, root);
    addresses_.ready();
    main_ = root;
    return;
  }
  for (const FhirNode entry : root.all("entry")) {
    const FhirNode resource = entry["resource"];
    if (!resource) continue;
    enter(entry["fullUrl"], resource);
    resources_.push_back(resource);
  }
  addresses_.ready();
  for (const std::string_view wanted : {"Composition", "DocumentReference", "DiagnosticReport"})
    for (const FhirNode resource : resources_)
      if (!main_ && resource.type() == wanted) main_ = resource;
}

FhirNode FhirFile::resolve(FhirNode reference) const {
  return addresses_.find(reference["reference"].text());
}

FhirNode FhirFile::patient() const {
  if (main_.type() == "Patient") return main_;
  for (const std::string_view name : {"subject", "patient"})
    if (const FhirNode found = resolve(main_[name]); found.type() == "Patient") return found;
  std::vector<FhirNode> patients;
  for (const FhirNode resource : resources_)
    if (resource.type() == "Patient") patients.push_back(resource);
  if (patients.size() < 2) return patients.empty() ? FhirNode{} : patients.front();
  return only_subject();
}

// Of several patients, the one that every subject of the others leads to.
FhirNode FhirFile::only_subject() const {
  std::map<std::string, FhirNode> seen;  // a resource each: references repeat
  for (const FhirNode resource : resources_)
    for (const std::string_view name : {"subject", "patient"})
      if (const std::string target = resource[name]["reference"].text();
          !target.empty() && seen.size() <= patients_told_apart)
        seen.emplace(target, resource[name]);
  if (seen.empty() || seen.size() > patients_told_apart) return {};
  const FhirNode first = resolve(seen.begin()->second);
  const bool all = std::all_of(seen.begin(), seen.end(),
                               [&](const auto& pair) { return resolve(pair.second) == first; });
  return all && first.type() == "Patient" ? first : FhirNode{};
}

}  // namespace coffret::reader
