// SPDX-License-Identifier: EUPL-1.2
//
// Dosage in words: what CDA and FHIR say in codes and numbers, as a person would say it.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "vault/reader/facts_collect.hpp"

namespace coffret::reader {
namespace {

struct TimeUnit {
  std::string_view code;
  std::string_view per_french, every_french, per_english, every_english;
};
// "#": where the number goes.
constexpr std::array<TimeUnit, 7> time_units = {{
    {"s", "par seconde", "toutes les # s", "a second", "every # s"},
    {"min", "par minute", "toutes les # min", "a minute", "every # min"},
    {"h", "par heure", "toutes les # h", "an hour", "every # h"},
    {"d", "par jour", "tous les # jours", "a day", "every # days"},
    {"wk", "par semaine", "toutes les # semaines", "a week", "every # weeks"},
    {"mo", "par mois", "tous les # mois", "a month", "every # months"},
    {"a", "par an", "tous les # ans", "a year", "every # years"},
}};

struct Moment {
  std::string_view code, french, english;
};
// HL7 v3 TimingEvent, and FHIR event-timing, which adds the times of day.
constexpr std::array<Moment, 20> moments = {{
    {"AC", "avant les repas", "before meals"},
    {"ACM", "avant le petit déjeuner", "before breakfast"},
    {"ACD", "avant le déjeuner", "before lunch"},
    {"ACV", "avant le dîner", "before dinner"},
    {"C", "pendant les repas", "with meals"},
    {"CM", "au petit déjeuner", "with breakfast"},
    {"CD", "au déjeuner", "with lunch"},
    {"CV", "au dîner", "with dinner"},
    {"PC", "après les repas", "after meals"},
    {"PCM", "après le petit déjeuner", "after breakfast"},
    {"PCD", "après le déjeuner", "after lunch"},
    {"PCV", "après le dîner", "after dinner"},
    {"HS", "au coucher", "at bedtime"},
    {"WAKE", "au réveil", "on waking"},
    {"MORN", "le matin", "in the morning"},
    {"NOON", "à midi", "at noon"},
    {"AFT", "l'après-midi", "in the afternoon"},
    {"EVE", "le soir", "in the evening"},
    {"NIGHT", "la nuit", "at night"},
    {"IC", "entre les repas", "between meals"},
}};

// FHIR DaysOfWeek.
constexpr std::array<Moment, 7> days = {{
    {"mon", "lundi", "Monday"},
    {"tue", "mardi", "Tuesday"},
    {"wed", "mercredi", "Wednesday"},
    {"thu", "jeudi", "Thursday"},
    {"fri", "vendredi", "Friday"},
    {"sat", "samedi", "Saturday"},
    {"sun", "dimanche", "Sunday"},
}};

// How documents in their own words say that a medicine is not to be taken without a need.
constexpr std::array<std::string_view, 10> said_if_needed = {
    "si besoin", "Si besoin", "au besoin", "si nécessaire", "as needed",
    "As needed", "if needed", "If needed", "when needed",   "PRN"};

bool is_one(std::string_view number) {
  if (!number.starts_with('1')) return false;
  number.remove_prefix(1);
  if (number.empty()) return true;
  return number.starts_with('.') && number.find_first_not_of('0', 1) == std::string_view::npos;
}

}  // namespace

std::string rate_words(std::string_view times, std::string_view period, std::string_view unit,
                       bool english) {
  for (const TimeUnit& known : time_units) {
    if (known.code != unit || period.empty()) continue;
    // Beside an amount that may be missing, "1 fois par jour" says more than "par jour".
    std::string out;
    if (!times.empty() && !is_one(times))
      out.append(times).append(english ? " times" : " fois");
    else if (is_one(period))
      out = english ? "once" : "1 fois";
    if (is_one(period)) {
      append_words(out, english ? known.per_english : known.per_french, " ");
      return out;
    }
    std::string every{english ? known.every_english : known.every_french};
    every.replace(every.find('#'), 1, period);
    append_words(out, every, " ");
    return out;
  }
  return {};
}

std::string duration_words(std::string_view number, std::string_view unit, bool english) {
  for (const TimeUnit& known : time_units) {
    if (known.code != unit || number.empty()) continue;
    // What follows "every": "# jours".
    std::string words{english ? known.every_english : known.every_french};
    const auto at = words.find('#');
    words.replace(0, at + 1, number);
    return (english ? "for " : "pendant ") + words;
  }
  return {};
}

std::string moment_words(std::string_view event, bool english) {
  for (const Moment& known : moments)
    if (known.code == event) return std::string{english ? known.english : known.french};
  return {};
}

std::string day_words(std::string_view day, bool english) {
  for (const Moment& known : days)
    if (known.code == day) return std::string{english ? known.english : known.french};
  return {};
}

void append_if_needed(std::string& dose, std::string_view reason, bool english) {
  const std::string_view needed = english ? "if needed" : "si besoin";
  const auto says = [&](std::string_view words) { return dose.find(words) != std::string::npos; };
  // A reason that is a clause of its own ("si fièvre > 38,5 °C") says it by itself.
  if (reason.starts_with("si ") || reason.starts_with("Si ") || reason.starts_with("en cas ") ||
      reason.starts_with("En cas ") || reason.starts_with("if ") || reason.starts_with("If ")) {
    if (!says(reason)) append_words(dose, reason);
    return;
  }
  const bool said = std::any_of(said_if_needed.begin(), said_if_needed.end(), says);
  if (said && (reason.empty() || says(reason))) return;
  std::string words{needed};
  if (!reason.empty()) words.append(" (").append(reason).append(")");
  append_words(dose, words);
}

void append_maximum(std::string& dose, std::string_view amount, std::string_view number,
                    std::string_view unit, bool english) {
  if (amount.empty()) return;
  std::string words = "maximum ";
  words += amount;
  for (const TimeUnit& known : time_units) {
    if (known.code != unit || number.empty()) continue;
    if (is_one(number)) {
      append_words(words, english ? known.per_english : known.per_french, " ");
      continue;
    }
    // What follows "every": "# jours".
    const std::string_view every = english ? known.every_english : known.every_french;
    words.append(english ? " in " : " en ")
        .append(number)
        .append(every.substr(every.find('#') + 1));
  }
  append_words(dose, words);
}

std::string amount_words(std::string_view number, std::string_view unit) {
  std::string out{number};
  // Codes of dosage forms (EDQM) stand where UCUM has no unit; their number means nothing to read.
  const bool coded =
      unit.size() > 4 && unit.find_first_not_of("0123456789") == std::string_view::npos;
  if (number.empty() || unit == "1" || coded) return out;
  std::string plain;
  for (const char c : unit)
    if (c != '{' && c != '}') plain.push_back(c);
  append_words(out, plain, " ");
  return out;
}

}  // namespace coffret::reader
