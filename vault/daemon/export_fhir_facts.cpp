// SPDX-License-Identifier: EUPL-1.2
//
// FHIR R4 resources of facts. What an element requires and a fact lacks is written as unknown,
// never made up.
#include <boost/json/array.hpp>
#include <initializer_list>

#include "vault/daemon/export_fhir.hpp"

namespace coffret::daemon::fhir {
namespace {

using boost::json::array;

constexpr std::string_view terminology = "http://terminology.hl7.org/CodeSystem/";
constexpr std::string_view absent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
constexpr std::string_view ips_absent =
    "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";

boost::json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

Json reference(const std::string& url) {
  return {{"reference", url}};
}

Json coded(std::string_view system, std::string_view code) {
  return {{"coding", array{Json{{"system", view(system)}, {"code", view(code)}}}}};
}

Json hl7_coded(std::string_view system, std::string_view code) {
  return coded(std::string{terminology} + std::string{system}, code);
}

Json unknown() {
  return {{"extension", array{Json{{"url", view(absent)}, {"valueCode", "unknown"}}}}};
}

// As FHIR spells it: documents write "Active", "On Hold"; HL7 v3 has words of its own.
std::string fhir_status(const Fact& fact) {
  std::string status;
  for (const char c : fact.status)
    status += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == ' ' ? '-' : c;
  if (status == "aborted") return "stopped";
  return status == "suspended" || status == "held" ? "on-hold" : status;
}

// The status where FHIR's list has it, else `otherwise`.
std::string status_of(const Fact& fact, std::initializer_list<std::string_view> known,
                      std::string_view otherwise) {
  auto written = fhir_status(fact);
  for (const auto& status : known)
    if (written == status) return written;
  return std::string{otherwise};
}

Json begun(std::string_view type, const std::string& document) {
  Json resource{{"resourceType", view(type)}};
  if (!document.empty()) resource["meta"] = Json{{"source", document}};
  return resource;
}

void put(Json& into, std::string_view name, const std::string& text) {
  if (!text.empty()) into[view(name)] = text;
}

// name + "DateTime" or "Period"; false when the fact has no date.
bool put_when(Json& into, const std::string& name, const Fact& fact) {
  const auto start = date_time(fact.date);
  const auto end = date_time(fact.end);
  if (end.empty()) {
    put(into, name + "DateTime", start);
    return !start.empty();
  }
  Json period;
  put(period, "start", start);
  put(period, "end", end);
  into[name + "Period"] = std::move(period);
  return true;
}

Json quantity(const std::string& value, const std::string& unit) {
  Json quantity{{"value", as_written(value)}};
  put(quantity, "unit", unit);
  return quantity;
}

Json range_of(const Fact& fact) {
  Json range;
  if (is_decimal(fact.range_low)) range["low"] = quantity(fact.range_low, fact.unit);
  if (is_decimal(fact.range_high)) range["high"] = quantity(fact.range_high, fact.unit);
  put(range, "text", fact.range_text);
  return range;
}

Json observation(const Fact& fact, const std::string& patient, const std::string& document) {
  Json resource = begun("Observation", document);
  resource["status"] =
      status_of(fact, {"registered", "preliminary", "final", "amended", "corrected", "cancelled"},
                fhir_status(fact) == "completed" ? "final" : "unknown");
  resource["code"] = concept_of(fact.code, fact.label);
  resource["subject"] = reference(patient);
  if (!put_when(resource, "effective", fact)) resource["_effectiveDateTime"] = unknown();
  if (is_decimal(fact.value))
    resource["valueQuantity"] = quantity(fact.value, fact.unit);
  else if (!fact.value.empty())
    resource["valueString"] = fact.value + (fact.unit.empty() ? "" : " " + fact.unit);
  else
    resource["dataAbsentReason"] = hl7_coded("data-absent-reason", "unknown");
  if (!fact.flag.empty() && fact.flag.find_first_of(" \t\n") == std::string::npos)
    resource["interpretation"] = array{hl7_coded("v3-ObservationInterpretation", fact.flag)};
  if (auto range = range_of(fact); !range.empty())
    resource["referenceRange"] = array{std::move(range)};
  return resource;
}

Json request(const Fact& fact, const std::string& patient, const std::string& document) {
  Json resource = begun("MedicationRequest", document);
  resource["status"] = status_of(
      fact, {"active", "on-hold", "cancelled", "completed", "stopped", "draft"}, "unknown");
  resource["intent"] = "order";
  resource["medicationCodeableConcept"] = concept_of(fact.code, fact.label);
  resource["subject"] = reference(patient);
  put(resource, "authoredOn", date_time(fact.date));
  if (!fact.dose.empty()) resource["dosageInstruction"] = array{Json{{"text", fact.dose}}};
  return resource;
}

Json dispense(const Fact& fact, const std::string& patient, const std::string& document) {
  Json resource = begun("MedicationDispense", document);
  resource["status"] = status_of(
      fact, {"preparation", "in-progress", "cancelled", "on-hold", "completed", "stopped"},
      "unknown");
  resource["medicationCodeableConcept"] = concept_of(fact.code, fact.label);
  resource["subject"] = reference(patient);
  put(resource, "whenHandedOver", date_time(fact.date));
  if (!fact.dose.empty()) resource["dosageInstruction"] = array{Json{{"text", fact.dose}}};
  if (!fact.detail.empty()) resource["note"] = array{Json{{"text", fact.detail}}};
  return resource;
}

Json statement(const Fact& fact, const std::string& patient, const std::string& document) {
  Json resource = begun("MedicationStatement", document);
  resource["status"] = status_of(
      fact, {"active", "completed", "intended", "stopped", "on-hold", "not-taken"}, "unknown");
  resource["medicationCodeableConcept"] = concept_of(fact.code, fact.label);
  resource["subject"] = reference(patient);
  if (!put_when(resource, "effective", fact)) resource["_effectiveDateTime"] = unknown();
  if (!fact.dose.empty()) resource["dosage"] = array{Json{{"text", fact.dose}}};
  if (!fact.detail.empty()) resource["note"] = array{Json{{"text", fact.detail}}};
  return resource;
}

Json medicine(const Fact& fact, const std::string& patient, const std::string& document) {
  if (fact.event == MedicineEvent::prescribed) return request(fact, patient, document);
  if (fact.event == MedicineEvent::dispensed) return dispense(fact, patient, document);
  return statement(fact, patient, document);
}

Json allergy(const Fact& fact, const std::string& patient, const std::string& document) {
  Json resource = begun("AllergyIntolerance", document);
  // The standard wants one (ait-1) and has no code for unknown.
  const auto status = status_of(fact, {"active", "inactive", "resolved"}, "");
  resource["clinicalStatus"] =
      status.empty() ? unknown() : hl7_coded("allergyintolerance-clinical", status);
  resource["code"] = concept_of(fact.code, fact.label);
  resource["patient"] = reference(patient);
  put(resource, "onsetDateTime", date_time(fact.date));
  if (!fact.detail.empty())
    resource["reaction"] = array{Json{{"manifestation", array{Json{{"text", fact.detail}}}}}};
  return resource;
}

Json condition(const Fact& fact, const std::string& patient, const std::string& document) {
  Json resource = begun("Condition", document);
  const auto end = date_time(fact.end);
  const auto status =
      status_of(fact, {"active", "recurrence", "relapse", "inactive", "remission", "resolved"},
                end.empty() ? "" : "resolved");
  if (!status.empty()) resource["clinicalStatus"] = hl7_coded("condition-clinical", status);
  resource["code"] = concept_of(fact.code, fact.label);
  resource["subject"] = reference(patient);
  put(resource, "onsetDateTime", date_time(fact.date));
  put(resource, "abatementDateTime", end);
  return resource;
}

Json immunization(const Fact& fact, const std::string& patient, const std::string& document) {
  Json resource = begun("Immunization", document);
  const auto status = fhir_status(fact);
  const bool not_done = status == "refused" || status == "not-done" || status == "stopped";
  resource["status"] = not_done ? "not-done" : "completed";
  resource["vaccineCode"] = concept_of(fact.code, fact.label);
  resource["patient"] = reference(patient);
  const auto date = date_time(fact.date);
  if (date.empty())
    resource["occurrenceString"] = "unknown";
  else
    resource["occurrenceDateTime"] = date;
  put(resource, "lotNumber", fact.detail);
  if (!fact.dose.empty())
    resource["protocolApplied"] = array{Json{{"doseNumberString", fact.dose}}};
  return resource;
}

Json procedure(const Fact& fact, const std::string& patient, const std::string& document) {
  Json resource = begun("Procedure", document);
  resource["status"] =
      status_of(fact, {"preparation", "in-progress", "not-done", "on-hold", "stopped", "completed"},
                "unknown");
  resource["code"] = concept_of(fact.code, fact.label);
  resource["subject"] = reference(patient);
  if (!put_when(resource, "performed", fact)) resource["_performedDateTime"] = unknown();
  return resource;
}

}  // namespace

Json resource_of(const Fact& fact, const std::string& patient, const std::string& document) {
  switch (fact.kind) {
    case FactKind::result:
      return observation(fact, patient, document);
    case FactKind::medicine:
      return medicine(fact, patient, document);
    case FactKind::allergy:
      return allergy(fact, patient, document);
    case FactKind::problem:
      return condition(fact, patient, document);
    case FactKind::vaccine:
      return immunization(fact, patient, document);
    case FactKind::procedure:
      return procedure(fact, patient, document);
    case FactKind::contact:
      break;  // a part of the Patient
  }
  return {};
}

Json nothing_known(FactKind kind, const std::string& patient) {
  if (kind == FactKind::allergy) {
    Json resource = begun("AllergyIntolerance", {});
    resource["clinicalStatus"] = hl7_coded("allergyintolerance-clinical", "active");
    resource["code"] = coded(ips_absent, "no-allergy-info");
    resource["patient"] = reference(patient);
    return resource;
  }
  if (kind == FactKind::problem) {
    Json resource = begun("Condition", {});
    resource["clinicalStatus"] = hl7_coded("condition-clinical", "active");
    resource["code"] = coded(ips_absent, "no-problem-info");
    resource["subject"] = reference(patient);
    return resource;
  }
  Json resource = begun("MedicationStatement", {});
  resource["status"] = "unknown";
  resource["medicationCodeableConcept"] = coded(ips_absent, "no-medication-info");
  resource["subject"] = reference(patient);
  resource["_effectiveDateTime"] = unknown();
  return resource;
}

}  // namespace coffret::daemon::fhir
