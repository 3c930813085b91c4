// SPDX-License-Identifier: EUPL-1.2
//
// facts_forms.cpp: what a dose is counted in and what a medicine is handed over in, in words:
// codes and English annotations stand where UCUM has no unit.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "coffret/ascii.hpp"
#include "vault/reader/facts_collect.hpp"

namespace coffret::reader {
namespace {

struct CountedThing {
  std::string_view code, one_french, many_french, one_english, many_english;
};

// UCUM annotations as documents write them, in small letters and without their braces.
constexpr std::array<CountedThing, 14> dose_forms = {{
    {"tablet", "comprimé", "comprimés", "tablet", "tablets"},
    {"tablets", "comprimé", "comprimés", "tablet", "tablets"},
    {"tbl", "comprimé", "comprimés", "tablet", "tablets"},
    {"tab", "comprimé", "comprimés", "tablet", "tablets"},
    {"comprimé", "comprimé", "comprimés", "tablet", "tablets"},
    {"gélule", "gélule", "gélules", "capsule", "capsules"},
    {"capsule", "gélule", "gélules", "capsule", "capsules"},
    {"puff", "bouffée", "bouffées", "puff", "puffs"},
    {"drop", "goutte", "gouttes", "drop", "drops"},
    {"[drp]", "goutte", "gouttes", "drop", "drops"},
    {"sachet", "sachet", "sachets", "sachet", "sachets"},
    {"suppository", "suppositoire", "suppositoires", "suppository", "suppositories"},
    {"[iu]", "UI", "UI", "IU", "IU"},
    // How many, of what the product's name says.
    {"count", "", "", "", ""},
}};

// EDQM Standard Terms, containers.
constexpr std::array<CountedThing, 2> packages = {{
    {"30009000", "boîte", "boîtes", "box", "boxes"},
    {"30067000", "tube", "tubes", "tube", "tubes"},
}};

// French counts several from 2 on; of a part, English speaks as of one.
bool is_several(std::string_view number, bool english) {
  double value = 0;
  const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (ec != std::errc{}) return false;
  return english ? value > 1 : value >= 2;
}

const CountedThing* counted(const auto& table, std::string_view code) {
  const auto at = std::find_if(table.begin(), table.end(),
                               [&](const CountedThing& known) { return known.code == code; });
  return at == table.end() ? nullptr : &*at;
}

std::string count_of(const CountedThing& thing, std::string_view number, bool english) {
  std::string words{number};
  if (is_several(number, english))
    append_words(words, english ? thing.many_english : thing.many_french, " ");
  else
    append_words(words, english ? thing.one_english : thing.one_french, " ");
  return words;
}

}  // namespace

std::string dose_words(std::string_view number, std::string_view unit, bool english) {
  std::string form = ascii_lower(unit);
  if (form.size() > 1 && form.front() == '{' && form.back() == '}')
    form = form.substr(1, form.size() - 2);
  const auto* known = counted(dose_forms, form);
  if (number.empty() || known == nullptr) return amount_words(number, unit);
  return count_of(*known, number, english);
}

std::string package_words(std::string_view number, std::string_view edqm, bool english) {
  const auto* known = counted(packages, edqm);
  return number.empty() || known == nullptr ? std::string{} : count_of(*known, number, english);
}

}  // namespace coffret::reader
