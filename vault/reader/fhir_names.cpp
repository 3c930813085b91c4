// SPDX-License-Identifier: EUPL-1.2
//
// fhir_names.cpp: a person's name that FHIR holds as one text, taken apart.
#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "coffret/ascii.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/facts_collect.hpp"
#include "vault/reader/fhir.hpp"

namespace coffret::reader {
namespace {

// What stands before or behind a person's names and is none of them (HumanName prefix, suffix).
bool is_prefix(std::string_view word) {
  constexpr std::string_view known[] = {"m.", "mme", "mlle", "mr",  "mr.", "mrs", "mrs.",
                                        "ms", "ms.", "dr",   "dr.", "pr",  "pr."};
  return std::find(std::begin(known), std::end(known), ascii_lower(word)) != std::end(known);
}

bool is_suffix(std::string_view word) {
  constexpr std::string_view known[] = {"jr", "jr.", "sr", "sr.", "ii", "iii"};
  const bool ordinal = word.size() > 2 && word.front() >= '0' && word.front() <= '9' &&
                       (word.ends_with("st") || word.ends_with("nd") || word.ends_with("rd") ||
                        word.ends_with("th"));
  return ordinal ||
         std::find(std::begin(known), std::end(known), ascii_lower(word)) != std::end(known);
}

// "Henry Levin" of "Mr Henry Levin the 7th"; never all of it.
std::string_view names_in(std::string_view name) {
  for (auto space = name.find(' ');
       space != std::string_view::npos && is_prefix(name.substr(0, space)); space = name.find(' '))
    name.remove_prefix(space + 1);
  // "the" belongs to the ordinal behind it.
  for (bool behind = false;; behind = true) {
    const auto space = name.rfind(' ');
    if (space == std::string_view::npos) break;
    const auto word = name.substr(space + 1);
    if (!is_suffix(word) && !(behind && word == "the")) break;
    name.remove_suffix(name.size() - space);
  }
  return name;
}

bool is_capital(std::string_view word) {
  return word.size() > 1 && word.find('.') == std::string_view::npos &&
         std::none_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

void split_name(const std::string& name, PatientIdentity& into) {
  const auto set = [&](std::string_view family, std::string_view given) {
    into.family = clean_line(family);
    into.given = clean_line(given);
    if (!into.family.empty()) into.families.push_back(into.family);
  };
  const std::string_view all = names_in(name);
  if (const auto comma = all.find(','); comma != std::string_view::npos)
    return set(all.substr(0, comma), all.substr(comma + 1));
  // France writes family names in capitals, on either side.
  std::string capitals, others;
  for (std::size_t at = 0; at < all.size();) {
    const auto end = std::min(all.find(' ', at), all.size());
    const auto word = all.substr(at, end - at);
    append_words(is_capital(word) ? capitals : others, word, " ");
    at = end + 1;
  }
  if (!capitals.empty() && !others.empty()) return set(capitals, others);
  const auto space = all.rfind(' ');
  if (space == std::string_view::npos) return set(all, {});
  set(all.substr(space + 1), all.substr(0, space));
}

}  // namespace coffret::reader
