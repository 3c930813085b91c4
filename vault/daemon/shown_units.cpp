// SPDX-License-Identifier: EUPL-1.2
//
// shown_units.cpp: units as people write them.
#include <algorithm>
#include <vector>

#include "vault/daemon/shown_rows.hpp"
#include "vault/daemon/shown_words.hpp"

namespace coffret::daemon {
namespace {

// UCUM's own spelling first: the one that is understood and written.
constexpr ShownRow units[] = {
    {"mm[Hg]", "mmHg", "mmHg"},
    {"cm[Hg]", "cmHg", "cmHg"},
    {"cm[H2O]", "cmH₂O", "cmH₂O"},
    {"Cel", "°C", "°C"},
    {"[degF]", "°F", "°F"},
    {"kg/m2", "kg/m²", "kg/m²"},
    {"m2", "m²", "m²"},
    {"1", "", ""},
    {"[pH]", "", ""},
    {"10*3/uL", "G/L", "G/L"},
    {"10*9/L", "G/L", "G/L"},
    {"10*6/uL", "T/L", "T/L"},
    {"10*12/L", "T/L", "T/L"},
    {"10*3/mm3", "G/L", "G/L"},
    {"10*6/mm3", "T/L", "T/L"},
    {"mL/min/{1.73_m2}", "mL/min/1,73 m²", "mL/min/1.73 m²"},
    {"mL/min/1.73.m2", "mL/min/1,73 m²", "mL/min/1.73 m²"},
    {"[iU]", "UI", "IU"},
    {"[iU]/L", "UI/L", "IU/L"},
    {"[iU]/mL", "UI/mL", "IU/mL"},
    {"k[iU]/L", "kUI/L", "kIU/L"},
    {"m[iU]/L", "mUI/L", "mIU/L"},
    {"m[iU]/mL", "mUI/mL", "mIU/mL"},
    {"u[iU]/mL", "µUI/mL", "µIU/mL"},
    {"[in_i]", "pouces", "in"},
    {"[in_us]", "pouces", "in"},
    {"[lb_av]", "livres", "lb"},
    {"meq/L", "mEq/L", "mEq/L"},
    {"a", "ans", "years"},
    {"mo", "mois", "months"},
    {"wk", "semaines", "weeks"},
    {"d", "jours", "days"},
    {"[HPF]", "champ", "HPF"},
    {"[LPF]", "champ à faible grossissement", "LPF"},
    {"%{oxygen}", "%", "%"},
};

// What follows a stroke: "per year".
constexpr ShownRow per[] = {
    {"a", "an", "year"},
    {"mo", "mois", "month"},
    {"wk", "semaine", "week"},
    {"d", "jour", "day"},
    {"(24.h)", "24 h", "24 h"},
    {"[HPF]", "champ", "HPF"},
    {"[LPF]", "champ à faible grossissement", "LPF"},
};

// UCUM's annotations: what is counted, or of what. A mere "number of" has no word.
constexpr ShownRow counted[] = {
    {"#", "", ""},
    {"count", "", ""},
    {"beats", "battements", "beats"},
    {"breaths", "respirations", "breaths"},
    {"cell", "cellules", "cells"},
    {"cells", "cellules", "cells"},
    {"cfu", "UFC", "CFU"},
    {"CFU", "UFC", "CFU"},
    {"cigarettes", "cigarettes", "cigarettes"},
    {"copies", "copies", "copies"},
    {"creat", "créat", "creat"},
    {"drinks", "verres", "drinks"},
    {"events", "événements", "events"},
    {"glass", "verres", "glasses"},
    {"glasses", "verres", "glasses"},
    {"pack", "paquets", "packs"},
    {"packs", "paquets", "packs"},
    {"puff", "bouffées", "puffs"},
    {"puffs", "bouffées", "puffs"},
    {"steps", "pas", "steps"},
    {"tablet", "comprimés", "tablets"},
    {"tablets", "comprimés", "tablets"},
    {"times", "fois", "times"},
};

// UCUM's u is the prefix micro where a unit of measure follows.
std::string with_micro(const std::string& unit) {
  std::string shown;
  for (std::size_t i = 0; i < unit.size(); ++i) {
    const std::string_view rest = std::string_view{unit}.substr(i);
    const bool begins = i == 0 || unit[i - 1] == '/' || unit[i - 1] == '.';
    const bool micro = begins && (rest.starts_with("ug") || rest.starts_with("umol") ||
                                  rest.starts_with("uL") || rest.starts_with("ukat"));
    shown += micro ? "µ" : std::string(1, unit[i]);
  }
  return shown;
}

std::string words_of_annotation(std::string_view annotation, Language language) {
  if (const auto* row = row_of(counted, annotation)) return in_language(*row, language);
  std::string words{annotation};
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

// One factor of a unit with its annotation apart: "g{creat}".
struct Factor {
  std::string unit;
  std::string annotation;
};

// The factors between the strokes; empty where a brace has no other.
std::vector<Factor> factors_of(std::string_view unit) {
  std::vector<Factor> factors(1);
  while (!unit.empty()) {
    const char c = unit.front();
    if (c == '}') return {};
    if (c == '{') {
      const auto close = unit.find('}');
      if (close == std::string_view::npos) return {};
      factors.back().annotation = unit.substr(1, close - 1);
      unit.remove_prefix(close + 1);
      continue;
    }
    if (c == '/')
      factors.emplace_back();
    else
      factors.back().unit += c;
    unit.remove_prefix(1);
  }
  return factors;
}

std::string shown_factor(const Factor& factor, bool first, Language language) {
  auto words = words_of_annotation(factor.annotation, language);
  if (factor.unit.empty()) return words;
  const auto* row = row_of(first ? std::span<const ShownRow>{units} : per, factor.unit);
  auto shown = row == nullptr ? with_micro(factor.unit) : in_language(*row, language);
  if (!words.empty()) shown += " " + words;
  return shown;
}

// "{score}" alone says that something is counted, in no unit; nor does "/{field}".
bool has_no_unit(const std::vector<Factor>& factors) {
  const auto annotated = std::count_if(factors.begin(), factors.end(), [](const Factor& factor) {
    return !factor.annotation.empty();
  });
  const bool only_words = std::all_of(factors.begin(), factors.end(),
                                      [](const Factor& factor) { return factor.unit.empty(); });
  return only_words && annotated == 1;
}

}  // namespace

std::string shown_unit(std::string_view unit, Language language) {
  if (const auto* row = row_of(units, unit)) return in_language(*row, language);
  const auto factors = factors_of(unit);
  if (factors.empty()) return std::string{unit};
  if (has_no_unit(factors)) {
    const auto* row = row_of(counted, factors.front().annotation);
    return row == nullptr ? std::string{} : in_language(*row, language);
  }
  std::string shown = shown_factor(factors.front(), true, language);
  for (std::size_t i = 1; i < factors.size(); ++i)
    shown += "/" + shown_factor(factors[i], false, language);
  return shown;
}

std::string_view ucum_unit(std::string_view typed) {
  for (const auto& row : units)
    if (!typed.empty() && (row.french == typed || row.english == typed)) return row.code;
  return typed;
}

}  // namespace coffret::daemon
