// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <vector>

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
           is(resource["intent"].text(), {"proposal", "option"});
  if (event == MedicineEvent::dispensed)
    return is(status, {"declined", "cancelled", "preparation", "in-progress", "on-hold"});
  return event == MedicineEvent::taken && status == "intended";
}

// The time it is to be taken, where the dosages bound it: from the first one's start to the last
// end; without an end where one step has none.
void read_bounds(FhirNode request, Fact& into) {
  into.end.clear();
  bool open = false;
  bool first = true;
  for (const FhirNode step : request.all("dosageInstruction")) {
    Fact bounds;
    fhir_when(step["timing"]["repeat"], {"boundsPeriod"}, bounds);
    if (first && !bounds.date.empty()) into.date = bounds.date;
    first = false;
    open = open || bounds.end.empty();
    into.end = std::max(into.end, bounds.end);
  }
  if (open) into.end.clear();
}

// All its dosages in words; beside them the route, where it is the same for all, and the need that
// a single one depends on.
SpokenDose dose_of(FhirNode resource, MedicineEvent event) {
  std::vector<FhirNode> all = resource.all("dosage");
  for (const FhirNode dosage : resource.all("dosageInstruction")) all.push_back(dosage);
  // The bounds of a single prescribed dosage are the fact's own: read_bounds.
  const bool with_bounds = all.size() > 1 || event != MedicineEvent::prescribed;
  const auto words = [&](bool english) {
    std::string told;
    for (const FhirNode dosage : all)
      append_words(told, fhir_dose(dosage, with_bounds, english), " ; ");
    return told;
  };
  SpokenDose dose{.french = words(false), .english = words(true)};
  const auto way_of = [](FhirNode dosage) {
    CodedValue way = fhir_fact_code(dosage["route"]);
    way.display = fhir_label(dosage["route"]);
    return way;
  };
  if (!all.empty()) dose.way = way_of(all.front());
  if (std::any_of(all.begin(), all.end(), [&](auto one) { return way_of(one) != dose.way; }))
    dose.way = {};
  if (all.size() != 1) return dose;
  const FhirNode need = all.front()["asNeededCodeableConcept"];
  dose.if_needed = need || all.front()["asNeededBoolean"].text() == "true";
  dose.need = fhir_label(need);
  return dose;
}

// The product, named here or in a Medication that is referred to.
void read_product(FhirNode resource, const ResourceContext& context, Fact& into) {
  const FhirNode reference = resource["medicationReference"];
  const FhirNode medication = context.index.resolve(reference);
  FhirNode subject = resource["medicationCodeableConcept"];
  if (!subject) subject = medication["code"];
  take_fhir_code(subject, into);
  into.label = fhir_label(subject);
  for (const FhirNode part : medication.all("ingredient")) {
    if (!into.label.empty() || !into.code.code.empty()) break;
    take_fhir_code(part["itemCodeableConcept"], into);
    into.label = fhir_label(part["itemCodeableConcept"]);
  }
  if (into.label.empty()) into.label = clean_line(reference["display"].text());
  // Of the only substance in it, where its name has no number that says it.
  if (const auto parts = medication.all("ingredient");
      parts.size() == 1 && into.label.find_first_of("0123456789") == std::string::npos)
    into.value = fhir_amount(parts.front()["strength"]);
  // Its ATC class, where the code that was taken is another's.
  if (!atc_class(into.code.code, into.code.system).empty()) return;
  for (const FhirNode coding : subject.all("coding"))
    if (into.flag.empty()) into.flag = atc_class(coding["code"].text(), coding["system"].text());
}

}  // namespace

void add_fhir_medicine(FhirNode resource, const std::string& type, const ResourceContext& context) {
  const MedicineEvent event = event_of(type);
  if (event == MedicineEvent::none) return;
  Fact fact;
  if (const auto none = fhir_absence(resource["medicationCodeableConcept"])) {
    fact.place = context.place;
    fhir_when(resource, {"effectiveDateTime", "effectivePeriod", "dateAsserted"}, fact);
    // Of what was ordered or handed over, none is known is no statement about all.
    if (event == MedicineEvent::taken && resource["status"].text() != "entered-in-error")
      context.facts.add_absence(FactKind::medicine, *none, std::move(fact));
    return;
  }
  if (did_not_happen(resource, event)) return;
  fact.kind = FactKind::medicine;
  // A plan prescribes nothing, but lists what the person is treated with.
  const bool plan = event == MedicineEvent::prescribed && resource["intent"].text() == "plan";
  fact.event = plan ? MedicineEvent::none : event;
  read_product(resource, context, fact);
  fact.status = resource["status"].text();
  fact.place = context.place;
  fact.dose = packed(dose_of(resource, event));
  fhir_when(resource,
            {"effectiveDateTime", "effectivePeriod", "whenHandedOver", "whenPrepared", "authoredOn",
             "dateAsserted"},
            fact);
  if (event == MedicineEvent::prescribed) {
    fact.detail = fhir_amount(resource["dispenseRequest"]["quantity"]);
    read_bounds(resource, fact);
  }
  if (event == MedicineEvent::dispensed) fact.detail = fhir_amount(resource["quantity"]);
  fact.author = fhir_stated_by(resource, {"requester", "performer", "informationSource"}, context);
  context.facts.add(std::move(fact));
}

void add_fhir_vaccine(FhirNode resource, const ResourceContext& context) {
  const std::string status = resource["status"].text();
  if (status == "entered-in-error") return;
  Fact fact;
  if (const auto none = fhir_absence(resource["vaccineCode"])) {
    fact.place = context.place;
    return context.facts.add_absence(FactKind::vaccine, *none, std::move(fact));
  }
  fact.kind = FactKind::vaccine;
  take_fhir_code(resource["vaccineCode"], fact);
  fact.label = fhir_label(resource["vaccineCode"]);
  fact.status = status;
  fact.place = context.place;
  fact.detail = clean_line(resource["lotNumber"].text());
  const FhirNode protocol = resource["protocolApplied"];
  fact.dose = vaccine_rank(protocol["doseNumberPositiveInt"].text());
  if (fact.dose.empty()) fact.dose = vaccine_rank(protocol["doseNumberString"].text());
  fhir_when(resource, {"occurrenceDateTime", "recorded"}, fact);
  fact.author = fhir_stated_by(resource, {"performer"}, context);
  context.facts.add(std::move(fact));
}

}  // namespace coffret::reader
