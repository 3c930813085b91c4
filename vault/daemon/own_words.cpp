// SPDX-License-Identifier: EUPL-1.2
//
// own_words.cpp: the title and the readable lines of what a person typed in.
#include <fmt/format.h>

#include <algorithm>

#include "coffret/utf8.hpp"
#include "vault/daemon/own_resource.hpp"
#include "vault/daemon/shown_words.hpp"

namespace coffret::daemon {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t title_length = 60;  // characters of a note's text that make its title

struct Speaker {
  Language language;
  std::string operator()(std::string_view french, std::string_view english) const {
    return std::string{language == Language::french ? french : english};
  }
};

// The first line, cut between characters.
std::string beginning(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  std::string cut;
  std::size_t characters = 0;
  while (!text.empty() && characters++ < title_length) {
    const auto length = std::max<std::size_t>(next_character(text).length, 1);
    cut += text.substr(0, length);
    text.remove_prefix(length);
  }
  if (!text.empty()) cut += "…";
  return cut;
}

std::string shown_measure(const OwnEntry& entry, Language language) {
  const auto value = shown_value(entry.value, language);
  const auto unit = shown_unit(unit_of(entry), language);
  return unit.empty() ? value : value + " " + unit;
}

std::string measure_label(const OwnEntry& entry, Language language) {
  const Speaker say{language};
  if (is_blood_pressure(entry.what)) return say("Tension artérielle", "Blood pressure");
  const auto* measure = measure_of(entry.what);
  return measure == nullptr ? entry.what : std::string{measure->label(language)};
}

void add(Lines& lines, std::string label, const std::string& value) {
  if (!value.empty()) lines.emplace_back(std::move(label), value);
}

}  // namespace

std::string plausible_words(const Measure& measure, Language language) {
  const auto bound = [&](double value) { return shown_value(fmt::format("{}", value), language); };
  const auto unit = shown_unit(measure.unit, language);
  return fmt::format("{}{}{} – {}{}{}", measure.label(language),
                     language == Language::french ? " : " : ": ", bound(measure.low),
                     bound(measure.high), unit.empty() ? "" : " ", unit);
}

std::string own_title(const OwnEntry& entry, Language language) {
  const Speaker say{language};
  const std::string colon = say(" : ", ": ");
  switch (entry.kind) {
    case OwnKind::allergy:
      return say("Allergie", "Allergy") + colon + entry.what;
    case OwnKind::treatment:
      return say("Traitement", "Treatment") + colon + entry.what;
    case OwnKind::vaccine:
      return say("Vaccin", "Vaccine") + colon + entry.what;
    case OwnKind::measure:
      return measure_label(entry, language) + colon + shown_measure(entry, language);
    case OwnKind::contact:
      return say("Personne à joindre", "Contact") + colon + entry.what;
    case OwnKind::directive:
      if (entry.what.empty()) return say("Directives anticipées", "Advance directives");
      return entry.what;
    case OwnKind::note:
      break;
  }
  return entry.what.empty() ? beginning(entry.text) : entry.what;
}

Lines own_lines(const OwnEntry& entry, Language language) {
  const Speaker say{language};
  Lines lines;
  const bool words_only = entry.kind == OwnKind::note || entry.kind == OwnKind::directive;
  if (!words_only) lines.emplace_back("", own_title(entry, language));
  add(lines, say("Depuis", "Since"), entry.kind == OwnKind::treatment ? entry.date : "");
  add(lines, say("Jusqu'au", "Until"), entry.end);
  add(lines, say("Date", "Date"), entry.kind == OwnKind::vaccine ? entry.date : "");
  add(lines, say("Dose", "Dose"), entry.dose);
  add(lines, say("Lot", "Lot"), entry.lot);
  add(lines, say("Réaction", "Reaction"), entry.reaction);
  add(lines, say("Lien", "Relation"), entry.relation);
  add(lines, say("Téléphone", "Telephone"), entry.phone);
  add(lines, words_only ? "" : say("Remarque", "Remark"), entry.text);
  return lines;
}

}  // namespace coffret::daemon
