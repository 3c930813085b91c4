// SPDX-License-Identifier: EUPL-1.2
//
// The Patient of an export, with the persons to reach.
#include <boost/json/array.hpp>

#include "vault/daemon/export_fhir.hpp"

namespace coffret::daemon::fhir {
namespace {

using boost::json::array;

std::string gender_of(const std::string& written) {
  if (written == "male" || written == "M") return "male";
  if (written == "female" || written == "F") return "female";
  if (written == "other" || written == "UN") return "other";
  return "unknown";
}

}  // namespace

Json patient_resource(const ExportedRecord& record, const PersonId& person_id) {
  PatientIdentity known;
  for (const auto& person : record.persons)
    if (person.id == person_id) known = person.identity;
  Json name{{"text", person_shown(record, person_id).empty() ? std::string{"?"}
                                                             : person_shown(record, person_id)}};
  if (!known.family.empty()) name["family"] = known.family;
  if (!known.given.empty()) name["given"] = array{known.given};
  Json resource{{"resourceType", "Patient"}, {"name", array{std::move(name)}}};
  array identifiers;
  for (const auto& id : known.ids) {
    if (id.value.empty()) continue;
    Json identifier{{"value", id.value}};
    if (const auto system = system_uri(id.system); !system.empty()) identifier["system"] = system;
    identifiers.push_back(std::move(identifier));
  }
  if (!identifiers.empty()) resource["identifier"] = std::move(identifiers);
  if (!known.gender.empty()) resource["gender"] = gender_of(known.gender);
  if (const auto born = date_time(known.birth_date).substr(0, 10); !born.empty())
    resource["birthDate"] = born;
  else
    resource["_birthDate"] =
        Json{{"extension", array{Json{{"url",
                                       "http://hl7.org/fhir/StructureDefinition/"
                                       "data-absent-reason"},
                                      {"valueCode", "unknown"}}}}};
  array contacts;
  for (const auto& view : record.facts) {
    if (view.person != person_id || view.fact.kind != FactKind::contact) continue;
    // Who has neither a name nor a telephone is nobody to reach (pat-1).
    if (view.fact.label.empty() && view.fact.detail.empty()) continue;
    Fact relation;  // its label is the person's name, and no words for what they are
    relation.code = view.fact.code;
    relation.codings = view.fact.codings;
    Json contact{{"relationship", array{concept_of(relation)}}};
    if (!view.fact.label.empty()) contact["name"] = Json{{"text", view.fact.label}};
    if (!view.fact.detail.empty())
      contact["telecom"] = array{Json{{"system", "other"}, {"value", view.fact.detail}}};
    contacts.push_back(std::move(contact));
  }
  if (!contacts.empty()) resource["contact"] = std::move(contacts);
  return resource;
}

}  // namespace coffret::daemon::fhir
