// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <array>

#include "vault/reader/clean.hpp"
#include "vault/reader/facts_fhir.hpp"
#include "vault/reader/iso_time.hpp"

namespace coffret::reader {
namespace {

// value[x], with its unit. False when it is not a number.
bool read_value(FhirNode holder, Fact& into) {
  if (const FhirNode quantity = holder["valueQuantity"]) {
    into.value = quantity["value"].text();
    if (!into.value.empty()) into.value.insert(0, quantity["comparator"].text());
    into.unit = quantity["unit"].text();
    if (into.unit.empty()) into.unit = quantity["code"].text();
    return true;
  }
  for (const std::string_view name : {"valueInteger", "valueDecimal"})
    if (into.value = holder[name].text(); !into.value.empty()) return true;
  for (const std::string_view name : {"valueRange", "valueRatio"})
    if (into.value = fhir_amount(holder[name]); !into.value.empty()) return true;
  if (const FhirNode subject = holder["valueCodeableConcept"]) {
    into.value = fhir_label(subject);
    if (into.value.empty()) into.value = fhir_fact_code(subject).code;
    return false;
  }
  for (const std::string_view name : {"valueString", "valueBoolean", "valueTime"})
    if (into.value = holder[name].text(); !into.value.empty()) return false;
  if (into.value = from_iso(holder["valueDateTime"].text()); !into.value.empty()) return false;
  into.value = from_iso(holder["valuePeriod"]["start"].text());
  append_words(into.value, from_iso(holder["valuePeriod"]["end"].text()), " / ");
  return false;
}

// The normal range, which is the one without a type, else the first.
void read_range(FhirNode holder, Fact& into) {
  FhirNode range;
  for (const FhirNode item : holder.all("referenceRange")) {
    const std::string type = item["type"]["coding"]["code"].text();
    if (!range || type == "normal") range = item;
  }
  into.range_low = range["low"]["value"].text();
  into.range_high = range["high"]["value"].text();
  into.range_text = clean_line(range["text"].text());
  const FhirNode bound = into.range_low.empty() ? range["high"] : range["low"];
  std::string unit = bound["unit"].text();
  if (unit.empty()) unit = bound["code"].text();
  // Limits in another unit than the value's would be read in it.
  if (!unit.empty() && unit != into.unit) {
    if (into.range_text.empty()) into.range_text = fhir_amount(range);
    into.range_low.clear();
    into.range_high.clear();
  }
}

std::string flag_of(FhirNode holder) {
  const FhirNode said = holder["interpretation"];
  const std::string code = said["coding"]["code"].text();
  return code.empty() ? said["text"].text() : code;
}

// How a person lives, and answers to questionnaires, are results only where they are numbers.
bool is_about_life(FhirNode observation) {
  for (const FhirNode category : observation.all("category"))
    for (const FhirNode coding : category.all("coding")) {
      const std::string code = coding["code"].text();
      if (code == "social-history" || code == "survey" || code == "activity") return true;
    }
  return false;
}

}  // namespace

void add_fhir_observation(FhirNode observation, const ResourceContext& context) {
  const std::string status = observation["status"].text();
  if (status == "entered-in-error" || status == "cancelled") return;
  Fact common;
  common.kind = FactKind::result;
  fhir_when(
      observation,
      {"effectiveDateTime", "effectiveInstant", "effectivePeriod", "effectiveTiming", "issued"},
      common);
  common.status = status;
  common.author = fhir_stated_by(observation, {"performer"}, context);
  const bool words_count = !is_about_life(observation);
  const auto add = [&](FhirNode holder, const std::string& place) {
    Fact fact = common;
    fact.code = fhir_fact_code(holder["code"]);
    fact.label = fhir_label(holder["code"]);
    const bool number = read_value(holder, fact);
    read_range(holder, fact);
    fact.flag = flag_of(holder);
    fact.place = place;
    if (number || words_count) context.facts.add(std::move(fact));
  };
  add(observation, context.place);
  std::size_t number = 0;
  for (const FhirNode part : observation.all("component"))
    add(part, context.place + "/component[" + std::to_string(++number) + "]");
}

}  // namespace coffret::reader
