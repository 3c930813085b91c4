// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>

#include "vault/reader/clean.hpp"
#include "vault/reader/facts_fhir.hpp"

namespace coffret::reader {
namespace {

MedicineEvent event_of(const std::string& type) {
  if (type == "MedicationStatement") return MedicineEvent::taken;
  if (type == "MedicationRequest") return MedicineEvent::prescribed;
  if (type == "MedicationDispense") return MedicineEvent::dispensed;
  return type == "MedicationAdministration" ? MedicineEvent::administered : MedicineEvent::none;
}

// Whether the status or the intent says that it did not happen, or not yet.
bool did_not_happen(FhirNode resource, MedicineEvent event) {
  const std::string status = resource["status"].text();
  const auto is = [](const std::string& word, std::initializer_list<std::string_view> list) {
    return std::find(list.begin(), list.end(), word) != list.end();
  };
  if (is(status, {"entered-in-error", "not-taken", "not-done"}) ||
      resource["doNotPerform"].text() == "true")
    return true;
  if (event == MedicineEvent::prescribed)
    return is(status, {"draft", "cancelled"}) ||
           is(resource["intent"].text(), {"proposal", "plan", "option"});
  if (event == MedicineEvent::dispensed)
    return is(status, {"declined", "cancelled", "preparation", "in-progress", "on-hold"});
  return event == MedicineEvent::taken && status == "intended";
}

// The UCUM code of a duration; some write it as the unit only.
std::string time_unit(FhirNode duration) {
  const std::string code = duration["code"].text();
  return code.empty() ? duration["unit"].text() : code;
}

std::string timing_words(FhirNode timing, bool english) {
  const FhirNode repeat = timing["repeat"];
  std::string times = repeat["frequency"].text();
  if (const std::string most = repeat["frequencyMax"].text(); !most.empty() && !times.empty())
    times += " - " + most;
  std::string all =
      rate_words(times, repeat["period"].text(), repeat["periodUnit"].text(), english);
  for (const FhirNode day : repeat.all("dayOfWeek"))
    append_words(all, day_words(day.text(), english));
  for (const FhirNode moment : repeat.all("when"))
    append_words(all, moment_words(moment.text(), english));
  for (const FhirNode hour : repeat.all("timeOfDay")) append_words(all, hour.text().substr(0, 5));
  if (all.empty()) all = fhir_label(timing["code"]);
  const FhirNode bounds = repeat["boundsDuration"];
  append_words(all, duration_words(bounds["value"].text(), time_unit(bounds), english));
  return all;
}

// What bounds the dose, also where the words before it are the document's own.
void append_bounds(FhirNode dosage, bool english, std::string& dose) {
  const FhirNode reason = dosage["asNeededCodeableConcept"];
  if (reason || dosage["asNeededBoolean"].text() == "true")
    append_if_needed(dose, fhir_label(reason), english);
  for (const FhirNode most : dosage.all("maxDosePerPeriod")) {
    const FhirNode period = most["denominator"];
    append_maximum(dose, fhir_amount(most["numerator"]), period["value"].text(), time_unit(period),
                   english);
  }
}

std::string stated_or_composed(FhirNode dosage, bool english) {
  for (const std::string_view name : {"text", "patientInstruction"})
    if (std::string said = clean_line(dosage[name].text()); !said.empty()) return said;
  // MedicationAdministration has one dose, the others a list by rate.
  const FhirNode rate = dosage["doseAndRate"];
  std::string all = fhir_amount(rate["doseQuantity"]);
  if (all.empty()) all = fhir_amount(rate["doseRange"]);
  if (all.empty()) all = fhir_amount(dosage["dose"]);
  append_words(all, timing_words(dosage["timing"], english));
  if (!all.empty()) append_words(all, fhir_label(dosage["route"]));
  return all;
}

// One Dosage: its own words, else composed.
std::string dosage_words(FhirNode dosage, bool english) {
  std::string all = stated_or_composed(dosage, english);
  append_bounds(dosage, english, all);
  return all;
}

// The product, named here or in a Medication that is referred to.
void read_product(FhirNode resource, const ResourceContext& context, Fact& into) {
  const FhirNode reference = resource["medicationReference"];
  const FhirNode medication = context.index.resolve(reference);
  FhirNode subject = resource["medicationCodeableConcept"];
  if (!subject) subject = medication["code"];
  into.code = fhir_fact_code(subject);
  into.label = fhir_label(subject);
  for (const FhirNode part : medication.all("ingredient")) {
    if (!into.label.empty() || !into.code.code.empty()) break;
    into.code = fhir_fact_code(part["itemCodeableConcept"]);
    into.label = fhir_label(part["itemCodeableConcept"]);
  }
  if (into.label.empty()) into.label = clean_line(reference["display"].text());
}

}  // namespace

void add_fhir_medicine(FhirNode resource, const std::string& type, const ResourceContext& context) {
  const MedicineEvent event = event_of(type);
  if (event == MedicineEvent::none || did_not_happen(resource, event) ||
      fhir_states_absence(resource["medicationCodeableConcept"]))
    return;
  Fact fact;
  fact.kind = FactKind::medicine;
  fact.event = event;
  read_product(resource, context, fact);
  fact.status = resource["status"].text();
  fact.place = context.place;
  const bool english = context.facts.in_english();
  for (const std::string_view name : {"dosage", "dosageInstruction"})
    for (const FhirNode dosage : resource.all(name))
      append_words(fact.dose, dosage_words(dosage, english), " ; ");
  fhir_when(resource,
            {"effectiveDateTime", "effectivePeriod", "whenHandedOver", "whenPrepared", "authoredOn",
             "dateAsserted"},
            fact);
  if (event == MedicineEvent::prescribed) {
    fact.detail = fhir_amount(resource["dispenseRequest"]["quantity"]);
    // The time it is to be taken, where the first dosage bounds it.
    Fact bounds;
    fhir_when(resource["dosageInstruction"]["timing"]["repeat"], {"boundsPeriod"}, bounds);
    if (!bounds.date.empty()) fact.date = bounds.date;
    fact.end = bounds.end;
  }
  if (event == MedicineEvent::dispensed) fact.detail = fhir_amount(resource["quantity"]);
  fact.author = fhir_stated_by(resource, {"requester", "performer", "informationSource"}, context);
  context.facts.add(std::move(fact));
}

void add_fhir_vaccine(FhirNode resource, const ResourceContext& context) {
  const std::string status = resource["status"].text();
  if (status == "entered-in-error" || fhir_states_absence(resource["vaccineCode"])) return;
  Fact fact;
  fact.kind = FactKind::vaccine;
  fact.code = fhir_fact_code(resource["vaccineCode"]);
  fact.label = fhir_label(resource["vaccineCode"]);
  fact.status = status;
  fact.place = context.place;
  fact.detail = clean_line(resource["lotNumber"].text());
  const FhirNode protocol = resource["protocolApplied"];
  fact.dose = protocol["doseNumberPositiveInt"].text();
  if (fact.dose.empty()) fact.dose = protocol["doseNumberString"].text();
  fhir_when(resource, {"occurrenceDateTime", "recorded"}, fact);
  fact.author = fhir_stated_by(resource, {"performer"}, context);
  context.facts.add(std::move(fact));
}

}  // namespace coffret::reader
