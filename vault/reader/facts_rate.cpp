// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/facts_rate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "coffret/ascii.hpp"
#include "vault/reader/facts_collect.hpp"

namespace coffret::reader {
namespace {

// More than a dose has; what is longer is not understood.
constexpr std::size_t most_tokens = 600;

enum class Sort { digit, letter, slash, other };

Sort sort_of(char c) {
  if (c >= '0' && c <= '9') return Sort::digit;
  if ((c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80) return Sort::letter;
  return c == '/' ? Sort::slash : Sort::other;
}

// "3x/j" is "3", "x", "/", "j"; a decimal sign belongs to its number; other signs are left out.
std::vector<std::string> tokens_of(std::string_view words) {
  const std::string low = ascii_lower(words);
  std::vector<std::string> all;
  Sort before = Sort::other;
  for (std::size_t i = 0; i < low.size() && all.size() < most_tokens; ++i) {
    const bool decimal = (low[i] == '.' || low[i] == ',') && before == Sort::digit &&
                         i + 1 < low.size() && sort_of(low[i + 1]) == Sort::digit;
    const Sort sort = decimal ? Sort::digit : sort_of(low[i]);
    if (sort != Sort::other) {
      if (sort != before || sort == Sort::slash) all.emplace_back();
      all.back().push_back(decimal ? '.' : low[i]);
    }
    before = sort;
  }
  return all;
}

template <std::size_t n>
bool among(std::string_view word, const std::array<std::string_view, n>& list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::optional<double> countable(std::string_view text) {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  // What is further from a dose is none; so no rate is out of a double's reach.
  if (!(value >= 1e-6 && value <= 1e6)) return std::nullopt;
  return value;
}

struct NumberWord {
  std::string_view word;
  double value;
};
constexpr std::array<NumberWord, 12> number_words = {{{"un", 1},
                                                      {"une", 1},
                                                      {"one", 1},
                                                      {"deux", 2},
                                                      {"two", 2},
                                                      {"trois", 3},
                                                      {"three", 3},
                                                      {"quatre", 4},
                                                      {"four", 4},
                                                      {"cinq", 5},
                                                      {"five", 5},
                                                      {"six", 6}}};
// A number and "times" in one.
constexpr std::array<NumberWord, 3> counted_words = {{{"once", 1}, {"twice", 2}, {"thrice", 3}}};

std::optional<double> number_in(std::string_view word) {
  for (const auto& known : number_words)
    if (known.word == word) return known.value;
  return countable(word);
}

// In days; absent: no unit of time.
std::optional<double> days_of(std::string_view unit) {
  constexpr std::array<std::string_view, 7> day = {"d", "j", "jr", "jour", "day", "days", "jours"};
  constexpr std::array<std::string_view, 5> hour = {"h", "heure", "heures", "hour", "hours"};
  constexpr std::array<std::string_view, 6> week = {"wk",       "sem",  "semaine",
                                                    "semaines", "week", "weeks"};
  constexpr std::array<std::string_view, 4> month = {"mo", "mois", "month", "months"};
  if (among(unit, day)) return 1;
  if (among(unit, hour)) return 1.0 / 24;
  if (among(unit, week)) return 7;
  if (among(unit, month)) return 30;
  if (unit == "min") return 1.0 / (24 * 60);
  return std::nullopt;
}

// A walk over the words that collects every rate they tell.
class Rates {
 public:
  explicit Rates(std::string_view words) : tokens_(tokens_of(words)) {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      per(i);
      every(i);
    }
  }
  std::optional<double> one() const {
    if (unclear_ || found_.empty()) return std::nullopt;
    for (const double rate : found_)
      if (rates_differ(rate, found_.front())) return std::nullopt;
    return found_.front();
  }

 private:
  std::string_view at(std::size_t i) const {
    return i < tokens_.size() ? std::string_view{tokens_[i]} : std::string_view{};
  }
  std::string_view before(std::size_t i, std::size_t back) const {
    return i >= back ? std::string_view{tokens_[i - back]} : std::string_view{};
  }

  // "N fois par jour", "N x / j", "twice a week", "once daily".
  void per(std::size_t i) {
    constexpr std::array<std::string_view, 5> pers = {"par", "/", "a", "per", "each"};
    auto days = at(i) == "daily" ? std::optional{1.0} : days_of("");
    if (among(at(i), pers)) {
      days = days_of(at(i + 1));
      // "par 24 h"
      if (!days && days_of(at(i + 2)) && number_in(at(i + 1)))
        days = *days_of(at(i + 2)) * *number_in(at(i + 1));
    }
    if (!days) return;
    constexpr std::array<std::string_view, 4> times = {"fois", "x", "times", "time"};
    std::optional<double> count;
    std::size_t first = 1;
    for (const auto& known : counted_words)
      if (known.word == before(i, 1)) count = known.value;
    if (among(before(i, 1), times)) {
      count = number_in(before(i, 2));
      first = 2;
    }
    if (!count) return;
    constexpr std::array<std::string_view, 5> ranges = {"à", "to", "ou", "or", "max"};
    if (among(before(i, first + 1), ranges) || before(i, first + 1) == "maximum") unclear_ = true;
    found_.push_back(*count / *days);
  }

  // "toutes les 8 h", "tous les jours", "every 8 hours", "chaque semaine".
  void every(std::size_t i) {
    std::size_t next = 0;
    if (at(i) == "every" || at(i) == "chaque") next = i + 1;
    if ((at(i) == "toutes" || at(i) == "tous") && at(i + 1) == "les") next = i + 2;
    if (next == 0) return;
    const auto number = number_in(at(next));
    if (const auto days = days_of(at(number ? next + 1 : next)))
      found_.push_back(1 / (*days * number.value_or(1)));
    else
      unclear_ = true;  // "toutes les 4 à 6 h", "every other day"
  }

  std::vector<std::string> tokens_;
  std::vector<double> found_;
  bool unclear_ = false;
};

}  // namespace

std::optional<double> times_a_day(std::string_view words) {
  return Rates{words}.one();
}

std::optional<double> coded_times_a_day(std::string_view times, std::string_view period,
                                        std::string_view unit) {
  constexpr std::array<std::string_view, 5> units = {"min", "h", "d", "wk", "mo"};
  const auto count = countable(times);
  const auto length = countable(period);
  if (!count || !length || !among(unit, units)) return std::nullopt;
  return *count / (*length * *days_of(unit));
}

bool rates_differ(std::optional<double> a, std::optional<double> b) {
  if (!a || !b) return false;
  return std::abs(*a - *b) > 0.02 * std::max(*a, *b);
}

bool tells_a_dose(std::string_view words) {
  constexpr std::array<std::string_view, 44> taking = {
      "fois",   "matin",    "midi",    "soir",     "nuit",    "coucher",  "jour",    "jours",
      "j",      "semaine",  "sem",     "mois",     "heures",  "h",        "repas",   "prise",
      "prises", "prendre",  "besoin",  "lundi",    "mardi",   "mercredi", "jeudi",   "vendredi",
      "samedi", "dimanche", "times",   "daily",    "day",     "days",     "week",    "weekly",
      "month",  "hours",    "morning", "noon",     "evening", "night",    "bedtime", "once",
      "twice",  "take",     "needed",  "quotidien"};
  const auto tokens = tokens_of(words);
  return std::any_of(tokens.begin(), tokens.end(),
                     [&](const std::string& token) { return among(token, taking); });
}

void append_unsaid(std::string& words, std::string_view more) {
  if (!more.empty() && ascii_lower(words).find(ascii_lower(more)) == std::string::npos)
    append_words(words, more);
}

void append_coded(std::string& words, std::string_view coded, bool english) {
  if (coded.empty() || ascii_lower(words).find(ascii_lower(coded)) != std::string::npos) return;
  std::string told = english ? "(coded: " : "(codé : ";
  told.append(coded).append(")");
  append_words(words, told, " ");
}

}  // namespace coffret::reader
