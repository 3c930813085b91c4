// SPDX-License-Identifier: EUPL-1.2
//
// fhir.hpp: FHIR R4 resources and Bundles, in JSON or XML, as one document.
//
// The XML form is turned into the JSON form first (fhir_xml.cpp), except that an element that may
// repeat but does not is a plain member there; so all questions below take one value for a list of
// one. References are resolved within the file only: contained resources and Bundle entries.
#ifndef COFFRET_VAULT_READER_FHIR_HPP
#define COFFRET_VAULT_READER_FHIR_HPP

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/document.hpp"
#include "vault/reader/xml.hpp"

namespace coffret::reader {

inline constexpr std::size_t fhir_depth = 64;  // of JSON; the deepest of our samples has 13

// Spellings of references to subjects that are followed where several Patients are in a Bundle.
inline constexpr std::size_t patients_told_apart = 16;

inline constexpr std::ptrdiff_t fhir_values = 1'600'000;  // items, members, commas in text

// A view of one JSON value; absent answers with absence. Valid as long as the value.
class FhirNode {
 public:
  FhirNode() = default;
  explicit FhirNode(const boost::json::value* value) : value_(value) {}
  explicit operator bool() const noexcept { return value_ != nullptr; }
  bool operator==(const FhirNode&) const = default;  // the same place in the file

  FhirNode operator[](std::string_view name) const;  // of a list: of its first element
  std::vector<FhirNode> all(
      std::string_view name) const;       // the elements of a list, or the one value
  std::vector<FhirNode> members() const;  // all values of an object or list
  std::string text() const;               // of a string; "true", "false"; empty otherwise
  std::string type() const;               // resourceType
  const boost::json::value* value() const { return value_; }

 private:
  const boost::json::value* value_ = nullptr;
};

// The resources of one file, and where references lead.
class FhirFile {
 public:
  explicit FhirFile(FhirNode root);
  // The resource that gives the file its title and date: the Composition, DocumentReference or
  // DiagnosticReport of a Bundle; the resource itself. Absent for a Bundle with none of them.
  FhirNode main() const { return main_; }
  FhirNode root() const { return root_; }
  FhirNode resolve(FhirNode reference) const;  // of {"reference": "…"}; absent when not in the file
  // Of the main resource, else the only one there is, else the one that all others are about.
  FhirNode patient() const;
  const std::vector<FhirNode>& resources() const { return resources_; }

 private:
  FhirNode only_subject() const;

  FhirNode root_;
  FhirNode main_;
  std::vector<FhirNode> resources_;                          // those of a Bundle's entries
  std::vector<std::pair<std::string, FhirNode>> addresses_;  // fullUrl, Type/id, #id
};

// Precondition: root is an object with a resourceType. Finished (parts.hpp) by the caller.
void describe_fhir(const boost::json::value& root, DocumentDescription& into);

// fhir_people.cpp
std::vector<Author> fhir_authors(const FhirFile& file);
PatientIdentity fhir_patient(FhirNode patient);
CodedValue fhir_code(FhirNode concept_or_coding);

// fhir_body.cpp: narratives and attachments.
void read_fhir_body(const FhirFile& file, DocumentDescription& into);

// The JSON form of a FHIR resource in XML.
boost::json::value from_fhir_xml(XmlNode resource);
inline constexpr std::string_view fhir_space = "http://hl7.org/fhir";

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_FHIR_HPP
