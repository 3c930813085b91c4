// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/record_facts.hpp"

#include <doctest/doctest.h>

namespace coffret::daemon {
namespace {

constexpr auto atc = "http://www.whocc.no/atc";
constexpr auto noon_2027_01_15 = 1'800'014'400;

store::FactView dispensed(std::string code, std::string system, std::string date) {
  store::FactView view;
  view.fact.kind = FactKind::medicine;
  view.fact.event = MedicineEvent::dispensed;
  view.fact.code = {std::move(code), std::move(system), {}};
  view.fact.date = std::move(date);
  return view;
}

struct Told {
  const char* label;
  const char* code;
  const char* status;
  const char* date;
  const char* end = "";
  const char* document_date = "";
};

FactViews medicines(std::initializer_list<Told> told) {
  FactViews all;
  for (const auto& one : told) {
    store::FactView view;
    view.fact.kind = FactKind::medicine;
    view.fact.event = MedicineEvent::prescribed;
    view.fact.label = one.label;
    if (*one.code != '\0') view.fact.code = {one.code, atc, {}};
    view.fact.status = one.status;
    view.fact.date = one.date;
    view.fact.end = one.end;
    view.document_date = one.document_date;
    all.push_back(std::move(view));
  }
  return all;
}

// The dates of what is current on 15 January 2027.
std::vector<std::string> current(std::initializer_list<Told> told) {
  std::vector<std::string> dates;
  for (const auto& view : current_medicines(medicines(told), from_unix(noon_2027_01_15)))
    dates.push_back(view.fact.date);
  return dates;
}

using Dates = std::vector<std::string>;

TEST_SUITE("vault/daemon/record_facts") {
  TEST_CASE("a medicine that was stopped does not come back by what was said before") {
    CHECK(current({{"Warfarine", "B01AA03", "active", "2024-01-10"},
                   {"Warfarine", "B01AA03", "stopped", "2025-03-02"}})
              .empty());
    for (const auto* status :
         {"stopped", "Stopped", "aborted", "suspended", "on-hold", "not-taken", "inactive"}) {
      CAPTURE(status);
      CHECK(current({{"Warfarine", "B01AA03", "active", "2026-12-01"},
                     {"Warfarine", "B01AA03", status, "2026-12-02"}})
                .empty());
    }
    CHECK(current({{"Warfarine", "B01AA03", "stopped", "2024-01-10"},
                   {"Warfarine", "B01AA03", "active", "2025-03-02"}}) == Dates{"2025-03-02"});
    // Begun in 2020, stopped when the letter says so.
    CHECK(current({{"Warfarine", "", "active", "2024-01-10", "", "2024-01-10"},
                   {"Warfarine", "", "stopped", "2020", "", "2025-05-01"}})
              .empty());
    // Another dose on the same day.
    CHECK(current({{"Warfarine", "", "stopped", "2026-12-02", "", "2026-12-02"},
                   {"Warfarine", "", "active", "2026-12-02", "", "2026-12-02"}})
              .size() == 1);
  }

  TEST_CASE("what was never given ends nothing and is not current") {
    for (const auto* status :
         {"cancelled", "draft", "entered-in-error", "nullified", "declined", "obsolete"}) {
      CAPTURE(status);
      CHECK(current({{"Warfarine", "", "active", "2024-01-10"},
                     {"Warfarine", "", status, "2026-12-02"}}) == Dates{"2024-01-10"});
      CHECK(current({{"Warfarine", "", status, "2026-12-02"}}).empty());
    }
  }

  TEST_CASE("a period that is over ends what was said before, save what lasts by its own period") {
    CHECK(current({{"Warfarine", "", "active", "2024-01-10"},
                   {"Warfarine", "", "active", "2024-02-01", "2024-05-01"}})
              .empty());
    CHECK(current({{"Warfarine", "", "active", "2026-01-10", "2027-12-31"},
                   {"Warfarine", "", "active", "2026-03-01", "2026-03-08"}}) ==
          Dates{"2026-01-10"});
    CHECK(current({{"Warfarine", "", "completed", "2025-12-01"}}).empty());  // over a year ago
    CHECK(current({{"Warfarine", "", "completed", "2026-12-01"}}).size() == 1);
  }

  TEST_CASE("a medicine that one document codes and another names is one") {
    CHECK(current({{"Warfarine", "B01AA03", "active", "2024-01-10"},
                   {"WARFARINE", "", "stopped", "2025-03-02"}})
              .empty());
    // Through a third: the code of one, the words of the other.
    CHECK(series_of(medicines({{"Coumadine 5 mg", "B01AA03", "active", "2026-01-03"},
                               {"Warfarine", "", "active", "2026-01-02"},
                               {"Warfarine", "B01AA03", "active", "2026-01-01"}}))
              .size() == 1);
    CHECK(series_of(medicines({{"Warfarine", "B01AA03", "active", "2026-01-03"},
                               {"Paracétamol", "N02BE01", "active", "2026-01-02"}}))
              .size() == 2);
  }

  TEST_CASE("a flag tells how a result stands, else its numbers, else nothing") {
    struct Case {
      const char* value;
      const char* low;
      const char* high;
      const char* flag;
      const char* standing;
    };
    for (const auto& c :
         {Case{"5", "4", "6", "", "normal"}, Case{"4", "4", "6", "", "normal"},
          Case{"3.99", "4", "6", "", "low"}, Case{"6.01", "4", "6", "", "high"},
          Case{"7", "", "6", "", "high"}, Case{"-1", "0", "", "", "low"}, Case{"5", "", "", "", ""},
          Case{"<5", "4", "6", "", ""}, Case{"", "4", "6", "", ""}, Case{"5 g", "4", "6", "", ""},
          Case{"nan", "4", "6", "", ""}, Case{"5", "4", "6", "HH", "high"},
          Case{"9", "4", "6", "N", "normal"}, Case{"traces", "", "", "A", "abnormal"},
          Case{"5", "x", "y", "", ""}, Case{"9", "4", "6", "POS", "high"}}) {
      CAPTURE(c.value);
      CAPTURE(c.flag);
      Fact fact;
      fact.value = c.value;
      fact.range_low = c.low;
      fact.range_high = c.high;
      fact.flag = c.flag;
      CHECK(standing(fact) == c.standing);
    }
  }

  TEST_CASE("a day so many months ago exists") {
    CHECK(months_before(from_unix(noon_2027_01_15), 12) == "2026-01-15");
    CHECK(months_before(from_unix(noon_2027_01_15), 0) == "2027-01-15");
    CHECK(months_before(from_unix(1'774'958'400), 1) == "2026-02-28");  // from 31 March 2026
  }

  TEST_CASE("dates are compared at the precision both have") {
    CHECK(since("2026-01-15T08:00:00+01:00", "2026-01-15"));
    CHECK(since("2026-01", "2026-01-15"));
    CHECK(since("2026", "2026-01-15"));
    CHECK_FALSE(since("2025-12", "2026-01-15"));
    CHECK_FALSE(since("", "2026-01-15"));
  }

  TEST_CASE("the pharmacy's view keeps each sort of medicine for its time") {
    struct Case {
      const char* what;
      store::FactView fact;
      bool shown;
    };
    const Case cases[] = {
        {"ordinary, a year ago to the day", dispensed("N02BE01", atc, "2026-01-15"), true},
        {"ordinary, a day more", dispensed("N02BE01", atc, "2026-01-14"), false},
        {"biologic, three years ago", dispensed("L04AB04", atc, "2024-01-15"), true},
        {"biologic, by ATC's OID",
         dispensed("L01FA01", "urn:oid:2.16.840.1.113883.6.73", "2024-06-01"), true},
        {"biologic, a day more", dispensed("L04AB04", atc, "2024-01-14"), false},
        {"the same letters in another system", dispensed("L04AB04", "urn:x", "2025-01-15"), false},
        {"a vaccine, 21 years ago", dispensed("J07AM51", atc, "2006-01-15"), true},
        {"a vaccine, a day more", dispensed("J07AM51", atc, "2006-01-14"), false},
        {"undated", dispensed("N02BE01", atc, ""), false},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      CHECK(pharmacy_view({c.fact}, from_unix(noon_2027_01_15)).size() == (c.shown ? 1 : 0));
    }
    auto prescribed = dispensed("N02BE01", atc, "2027-01-01");
    prescribed.fact.event = MedicineEvent::prescribed;
    CHECK(pharmacy_view({prescribed}, from_unix(noon_2027_01_15)).empty());
  }

  TEST_CASE("the pharmacy's view has no vaccine that was only prescribed, refused or not done") {
    const auto shown = [](store::FactView fact) {
      return !pharmacy_view({std::move(fact)}, from_unix(noon_2027_01_15)).empty();
    };
    auto vaccine = dispensed("J07BB02", atc, "2020-10-01");
    CHECK(shown(vaccine));
    vaccine.fact.event = MedicineEvent::administered;
    CHECK(shown(vaccine));
    for (const auto event : {MedicineEvent::prescribed, MedicineEvent::taken}) {
      vaccine.fact.event = event;
      CHECK_FALSE(shown(vaccine));
    }
    auto given = vaccine;
    given.fact.kind = FactKind::vaccine;
    given.fact.event = MedicineEvent::none;
    given.fact.status = "completed";
    CHECK(shown(given));
    for (const auto* status : {"refused", "not-done", "entered-in-error"}) {
      CAPTURE(status);
      given.fact.status = status;
      CHECK_FALSE(shown(given));
    }
    auto never = dispensed("N02BE01", atc, "2027-01-01");
    for (const auto* status : {"declined", "cancelled"}) {
      CAPTURE(status);
      never.fact.status = status;
      CHECK_FALSE(shown(never));
    }
  }

  TEST_CASE("a series is one code of one system, or the same words") {
    const auto named = [](const char* label, const char* code, const char* date) {
      store::FactView view;
      view.fact.label = label;
      view.fact.code = {code, "http://loinc.org", {}};
      view.fact.date = date;
      return view;
    };
    const auto series =
        series_of({named("Glycémie", "2339-0", "2020"), named("Sodium", "", "2024"),
                   named("Glucose", "2339-0", "2022"), named("SODIUM", "", "2021")});
    REQUIRE(series.size() == 2);
    CHECK(series[0].front().fact.date == "2024");
    CHECK(series[0].size() == 2);
    CHECK(series[1].front().fact.date == "2022");
  }
}

}  // namespace
}  // namespace coffret::daemon
