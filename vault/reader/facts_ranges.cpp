// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/facts_ranges.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "coffret/ascii.hpp"
#include "vault/reader/facts_collect.hpp"

namespace coffret::reader {
namespace {

enum class Sex { unknown, female, male };

// A single letter is a code, and in a sentence anything.
Sex sex_word(std::string_view word, bool letters) {
  constexpr std::array<std::string_view, 7> female = {"female", "femme",   "femmes",   "woman",
                                                      "women",  "females", "248152002"};
  constexpr std::array<std::string_view, 7> male = {"male", "homme", "hommes",   "man",
                                                    "men",  "males", "248153007"};
  if (letters && (word == "f" || word == "m")) return word == "f" ? Sex::female : Sex::male;
  if (std::find(female.begin(), female.end(), word) != female.end()) return Sex::female;
  return std::find(male.begin(), male.end(), word) != male.end() ? Sex::male : Sex::unknown;
}

// The sexes that words name.
struct Named {
  bool female = false;
  bool male = false;
};

Named named_in(std::string_view words, bool letters) {
  Named named;
  std::string word;
  const auto end_word = [&] {
    const Sex sex = sex_word(word, letters);
    named.female = named.female || sex == Sex::female;
    named.male = named.male || sex == Sex::male;
    word.clear();
  };
  for (const char c : words) {
    const char low = ascii_lower(c);
    const bool part = (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') ||
                      static_cast<unsigned char>(c) >= 0x80;
    if (part)
      word.push_back(low);
    else
      end_word();
  }
  end_word();
  return named;
}

Sex sex_of(const PatientIdentity& patient) {
  const auto named = named_in(patient.gender, true);
  if (named.female == named.male) return Sex::unknown;
  return named.female ? Sex::female : Sex::male;
}

Applies is_for(Named named, Sex sex) {
  if (sex == Sex::unknown) return Applies::unclear;
  return named.female == (sex == Sex::female) ? Applies::yes : Applies::no;
}

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

// A day of ISO 8601 in years; `slack`: how far it may be off. Absent: no year.
struct Year {
  double at = 0, slack = 0;
};
std::optional<Year> year_of(std::string_view iso) {
  const auto year = number_of(iso.substr(0, 4));
  if (iso.size() < 4 || !year) return std::nullopt;
  const auto month = iso.size() >= 7 ? number_of(iso.substr(5, 2)) : std::nullopt;
  if (!month) return Year{*year, 1};
  const auto day = iso.size() >= 10 ? number_of(iso.substr(8, 2)) : std::nullopt;
  if (!day) return Year{*year + (*month - 1) / 12, 1.0 / 12};
  return Year{*year + (*month - 1) / 12 + (*day - 1) / 365.25, 0};
}

std::optional<double> in_years(const AgeBound& bound) {
  struct Unit {
    std::string_view name;
    double years;
  };
  constexpr std::array<Unit, 15> units = {{{"a", 1},
                                           {"an", 1},
                                           {"ans", 1},
                                           {"yr", 1},
                                           {"year", 1},
                                           {"years", 1},
                                           {"mo", 1.0 / 12},
                                           {"mois", 1.0 / 12},
                                           {"month", 1.0 / 12},
                                           {"months", 1.0 / 12},
                                           {"wk", 7 / 365.25},
                                           {"weeks", 7 / 365.25},
                                           {"d", 1 / 365.25},
                                           {"days", 1 / 365.25},
                                           {"h", 1 / 8766.0}}};
  const auto value = number_of(bound.value);
  for (const auto& unit : units)
    if (value && unit.name == bound.unit) return *value * unit.years;
  return std::nullopt;
}

}  // namespace

Applies for_sex(std::string_view said, const PatientIdentity& patient) {
  const auto named = named_in(said, true);
  return named.female == named.male ? Applies::unclear : is_for(named, sex_of(patient));
}

Applies for_sex_in(std::string_view words, const PatientIdentity& patient) {
  const auto named = named_in(words, false);
  return named.female == named.male ? Applies::yes : is_for(named, sex_of(patient));
}

Applies for_age(const AgeBound& low, const AgeBound& high, const PatientIdentity& patient,
                std::string_view day) {
  if (low.value.empty() && high.value.empty()) return Applies::yes;
  const auto born = year_of(patient.birth_date);
  const auto then = year_of(day);
  if (!born || !then) return Applies::unclear;
  const double age = then->at - born->at;
  const double slack = born->slack + then->slack;
  Applies all = Applies::yes;
  for (const auto* bound : {&low, &high}) {
    if (bound->value.empty()) continue;
    const auto limit = in_years(*bound);
    if (!limit || std::abs(age - *limit) < slack)
      all = both(all, Applies::unclear);
    else if (bound == &low ? age < *limit : age > *limit)
      all = Applies::no;
  }
  return all;
}

Applies both(Applies a, Applies b) {
  if (a == Applies::no || b == Applies::no) return Applies::no;
  return a == Applies::unclear || b == Applies::unclear ? Applies::unclear : Applies::yes;
}

void take_range(std::vector<RangeOffer> offers, Fact& into) {
  auto left = offers;
  std::erase_if(left, [](const RangeOffer& offer) { return offer.applies == Applies::no; });
  // What is for others alone is told with whom it is for.
  if (left.empty()) left = std::move(offers);
  left.erase(std::unique(left.begin(), left.end()), left.end());
  if (left.empty()) return;
  const auto& first = left.front();
  if (left.size() == 1 && first.applies == Applies::yes) {
    into.range_low = first.low;
    into.range_high = first.high;
    into.range_text = first.text;
    return;
  }
  for (const auto& offer : left) {
    std::string words = offer.who;
    append_words(words, offer.words, words.empty() ? "" : " : ");
    append_words(into.range_text, words, " ; ");
  }
}

}  // namespace coffret::reader
