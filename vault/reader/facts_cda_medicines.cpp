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

// A child by its name in any namespace: packages are described in an extension's.
XmlNode inner(XmlNode at, std::string_view name) {
  for (const XmlNode item : at.children())
    if (item.name() == name) return item;
  return {};
}

XmlNode product_of(XmlNode act) {
  return act.child(act.name() == "supply" ? "product" : "consumable").child("manufacturedProduct");
}

// The quantity, in the unit that its code says, or else that the package names where its code is
// the quantity's unit.
std::string quantity_of(XmlNode supply, bool english) {
  const XmlNode quantity = supply.child("quantity");
  std::string words =
      package_words(clean_line(quantity.attribute("value")), quantity.attribute("unit"), english);
  if (!words.empty()) return words;
  words = cda_amount(quantity);
  const XmlNode material = product_of(supply).child("manufacturedMaterial");
  const XmlNode form =
      inner(inner(inner(material, "asContent"), "containerPackagedMedicine"), "formCode");
  if (!form.attribute("code").empty() && form.attribute("code") == quantity.attribute("unit"))
    append_words(words, clean_line(form.attribute("displayName")), " ");
  return words;
}

std::string spoken_quantity(XmlNode supply) {
  return FactList::in_both([&](bool english) { return quantity_of(supply, english); });
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

// What is to be handed over for it.
std::string ordered_quantity(XmlNode act, bool english) {
  std::string words;
  for (const XmlNode link : act.children("entryRelationship"))
    if (const XmlNode supply = link.child("supply");
        supply && supply.attribute("moodCode") != "EVN" && happened(supply))
      append_words(words, quantity_of(supply, english));
  return words;
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

namespace {

// The ATC class among the codes of a product that is known by another: a translation, or the class
// that epSOS and the French volets put in an extension's namespace.
std::string atc_beside(XmlNode material, const CodedValue& code) {
  if (!atc_class(code.code, code.system).empty()) return {};
  const auto of = [](XmlNode coded) {
    return atc_class(coded.attribute("code"), coded.attribute("codeSystem"));
  };
  const XmlNode own = material.child("code");
  if (std::string found = of(own); !found.empty()) return found;
  for (const XmlNode other : own.children("translation"))
    if (std::string found = of(other); !found.empty()) return found;
  for (const XmlNode item : material.children())
    if (item.name() == "asSpecializedKind")
      for (const XmlNode kind : item.children())
        if (std::string found = of(inner(kind, "code")); !found.empty()) return found;
  return {};
}

// Of the only substance in it (epSOS, French volets), in an extension's namespace.
std::string strength_of(XmlNode material) {
  std::string strength;
  for (const XmlNode item : material.children()) {
    if (item.name() != "ingredient") continue;
    if (!strength.empty()) return {};
    strength = cda_amount(inner(item, "quantity"));
  }
  return strength;
}

}  // namespace

void describe_product(XmlNode product, Narrative& narrative, Fact& into) {
  const XmlNode material = product.child("manufacturedMaterial");
  take_cda_code(material.child("code"), into);
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
    take_cda_code(inner.child("code"), into);
    if (into.label.empty()) into.label = cda_label(inner.child("code"), narrative);
  }
  if (into.kind != FactKind::medicine) return;
  into.flag = atc_beside(material, into.code);
  if (into.label.find_first_of("0123456789") == std::string::npos)
    into.value = strength_of(material);
}

void add_medicine(XmlNode act, const EntryContext& context) {
  Fact fact;
  fact.kind = FactKind::medicine;
  fact.event = event_of(act, context.section);
  if (fact.event == MedicineEvent::none || act.child("statusCode").attribute("code") == "cancelled")
    return;
  begin(act, context, fact);
  if (const std::string none = act.child("code").attribute("code"); states_absence(none, ""))
    return context.facts.add_absence(FactKind::medicine,
                                     {none, "", act.child("code").attribute("displayName")},
                                     std::move(fact));
  fact.dose = packed(cda_spoken_dose(act, fact.label, context.narrative));
  if (std::string status = stated_status(act, context.narrative); !status.empty())
    fact.status = std::move(status);
  const Fact known = fact;
  fact.detail = FactList::in_both([&](bool english) { return ordered_quantity(act, english); });
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
      dispensed.flag = known.flag;
    }
    dispensed.detail = spoken_quantity(supply);
    context.facts.add(std::move(dispensed));
  }
}

void add_negated_medicine(XmlNode act, const EntryContext& context) {
  if (act.attribute("moodCode") != "EVN" || event_of(act, context.section) != MedicineEvent::taken)
    return;
  Fact fact;
  begin(act, context, fact);
  // Drug or medicament: anything. A medicine by its name was not taken, which says nothing of
  // others.
  const bool any = fact.code.code == "410942007" || (fact.code.code.empty() && fact.label.empty());
  if (any)
    context.facts.add_absence(FactKind::medicine, {"no-known-medications", "", ""},
                              std::move(fact));
}

void add_supply(XmlNode supply, const EntryContext& context) {
  const std::string mood = supply.attribute("moodCode");
  if (!happened(supply) || !product_of(supply)) return;  // without: a device
  Fact fact;
  fact.kind = FactKind::medicine;
  fact.event = mood == "EVN" ? MedicineEvent::dispensed : event_of(supply, context.section);
  if (fact.event == MedicineEvent::none) return;
  begin(supply, context, fact);
  fact.detail = spoken_quantity(supply);
  fact.dose = FactList::in_both([&](bool english) {
    std::string dose;
    for (const XmlNode link : supply.children("entryRelationship"))
      if (const XmlNode use = link.child("substanceAdministration");
          use && link.attribute("typeCode") == "COMP")
        append_words(dose, cda_dose(use, fact.label, context.narrative, english), " ; ");
    return dose;
  });
  context.facts.add(std::move(fact));
}

void add_vaccine(XmlNode act, const EntryContext& context) {
  Fact fact;
  fact.kind = FactKind::vaccine;
  begin(act, context, fact);
  if (const std::string none = act.child("code").attribute("code"); states_absence(none, ""))
    return context.facts.add_absence(
        FactKind::vaccine, {none, "", act.child("code").attribute("displayName")}, std::move(fact));
  bool refused = false;
  for (const XmlNode link : act.children("entryRelationship")) {
    const XmlNode note = link.child("observation");
    if (note.child("code").attribute("code") == "30973-2")  // rank of the dose
      fact.dose = vaccine_rank(clean_line(note.child("value").attribute("value")));
    refused = refused || has_template(note, refusal_reason);
  }
  // C-CDA counts the doses here.
  if (fact.dose.empty())
    fact.dose = vaccine_rank(clean_line(act.child("repeatNumber").attribute("value")));
  if (!happened(act)) {
    // Without any product it says that no vaccination is known.
    if (fact.code.code.empty() &&
        product_of(act).child("manufacturedMaterial").child("name") == XmlNode{})
      return context.facts.add_absence(FactKind::vaccine, {"no-known-immunizations", "", ""},
                                       std::move(fact));
    fact.status = refused ? "refused" : "not-done";
  }
  const XmlNode lot = product_of(act).child("manufacturedMaterial").child("lotNumberText");
  if (!is_null(lot)) fact.detail = clean_line(lot.text());
  context.facts.add(std::move(fact));
}

}  // namespace coffret::reader
