// SPDX-License-Identifier: EUPL-1.2
//
// Medicines (substanceAdministration, supply) and vaccines.
#include <algorithm>
#include <array>

#include "vault/reader/cda.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/facts_cda.hpp"

namespace coffret::reader {
namespace {

constexpr std::array<std::string_view, 4> vaccine_templates = {
    "2.16.840.1.113883.10.20.22.4.52", "2.16.840.1.113883.10.20.1.24.1",
    "1.3.6.1.4.1.19376.1.5.3.1.4.12", "1.2.250.1.213.1.1.3.45"};
constexpr std::string_view vaccine_section = "11369-6";
constexpr std::string_view refusal_reason = "2.16.840.1.113883.10.20.22.4.53";

bool is_prescription(const std::string& section) {
  return section == "57828-6" || section == "57833-6";
}

// What the act is, from its mood and section; none: neither done nor asked for.
MedicineEvent event_of(XmlNode act, const std::string& section) {
  const std::string mood = act.attribute("moodCode");
  const bool asked = mood == "INT" || mood == "RQO" || mood == "PRMS" || mood == "ARQ";
  if (mood != "EVN" && !asked) return MedicineEvent::none;
  if (is_prescription(section) || asked) return MedicineEvent::prescribed;
  return section == "29549-3" ? MedicineEvent::administered : MedicineEvent::taken;
}

// Of one effectiveTime that is no period: how often, or at which moment. SXPR_TS holds several.
std::string frequency_words(XmlNode time, Narrative& narrative, bool english) {
  std::string all;
  for (const XmlNode part : time.children("comp"))
    append_words(all, frequency_words(part, narrative, english));
  if (const XmlNode period = time.child("period")) {
    const XmlNode least = period.child("low") ? period.child("low") : period;
    std::string words = rate_words("", clean_line(least.attribute("value")),
                                   clean_line(least.attribute("unit")), english);
    if (words.empty()) words = cda_amount(period);
    append_words(all, words);
  }
  if (const XmlNode width = time.child("width"))
    append_words(all, duration_words(clean_line(width.attribute("value")),
                                     clean_line(width.attribute("unit")), english));
  if (const XmlNode event = time.child("event"))
    append_words(all, moment_words(event.attribute("code"), english));
  return all;
}

// Dose, frequency, way: from the coded parts of one administration.
std::string coded_dose(XmlNode act, Narrative& narrative, bool english) {
  std::string all = cda_amount(act.child("doseQuantity"));
  const std::string unit = cda_label(act.child("administrationUnitCode"), narrative);
  if (!all.empty() && act.child("doseQuantity").attribute("unit").empty())
    append_words(all, unit, " ");
  for (const XmlNode time : act.children("effectiveTime"))
    append_words(all, frequency_words(time, narrative, english));
  if (all.empty()) all = cda_amount(act.child("rateQuantity"));
  return all;
}

// What bounds the dose, however it was said: only if needed, and at most how much.
void append_bounds(XmlNode act, Narrative& narrative, bool english, std::string& dose) {
  for (const XmlNode condition : act.children("precondition")) {
    const XmlNode criterion = condition.child("criterion");
    if (is_null(condition) || is_null(criterion)) continue;
    std::string reason = narrative.words(criterion.child("text"));
    for (const std::string_view name : {"value", "code"})
      if (const XmlNode coded = criterion.child(name);
          reason.empty() && coded.attribute("code") != "ASSERTION")
        reason = cda_label(coded, narrative);
    // Words that are not there, and no code: it says nothing.
    if (reason.empty() && criterion.child("value").attribute("code").empty()) continue;
    append_if_needed(dose, reason, english);
  }
  for (const XmlNode most : act.children("maxDoseQuantity")) {
    const XmlNode period = most.child("denominator");
    append_maximum(dose, cda_amount(most.child("numerator")), clean_line(period.attribute("value")),
                   clean_line(period.attribute("unit")), english);
  }
}

std::string first_word(std::string_view text) {
  std::string word;
  for (const char c : text.substr(0, text.find_first_of(" ,(")))
    word.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  return word;
}

// The document's own sentence where it has one that is not just the product's name.
std::string dose_of(XmlNode act, const std::string& product, Narrative& narrative, bool english) {
  const std::string coded = coded_dose(act, narrative, english);
  const std::string said = narrative.words(act.child("text"));
  const bool names_product = said.empty() ||
                             (!product.empty() && first_word(said) == first_word(product)) ||
                             said.find(product) != std::string::npos;
  std::string all = names_product ? coded : said;
  // Doses that change or combine are administrations of their own, in order.
  for (const XmlNode link : act.children("entryRelationship")) {
    const XmlNode step = link.child("substanceAdministration");
    if (step && link.attribute("typeCode") == "COMP")
      append_words(all, dose_of(step, product, narrative, english), " ; ");
  }
  if (names_product && !all.empty())
    append_words(all, cda_label(act.child("routeCode"), narrative));
  append_bounds(act, narrative, english, all);
  return all;
}

// A child by its name in any namespace: packages are described in an extension's.
XmlNode inner(XmlNode at, std::string_view name) {
  for (const XmlNode item : at.children())
    if (item.name() == name) return item;
  return {};
}

XmlNode product_of(XmlNode act) {
  return act.child(act.name() == "supply" ? "product" : "consumable").child("manufacturedProduct");
}

// The quantity, in the unit that the package names where its code is the quantity's unit.
std::string quantity_of(XmlNode supply) {
  const XmlNode quantity = supply.child("quantity");
  std::string words = cda_amount(quantity);
  const XmlNode material = product_of(supply).child("manufacturedMaterial");
  const XmlNode form =
      inner(inner(inner(material, "asContent"), "containerPackagedMedicine"), "formCode");
  if (!form.attribute("code").empty() && form.attribute("code") == quantity.attribute("unit"))
    append_words(words, clean_line(form.attribute("displayName")), " ");
  return words;
}

void begin(XmlNode act, const EntryContext& context, Fact& fact) {
  const Period when = cda_first_period(act);
  fact.date = when.start;
  fact.end = when.end;
  fact.author = context.author;
  fact.place = context.place;
  fact.status = act.child("statusCode").attribute("code");
  describe_product(product_of(act), context.narrative, fact);
}

// Neither said not to be, nor taken back, nor broken off.
bool happened(XmlNode act) {
  const std::string status = act.child("statusCode").attribute("code");
  return !is_null(act) && act.attribute("negationInd") != "true" && status != "nullified" &&
         status != "cancelled" && status != "aborted";
}

// Medication status (LOINC 33999-4), where an entry below says it.
std::string stated_status(XmlNode act, Narrative& narrative) {
  for (const XmlNode link : act.children("entryRelationship")) {
    const XmlNode status = link.child("observation");
    if (status.child("code").attribute("code") != "33999-4") continue;
    // Those codes of SNOMED CT that FHIR has a word for, whatever language the display is in.
    const std::string code = cda_best_code(status.child("value")).code;
    if (code == "55561003") return "active";
    return code == "73425007" ? "stopped" : cda_label(status.child("value"), narrative);
  }
  return {};
}

}  // namespace

bool is_vaccine(XmlNode act, const std::string& section) {
  return section == vaccine_section || act.child("code").attribute("code").ends_with("IMMUNIZ") ||
         std::any_of(vaccine_templates.begin(), vaccine_templates.end(),
                     [&](auto root) { return has_template(act, root); });
}

void describe_product(XmlNode product, Narrative& narrative, Fact& into) {
  const XmlNode material = product.child("manufacturedMaterial");
  into.code = cda_best_code(material.child("code"));
  if (const XmlNode name = material.child("name"); !is_null(name))
    into.label = clean_line(name.text());
  if (into.label.empty()) into.label = cda_label(material.child("code"), narrative);
  // A brand without a code (epSOS, French preparations): its class, or what is in it. These stand
  // in another namespace in some documents.
  for (const XmlNode item : material.children()) {
    const XmlNode inner = item.children("generalizedMedicineClass").empty()
                              ? item.child("ingredient")
                              : item.child("generalizedMedicineClass");
    if (!into.code.code.empty()) break;
    if (item.name() != "asSpecializedKind" && item.name() != "ingredient") continue;
    into.code = cda_best_code(inner.child("code"));
    if (into.label.empty()) into.label = cda_label(inner.child("code"), narrative);
  }
}

void add_medicine(XmlNode act, const EntryContext& context) {
  Fact fact;
  fact.kind = FactKind::medicine;
  fact.event = event_of(act, context.section);
  if (fact.event == MedicineEvent::none || act.child("statusCode").attribute("code") == "cancelled")
    return;
  begin(act, context, fact);
  if (states_absence(act.child("code").attribute("code"), "")) return;
  fact.dose = dose_of(act, fact.label, context.narrative, context.facts.in_english());
  if (std::string status = stated_status(act, context.narrative); !status.empty())
    fact.status = std::move(status);
  const Fact known = fact;
  for (const XmlNode link : act.children("entryRelationship"))
    if (const XmlNode supply = link.child("supply");
        supply && supply.attribute("moodCode") != "EVN" && happened(supply))
      append_words(fact.detail, quantity_of(supply));
  context.facts.add(std::move(fact));
  // What was handed over for it: a fact of its own, of this product where it names none.
  std::size_t number = 0;
  for (const XmlNode link : act.children("entryRelationship")) {
    const XmlNode supply = link.child("supply");
    if (supply.attribute("moodCode") != "EVN") continue;
    ++number;
    if (!happened(supply)) continue;
    EntryContext below = context;
    below.place += "/supply[" + std::to_string(number) + "]";
    Fact dispensed;
    dispensed.kind = FactKind::medicine;
    dispensed.event = MedicineEvent::dispensed;
    begin(supply, below, dispensed);
    if (dispensed.label.empty() && dispensed.code.code.empty()) {
      dispensed.label = known.label;
      dispensed.code = known.code;
    }
    dispensed.detail = quantity_of(supply);
    context.facts.add(std::move(dispensed));
  }
}

void add_supply(XmlNode supply, const EntryContext& context) {
  const std::string mood = supply.attribute("moodCode");
  if (!happened(supply) || !product_of(supply)) return;  // without: a device
  Fact fact;
  fact.kind = FactKind::medicine;
  fact.event = mood == "EVN" ? MedicineEvent::dispensed : event_of(supply, context.section);
  if (fact.event == MedicineEvent::none) return;
  begin(supply, context, fact);
  fact.detail = quantity_of(supply);
  for (const XmlNode link : supply.children("entryRelationship"))
    if (const XmlNode use = link.child("substanceAdministration");
        use && link.attribute("typeCode") == "COMP")
      append_words(fact.dose,
                   dose_of(use, fact.label, context.narrative, context.facts.in_english()), " ; ");
  context.facts.add(std::move(fact));
}

void add_vaccine(XmlNode act, const EntryContext& context) {
  Fact fact;
  fact.kind = FactKind::vaccine;
  begin(act, context, fact);
  if (states_absence(act.child("code").attribute("code"), "")) return;
  bool refused = false;
  for (const XmlNode link : act.children("entryRelationship")) {
    const XmlNode note = link.child("observation");
    if (note.child("code").attribute("code") == "30973-2")  // rank of the dose
      fact.dose = clean_line(note.child("value").attribute("value"));
    refused = refused || has_template(note, refusal_reason);
  }
  // C-CDA counts the doses here; 999 stands for an unknown number.
  if (const std::string rank = act.child("repeatNumber").attribute("value");
      fact.dose.empty() && rank.size() < 3)
    fact.dose = clean_line(rank);
  if (!happened(act)) {
    // Without any product it says that no vaccination is known.
    if (fact.code.code.empty() &&
        product_of(act).child("manufacturedMaterial").child("name") == XmlNode{})
      return;
    fact.status = refused ? "refused" : "not-done";
  }
  const XmlNode lot = product_of(act).child("manufacturedMaterial").child("lotNumberText");
  if (!is_null(lot)) fact.detail = clean_line(lot.text());
  context.facts.add(std::move(fact));
}

}  // namespace coffret::reader
