// SPDX-License-Identifier: EUPL-1.2
//
// Problems and allergies: what they are, how they stand, how sure and how severe they are.
#include <algorithm>
#include <array>

#include "vault/reader/cda.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/facts_cda.hpp"

namespace coffret::reader {
namespace {

constexpr std::string_view loinc = "2.16.840.1.113883.6.1";
constexpr std::string_view reaction_template = "2.16.840.1.113883.10.20.22.4.9";  // C-CDA
constexpr std::string_view severity_template = "2.16.840.1.113883.10.20.22.4.8";  // C-CDA

// What says no more than that somebody reacts to a substance of some sort: the code of the
// observation itself, HL7 v3 ObservationIntoleranceType, SNOMED CT. What is not allergic is told.
constexpr std::array<std::string_view, 20> ordinary_sorts = {
    "ASSERTION", "ALG",       "DALG",      "FALG",      "EALG",      "OINT",      "DINT",
    "FINT",      "EINT",      "420134006", "418038007", "419511003", "418471000", "419199007",
    "416098002", "414285001", "426232007", "48765-2",   "609328004", "609433001"};

// LOINC "Condition status", by which the certainty is asked in CI-SIS's FR-Certitude
// (1.2.250.1.213.1.1.3.171) and eHDSI's Certainty Observation (1.3.6.1.4.1.12559.11.10.1.3.1.3.49).
constexpr std::string_view certainty_question = "66455-7";
constexpr std::string_view finding_context = "408729009";  // SNOMED CT, of a qualifier

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

// How sure it is: a certainty observation below (IPS: FHIR's words or SNOMED CT's), a finding
// context beside the value, the sort of diagnosis, or uncertaintyCode (HL7 v3 Act). What says that
// it is not so counts before the rest.
std::string certainty_of(XmlNode observation) {
  std::string found;
  const auto take = [&](std::string_view code) {
    std::string word = certainty_word(code);
    if (found.empty() || says_it_is_not_so(word)) found = std::move(word);
  };
  for (const XmlNode link : observation.children("entryRelationship")) {
    const XmlNode below = link.child("observation");
    const std::string code = cda_best_code(below.child("value")).code;
    // Elsewhere a context of SNOMED CT may be about another matter: "pregnancy: known absent".
    const bool own_word = code.find_first_of("0123456789") == std::string::npos;
    if (own_word || below.child("code").attribute("code") == certainty_question) take(code);
  }
  for (const XmlNode qualifier : observation.child("value").children("qualifier"))
    if (qualifier.child("name").attribute("code") == finding_context)
      take(qualifier.child("value").attribute("code"));
  take(observation.child("code").attribute("code"));
  if (found.empty() && observation.child("uncertaintyCode").attribute("code") == "U")
    found = "unconfirmed";
  return found;
}

// How severe or critical it is, which some systems link as they do a reaction.
bool is_grade(XmlNode observation) {
  const std::string asked = observation.child("code").attribute("code");
  return asked == "SEV" || asked == "82606-5" || has_template(observation, severity_template);
}

// What it manifests as.
std::string reactions_of(XmlNode observation, Narrative& narrative) {
  std::string all;
  for (const XmlNode link : observation.children("entryRelationship")) {
    const XmlNode reaction = link.child("observation");
    if (link.attribute("typeCode") != "MFST" && !has_template(reaction, reaction_template))
      continue;
    if (reaction.attribute("negationInd") == "true" || is_grade(reaction)) continue;
    std::string words = cda_label(reaction.child("value"), narrative);
    if (words.empty()) words = narrative.words(reaction.child("text"));
    append_words(all, words);
  }
  return all;
}

// Severity (ActCode SEV) of the allergy and of its reactions, the worst; criticality (LOINC
// 82606-5).
void read_severity(XmlNode act, Fact& into) {
  for (const XmlNode link : act.children("entryRelationship")) {
    const XmlNode below = link.child("observation");
    const std::string asked = below.child("code").attribute("code");
    const std::string code = cda_best_code(below.child("value")).code;
    if (asked == "SEV") keep_worst(into.dose, severity_word(code));
    if (asked == "82606-5") into.value = criticality_word(code);
    if (link.attribute("typeCode") != "MFST" || below.attribute("negationInd") == "true") continue;
    for (const XmlNode deeper : below.children("entryRelationship"))
      if (const XmlNode of = deeper.child("observation");
          of.child("code").attribute("code") == "SEV")
        keep_worst(into.dose, severity_word(cda_best_code(of.child("value")).code));
  }
}

// What the statement says of it beyond its agent and its reactions: that it is no allergy, or what
// was seen.
std::string said_beside(XmlNode observation, const Fact& fact, Narrative& narrative) {
  std::string all;
  for (const std::string_view name : {"code", "value"}) {
    const XmlNode coded = observation.child(name);
    const auto plain =
        std::find(ordinary_sorts.begin(), ordinary_sorts.end(), cda_best_code(coded).code);
    std::string words = plain == ordinary_sorts.end() ? cda_label(coded, narrative) : "";
    // The sort by its own name: its words in the text may be the value's.
    if (const std::string sort = clean_line(coded.attribute("displayName"));
        name == "code" && !words.empty() && !sort.empty())
      words = plain_term(sort);
    // Also without any code.
    if (name == "value" && words.empty() && coded.attribute("code").empty())
      words = narrative.words(coded);
    for (const std::string_view known :
         {std::string_view{fact.label}, std::string_view{fact.detail}, std::string_view{all}})
      if (folded(words) == folded(known)) words.clear();
    append_words(all, words);
  }
  return all;
}

}  // namespace

void add_problem(XmlNode observation, const EntryContext& context) {
  const XmlNode value = observation.child("value");
  if (cda_is_numeric(value) || value.schema_type() == "BL") return add_result(observation, context);
  if (value.attribute("codeSystem") == loinc) return;  // names a question, no condition
  Fact fact = cda_begun(FactKind::problem, observation, context);
  take_cda_code(value, fact);
  fact.label = cda_label(value, context.narrative);
  if (fact.label.empty() && value.attribute("code").empty())
    fact.label = context.narrative.words(value);
  if (fact.label.empty() && fact.code.code.empty())
    fact.label = context.narrative.words(observation.child("text"));
  fact.flag = certainty_of(observation);
  if (says_it_is_not_so(fact.flag)) return;
  fact.status = status_of(observation, fact, context);
  context.facts.add(std::move(fact));
}

void add_allergy(XmlNode observation, const EntryContext& context) {
  const XmlNode value = observation.child("value");
  Fact fact = cda_begun(FactKind::allergy, observation, context);
  if (states_absence(value.attribute("code"), value.attribute("displayName"))) {
    const bool coded = states_absence(value.attribute("code"), {});
    return context.facts.add_absence(
        FactKind::allergy,
        {coded ? value.attribute("code") : "", "", value.attribute("displayName")},
        std::move(fact));
  }
  for (const XmlNode participant : observation.children("participant")) {
    const XmlNode agent = participant.child("participantRole").child("playingEntity");
    if (!agent || participant.attribute("typeCode") != "CSM") continue;
    take_cda_code(agent.child("code"), fact);
    fact.label = cda_label(agent.child("code"), context.narrative);
    if (fact.label.empty()) fact.label = clean_line(agent.child("name").text());
    if (!fact.label.empty() || !fact.code.code.empty()) break;
  }
  if (fact.label.empty() && fact.code.code.empty()) {
    take_cda_code(value, fact);
    fact.label = cda_label(value, context.narrative);
  }
  if (fact.label.empty()) fact.label = context.narrative.words(observation.child("text"));
  fact.flag = certainty_of(observation);
  if (says_it_is_not_so(fact.flag)) return;
  fact.status = status_of(observation, fact, context);
  read_severity(observation, fact);
  fact.detail = reactions_of(observation, context.narrative);
  append_words(fact.detail, said_beside(observation, fact, context.narrative), " ; ");
  context.facts.add(std::move(fact));
}

}  // namespace coffret::reader
