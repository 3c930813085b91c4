// SPDX-License-Identifier: EUPL-1.2
//
// The dose of a substanceAdministration: what the document says in words, and what its codes say.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "coffret/ascii.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/facts_cda.hpp"
#include "vault/reader/facts_rate.hpp"

namespace coffret::reader {
namespace {

// IHE PCC, C-CDA: what the patient is told about it.
constexpr std::array<std::string_view, 2> instruction_templates = {
    "1.3.6.1.4.1.19376.1.5.3.1.4.3", "2.16.840.1.113883.10.20.22.4.20"};

// The professional's words for a coded period or amount (the French volets keep them in a
// translation).
std::string said_of(XmlNode coded, Narrative& narrative) {
  std::string said = narrative.words(coded.child("originalText"));
  for (const XmlNode other : coded.children("translation"))
    if (said.empty()) said = narrative.words(other.child("originalText"));
  return said;
}

std::optional<double> rate_of(XmlNode period) {
  return coded_times_a_day("1", clean_line(period.attribute("value")),
                           clean_line(period.attribute("unit")));
}

// Of one effectiveTime that is no period: how often, or at which moment. SXPR_TS holds several.
std::string frequency_words(XmlNode time, Narrative& narrative, bool english) {
  std::string all;
  for (const XmlNode part : time.children("comp"))
    append_words(all, frequency_words(part, narrative, english));
  if (const XmlNode period = time.child("period")) {
    const XmlNode most = period.child("high");
    const XmlNode least = period.child("low") ? period.child("low") : period;
    std::string length = clean_line(least.attribute("value"));
    const std::string longest = clean_line(most.attribute("value"));
    const bool spans = !length.empty() && !longest.empty() && length != longest;
    if (spans) length += (english ? " to " : " à ") + longest;
    std::string words;
    if (!spans || most.attribute("unit") == least.attribute("unit"))
      words = rate_words("", length, clean_line(least.attribute("unit")), english);
    if (words.empty()) words = cda_amount(period);
    if (std::string said = said_of(period, narrative); !said.empty()) {
      const auto told = times_a_day(said);
      const auto by_code = rate_of(period);
      if (!told || !by_code || rates_differ(told, by_code)) append_coded(said, words, english);
      words = std::move(said);
    }
    append_words(all, words);
  }
  if (const XmlNode width = time.child("width"))
    append_words(all, duration_words(clean_line(width.attribute("value")),
                                     clean_line(width.attribute("unit")), english));
  if (const XmlNode event = time.child("event")) {
    std::string moment = moment_words(event.attribute("code"), english);
    // How long before or after it, as the event's own word has it.
    if (const std::string away = cda_amount(time.child("offset")); !away.empty())
      append_words(moment, "(" + away + ")", " ");
    append_words(all, moment);
  }
  return all;
}

// Whether the words hold this very number, and not as a part of another.
bool tells_number(const std::string& words, const std::string& number) {
  const auto continues = [&](std::size_t at) {
    return at < words.size() &&
           ((words[at] >= '0' && words[at] <= '9') || words[at] == '.' || words[at] == ',');
  };
  for (auto at = words.find(number); at != std::string::npos; at = words.find(number, at + 1))
    if (!continues(at + number.size()) && (at == 0 || !continues(at - 1))) return true;
  return false;
}

// One amount of a dose: the document's words, with the code beside them where it says another
// number; else the code in words.
std::string amount_of(XmlNode quantity, Narrative& narrative, bool english) {
  const std::string number = clean_line(quantity.attribute("value"));
  std::string coded = dose_words(number, clean_line(quantity.attribute("unit")), english);
  std::string said = said_of(quantity, narrative);
  if (said.empty()) return coded;
  if (!tells_number(said, number)) append_coded(said, coded, english);
  return said;
}

std::string quantity_words(XmlNode quantity, Narrative& narrative, bool english) {
  if (quantity.child("numerator")) return cda_amount(quantity);
  if (std::string plain = amount_of(quantity, narrative, english); !plain.empty()) return plain;
  const XmlNode low = quantity.child("low");
  const XmlNode high = quantity.child("high");
  std::string least = amount_of(low, narrative, english);
  std::string most = amount_of(high, narrative, english);
  if (least.empty() || least == most) return most;
  if (most.empty()) return least;
  const bool in_words = !said_of(low, narrative).empty() || !said_of(high, narrative).empty();
  if (!in_words && low.attribute("unit") == high.attribute("unit"))
    least = clean_line(low.attribute("value"));
  return least + " - " + most;
}

// Dose, frequency, way: from the coded parts of one administration.
std::string coded_dose(XmlNode act, Narrative& narrative, bool english) {
  const XmlNode quantity = act.child("doseQuantity");
  std::string all = quantity_words(quantity, narrative, english);
  // A bound alone is no dose.
  const bool least = !quantity.child("low").attribute("value").empty();
  const bool most = !quantity.child("high").attribute("value").empty();
  if (!all.empty() && least != most && quantity.attribute("value").empty())
    all.insert(0, least ? "≥ " : "≤ ");
  const std::string unit = cda_label(act.child("administrationUnitCode"), narrative);
  if (!all.empty() && act.child("doseQuantity").attribute("unit").empty())
    append_words(all, unit, " ");
  for (const XmlNode time : act.children("effectiveTime"))
    append_words(all, frequency_words(time, narrative, english));
  if (all.empty()) all = cda_amount(act.child("rateQuantity"));
  return all;
}

// The needs that it is not to be taken without; one that nothing names is empty.
std::vector<std::string> needs_of(XmlNode act, Narrative& narrative) {
  std::vector<std::string> all;
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
    all.push_back(std::move(reason));
  }
  return all;
}

// What bounds the dose, however it was said: only if needed, and at most how much.
void append_bounds(XmlNode act, Narrative& narrative, bool english, std::string& dose) {
  for (const auto& reason : needs_of(act, narrative)) append_if_needed(dose, reason, english);
  for (const XmlNode most : act.children("maxDoseQuantity")) {
    const XmlNode period = most.child("denominator");
    append_maximum(dose, quantity_words(most.child("numerator"), narrative, english),
                   clean_line(period.attribute("value")), clean_line(period.attribute("unit")),
                   english);
  }
}

std::string first_word(std::string_view text) {
  return ascii_lower(text.substr(0, text.find_first_of(" ,(")));
}

// The periods of all times, also of those that are made of several.
std::vector<XmlNode> periods_of(XmlNode act) {
  std::vector<XmlNode> all;
  for (const XmlNode time : act.children("effectiveTime")) {
    if (const XmlNode period = time.child("period")) all.push_back(period);
    for (const XmlNode part : time.children("comp"))
      if (const XmlNode period = part.child("period")) all.push_back(period);
  }
  return all;
}

// Whether the coded parts tell how often or when; without it a number is no dose to go by.
bool tells_frequency(XmlNode act) {
  const auto at_event = [](XmlNode time) {
    const auto parts = time.children("comp");
    return time.child("event") || std::any_of(parts.begin(), parts.end(), [](XmlNode part) {
             return static_cast<bool>(part.child("event"));
           });
  };
  const auto times = act.children("effectiveTime");
  return !periods_of(act).empty() || std::any_of(times.begin(), times.end(), at_event);
}

// Whether words beyond the product's name speak of taking it, and not as the codes do.
bool speaks_for_itself(std::string said, const std::string& product, XmlNode act) {
  if (const auto name = said.find(product); !product.empty() && name != std::string::npos)
    said.erase(name, product.size());
  if (!tells_a_dose(said)) return false;
  const auto periods = periods_of(act);
  const auto told = times_a_day(said);
  const auto by_code = periods.size() == 1 ? rate_of(periods.front()) : std::nullopt;
  return !told || !by_code || rates_differ(told, by_code);
}

// The sentence of the document, the coded parts, or both: the professional's words come first, and
// codes that say something else stand beside them, never in their place.
std::string said_or_coded(XmlNode act, const std::string& product, Narrative& narrative,
                          bool english) {
  std::string coded = coded_dose(act, narrative, english);
  std::string said = narrative.words(act.child("text"));
  const bool names_product = said.empty() ||
                             (!product.empty() && first_word(said) == first_word(product)) ||
                             said.find(product) != std::string::npos;
  if (!names_product) {
    const auto periods = periods_of(act);
    if (periods.size() == 1 && rates_differ(times_a_day(said), rate_of(periods.front())))
      append_coded(said, coded, english);
    return said;
  }
  if (product.find(said) != std::string::npos) return coded;
  if (!tells_frequency(act)) {
    if (said.find(coded) == std::string::npos) append_words(said, coded);
    return said;
  }
  if (!speaks_for_itself(said, product, act)) return coded;
  append_coded(said, coded, english);
  return said;
}

void append_instructions(XmlNode act, Narrative& narrative, std::string& dose) {
  for (const XmlNode link : act.children("entryRelationship")) {
    const XmlNode note = link.child("act");
    const bool instructs =
        note.child("code").attribute("code") == "PINSTRUCT" ||
        std::any_of(instruction_templates.begin(), instruction_templates.end(),
                    [&](std::string_view root) { return has_template(note, root); });
    if (instructs && !is_null(note)) append_unsaid(dose, narrative.words(note.child("text")));
  }
}

}  // namespace

std::string cda_dose(XmlNode act, const std::string& product, Narrative& narrative, bool english) {
  std::string all = said_or_coded(act, product, narrative, english);
  // Doses that change or combine are administrations of their own, in order.
  for (const XmlNode link : act.children("entryRelationship")) {
    const XmlNode step = link.child("substanceAdministration");
    if (step && link.attribute("typeCode") == "COMP")
      append_words(all, cda_dose(step, product, narrative, english), " ; ");
  }
  append_unsaid(all, cda_label(act.child("routeCode"), narrative));
  for (const XmlNode site : act.children("approachSiteCode"))
    append_unsaid(all, cda_label(site, narrative));
  append_bounds(act, narrative, english, all);
  append_instructions(act, narrative, all);
  return all;
}

SpokenDose cda_spoken_dose(XmlNode act, const std::string& product, Narrative& narrative) {
  SpokenDose dose{.french = cda_dose(act, product, narrative, false),
                  .english = cda_dose(act, product, narrative, true)};
  dose.way = cda_best_code(act.child("routeCode"));
  dose.way.display = cda_label(act.child("routeCode"), narrative);
  const auto needs = needs_of(act, narrative);
  dose.if_needed = !needs.empty();
  if (needs.size() == 1) dose.need = needs.front();
  return dose;
}

}  // namespace coffret::reader
