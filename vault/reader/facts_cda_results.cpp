// SPDX-License-Identifier: EUPL-1.2
//
// Observations: results and vital signs; which of them are problems or allergies; procedures.
#include <algorithm>
#include <array>
#include <initializer_list>

#include "vault/reader/cda.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/facts_cda.hpp"
#include "vault/reader/facts_ranges.hpp"
#include "vault/reader/iso_time.hpp"

namespace coffret::reader {
namespace {

// C-CDA; CCD; IHE PCC and XD-LAB, on which the French volets build.
constexpr std::array<std::string_view, 6> allergy_templates = {
    "2.16.840.1.113883.10.20.22.4.7", "2.16.840.1.113883.10.20.24.3.90",
    "2.16.840.1.113883.10.20.1.18",   "1.3.6.1.4.1.19376.1.5.3.1.4.6",
    "2.16.840.1.113883.10.22.4.1",    "1.2.250.1.213.1.1.3.41"};
constexpr std::array<std::string_view, 4> problem_templates = {
    "2.16.840.1.113883.10.20.22.4.4", "2.16.840.1.113883.10.20.1.28",
    "1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.2.250.1.213.1.1.3.37"};
// With those of IHE PCC, C-CDA and the French volets for how a person lives and for pregnancy:
// answers in words.
constexpr std::array<std::string_view, 12> result_templates = {
    "2.16.840.1.113883.10.20.22.4.2",   "2.16.840.1.113883.10.20.22.4.27",
    "2.16.840.1.113883.10.20.1.31",     "1.3.6.1.4.1.19376.1.5.3.1.4.13.2",
    "1.3.6.1.4.1.19376.1.3.1.6",        "1.3.6.1.4.1.19376.1.5.3.1.4.13.4",
    "1.3.6.1.4.1.19376.1.5.3.1.4.13.5", "1.2.250.1.213.1.1.3.52",
    "1.2.250.1.213.1.1.3.53",           "2.16.840.1.113883.10.20.22.4.78",
    "2.16.840.1.113883.10.20.15.3.8",   "2.16.840.1.113883.10.20.15.3.1"};

// What an observation asserts whose code says only that it does (C-CDA): LOINC's question.
struct AssertedQuestion {
  std::string_view root, loinc, french, english;
};
constexpr std::array<AssertedQuestion, 2> asserted_questions = {{
    {"2.16.840.1.113883.10.20.22.4.78", "72166-2", "Statut tabagique", "Tobacco smoking status"},
    {"2.16.840.1.113883.10.20.15.3.8", "82810-3", "Statut de grossesse", "Pregnancy status"},
}};
constexpr std::string_view procedure_observation = "2.16.840.1.113883.10.20.22.4.13";

// Sections whose observations are results also when their value is words: results, vital signs,
// and the specialties of XD-LAB (LOINC 18717-1 to 18729-4, 18767-4 to 18769-0, 26435-8 to 26438-2).
constexpr std::array<std::string_view, 23> result_sections = {
    "30954-2", "8716-3",  "11502-2", "18717-1", "18718-9", "18719-5", "18720-3", "18721-1",
    "18722-9", "18723-7", "18724-5", "18725-2", "18727-8", "18728-6", "18729-4", "18767-4",
    "18768-2", "18769-0", "26435-8", "26436-6", "26437-4", "26438-2", "34075-2"};

bool any_template(XmlNode act, const auto& roots) {
  return std::any_of(roots.begin(), roots.end(),
                     [&](std::string_view root) { return has_template(act, root); });
}

// A bound alone, or both; the unit apart where it is one.
void read_interval(XmlNode value, Fact& into) {
  const XmlNode low = value.child("low");
  const XmlNode high = value.child("high");
  const std::string least = clean_line(low.attribute("value"));
  const std::string most = clean_line(high.attribute("value"));
  const std::string unit = (least.empty() ? high : low).attribute("unit");
  const bool two_units = !least.empty() && !most.empty() && unit != high.attribute("unit");
  if (value.child("numerator") || (least.empty() && most.empty()) || two_units) {
    into.value = cda_amount(value);
    return;
  }
  const auto with_limit = [](XmlNode limit) { return limit.attribute("inclusive") != "false"; };
  if (least.empty())
    into.value = (with_limit(high) ? "≤ " : "< ") + most;
  else if (most.empty())
    into.value = (with_limit(low) ? "≥ " : "> ") + least;
  else
    into.value = least == most ? least : least + " - " + most;
  if (unit != "1") into.unit = unit;
}

// Any value, as words or number, with its unit.
void read_value(XmlNode value, Narrative& narrative, Fact& into) {
  const auto type = value.schema_type();
  if (is_null(value)) {
    // "OTH" with the words that no code was found for.
    into.value = narrative.words(value.child("originalText"));
  } else if (type == "TS" || type == "IVL_TS") {
    const Period when = cda_period(value);
    into.value = when.start;
    append_words(into.value, when.end, " / ");
  } else if (const std::string number = value.attribute("value"); !number.empty()) {
    into.value = number;
    if (const std::string unit = value.attribute("unit"); unit != "1") into.unit = unit;
  } else if (value.child("low") || value.child("high") || value.child("numerator")) {
    read_interval(value, into);
  } else if (!value.attribute("code").empty() || value.child("originalText") ||
             value.child("translation")) {
    into.value = cda_label(value, narrative);
    if (into.value.empty()) into.value = value.attribute("code");
  } else {
    into.value = narrative.words(value);
  }
}

RangeOffer offer_of(XmlNode range, const Fact& result, const EntryContext& context) {
  RangeOffer offer;
  const XmlNode value = range.child("value");
  offer.low = clean_line(value.child("low").attribute("value"));
  offer.high = clean_line(value.child("high").attribute("value"));
  offer.text = context.narrative.words(range.child("text"));
  if (offer.text.empty() && offer.low.empty() && offer.high.empty())
    offer.text = context.narrative.words(value);
  offer.words = cda_amount(value);
  // A bound alone is told as one.
  const bool one_sided = offer.low.empty() != offer.high.empty();
  if (one_sided && !offer.words.empty()) offer.words.insert(0, offer.low.empty() ? "≤ " : "≥ ");
  // Limits in another unit than the value's would be read in it.
  const std::string unit = value.child(offer.low.empty() ? "high" : "low").attribute("unit");
  if (!unit.empty() && unit != "1" && unit != result.unit) {
    if (offer.text.empty()) offer.text = offer.words;
    offer.low.clear();
    offer.high.clear();
  }
  // CDA R2 has no place for whom it is meant but its words.
  offer.applies = for_sex_in(offer.text, context.facts.patient());
  if (offer.words.empty())
    offer.words = offer.text;
  else if (offer.text != offer.words)
    offer.who = offer.text;
  return offer;
}

// The ranges that are normal (XD-LAB marks them "N"), else those that no mark makes another's, else
// all; of them the patient's.
void read_range(XmlNode observation, const EntryContext& context, Fact& into) {
  std::vector<RangeOffer> normal;
  std::vector<RangeOffer> unmarked;
  std::vector<RangeOffer> others;
  for (const XmlNode item : observation.children("referenceRange")) {
    const XmlNode range = item.child("observationRange");
    const std::string mark = range.child("interpretationCode").attribute("code");
    auto& among = mark == "N" ? normal : mark.empty() ? unmarked : others;
    if (among.size() < limits::list_length) among.push_back(offer_of(range, into, context));
  }
  take_range(!normal.empty() ? normal : !unmarked.empty() ? unmarked : others, into);
}

// The first code of those that interpret it.
std::string flag_of(XmlNode observation) {
  for (const XmlNode said : observation.children("interpretationCode"))
    if (std::string code = cda_best_code(said).code; !code.empty()) return code;
  return {};
}

// The answer by its code's name, where its words in the text are those of the whole statement.
void read_answer(XmlNode observation, Narrative& narrative, Fact& into) {
  const XmlNode value = observation.child("value");
  read_value(value, narrative, into);
  const std::string name = clean_line(value.attribute("displayName"));
  if (!name.empty() && into.value == narrative.words(observation.child("text")))
    into.value = plain_term(name);
}

// What is asked, with the document's words for it.
void read_question(XmlNode observation, const EntryContext& context, Fact& into) {
  const XmlNode code = observation.child("code");
  take_cda_code(code, into);
  if (into.code.code == "ASSERTION") {
    for (const auto& known : asserted_questions) {
      if (!has_template(observation, known.root)) continue;
      into.code = {std::string{known.loinc}, "2.16.840.1.113883.6.1", ""};
      into.codings.clear();
      into.label = context.narrative.words(code.child("originalText"));
      if (into.label.empty()) into.label = spoken(std::string{known.french}, known.english);
      return;
    }
  }
  into.label = cda_label(code, context.narrative);
  if (into.label.empty()) into.label = context.narrative.words(observation.child("text"));
}

// SNOMED CT's words for anything of a kind, which C-CDA negates to say that there is none of it.
bool is_anything(XmlNode coded, std::initializer_list<std::string_view> any) {
  const std::string code = coded.attribute("code");
  return (code.empty() && coded.children("originalText").empty()) ||
         std::find(any.begin(), any.end(), code) != any.end();
}

}  // namespace

void add_result(XmlNode observation, const EntryContext& context) {
  const std::string state = observation.child("statusCode").attribute("code");
  if (state == "cancelled" || state == "aborted") return;
  Fact fact = cda_begun(FactKind::result, observation, context);
  read_question(observation, context, fact);
  if (fact.date.empty()) fact.date = context.date;
  read_answer(observation, context.narrative, fact);
  read_range(observation, context, fact);
  fact.flag = flag_of(observation);
  fact.detail = context.isolate;
  fact.status = state;
  context.facts.add(std::move(fact));
}

void add_negated_observation(XmlNode observation, const EntryContext& context) {
  const XmlNode value = observation.child("value");
  const bool problems = context.section == "11450-4" || context.section == "11348-0";
  if (!problems && any_template(observation, allergy_templates)) {
    XmlNode agent;
    for (const XmlNode participant : observation.children("participant"))
      if (participant.attribute("typeCode") == "CSM")
        agent = participant.child("participantRole").child("playingEntity").child("code");
    // Substance; drug or medicament; edible substance.
    if (!is_anything(agent, {"105590001", "410942007", "762766007"})) return;
    const std::string code = agent.attribute("code");
    const std::string_view sort = code == "410942007"   ? "no-known-medication-allergies"
                                  : code == "762766007" ? "no-known-food-allergies"
                                                        : "no-known-allergies";
    return context.facts.add_absence(FactKind::allergy, {std::string{sort}, "", ""},
                                     cda_begun(FactKind::allergy, observation, context));
  }
  const bool about_problem = any_template(observation, problem_templates) || context.concern;
  // Problem; disease; clinical finding.
  if (about_problem && is_anything(value, {"55607006", "64572001", "404684003"}))
    context.facts.add_absence(FactKind::problem, {"no-known-problems", "", ""},
                              cda_begun(FactKind::problem, observation, context));
}

void add_observation(XmlNode observation, const EntryContext& context) {
  // Some systems put the templates of both on either; their sections are told apart.
  const bool problems = context.section == "11450-4" || context.section == "11348-0";
  if (!problems && any_template(observation, allergy_templates))
    return add_allergy(observation, context);
  if (has_template(observation, procedure_observation)) return add_procedure(observation, context);
  if (any_template(observation, problem_templates) || context.concern)
    return add_problem(observation, context);
  const bool section = std::find(result_sections.begin(), result_sections.end(), context.section) !=
                       result_sections.end();
  if (cda_is_numeric(observation.child("value")) || section || context.battery ||
      any_template(observation, result_templates))
    add_result(observation, context);
}

void add_procedure(XmlNode act, const EntryContext& context) {
  // How a specimen was taken belongs to its results (XD-LAB).
  if (has_template(act, "1.3.6.1.4.1.19376.1.3.1.2")) return;
  const std::string state = act.child("statusCode").attribute("code");
  if (state == "cancelled") return;
  Fact fact = cda_begun(FactKind::procedure, act, context);
  take_cda_code(act.child("code"), fact);
  fact.label = cda_label(act.child("code"), context.narrative);
  if (fact.label.empty()) fact.label = context.narrative.words(act.child("text"));
  fact.status = state;
  context.facts.add(std::move(fact));
}

}  // namespace coffret::reader
