// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/record_facts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <map>
#include <optional>

#include "coffret/kinds.hpp"
#include "vault/daemon/plain_words.hpp"

namespace coffret::daemon {
namespace {

constexpr int recent_months = 12;  // of medicines that nothing says go on
constexpr int dispensed_months = 12;
constexpr int biologic_months = 3 * 12;
constexpr int vaccine_months = 21 * 12;

// ATC classes (WHO Collaborating Centre for Drug Statistics Methodology) of the substances in the
// French reference list of similar biological groups (ANSM), each widened to its whole class:
// insulins, heparins, epoetins, growth hormones, follitropins, teriparatide, colony stimulating
// factors, interferons, monoclonal antibodies, TNF and interleukin inhibitors.
constexpr std::array<std::string_view, 12> biologic_classes = {"A10A",  "B01AB", "B03XA", "H01AC",
                                                               "G03GA", "H05AA", "L03AA", "L03AB",
                                                               "L01F",  "L01XC", "L04AB", "L04AC"};
constexpr std::string_view vaccine_class = "J07";

bool is_atc(std::string_view system) {
  system = oid_of(system);
  return system == "2.16.840.1.113883.6.73" || system == "http://www.whocc.no/atc";
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::string_view by_flag(std::string_view flag) {
  if (flag == "L" || flag == "LL" || flag == "LU" || flag == "<") return "low";
  if (flag == "H" || flag == "HH" || flag == "HU" || flag == ">") return "high";
  if (flag == "A" || flag == "AA") return "abnormal";
  return flag == "N" ? "normal" : "";
}

std::string_view by_range(const Fact& fact) {
  const auto value = number(fact.value);
  const auto low = number(fact.range_low);
  const auto high = number(fact.range_high);
  if (!value || (!low && !high)) return "";
  if (low && *value < *low) return "low";
  return high && *value > *high ? "high" : "normal";
}

// The keys a fact's series is known by.
std::vector<std::string> series_keys(const Fact& fact) {
  std::vector<std::string> keys;
  const bool coded = !fact.code.code.empty();
  if (coded) keys.push_back(std::string{oid_of(fact.code.system)} + '|' + fact.code.code);
  if (auto words = plain_text(fact_label(fact));
      !coded || (fact.kind == FactKind::medicine && !words.empty()))
    keys.push_back(std::move(words));
  return keys;
}

// Which keys mean one series: a fact that has two makes them one.
class SeriesNames {
 public:
  void add(const Fact& fact) {
    const auto keys = series_keys(fact);
    const auto first = number_of(keys.front());
    for (const auto& key : keys) joined_[root(number_of(key))] = root(first);
  }
  // Precondition: it was added.
  std::size_t series(const Fact& fact) { return root(number_of(series_keys(fact).front())); }

 private:
  std::size_t number_of(const std::string& key) {
    const auto [at, fresh] = numbers_.try_emplace(key, joined_.size());
    if (fresh) joined_.push_back(at->second);
    return at->second;
  }
  std::size_t root(std::size_t number) {
    while (joined_[number] != number) number = joined_[number] = joined_[joined_[number]];
    return number;
  }

  std::map<std::string, std::size_t> numbers_;
  std::vector<std::size_t> joined_;  // towards the number that stands for all of them
};

bool is_among(std::string_view status, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), plain_text(status)) != list.end();
}

// Not taken, or not any more: FHIR R4's words, HL7 v3's ActStatus, SNOMED CT's qualifiers.
bool is_stopped(const Fact& fact) {
  return is_among(fact.status, {"stopped", "aborted", "suspended", "on hold", "not taken",
                                "inactive", "no longer active", "discontinued"});
}

// Never came to be, so that it says nothing of what came before.
bool is_void(const Fact& fact) {
  return is_among(fact.status, {"cancelled", "entered in error", "nullified", "draft", "declined",
                                "not done", "preparation", "obsolete"});
}

bool has_ended(const Fact& fact, const std::string& today) {
  return !fact.end.empty() && !since(fact.end, today);
}

// The day of the statement, then the day it is about: a letter of May that lists what was stopped
// in 2020 is newer than a prescription of March.
bool is_said_later(const store::FactView& a, const store::FactView& b) {
  const auto told = [](const store::FactView& view) {
    return std::max(view.document_date, view.fact.date);
  };
  if (told(a) != told(b)) return told(a) > told(b);
  if (fact_date(a) != fact_date(b)) return fact_date(a) > fact_date(b);
  // A dose that changed on one day: the old one stopped, the new one goes on.
  return !is_stopped(a.fact) && is_stopped(b.fact);
}

// What holds of a medicine today, or null. `series` is newest first.
const store::FactView* current_of(const FactViews& series, const std::string& today,
                                  const std::string& year_ago) {
  bool ended = false;
  for (const auto& view : series) {
    const auto& fact = view.fact;
    if (is_void(fact)) continue;
    if (is_stopped(fact)) return nullptr;
    if (has_ended(fact, today)) {
      ended = true;
      continue;
    }
    // Its own period reaches today, whatever shorter one was ordered since.
    if (!fact.end.empty()) return &view;
    const auto& date = fact_date(view);
    if (!ended && (plain_text(fact.status) == "active" || date.empty() || since(date, year_ago)))
      return &view;
  }
  return nullptr;
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
  const auto told = by_flag(fact.flag);
  return told.empty() ? by_range(fact) : told;
}

std::string fact_label(const Fact& fact) {
  if (!fact.label.empty()) return fact.label;
  return fact.code.display.empty() ? fact.code.code : fact.code.display;
}

const std::string& fact_date(const store::FactView& fact) {
  return fact.fact.date.empty() ? fact.document_date : fact.fact.date;
}

std::vector<FactViews> series_of(FactViews facts) {
  std::stable_sort(facts.begin(), facts.end(),
                   [](const auto& a, const auto& b) { return fact_date(a) > fact_date(b); });
  SeriesNames names;
  for (const auto& fact : facts) names.add(fact.fact);
  std::vector<FactViews> all;
  std::map<std::size_t, std::size_t> places;
  for (auto& fact : facts) {
    const auto [at, fresh] = places.try_emplace(names.series(fact.fact), all.size());
    if (fresh) all.emplace_back();
    all[at->second].push_back(std::move(fact));
  }
  return all;
}

FactViews newest_of_each(FactViews facts) {
  FactViews newest;
  for (auto& series : series_of(std::move(facts))) newest.push_back(std::move(series.front()));
  return newest;
}

FactViews current_medicines(FactViews facts, Timestamp now) {
  const auto today = months_before(now, 0);
  const auto year_ago = months_before(now, recent_months);
  FactViews current;
  for (auto& series : series_of(std::move(facts))) {
    std::stable_sort(series.begin(), series.end(), is_said_later);
    if (const auto* found = current_of(series, today, year_ago)) current.push_back(*found);
  }
  return current;
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

bool is_biologic(const CodedValue& code) {
  return is_atc(code.system) &&
         std::any_of(biologic_classes.begin(), biologic_classes.end(),
                     [&](std::string_view atc) { return code.code.starts_with(atc); });
}

bool is_vaccine(const CodedValue& code) {
  return is_atc(code.system) && code.code.starts_with(vaccine_class);
}

FactViews pharmacy_view(FactViews facts, Timestamp now) {
  const auto shown = [&](const store::FactView& view) {
    const auto& fact = view.fact;
    const bool given = fact.kind == FactKind::vaccine ||
                       (fact.event == MedicineEvent::administered && is_vaccine(fact.code));
    // Handed over or given; not what was asked for, refused or never done.
    if (!given && fact.event != MedicineEvent::dispensed) return false;
    if (is_void(fact) || is_among(fact.status, {"refused", "not taken"})) return false;
    const int months = given || is_vaccine(fact.code) ? vaccine_months
                       : is_biologic(fact.code)       ? biologic_months
                                                      : dispensed_months;
    return since(fact_date(view), months_before(now, months));
  };
  std::erase_if(facts, [&](const store::FactView& view) { return !shown(view); });
  return facts;
}

boost::json::object fact_json(const store::FactView& view_of) {
  const auto& fact = view_of.fact;
  return {
      {"kind", view(kind_word(fact.kind))},
      {"event", view(event_word(fact.event))},
      {"label", fact_label(fact)},
      {"code",
       {{"code", fact.code.code}, {"system", fact.code.system}, {"label", fact.code.display}}},
      {"value", fact.value},
      {"unit", fact.unit},
      {"range", {{"low", fact.range_low}, {"high", fact.range_high}, {"text", fact.range_text}}},
      {"flag", fact.flag},
      {"standing", view(standing(fact))},
      {"date", fact_date(view_of)},
      {"end", fact.end},
      {"status", fact.status},
      {"dose", fact.dose},
      {"detail", fact.detail},
      {"author", fact.author},
      {"document", view_of.document.text()},
      {"document_title", view_of.document_title},
      {"place", fact.place}};
}

}  // namespace coffret::daemon
