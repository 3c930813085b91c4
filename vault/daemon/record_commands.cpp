// SPDX-License-Identifier: EUPL-1.2
//
// record_commands.cpp: results, medicines, allergies, vaccines, summary.
#include <algorithm>
#include <map>

#include "vault/daemon/commands.hpp"
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
    return telling;
  }

  Result<FactViews> facts(FactKind kind) {
    store::FactFilter filter;
    filter.kind = kind;
    filter.code = call_.text("code");
    COFFRET_TRY(filter.since, day_of(call_, "since"));
    COFFRET_TRY(filter.until, day_of(call_, "until"));
    filter.person = person_;
    return call_.with([&](store::Vault& vault) { return vault.facts(filter); });
  }

  Result<void> tell(const store::FactView& fact, Object more = {}) {
    auto row = fact_json(fact);
    add_person(row, fact.person, persons_);
    COFFRET_TRY(row["patient_authored"], by_patient(fact.document));
    for (const auto& member : more) row[member.key()] = member.value();
    ++count_;
    return call_.answer.row(row);
  }

  std::uint64_t count() const noexcept { return count_; }

 private:
  Telling(Call& call, Persons persons) : call_(call), persons_(std::move(persons)) {}

  Result<bool> by_patient(const DocumentId& id) {
    if (const auto known = authored_.find(id); known != authored_.end()) return known->second;
    COFFRET_TRY(const auto document,
                call_.with([&](store::Vault& vault) { return vault.document(id.text()); }));
    return authored_[id] = document.entry.patient_authored;
  }

  Call& call_;
  Persons persons_;
  std::optional<PersonId> person_;
  std::map<DocumentId, bool> authored_;
  std::uint64_t count_ = 0;
};

Result<Object> tell_all(Call& call, FactKind kind) {
  COFFRET_TRY(auto telling, Telling::begin(call));
  COFFRET_TRY(const auto facts, telling.facts(kind));
  for (const auto& fact : facts) COFFRET_CHECK(telling.tell(fact));
  return Object{{"count", telling.count()}};
}

}  // namespace

Result<Object> results(Call& call) {
  COFFRET_TRY(auto telling, Telling::begin(call));
  COFFRET_TRY(auto facts, telling.facts(FactKind::result));
  for (const auto& series : series_of(std::move(facts)))
    for (std::size_t i = 0; i < series.size(); ++i)
      COFFRET_CHECK(telling.tell(series[i], {{"nth", i}, {"of", series.size()}}));
  return Object{{"count", telling.count()}};
}

Result<Object> medicines(Call& call) {
  COFFRET_TRY(auto telling, Telling::begin(call));
  COFFRET_TRY(auto facts, telling.facts(FactKind::medicine));
  const bool pharmacy = call.flag("pharmacy");
  if (pharmacy) {
    COFFRET_TRY(auto vaccines, telling.facts(FactKind::vaccine));
    std::move(vaccines.begin(), vaccines.end(), std::back_inserter(facts));
    facts = pharmacy_view(std::move(facts), call.service.environment().clock.now());
  }
  std::stable_sort(facts.begin(), facts.end(), [](const auto& a, const auto& b) {
    return a.fact.kind != b.fact.kind ? a.fact.kind < b.fact.kind : a.fact.event < b.fact.event;
  });
  for (const auto& fact : facts) COFFRET_CHECK(telling.tell(fact));
  return Object{{"count", telling.count()}, {"pharmacy", pharmacy}};
}

Result<Object> allergies(Call& call) {
  return tell_all(call, FactKind::allergy);
}

Result<Object> vaccines(Call& call) {
  return tell_all(call, FactKind::vaccine);
}

Result<Object> summary(Call& call) {
  COFFRET_TRY(auto telling, Telling::begin(call));
  const auto now = call.service.environment().clock.now();
  Object counts;
  const auto tell = [&](const char* name, const FactViews& facts) -> Result<void> {
    counts[name] = facts.size();
    for (const auto& fact : facts) COFFRET_CHECK(telling.tell(fact));
    return {};
  };
  COFFRET_TRY(auto allergic, telling.facts(FactKind::allergy));
  COFFRET_CHECK(tell("allergy", newest_of_each(std::move(allergic))));
  COFFRET_TRY(auto problems, telling.facts(FactKind::problem));
  COFFRET_CHECK(tell("problem", newest_of_each(std::move(problems))));
  COFFRET_TRY(auto treatments, telling.facts(FactKind::medicine));
  COFFRET_CHECK(tell("medicine", current_medicines(std::move(treatments), now)));
  COFFRET_TRY(const auto vaccinations, telling.facts(FactKind::vaccine));
  COFFRET_CHECK(tell("vaccine", vaccinations));
  COFFRET_TRY(const auto acts, telling.facts(FactKind::procedure));
  COFFRET_CHECK(tell("procedure", acts));
  COFFRET_TRY(auto measured, telling.facts(FactKind::result));
  COFFRET_CHECK(tell("result", newest_of_each(std::move(measured))));
  COFFRET_TRY(auto contacts, telling.facts(FactKind::contact));
  COFFRET_CHECK(tell("contact", newest_of_each(std::move(contacts))));
  return Object{{"count", telling.count()}, {"counts", std::move(counts)}};
}

}  // namespace coffret::daemon
