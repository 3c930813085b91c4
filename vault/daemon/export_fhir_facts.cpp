// SPDX-License-Identifier: EUPL-1.2
//
// FHIR R4 resources of facts. What an element requires and a fact lacks is written as unknown,
// never made up.
#include <algorithm>
#include <boost/json/array.hpp>
#include <initializer_list>
#include <optional>
#include <utility>

#include "vault/daemon/export_fhir.hpp"
#include "vault/daemon/export_fhir_parts.hpp"

namespace coffret::daemon::fhir {
namespace {

using boost::json::array;

constexpr std::string_view ips_absent =
    "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";

Json quantity(const std::string& value, const std::string& unit) {
  Json quantity{{"value", as_written(value)}};
  put(quantity, "unit", unit);
  return quantity;
}

// "≥ 0.512": a bound and its number, as FHIR writes the one (Quantity.comparator) and the other.
struct Bounded {
  std::string_view comparator;
  std::string number;
};
std::optional<Bounded> bounded(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> signs[] = {
      {"≥", ">="}, {"≤", "<="}, {">=", ">="}, {"<=", "<="}, {">", ">"}, {"<", "<"}};
  for (const auto& [sign, comparator] : signs) {
    if (!text.starts_with(sign)) continue;
    text.remove_prefix(sign.size());
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (is_decimal(text)) return Bounded{comparator, std::string{text}};
    break;
  }
  return std::nullopt;
}

void put_value(Json& into, const Fact& fact) {
  if (is_decimal(fact.value)) {
    into["valueQuantity"] = quantity(fact.value, fact.unit);
  } else if (const auto bound = bounded(fact.value)) {
    auto value = quantity(bound->number, fact.unit);
    value["comparator"] = view(bound->comparator);
    into["valueQuantity"] = std::move(value);
  } else if (!fact.value.empty()) {
    into["valueString"] = fact.value + (fact.unit.empty() ? "" : " " + fact.unit);
  } else {
    into["dataAbsentReason"] = hl7_coded("data-absent-reason", "unknown");
  }
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
  resource["code"] = concept_of(fact);
  resource["subject"] = reference(patient);
  if (!put_when(resource, "effective", fact)) resource["_effectiveDateTime"] = unknown();
  put_value(resource, fact);
  if (!fact.flag.empty() && fact.flag.find_first_of(" \t\n") == std::string::npos)
    resource["interpretation"] = array{hl7_coded("v3-ObservationInterpretation", fact.flag)};
  if (auto range = range_of(fact); !range.empty())
    resource["referenceRange"] = array{std::move(range)};
  return resource;
}

std::string one_of(const std::string& text, std::initializer_list<std::string_view> known) {
  for (const auto& word : known)
    if (text == word) return text;
  return {};
}

// verificationStatus, in those words that the resource knows; `otherwise` for the others of FHIR.
void put_certainty(Json& into, std::string_view system, const Fact& fact,
                   std::initializer_list<std::string_view> known, std::string_view otherwise) {
  if (one_of(fact.flag, {"unconfirmed", "provisional", "differential", "confirmed"}).empty())
    return;
  const auto word = one_of(fact.flag, known);
  into["verificationStatus"] = hl7_coded(system, word.empty() ? otherwise : std::string_view{word});
}

// The text before a mark and the one behind it, which is empty where there is no mark.
std::pair<std::string, std::string> parted(const std::string& text, std::string_view mark) {
  const auto at = text.find(mark);
  if (at == std::string::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + mark.size())};
}

Json allergy(const Fact& fact, const std::string& patient, const std::string& document) {
  Json resource = begun("AllergyIntolerance", document);
  // The standard wants one (ait-1) and has no code for unknown.
  const auto status = status_of(fact, {"active", "inactive", "resolved"}, "");
  resource["clinicalStatus"] =
      status.empty() ? unknown() : hl7_coded("allergyintolerance-clinical", status);
  put_certainty(resource, "allergyintolerance-verification", fact, {"unconfirmed", "confirmed"},
                "unconfirmed");
  put(resource, "criticality", one_of(fact.value, {"low", "high", "unable-to-assess"}));
  resource["code"] = concept_of(fact);
  resource["patient"] = reference(patient);
  put(resource, "onsetDateTime", date_time(fact.date));
  const auto severity = one_of(fact.dose, {"mild", "moderate", "severe"});
  // The reader puts reactions first, and behind " ; " what else is said of the allergy.
  const auto [reactions, note] = parted(fact.detail, " ; ");
  if (!note.empty()) resource["note"] = array{Json{{"text", note}}};
  if (reactions.empty() && severity.empty()) return resource;
  // A reaction has a manifestation, also one of which only the severity is known.
  Json reaction{
      {"manifestation", array{reactions.empty() ? unknown() : Json{{"text", reactions}}}}};
  put(reaction, "severity", severity);
  resource["reaction"] = array{std::move(reaction)};
  return resource;
}

Json condition(const Fact& fact, const std::string& patient, const std::string& document) {
  Json resource = begun("Condition", document);
  const auto end = date_time(fact.end);
  const auto status =
      status_of(fact, {"active", "recurrence", "relapse", "inactive", "remission", "resolved"},
                end.empty() ? "" : "resolved");
  if (!status.empty()) resource["clinicalStatus"] = hl7_coded("condition-clinical", status);
  put_certainty(resource, "condition-ver-status", fact,
                {"unconfirmed", "provisional", "differential", "confirmed"}, "unconfirmed");
  resource["code"] = concept_of(fact);
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
  resource["vaccineCode"] = concept_of(fact);
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
  resource["code"] = concept_of(fact);
  resource["subject"] = reference(patient);
  if (!put_when(resource, "performed", fact)) resource["_performedDateTime"] = unknown();
  return resource;
}

}  // namespace

Json resource_of(const Fact& fact, const std::string& patient, const std::string& document,
                 std::string_view today) {
  switch (fact.kind) {
    case FactKind::result:
      return observation(fact, patient, document);
    case FactKind::medicine:
      return medicine_resource(fact, patient, document, today);
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

Json nothing_known(FactKind kind, const std::string& patient, const Fact* stated,
                   const std::string& document) {
  const auto code = [&](std::string_view otherwise) {
    if (stated != nullptr) return concept_of(*stated);
    return coded(ips_absent, otherwise);
  };
  if (kind == FactKind::allergy) {
    Json resource = begun("AllergyIntolerance", document);
    resource["clinicalStatus"] = hl7_coded("allergyintolerance-clinical", "active");
    resource["code"] = code("no-allergy-info");
    resource["patient"] = reference(patient);
    return resource;
  }
  if (kind == FactKind::problem) {
    Json resource = begun("Condition", document);
    resource["clinicalStatus"] = hl7_coded("condition-clinical", "active");
    resource["code"] = code("no-problem-info");
    resource["subject"] = reference(patient);
    return resource;
  }
  Json resource = begun("MedicationStatement", document);
  resource["status"] = "unknown";
  resource["medicationCodeableConcept"] = code("no-medication-info");
  resource["subject"] = reference(patient);
  resource["_effectiveDateTime"] = unknown();
  return resource;
}

}  // namespace coffret::daemon::fhir
