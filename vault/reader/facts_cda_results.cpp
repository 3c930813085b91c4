// SPDX-License-Identifier: EUPL-1.2
//
// Observations: results and vital signs, problems, allergies.
#include <algorithm>
#include <array>

#include "vault/reader/cda.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/facts_cda.hpp"
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
constexpr std::array<std::string_view, 5> result_templates = {
    "2.16.840.1.113883.10.20.22.4.2", "2.16.840.1.113883.10.20.22.4.27",
    "2.16.840.1.113883.10.20.1.31", "1.3.6.1.4.1.19376.1.5.3.1.4.13.2",
    "1.3.6.1.4.1.19376.1.3.1.6"};
constexpr std::string_view loinc = "2.16.840.1.113883.6.1";
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

// Whether a value is a number, or made of numbers.
bool is_numeric(XmlNode value) {
  const auto type = value.schema_type();
  return type == "PQ" || type == "INT" || type == "REAL" || type == "MO" ||
         type.starts_with("RTO") || type == "IVL_PQ" || type == "IVL_INT" || type == "IVL_REAL" ||
         !value.attribute("unit").empty();
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
    into.value = cda_amount(value);
    if (into.value.empty()) return;
    const auto with_limit = [](XmlNode limit) { return limit.attribute("inclusive") != "false"; };
    if (!value.child("low") && !value.child("numerator"))
      into.value.insert(0, with_limit(value.child("high")) ? "≤ " : "< ");
    if (!value.child("high") && !value.child("numerator"))
      into.value.insert(0, with_limit(value.child("low")) ? "≥ " : "> ");
  } else if (!value.attribute("code").empty() || value.child("originalText") ||
             value.child("translation")) {
    into.value = cda_label(value, narrative);
    if (into.value.empty()) into.value = value.attribute("code");
  } else {
    into.value = narrative.words(value);
  }
}

void read_range(XmlNode range, Narrative& narrative, Fact& into) {
  const XmlNode value = range.child("value");
  into.range_low = clean_line(value.child("low").attribute("value"));
  into.range_high = clean_line(value.child("high").attribute("value"));
  into.range_text = narrative.words(range.child("text"));
  if (into.range_text.empty() && into.range_low.empty() && into.range_high.empty())
    into.range_text = narrative.words(value);
  // Limits in another unit than the value's would be read in it.
  const std::string unit = value.child(into.range_low.empty() ? "high" : "low").attribute("unit");
  if (!unit.empty() && unit != "1" && unit != into.unit) {
    std::string words = cda_amount(value);
    if (into.range_text.empty()) into.range_text = std::move(words);
    into.range_low.clear();
    into.range_high.clear();
  }
}

// The range that is normal (XD-LAB marks it "N"), else the first.
XmlNode normal_range(XmlNode observation) {
  XmlNode first;
  for (const XmlNode item : observation.children("referenceRange")) {
    const XmlNode range = item.child("observationRange");
    if (range.child("interpretationCode").attribute("code") == "N") return range;
    if (!first) first = range;
  }
  return first;
}

Fact begun(FactKind kind, XmlNode act, const EntryContext& context) {
  Fact fact;
  fact.kind = kind;
  const Period when = cda_first_period(act);
  fact.date = when.start;
  fact.end = when.end;
  fact.author = context.author;
  fact.place = context.place;
  return fact;
}

void add_result(XmlNode observation, const EntryContext& context) {
  const std::string state = observation.child("statusCode").attribute("code");
  if (state == "cancelled" || state == "aborted") return;
  Fact fact = begun(FactKind::result, observation, context);
  fact.code = cda_best_code(observation.child("code"));
  fact.label = cda_label(observation.child("code"), context.narrative);
  if (fact.label.empty()) fact.label = context.narrative.words(observation.child("text"));
  if (fact.date.empty()) fact.date = context.date;
  read_value(observation.child("value"), context.narrative, fact);
  if (const XmlNode range = normal_range(observation)) read_range(range, context.narrative, fact);
  fact.flag = observation.child("interpretationCode").attribute("code");
  fact.status = state;
  context.facts.add(std::move(fact));
}

// FHIR's word for a clinical status: that word itself, or SNOMED CT's code as C-CDA and the IPS use
// it; empty for any other, whose words would say nothing to a program that reads the fact.
std::string clinical_status(const std::string& code) {
  constexpr std::array<std::string_view, 6> words = {"active",   "recurrence", "relapse",
                                                     "inactive", "remission",  "resolved"};
  if (code == "55561003") return "active";
  if (code == "73425007") return "inactive";
  if (code == "413322009") return "resolved";
  return std::find(words.begin(), words.end(), code) == words.end() ? std::string{} : code;
}

// What a status observation (LOINC 33999-4) below says, else what follows from the concern's own,
// which is about the attention that it gets: no more of it does not tell that the condition is
// over.
std::string status_of(XmlNode observation, const Fact& fact, const EntryContext& context) {
  for (const XmlNode link : observation.children("entryRelationship")) {
    const XmlNode status = link.child("observation");
    if (status.child("code").attribute("code") != "33999-4") continue;
    if (std::string said = clinical_status(cda_best_code(status.child("value")).code);
        !said.empty())
      return said;
  }
  if (context.status == "active") return "active";
  if (context.status == "aborted") return "inactive";
  return context.status == "completed" && !fact.end.empty() ? "resolved" : "";
}

void add_problem(XmlNode observation, const EntryContext& context) {
  const XmlNode value = observation.child("value");
  if (is_numeric(value) || value.schema_type() == "BL") return add_result(observation, context);
  if (value.attribute("codeSystem") == loinc) return;  // names a question, no condition
  Fact fact = begun(FactKind::problem, observation, context);
  fact.code = cda_best_code(value);
  fact.label = cda_label(value, context.narrative);
  if (fact.label.empty() && value.attribute("code").empty())
    fact.label = context.narrative.words(value);
  if (fact.label.empty() && fact.code.code.empty())
    fact.label = context.narrative.words(observation.child("text"));
  fact.status = status_of(observation, fact, context);
  context.facts.add(std::move(fact));
}

// What it manifests as.
std::string reactions_of(XmlNode observation, Narrative& narrative) {
  std::string all;
  for (const XmlNode link : observation.children("entryRelationship")) {
    if (link.attribute("typeCode") != "MFST") continue;
    const XmlNode reaction = link.child("observation");
    if (reaction.attribute("negationInd") == "true") continue;
    std::string words = cda_label(reaction.child("value"), narrative);
    if (words.empty()) words = narrative.words(reaction.child("text"));
    append_words(all, words);
  }
  return all;
}

void add_allergy(XmlNode observation, const EntryContext& context) {
  const XmlNode value = observation.child("value");
  if (states_absence(value.attribute("code"), value.attribute("displayName"))) return;
  Fact fact = begun(FactKind::allergy, observation, context);
  for (const XmlNode participant : observation.children("participant")) {
    const XmlNode agent = participant.child("participantRole").child("playingEntity");
    if (!agent || participant.attribute("typeCode") != "CSM") continue;
    fact.code = cda_best_code(agent.child("code"));
    fact.label = cda_label(agent.child("code"), context.narrative);
    if (fact.label.empty()) fact.label = clean_line(agent.child("name").text());
    if (!fact.label.empty() || !fact.code.code.empty()) break;
  }
  if (fact.label.empty() && fact.code.code.empty()) {
    fact.code = cda_best_code(value);
    fact.label = cda_label(value, context.narrative);
  }
  if (fact.label.empty()) fact.label = context.narrative.words(observation.child("text"));
  fact.status = status_of(observation, fact, context);
  fact.detail = reactions_of(observation, context.narrative);
  context.facts.add(std::move(fact));
}

}  // namespace

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
  if (is_numeric(observation.child("value")) || section || context.battery ||
      any_template(observation, result_templates))
    add_result(observation, context);
}

void add_procedure(XmlNode act, const EntryContext& context) {
  // How a specimen was taken belongs to its results (XD-LAB).
  if (has_template(act, "1.3.6.1.4.1.19376.1.3.1.2")) return;
  const std::string state = act.child("statusCode").attribute("code");
  if (state == "cancelled") return;
  Fact fact = begun(FactKind::procedure, act, context);
  fact.code = cda_best_code(act.child("code"));
  fact.label = cda_label(act.child("code"), context.narrative);
  if (fact.label.empty()) fact.label = context.narrative.words(act.child("text"));
  fact.status = state;
  context.facts.add(std::move(fact));
}

}  // namespace coffret::reader
