// SPDX-License-Identifier: EUPL-1.2
//
// Medicines: requests, dispenses and statements, and whether a treatment is over.
#include <algorithm>
#include <boost/json/array.hpp>

#include "coffret/spoken.hpp"
#include "vault/daemon/export_fhir.hpp"
#include "vault/daemon/export_fhir_parts.hpp"

namespace coffret::daemon::fhir {
namespace {

using boost::json::array;

// The dose as it is told, its route and its need also as what they are; `bounds`: and how long,
// where that is known to the end (FHIR Timing). Precondition: the fact speaks one language.
void put_dosage(Json& into, std::string_view name, const Fact& fact, bool bounds) {
  Json dosage;
  const SpokenDose dose = unpacked_dose(fact.dose);
  put(dosage, "text", dose.french);
  if (!dose.way.code.empty() || !dose.way.display.empty())
    dosage["route"] = concept_of(dose.way, dose.way.display);
  if (!dose.need.empty())
    dosage["asNeededCodeableConcept"] = Json{{"text", dose.need}};
  else if (dose.if_needed)
    dosage["asNeededBoolean"] = true;
  const auto end = date_time(fact.end);
  if (bounds && !end.empty()) {
    Json period;
    put(period, "start", date_time(fact.date));
    period["end"] = end;
    dosage["timing"] = Json{{"repeat", Json{{"boundsPeriod", std::move(period)}}}};
  }
  if (!dosage.empty()) into[view(name)] = array{std::move(dosage)};
}

// What CDA calls completed is the line of a list, not the treatment: whether that is over, its end
// alone tells. A FHIR resource says so itself.
std::string treatment_status(const Fact& fact, std::initializer_list<std::string_view> known,
                             std::string_view today) {
  auto status = status_of(fact, known, "unknown");
  const auto common = std::min({fact.end.size(), today.size(), std::size_t{10}});
  const auto end = std::string_view{fact.end}.substr(0, common);
  if (status == "active" && end < today.substr(0, common)) return "completed";
  const bool said_by_fhir =
      fact.place.starts_with("Medication") || fact.event == MedicineEvent::administered;
  if (status != "completed" || said_by_fhir) return status;
  if (common == 0) return "unknown";
  return end < today.substr(0, common) ? "completed" : "active";
}

Json request(const Fact& fact, const std::string& patient, const std::string& document,
             std::string_view today) {
  Json resource = begun("MedicationRequest", document);
  resource["status"] = treatment_status(
      fact, {"active", "on-hold", "cancelled", "completed", "stopped", "draft"}, today);
  resource["intent"] = "order";
  resource["medicationCodeableConcept"] = concept_of(fact);
  resource["subject"] = reference(patient);
  put(resource, "authoredOn", date_time(fact.date));
  put_dosage(resource, "dosageInstruction", fact, true);
  return resource;
}

Json dispense(const Fact& fact, const std::string& patient, const std::string& document) {
  Json resource = begun("MedicationDispense", document);
  resource["status"] = status_of(
      fact, {"preparation", "in-progress", "cancelled", "on-hold", "completed", "stopped"},
      "unknown");
  resource["medicationCodeableConcept"] = concept_of(fact);
  resource["subject"] = reference(patient);
  put(resource, "whenHandedOver", date_time(fact.date));
  put_dosage(resource, "dosageInstruction", fact, false);
  if (!fact.detail.empty()) resource["note"] = array{Json{{"text", fact.detail}}};
  return resource;
}

Json statement(const Fact& fact, const std::string& patient, const std::string& document,
               std::string_view today) {
  Json resource = begun("MedicationStatement", document);
  resource["status"] = treatment_status(
      fact, {"active", "completed", "intended", "stopped", "on-hold", "not-taken"}, today);
  resource["medicationCodeableConcept"] = concept_of(fact);
  resource["subject"] = reference(patient);
  if (!put_when(resource, "effective", fact)) resource["_effectiveDateTime"] = unknown();
  put_dosage(resource, "dosage", fact, false);
  if (!fact.detail.empty()) resource["note"] = array{Json{{"text", fact.detail}}};
  return resource;
}

}  // namespace

Json medicine_resource(const Fact& fact, const std::string& patient, const std::string& document,
                       std::string_view today) {
  if (fact.event == MedicineEvent::prescribed) return request(fact, patient, document, today);
  if (fact.event == MedicineEvent::dispensed) return dispense(fact, patient, document);
  return statement(fact, patient, document, today);
}

}  // namespace coffret::daemon::fhir
