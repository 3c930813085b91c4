// SPDX-License-Identifier: EUPL-1.2
//
// record_commands.cpp: results, medicines, allergies, vaccines, summary.
#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <functional>
#include <iterator>
#include <map>

#include "vault/daemon/commands.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/persons.hpp"
#include "vault/daemon/record_facts.hpp"
#include "vault/daemon/typed_date.hpp"

namespace coffret::daemon {
namespace {

// Asks for facts and tells them, with the person and with who wrote the document.
class Telling {
 public:
  static Result<Telling> begin(Call& call) {
    COFFRET_TRY(auto persons, persons_of(call));
    COFFRET_TRY(const auto wanted, wanted_person(call, persons));
    Telling telling{call, std::move(persons)};
    if (wanted) telling.person_ = wanted->id;
    for (const auto& person : telling.persons_)
      if (!wanted || wanted->id == person.id) telling.told_of_.push_back({person.id});
    return telling;
  }

  Result<FactViews> facts(FactKind kind) {
    store::FactFilter filter;
    filter.kind = kind;
    filter.code = call_.text("code");
    COFFRET_TRY(filter.since, day_of(call_, "since"));
    COFFRET_TRY(filter.until, day_of(call_, "until"));
    filter.person = person_;
    COFFRET_TRY(auto facts, call_.with([&](store::Vault& vault) { return vault.facts(filter); }));
    for (auto& view : facts) speak(view.fact, call_.language);
    return facts;
  }

  // How many facts a choice of days leaves out because they have none.
  Result<std::uint64_t> undated(FactKind kind) {
    if (call_.text("since").empty() && call_.text("until").empty()) return 0u;
    store::FactFilter filter;
    filter.kind = kind;
    filter.code = call_.text("code");
    filter.person = person_;
    COFFRET_TRY(const auto all,
                call_.with([&](store::Vault& vault) { return vault.facts(filter); }));
    return static_cast<std::uint64_t>(std::count_if(
        all.begin(), all.end(), [](const auto& view) { return view.fact.date.empty(); }));
  }

  Result<void> tell(const store::FactView& fact, Object more = {}) {
    auto row = fact_json(fact);
    add_person(row, fact.person, persons_);
    COFFRET_TRY(const auto author, author_of(fact.document));
    row["patient_authored"] = author.patient;
    row["entered_here"] = author.here;
    if (fact.fact.kind == FactKind::medicine || fact.fact.kind == FactKind::problem)
      row["over"] = is_over(fact.fact, today_);
    // Of several persons' rows: where another's begin.
    if (told_of_.size() > 1) row["first_of_person"] = last_ != fact.person;
    for (const auto& member : more) row[member.key()] = member.value();
    ++count_;
    last_ = fact.person;
    ++told_of(fact.person).count;
    return call_.answer.row(row);
  }

  std::uint64_t count() const noexcept { return count_; }

  // What is told of one person: what was found, and what is said not to be.
  struct ToldOf {
    PersonId person;
    std::uint64_t count = 0;  // rows
    Object more{};
  };
  // Everybody whose rows are told, the owner first.
  std::vector<ToldOf>& everybody() noexcept { return told_of_; }

  // One of `facts` before another: whose are told first.
  template <class View>
  void put_together(std::vector<View>& facts) const {
    std::stable_sort(facts.begin(), facts.end(),
                     [&](const View& a, const View& b) { return place_of(a) < place_of(b); });
  }

  boost::json::array persons_told() const {
    boost::json::array all;
    for (const auto& one : told_of_) {
      Object shown{{"count", one.count}};
      add_person(shown, one.person, persons_);
      for (const auto& member : one.more) shown[member.key()] = member.value();
      all.push_back(std::move(shown));
    }
    return all;
  }

 private:
  Telling(Call& call, Persons persons) : call_(call), persons_(std::move(persons)) {}

  static const PersonId& person_of(const store::FactView& view) { return view.person; }
  static const PersonId& person_of(const FactViews& series) { return series.front().person; }

  template <class View>
  std::size_t place_of(const View& view) const {
    return static_cast<std::size_t>(
        std::find_if(told_of_.begin(), told_of_.end(),
                     [&](const ToldOf& one) { return one.person == person_of(view); }) -
        told_of_.begin());
  }

  ToldOf& told_of(const PersonId& id) {
    const auto at = std::find_if(told_of_.begin(), told_of_.end(),
                                 [&](const ToldOf& one) { return one.person == id; });
    return at == told_of_.end() ? told_of_.emplace_back(ToldOf{id}) : *at;
  }

  // Whether the document says that the patient wrote it, and whether they did so in this vault.
  struct Authored {
    bool patient = false;
    bool here = false;
  };
  Result<Authored> author_of(const DocumentId& id) {
    if (const auto known = authored_.find(id); known != authored_.end()) return known->second;
    COFFRET_TRY(const auto document,
                call_.with([&](store::Vault& vault) { return vault.document(id.text()); }));
    return authored_[id] = Authored{document.entry.patient_authored, entered_here(document)};
  }

  Call& call_;
  Persons persons_;
  std::string today_ = months_before(call_.service.environment().clock.now(), 0);
  std::optional<PersonId> person_;
  std::map<DocumentId, Authored> authored_;
  std::vector<ToldOf> told_of_;
  std::optional<PersonId> last_;  // whose row was told last
  std::uint64_t count_ = 0;
};

void add_facts(FactViews& facts, FactViews more) {
  std::move(more.begin(), more.end(), std::back_inserter(facts));
}

Result<Object> tell_all(Call& call, FactKind kind) {
  COFFRET_TRY(auto telling, Telling::begin(call));
  COFFRET_TRY(auto facts, telling.facts(kind));
  add_facts(facts, take_absences(facts));
  telling.put_together(facts);
  for (const auto& fact : facts) COFFRET_CHECK(telling.tell(fact));
  return Object{{"count", telling.count()}, {"persons", telling.persons_told()}};
}

}  // namespace

Result<Object> results(Call& call) {
  COFFRET_TRY(auto telling, Telling::begin(call));
  COFFRET_TRY(auto facts, telling.facts(FactKind::result));
  auto all = series_of(std::move(facts));
  telling.put_together(all);
  for (const auto& series : all)
    for (std::size_t i = 0; i < series.size(); ++i)
      COFFRET_CHECK(telling.tell(series[i], {{"nth", i}, {"of", series.size()}}));
  COFFRET_TRY(const auto undated, telling.undated(FactKind::result));
  return Object{
      {"count", telling.count()}, {"undated", undated}, {"persons", telling.persons_told()}};
}

Result<Object> medicines(Call& call) {
  COFFRET_TRY(auto telling, Telling::begin(call));
  COFFRET_TRY(auto facts, telling.facts(FactKind::medicine));
  const bool pharmacy = call.flag("pharmacy");
  if (pharmacy) {
    COFFRET_TRY(auto vaccines, telling.facts(FactKind::vaccine));
    add_facts(facts, std::move(vaccines));
    facts = pharmacy_view(std::move(facts), call.service.environment().clock.now());
  }
  auto none = take_absences(facts);
  std::stable_sort(facts.begin(), facts.end(), [](const auto& a, const auto& b) {
    return a.fact.kind != b.fact.kind ? a.fact.kind < b.fact.kind : a.fact.event < b.fact.event;
  });
  add_facts(facts, std::move(none));
  telling.put_together(facts);
  for (const auto& fact : facts) COFFRET_CHECK(telling.tell(fact));
  return Object{
      {"count", telling.count()}, {"pharmacy", pharmacy}, {"persons", telling.persons_told()}};
}

Result<Object> allergies(Call& call) {
  return tell_all(call, FactKind::allergy);
}

Result<Object> vaccines(Call& call) {
  return tell_all(call, FactKind::vaccine);
}

namespace {

// What the summary chooses of the facts of one kind of one person.
using Choice = std::function<FactViews(FactViews)>;
struct SummaryPart {
  const char* name;
  FactKind kind;
  Choice chosen;
};

std::array<SummaryPart, 7> summary_parts(Timestamp now) {
  const Choice all = [](FactViews facts) { return facts; };
  const Choice current = [now](FactViews facts) {
    return current_medicines(std::move(facts), now);
  };
  return {{{"allergy", FactKind::allergy, newest_of_each},
           {"problem", FactKind::problem, newest_of_each},
           {"medicine", FactKind::medicine, current},
           {"vaccine", FactKind::vaccine, all},
           {"procedure", FactKind::procedure, all},
           {"result", FactKind::result, newest_of_each},
           {"contact", FactKind::contact, newest_of_each}}};
}

void add_to(Object& counts, const char* name, std::size_t more) {
  auto& count = counts[name];
  count = more + (count.is_null() ? 0 : count.to_number<std::size_t>());
}

// Facts, then what is said not to be: "no known allergy, as this document states it".
Result<void> summarise(Telling& telling, const SummaryPart& part, const FactViews& of_kind,
                       const PersonId& person, Object& into, Timestamp now) {
  FactViews facts;
  for (const auto& view : of_kind)
    if (view.person == person) facts.push_back(view);
  const auto none = take_absences(facts);
  if (part.kind == FactKind::medicine) into["older_medicines"] = older_without_end(facts, now);
  facts = part.chosen(std::move(facts));
  add_to(into["counts"].as_object(), part.name, facts.size());
  if (!none.empty()) into["absent"].as_object()[part.name] = none.front().fact.status;
  for (const auto& fact : facts) COFFRET_CHECK(telling.tell(fact));
  for (const auto& fact : none) COFFRET_CHECK(telling.tell(fact));
  return {};
}

}  // namespace

Result<Object> summary(Call& call) {
  COFFRET_TRY(auto telling, Telling::begin(call));
  const auto now = call.service.environment().clock.now();
  const auto parts = summary_parts(now);
  std::vector<FactViews> of_kinds;
  for (const auto& part : parts) {
    COFFRET_TRY(auto facts, telling.facts(part.kind));
    of_kinds.push_back(std::move(facts));
  }
  Object counts;
  Object absent;
  for (std::size_t i = 0; i < telling.everybody().size(); ++i) {
    const PersonId person = telling.everybody()[i].person;
    Object told{{"counts", Object{}}, {"absent", Object{}}};
    for (std::size_t kind = 0; kind < parts.size(); ++kind)
      COFFRET_CHECK(summarise(telling, parts[kind], of_kinds[kind], person, told, now));
    for (const auto& count : told.at("counts").as_object())
      add_to(counts, std::string{count.key()}.c_str(), count.value().to_number<std::size_t>());
    for (const auto& one : told.at("absent").as_object()) absent[one.key()] = one.value();
    telling.everybody()[i].more = std::move(told);
  }
  return Object{{"count", telling.count()},
                {"counts", std::move(counts)},
                {"absent", std::move(absent)},
                {"persons", telling.persons_told()}};
}

}  // namespace coffret::daemon
