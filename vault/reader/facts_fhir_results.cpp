// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <array>

#include "vault/reader/clean.hpp"
#include "vault/reader/facts_fhir.hpp"
#include "vault/reader/facts_ranges.hpp"
#include "vault/reader/iso_time.hpp"

namespace coffret::reader {
namespace {

// A range as the value; its unit apart where it is one.
void read_bounds_of(FhirNode range, Fact& into) {
  const std::string least = range["low"]["value"].text();
  const std::string most = range["high"]["value"].text();
  const auto unit_of = [](FhirNode of) {
    const std::string unit = of["unit"].text();
    return unit.empty() ? of["code"].text() : unit;
  };
  const std::string unit = unit_of(range[least.empty() ? "high" : "low"]);
  if (!least.empty() && !most.empty() && unit != unit_of(range["high"])) {
    into.value = fhir_amount(range);
    return;
  }
  if (least.empty() || most.empty())
    into.value = least.empty() ? (most.empty() ? "" : "≤ " + most) : "≥ " + least;
  else
    into.value = least + " - " + most;
  if (!into.value.empty()) into.unit = unit;
}

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
  if (into.value = fhir_amount(holder["valueRatio"]); !into.value.empty()) return true;
  if (const FhirNode range = holder["valueRange"]) {
    read_bounds_of(range, into);
    if (!into.value.empty()) return true;
  }
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

AgeBound age_bound(FhirNode age) {
  const std::string code = age["code"].text();
  return {age["value"].text(), code.empty() ? age["unit"].text() : code};
}

RangeOffer offer_of(FhirNode range, const Fact& result, const FactList& facts) {
  RangeOffer offer;
  offer.low = range["low"]["value"].text();
  offer.high = range["high"]["value"].text();
  offer.text = clean_line(range["text"].text());
  offer.words = fhir_amount(range);
  const FhirNode bound = offer.low.empty() ? range["high"] : range["low"];
  std::string unit = bound["unit"].text();
  if (unit.empty()) unit = bound["code"].text();
  // Limits in another unit than the value's would be read in it.
  if (!unit.empty() && unit != result.unit) {
    if (offer.text.empty()) offer.text = offer.words;
    offer.low.clear();
    offer.high.clear();
  }
  if (offer.words.empty()) offer.words = offer.text;
  for (const FhirNode group : range.all("appliesTo")) {
    const std::string label = fhir_label(group);
    const std::string code = fhir_fact_code(group).code;
    append_words(offer.who, label.empty() ? code : label);
    Applies applies = for_sex(code, facts.patient());
    if (applies == Applies::unclear) applies = for_sex(label, facts.patient());
    offer.applies = both(offer.applies, applies);
  }
  if (const FhirNode age = range["age"]) {
    append_words(offer.who, fhir_amount(age));
    const auto& day = result.date.empty() ? facts.document_date() : result.date;
    offer.applies = both(offer.applies, for_age(age_bound(age["low"]), age_bound(age["high"]),
                                                facts.patient(), day));
  }
  return offer;
}

// The normal ranges (those without a type are), else all there are; of them the patient's.
void read_range(FhirNode holder, const FactList& facts, Fact& into) {
  std::vector<RangeOffer> normal;
  std::vector<RangeOffer> others;
  for (const FhirNode item : holder.all("referenceRange")) {
    const std::string type = item["type"]["coding"]["code"].text();
    auto& among = type.empty() || type == "normal" ? normal : others;
    if (normal.size() + others.size() < limits::list_length)
      among.push_back(offer_of(item, into, facts));
  }
  take_range(normal.empty() ? std::move(others) : std::move(normal), into);
}

// HL7's code (H, R, POS), beside which others may stand; else the first; else the words.
std::string flag_of(FhirNode holder) {
  std::string any;
  for (const FhirNode said : holder.all("interpretation"))
    for (const FhirNode coding : said.all("coding")) {
      std::string code = coding["code"].text();
      const std::string system = coding["system"].text();
      if (!code.empty() && (system.ends_with("ObservationInterpretation") ||
                            system.ends_with("v2-0078") || system.ends_with("v2/0078")))
        return code;
      if (any.empty()) any = std::move(code);
    }
  return any.empty() ? holder["interpretation"]["text"].text() : any;
}

// Answers to questionnaires are results only where they are numbers. How a person lives (smoking,
// alcohol, work: category social-history) is told in words too, whatever form asked for it.
bool is_questionnaire(FhirNode observation) {
  bool asked = false;
  for (const FhirNode category : observation.all("category"))
    for (const FhirNode coding : category.all("coding")) {
      const std::string code = coding["code"].text();
      if (code == "social-history") return false;
      asked = asked || code == "survey" || code == "activity";
    }
  return asked;
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
  const bool words_count = !is_questionnaire(observation);
  const auto add = [&](FhirNode holder, const std::string& place) {
    Fact fact = common;
    take_fhir_code(holder["code"], fact);
    fact.label = fhir_label(holder["code"]);
    const bool number = read_value(holder, fact);
    read_range(holder, context.facts, fact);
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
