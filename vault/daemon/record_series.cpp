// SPDX-License-Identifier: EUPL-1.2
//
// Facts about one thing put together, and what of them holds today.
#include <algorithm>
#include <map>

#include "coffret/kinds.hpp"
#include "vault/daemon/plain_words.hpp"
#include "vault/daemon/record_facts.hpp"
#include "vault/daemon/record_parts.hpp"

namespace coffret::daemon {
namespace {

constexpr int recent_months = 12;  // of medicines that nothing says go on

// The keys a fact's series is known by; nothing is one across two persons.
std::vector<std::string> series_keys(const store::FactView& view) {
  const Fact& fact = view.fact;
  const std::string whose = view.person.text() + '|';
  const auto words = plain_text(fact_label(fact));
  const bool coded = !fact.code.code.empty();
  const auto code = whose + std::string{oid_of(fact.code.system)} + '|' + fact.code.code;
  // A code may be as general as "allergy to a substance" or "friend": what the words tell apart
  // stays apart. A thing told twice is harmless, one that hides another is not.
  const bool apart = fact.kind == FactKind::allergy || fact.kind == FactKind::problem ||
                     fact.kind == FactKind::contact;
  if (apart && !is_absence(fact)) return {code + '|' + (words.empty() ? fact.detail : words)};
  // Numbers of different units are no series, nor is a number without a unit one of any; nor are
  // two germs (Fact::detail) that one antibiotic was tried on.
  if (fact.kind == FactKind::result) {
    const bool measured = number_in(fact.value) || !fact.unit.empty();  // also "≥ 0.512" of a unit
    const auto unit = measured ? '|' + plain_text(fact.unit) : std::string{};
    return {(coded ? code : whose + words) + unit + '\n' + plain_text(fact.detail)};
  }
  std::vector<std::string> keys;
  if (coded) keys.push_back(code);
  if (!coded || (fact.kind == FactKind::medicine && !words.empty())) keys.push_back(whose + words);
  return keys;
}

// Which keys mean one series: a fact that has two makes them one.
class SeriesNames {
 public:
  void add(const store::FactView& fact) {
    const auto keys = series_keys(fact);
    const auto first = number_of(keys.front());
    for (const auto& key : keys) joined_[root(number_of(key))] = root(first);
  }
  // Precondition: it was added.
  std::size_t series(const store::FactView& fact) {
    return root(number_of(series_keys(fact).front()));
  }

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

// The day of the statement, then the day it is about: a letter of May that lists what was stopped
// in 2020 is newer than a prescription of March.
bool is_said_later(const store::FactView& a, const store::FactView& b) {
  if (told_on(a) != told_on(b)) return told_on(a) > told_on(b);
  if (fact_date(a) != fact_date(b)) return fact_date(a) > fact_date(b);
  // A dose that changed on one day: the old one stopped, the new one goes on.
  return !is_stopped(a.fact) && is_stopped(b.fact);
}

// What holds of a medicine today, else the end. `series` is newest first.
FactViews::const_iterator current_of(const FactViews& series, const std::string& today,
                                     const std::string& year_ago) {
  bool ended = false;
  for (auto at = series.begin(); at != series.end(); ++at) {
    const auto& fact = at->fact;
    if (is_void(fact)) continue;
    if (is_stopped(fact)) return series.end();
    if (is_over(fact, today)) {
      ended = true;
      continue;
    }
    // Its own period reaches today, whatever shorter one was ordered since.
    if (!fact.end.empty()) return at;
    const auto& date = fact_date(*at);
    if (!ended && (plain_text(fact.status) == "active" || date.empty() || since(date, year_ago)))
      return at;
  }
  return series.end();
}

// Nothing says that it is over: neither an end nor a status. A box was handed over and used up.
bool may_go_on(const Fact& fact, const std::string& today) {
  const bool handed_over =
      fact.event == MedicineEvent::dispensed || fact.event == MedicineEvent::administered;
  return !handed_over && !is_stopped(fact) && !is_over(fact, today);
}

// The same product in the same dose, by its words: a month's box after another's.
bool is_one_dose(const Fact& a, const Fact& b) {
  return plain_text(fact_label(a)) == plain_text(fact_label(b)) && a.code.code == b.code.code &&
         plain_text(a.dose) == plain_text(b.dose);
}

// With it, what its document tells beside it: another dose at another hour, another strength
// under the same brand. None of them replaces another.
void add_current(FactViews& current, const FactViews& series, const std::string& today,
                 const std::string& year_ago) {
  const auto found = current_of(series, today, year_ago);
  if (found == series.end()) return;
  const auto first = current.size();
  for (auto at = found; at != series.end(); ++at) {
    if (at->document != found->document) continue;
    const auto& fact = at->fact;
    if (is_void(fact) || is_stopped(fact) || is_over(fact, today)) continue;
    const auto told_already = [&](const store::FactView& view) {
      return is_one_dose(view.fact, fact);
    };
    if (std::none_of(current.begin() + static_cast<std::ptrdiff_t>(first), current.end(),
                     told_already))
      current.push_back(*at);
  }
}

// Of results, what the same document tells of the same thing on the same day beside it: another
// germ or antibiotic under one code. `series` without its first, which was put into `newest` last.
void add_beside(FactViews& newest, const FactViews& series) {
  const auto first = newest.back();
  if (first.fact.kind != FactKind::result) return;
  for (std::size_t i = 1; i < series.size(); ++i) {
    const auto& other = series[i];
    const bool beside = other.document == first.document && other.fact.date == first.fact.date;
    const bool same = other.fact.value == first.fact.value &&
                      other.fact.label == first.fact.label &&
                      other.fact.detail == first.fact.detail;
    if (beside && !same) newest.push_back(other);
  }
}

}  // namespace

std::vector<FactViews> series_of(FactViews facts) {
  std::stable_sort(facts.begin(), facts.end(),
                   [](const auto& a, const auto& b) { return fact_date(a) > fact_date(b); });
  SeriesNames names;
  for (const auto& fact : facts) names.add(fact);
  std::vector<FactViews> all;
  std::map<std::size_t, std::size_t> places;
  for (auto& fact : facts) {
    const auto [at, fresh] = places.try_emplace(names.series(fact), all.size());
    if (fresh) all.emplace_back();
    all[at->second].push_back(std::move(fact));
  }
  return all;
}

FactViews newest_of_each(FactViews facts) {
  FactViews newest;
  for (auto& series : series_of(std::move(facts))) {
    // A letter of today is newer than one of last year, though it tells of an older day. A result
    // is of the day it was measured.
    if (series.front().fact.kind != FactKind::result)
      std::stable_sort(series.begin(), series.end(), is_said_later);
    newest.push_back(std::move(series.front()));
    add_beside(newest, series);
  }
  return newest;
}

FactViews current_medicines(FactViews facts, Timestamp now) {
  const auto today = months_before(now, 0);
  const auto year_ago = months_before(now, recent_months);
  FactViews current;
  for (auto& series : series_of(std::move(facts))) {
    std::stable_sort(series.begin(), series.end(), is_said_later);
    add_current(current, series, today, year_ago);
  }
  return current;
}

std::size_t older_without_end(FactViews facts, Timestamp now) {
  const auto today = months_before(now, 0);
  const auto year_ago = months_before(now, recent_months);
  std::size_t count = 0;
  for (auto& series : series_of(std::move(facts))) {
    std::stable_sort(series.begin(), series.end(), is_said_later);
    if (current_of(series, today, year_ago) != series.end()) continue;
    const auto last = std::find_if(series.begin(), series.end(),
                                   [](const auto& view) { return !is_void(view.fact); });
    if (last != series.end() && may_go_on(last->fact, today)) ++count;
  }
  return count;
}

}  // namespace coffret::daemon
