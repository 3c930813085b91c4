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
#include "vault/reader/fhir_addresses.hpp"
#include "vault/reader/fhir_node.hpp"
#include "vault/reader/xml.hpp"

namespace coffret::reader {

// Spellings of references to subjects that are followed where several Patients are in a Bundle.
inline constexpr std::size_t patients_told_apart = 16;

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
  const FhirAddresses& addresses() const { return addresses_; }

 private:
  FhirNode only_subject() const;

  FhirNode root_;
  FhirNode main_;
  std::vector<FhirNode> resources_;  // those of a Bundle's entries
  FhirAddresses addresses_;
};

// Precondition: root is an object with a resourceType. Finished (parts.hpp) by the caller.
void describe_fhir(const boost::json::value& root, DocumentDescription& into);

// fhir_people.cpp
std::vector<Author> fhir_authors(const FhirFile& file);
PatientIdentity fhir_patient(FhirNode patient);
// fhir_names.cpp: "EXEMPLE, Camille", "EXEMPLE Camille", "Mme Camille Exemple": a name that is not
// taken apart, into family and given names; prefix and suffix ("the 7th") are neither.
void split_name(const std::string& name, PatientIdentity& into);
CodedValue fhir_code(FhirNode concept_or_coding);

// fhir_body.cpp: narratives and attachments.
void read_fhir_body(const FhirFile& file, DocumentDescription& into);

// The JSON form of a FHIR resource in XML.
boost::json::value from_fhir_xml(XmlNode resource);
inline constexpr std::string_view fhir_space = "http://hl7.org/fhir";

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_FHIR_HPP
