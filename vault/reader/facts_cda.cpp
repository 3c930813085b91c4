// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/facts_cda.hpp"

#include <algorithm>
#include <array>

#include "vault/reader/clean.hpp"

namespace coffret::reader {
namespace {

// C-CDA 2.16.840.1.113883.10.20.22, CCD ….20.1, IHE PCC 1.3.6.1.4.1.19376.1.5.3.1.4.
constexpr std::array<std::string_view, 6> concern_templates = {
    "2.16.840.1.113883.10.20.22.4.30", "2.16.840.1.113883.10.20.22.4.3",
    "2.16.840.1.113883.10.20.1.27",    "1.3.6.1.4.1.19376.1.5.3.1.4.5.1",
    "1.3.6.1.4.1.19376.1.5.3.1.4.5.2", "1.3.6.1.4.1.19376.1.5.3.1.4.5.3"};
constexpr std::string_view procedure_act = "2.16.840.1.113883.10.20.22.4.12";
constexpr std::string_view isolate_organizer = "1.3.6.1.4.1.19376.1.3.1.5";   // XD-LAB
constexpr std::string_view delivery_date = "2.16.840.1.113883.10.20.15.3.1";  // C-CDA
constexpr std::string_view family_history = "10157-6";
constexpr std::string_view attached_copy = "55108-5";

void walk(XmlNode act, EntryContext context);

// About a relative or a newborn, not the patient.
bool is_anothers(XmlNode act) {
  return static_cast<bool>(act.child("subject").child("relatedSubject"));
}

bool is_concern(XmlNode act) {
  return act.child("code").attribute("code") == "CONC" ||
         std::any_of(concern_templates.begin(), concern_templates.end(),
                     [&](auto root) { return has_template(act, root); });
}

// Clinical statements below: of entryRelationship, component. Each with its place.
void walk_below(XmlNode act, const EntryContext& context) {
  std::unordered_map<std::string_view, std::size_t> counts;
  for (const XmlNode link : act.children()) {
    if (link.name() != "entryRelationship" && link.name() != "component") continue;
    // Reasons and reactions belong to what they explain.
    const std::string type = link.attribute("typeCode");
    if (type == "RSON" || type == "CAUS" || type == "MFST") continue;
    const bool stands_alone = has_template(link.child("observation"), delivery_date);
    if (act.name() == "observation" && type != "COMP" && !stands_alone) continue;
    for (const XmlNode inner : link.children()) {
      if (context.facts.full()) return;
      if (inner.space() != act.space()) continue;
      EntryContext below = context;
      below.place +=
          "/" + std::string{inner.name()} + "[" + std::to_string(++counts[inner.name()]) + "]";
      walk(inner, std::move(below));
    }
  }
}

void walk_act(XmlNode act, const EntryContext& context) {
  if (has_template(act, procedure_act)) return add_procedure(act, context);
  EntryContext inside = context;
  inside.concern = is_concern(act);
  if (inside.concern) inside.status = clean_line(act.child("statusCode").attribute("code"));
  if (const Period own = cda_first_period(act); !inside.concern && !own.start.empty())
    inside.date = own.start;
  walk_below(act, inside);
}

// The germ, where the organizer is one's: its specimen is a micro-organism (HL7 v3 EntityClass
// MIC).
std::string isolate_of(XmlNode organizer, Narrative& narrative) {
  const XmlNode germ =
      organizer.child("specimen").child("specimenRole").child("specimenPlayingEntity");
  const bool is_isolate = has_template(organizer, isolate_organizer);
  if (!is_isolate && germ.attribute("classCode") != "MIC") return {};
  std::string name = cda_label(germ.child("code"), narrative);
  if (name.empty()) name = clean_line(germ.child("name").text());
  return name.empty() && is_isolate ? cda_label(organizer.child("code"), narrative) : name;
}

void walk_organizer(XmlNode organizer, const EntryContext& context) {
  EntryContext inside = context;
  inside.battery = true;
  if (std::string germ = isolate_of(organizer, context.narrative); !germ.empty())
    inside.isolate = std::move(germ);
  if (const Period own = cda_first_period(organizer); !own.start.empty()) inside.date = own.start;
  walk_below(organizer, inside);
}

void walk_administration(XmlNode act, const EntryContext& context) {
  if (is_vaccine(act, context.section) && act.attribute("moodCode") == "EVN")
    add_vaccine(act, context);
  else if (act.attribute("negationInd") == "true")
    add_negated_medicine(act, context);
  else
    add_medicine(act, context);
}

// One clinical statement. Depth is bounded by the parser: xml_limits.
void walk(XmlNode act, EntryContext context) {
  const auto name = act.name();
  const std::string status = act.child("statusCode").attribute("code");
  if (is_null(act) || status == "nullified") return;
  if (is_anothers(act)) return;
  if (std::string author = cda_name(
          act.child("author").child("assignedAuthor").child("assignedPerson").child("name"));
      !author.empty())
    context.author = context.facts.another_author(std::move(author));
  if (name == "substanceAdministration") return walk_administration(act, context);
  if (name == "supply") return add_supply(act, context);
  const bool event = act.attribute("moodCode") == "EVN";
  if (!event) return;
  if (act.attribute("negationInd") == "true") {
    if (name == "observation") add_negated_observation(act, context);
    return;
  }
  if (name == "observation") {
    add_observation(act, context);
    walk_below(act, context);
  } else if (name == "procedure") {
    add_procedure(act, context);
  } else if (name == "organizer") {
    walk_organizer(act, context);
  } else if (name == "act") {
    walk_act(act, context);
  }
}

// The document says that it has no information for this section, and of which sort (NullFlavor).
void add_unknown_section(XmlNode section, const std::string& code, FactList& facts) {
  for (const auto& [section_code, kind] : fact_sections) {
    if (code != section_code) continue;
    Fact about;
    about.place = clean_line(section.child("title").text().substr(0, 80));
    if (about.place.empty()) about.place = code;
    facts.add_absence(kind, {"no-section-info", "", ""}, std::move(about));
  }
}

void walk_section(XmlNode section, const std::string& above, FactList& facts,
                  Narrative& narrative) {
  // A subject speaks for all that is below it (CDA R2 §4.4, context conduction).
  if (is_anothers(section)) return;
  const std::string code = section.child("code").attribute("code");
  if (is_null(section)) return add_unknown_section(section, code, facts);
  std::string place = above;
  const std::string title = clean_line(section.child("title").text());
  append_words(place, title.empty() || title.size() > 80 ? code : title, "/");
  if (place.empty()) place = "section";
  std::size_t number = 0;
  if (code != family_history && code != attached_copy)
    for (const XmlNode entry : section.children("entry")) {
      ++number;
      for (const XmlNode act : entry.children()) {
        if (facts.full()) return;
        if (act.space() != entry.space()) continue;
        walk(act,
             {facts, narrative, code,
              place + "/entry[" + std::to_string(number) + "]/" + std::string{act.name()}, "", ""});
      }
    }
  for (const XmlNode component : section.children("component"))
    walk_section(component.child("section"), place, facts, narrative);
}

}  // namespace

void add_cda_facts(XmlNode document, DocumentDescription& into) {
  FactList facts{into};
  add_cda_contacts(document, facts);
  const XmlNode body = document.child("component").child("structuredBody");
  if (!body) return;
  Narrative narrative{document};
  for (const XmlNode component : body.children("component"))
    walk_section(component.child("section"), "", facts, narrative);
}

}  // namespace coffret::reader
