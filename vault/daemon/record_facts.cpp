// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/record_facts.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <initializer_list>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "coffret/kinds.hpp"
#include "coffret/spoken.hpp"
#include "vault/daemon/record_parts.hpp"

namespace coffret::daemon {
namespace {

constexpr int dispensed_months = 12;
constexpr int biologic_months = 3 * 12;
constexpr int vaccine_months = 21 * 12;

struct FlagMeaning {
  std::string_view flag;
  std::string_view standing;
};
// HL7 v3 ObservationInterpretation, by what FHIR R4 and HL7 v2 (table 0078) write of it.
constexpr FlagMeaning number_flags[] = {
    {"L", "low"},      {"LL", "low"},      {"LU", "low"},   {"LX", "low"},  {"<", "low"},
    {"H", "high"},     {"HH", "high"},     {"HU", "high"},  {"HX", "high"}, {">", "high"},
    {"A", "abnormal"}, {"AA", "abnormal"}, {"N", "normal"},
};
constexpr FlagMeaning germ_flags[] = {
    {"R", "resistant"},       {"SYN-R", "resistant"},    {"I", "intermediate"},
    {"S", "susceptible"},     {"MS", "susceptible"},     {"VS", "susceptible"},
    {"SYN-S", "susceptible"}, {"NS", "not-susceptible"}, {"SDD", "dose-dependent"},
};
constexpr FlagMeaning finding_flags[] = {
    {"POS", "positive"},    {"NEG", "negative"},      {"DET", "detected"},
    {"ND", "not-detected"}, {"RR", "reactive"},       {"WR", "reactive"},
    {"NR", "not-reactive"}, {"IND", "indeterminate"}, {"E", "indeterminate"},
};

std::string_view by_flag(std::span<const FlagMeaning> meanings, std::string_view flag) {
  for (const auto& meaning : meanings)
    if (meaning.flag == flag) return meaning.standing;
  return "";
}

std::string_view by_range(const Fact& fact) {
  const auto value = number_in(fact.value);
  const auto low = number_in(fact.range_low);
  const auto high = number_in(fact.range_high);
  if (!value || (!low && !high)) return "";
  if (low && *value < *low) return "low";
  return high && *value > *high ? "high" : "normal";
}

std::string_view kind_word(FactKind kind) {
  constexpr std::array<std::string_view, 8> words = {"",        "result",  "medicine",  "allergy",
                                                     "problem", "vaccine", "procedure", "contact"};
  return words.at(static_cast<std::size_t>(kind));
}

std::string_view event_word(MedicineEvent event) {
  constexpr std::array<std::string_view, 5> words = {"", "prescribed", "dispensed", "taken",
                                                     "administered"};
  return words.at(static_cast<std::size_t>(event));
}

boost::json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

std::string_view standing(const Fact& fact) {
  if (fact.kind != FactKind::result) return "";
  for (const auto meanings :
       std::initializer_list<std::span<const FlagMeaning>>{number_flags, germ_flags})
    if (const auto told = by_flag(meanings, fact.flag); !told.empty()) return told;
  const auto counted = by_range(fact);
  const auto found = by_flag(finding_flags, fact.flag);
  return found.empty() || counted == "low" || counted == "high" ? counted : found;
}

bool is_critical(const Fact& fact) {
  return fact.kind == FactKind::result && is_among(fact.flag, {"ll", "hh", "aa"});
}

void speak(Fact& fact, Language language) {
  for (std::string* words : {&fact.label, &fact.detail}) *words = said_in(*words, language);
  auto dose = unpacked_dose(fact.dose);
  dose.french = dose.english = said_in(fact.dose, language);
  fact.dose = packed(dose);
}

std::string fact_label(const Fact& fact) {
  if (!fact.label.empty()) return fact.label;
  return fact.code.display.empty() ? fact.code.code : fact.code.display;
}

std::vector<CodedValue> codings_of(const Fact& fact) {
  if (!fact.codings.empty()) return fact.codings;
  return fact.code.code.empty() ? std::vector<CodedValue>{} : std::vector{fact.code};
}

const std::string& fact_date(const store::FactView& fact) {
  return fact.fact.date.empty() ? fact.document_date : fact.fact.date;
}

std::string months_before(Timestamp now, int months) {
  using namespace std::chrono;
  year_month_day day{floor<days>(now)};
  day -= std::chrono::months{months};
  if (!day.ok()) day = day.year() / day.month() / last;
  return to_rfc3339(Timestamp{sys_days{day}}).substr(0, 10);
}

bool since(std::string_view date, std::string_view day) {
  const auto common = std::min(date.size(), day.size());
  return common >= 4 && date.substr(0, common) >= day.substr(0, common);
}

bool is_absence(const Fact& fact) {
  return fact.status == "none-known" || fact.status == "no-information";
}

FactViews take_absences(FactViews& facts) {
  const auto states = [](const store::FactView& view) { return is_absence(view.fact); };
  FactViews absences;
  std::copy_if(facts.begin(), facts.end(), std::back_inserter(absences), states);
  std::erase_if(facts, states);
  std::map<PersonId, std::string> newest;  // of those who have any
  for (const auto& view : facts) {
    auto& day = newest[view.person];
    day = std::max(day, told_on(view));
  }
  std::erase_if(absences, [&](const store::FactView& view) {
    const auto known = newest.find(view.person);
    return known != newest.end() && told_on(view) <= known->second;
  });
  auto left = newest_of_each(std::move(absences));
  // Who says that none is known says more than who did not ask.
  const auto knows = [](const store::FactView& view) { return view.fact.status == "none-known"; };
  std::set<PersonId> known;
  for (const auto& view : left)
    if (knows(view)) known.insert(view.person);
  std::erase_if(left, [&](const store::FactView& view) {
    return !knows(view) && known.contains(view.person);
  });
  return left;
}

FactViews pharmacy_view(FactViews facts, Timestamp now) {
  const auto shown = [&](const store::FactView& view) {
    const auto& fact = view.fact;
    const bool given = fact.kind == FactKind::vaccine ||
                       (fact.event == MedicineEvent::administered && is_vaccine(fact));
    // Handed over or given; not what was asked for, refused or never done.
    if (!given && fact.event != MedicineEvent::dispensed) return false;
    if (is_void(fact) || is_among(fact.status, {"refused", "not taken"})) return false;
    const int months = given || is_vaccine(fact) ? vaccine_months
                       : is_biologic(fact)       ? biologic_months
                                                 : dispensed_months;
    return since(fact_date(view), months_before(now, months));
  };
  std::erase_if(facts, [&](const store::FactView& view) { return !shown(view); });
  return facts;
}

namespace {

boost::json::array codings_json(const Fact& fact) {
  boost::json::array all;
  for (const auto& one : codings_of(fact))
    all.push_back(
        boost::json::object{{"code", one.code}, {"system", one.system}, {"label", one.display}});
  return all;
}

}  // namespace

boost::json::object fact_json(const store::FactView& view_of) {
  const auto& fact = view_of.fact;
  const bool allergy = fact.kind == FactKind::allergy;
  // What these fields are of such a fact: coffret/fact.hpp.
  const bool medicine = fact.kind == FactKind::medicine && !is_absence(fact);
  const bool told_apart = allergy || medicine;
  const bool sure = allergy || fact.kind == FactKind::problem;
  return {
      {"kind", is_absence(fact) ? "absence" : view(kind_word(fact.kind))},
      {"event", view(event_word(fact.event))},
      {"label", fact_label(fact)},
      {"code",
       {{"code", fact.code.code}, {"system", fact.code.system}, {"label", fact.code.display}}},
      {"codings", codings_json(fact)},
      {"value", is_absence(fact) ? view(kind_word(fact.kind))
                : told_apart     ? ""
                                 : view(fact.value)},
      {"strength", medicine ? view(fact.value) : ""},
      {"unit", fact.unit},
      {"range", {{"low", fact.range_low}, {"high", fact.range_high}, {"text", fact.range_text}}},
      {"flag", sure ? "" : view(fact.flag)},
      {"verification", sure ? view(fact.flag) : ""},
      {"criticality", allergy ? view(fact.value) : ""},
      {"severity", allergy ? view(fact.dose) : ""},
      {"standing", view(standing(fact))},
      {"critical", is_critical(fact)},
      {"date", fact_date(view_of)},
      {"start", fact.date},
      {"end", fact.end},
      {"status", fact.status},
      {"dose", allergy ? std::string{} : unpacked_dose(fact.dose).french},
      {"detail", fact.detail},
      {"author", fact.author},
      {"document", view_of.document.text()},
      {"document_title", view_of.document_title},
      {"place", fact.place}};
}

}  // namespace coffret::daemon
