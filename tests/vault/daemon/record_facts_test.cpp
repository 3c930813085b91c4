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

// With an ATC class beside its code.
store::FactView beside(store::FactView view, const char* atc_class) {
  view.fact.flag = atc_class;
  return view;
}

store::FactView named(store::FactView view, const char* label) {
  view.fact.label = label;
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
    for (const auto& c : {Case{"5", "4", "6", "", "normal"},
                          Case{"4", "4", "6", "", "normal"},
                          Case{"3.99", "4", "6", "", "low"},
                          Case{"6.01", "4", "6", "", "high"},
                          Case{"7", "", "6", "", "high"},
                          Case{"-1", "0", "", "", "low"},
                          Case{"5", "", "", "", ""},
                          Case{"<5", "4", "6", "", ""},
                          Case{"", "4", "6", "", ""},
                          Case{"5 g", "4", "6", "", ""},
                          Case{"nan", "4", "6", "", ""},
                          Case{"5", "4", "6", "HH", "high"},
                          Case{"9", "4", "6", "N", "normal"},
                          Case{"traces", "", "", "A", "abnormal"},
                          Case{"5", "x", "y", "", ""},
                          Case{"9", "4", "6", "POS", "high"},
                          Case{"5", "4", "6", "POS", "positive"},
                          Case{"", "", "", "NEG", "negative"},
                          Case{"", "", "", "DET", "detected"},
                          Case{"", "", "", "ND", "not-detected"},
                          Case{"R", "", "", "R", "resistant"},
                          Case{"≥ 8", "", "2", "I", "intermediate"},
                          Case{"0.5", "", "", "S", "susceptible"},
                          Case{"", "", "", "NS", "not-susceptible"},
                          Case{"", "", "", "AA", "abnormal"},
                          Case{"5", "4", "6", "zzz", "normal"}}) {
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

  TEST_CASE("what the document flags as critical is, whatever its range") {
    Fact fact;
    for (const auto* flag : {"LL", "HH", "AA"}) {
      fact.flag = flag;
      CHECK(is_critical(fact));
    }
    for (const auto* flag : {"L", "H", "A", "N", ""}) {
      fact.flag = flag;
      CHECK_FALSE(is_critical(fact));
    }
    fact.flag = "LL";
    fact.kind = FactKind::problem;
    CHECK_FALSE(is_critical(fact));
  }

  TEST_CASE("an old treatment that nothing ends is counted, whether or not it is current") {
    const auto older = [](std::initializer_list<Told> told) {
      return older_without_end(medicines(told), from_unix(noon_2027_01_15));
    };
    CHECK(older({{"Warfarine", "", "completed", "2019-02-01"},
                 {"IMAGINOL", "", "completed", "2018-02-01"}}) == 2);
    CHECK(older({{"Warfarine", "", "active", "2019-02-01"}}) == 0);  // current: it is shown
    CHECK(older({{"Warfarine", "", "completed", "2026-12-01"}}) == 0);
    CHECK(older({{"Warfarine", "", "completed", "2019-02-01", "2019-03-01"}}) == 0);
    CHECK(older({{"Warfarine", "", "stopped", "2019-02-01"}}) == 0);
    CHECK(older({{"Warfarine", "", "draft", "2019-02-01"}}) == 0);
    auto handed_over = dispensed("B01AA03", atc, "2019-02-01");
    CHECK(older_without_end({handed_over}, from_unix(noon_2027_01_15)) == 0);
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
        {"biologic, known by a presentation and its class",
         beside(dispensed("3400930000001", "1.2.250.1.213.2.3.1", "2024-02-01"), "A10AE04"), true},
        {"ordinary, known by a presentation and its class",
         beside(dispensed("3400930000001", "1.2.250.1.213.2.3.1", "2024-02-01"), "C10AA05"), false},
        {"an antibody, by its name",
         named(dispensed("3400930000002", "1.2.250.1.213.2.3.1", "2024-02-01"),
               "ADALIMUMAB 40 mg sol inj"),
         true},
        {"insulin, by its name",
         named(dispensed("", "", "2024-02-01"), "Insuline glargine 100 U/mL"), true},
        {"a brand, by its name",
         named(dispensed("3400930000003", "1.2.250.1.213.2.3.1", "2024-02-01"),
               "LANTUS 100 unités/ml, solution injectable"),
         true},
        {"a word that holds a brand is none",
         named(dispensed("", "", "2024-02-01"), "Gonalgine 500 mg"), false},
        {"a presentation without a name",
         dispensed("3400930000003", "1.2.250.1.213.2.3.1", "2024-02-01"), false},
        {"atropine is no growth factor",
         named(dispensed("", "", "2024-02-01"), "Benzatropine 1 mg"), false},
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

  TEST_CASE("that none is known stands until something newer contradicts it") {
    const auto told = [](const char* code, const char* status, const char* date) {
      store::FactView view;
      view.fact.kind = FactKind::allergy;
      view.fact.code.code = code;
      view.fact.status = status;
      view.fact.date = date;
      return view;
    };
    const FactViews all = {told("no-known-allergies", "none-known", "2020-05-01"),
                           told("no-known-allergies", "none-known", "2022-05-01"),
                           told("no-allergy-info", "no-information", "2023-05-01")};
    FactViews alone = all;
    const auto stand = take_absences(alone);
    CHECK(alone.empty());
    REQUIRE(stand.size() == 1);
    CHECK(stand[0].fact.date == "2022-05-01");
    const auto beside_penicillin = [&](const char* date) {
      FactViews facts = all;
      facts.push_back(told("91936005", "active", date));
      const auto left = take_absences(facts);
      CHECK(facts.size() == 1);
      return left;
    };
    CHECK(beside_penicillin("2021-01-01").size() == 1);
    REQUIRE(beside_penicillin("2022-05-01").size() == 1);
    CHECK(beside_penicillin("2022-05-01")[0].fact.status == "no-information");
    CHECK(beside_penicillin("2024").empty());
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

  TEST_CASE("a number without a unit is in no series of another's unit, nor are two units one") {
    const auto glucose = [](const char* value, const char* unit, const char* date) {
      store::FactView view;
      view.fact.kind = FactKind::result;
      view.fact.label = "Glucose";
      view.fact.code = {"2339-0", "http://loinc.org", {}};
      view.fact.value = value;
      view.fact.unit = unit;
      view.fact.date = date;
      return view;
    };
    const auto series =
        series_of({glucose("5.4", "mmol/L", "2026-03-01"), glucose("0.97", "g/L", "2026-02-01"),
                   glucose("97", "", "2026-01-01"), glucose("5.1", "mmol/l", "2025-01-01"),
                   glucose("négatif", "", "2024-01-01")});
    REQUIRE(series.size() == 4);
    CHECK(series[0].size() == 2);
    CHECK(series[1].front().fact.unit == "g/L");
    CHECK(series[2].front().fact.unit == "");
    CHECK(newest_of_each(series[0]).size() == 1);
  }

  TEST_CASE("what one antibiotic does to two germs is two series") {
    const auto tried = [](const char* germ, const char* value, const char* date) {
      store::FactView view;
      view.fact.kind = FactKind::result;
      view.fact.label = "Amoxicilline CMI";
      view.fact.code = {"20-8", "http://loinc.org", {}};
      view.fact.value = value;
      view.fact.unit = "ug/mL";
      view.fact.detail = germ;
      view.fact.date = date;
      return view;
    };
    const auto series = series_of({tried("Escherichia coli", "≥ 0.512", "2026-03-01"),
                                   tried("Streptococcus fictus", "≥ 0.512", "2026-03-01"),
                                   tried("Escherichia coli", "0.25", "2026-01-01")});
    REQUIRE(series.size() == 2);
    CHECK(series[0].size() == 2);
    CHECK(series[1].front().fact.detail == "Streptococcus fictus");
  }

  TEST_CASE("what one document tells of one thing on one day is all shown: an antibiogram") {
    const auto germ = [](const char* label, const char* value, const char* date,
                         std::uint8_t document) {
      store::FactView view;
      view.fact.kind = FactKind::result;
      view.fact.label = label;
      view.fact.code = {"18907-6", "http://loinc.org", {}};
      view.fact.value = value;
      view.fact.date = date;
      view.document.bytes[0] = document;
      return view;
    };
    const auto newest = newest_of_each(
        {germ("Amoxicilline", "R", "2026-03-01", 1), germ("Amoxicilline", "S", "2026-03-01", 1),
         germ("Amoxicilline", "S", "2026-03-01", 1), germ("Céfalexine", "S", "2026-03-01", 1),
         germ("Amoxicilline", "I", "2026-03-01", 2), germ("Amoxicilline", "I", "2026-02-01", 1)});
    CHECK(newest.size() == 4);  // and the one that is told twice
  }

  TEST_CASE("a treatment list in FHIR that says it is over ends the treatment, a line of CDA not") {
    store::FactView view;
    view.fact.kind = FactKind::medicine;
    view.fact.event = MedicineEvent::taken;
    view.fact.label = "IMAGINOL";
    view.fact.status = "completed";
    view.fact.date = "2026-12-01";
    view.fact.place = "Traitements/entry[1]";
    const auto now = from_unix(noon_2027_01_15);
    CHECK(current_medicines({view}, now).size() == 1);
    CHECK_FALSE(is_over(view.fact, "2027-01-15"));
    view.fact.place = "MedicationStatement/1";
    CHECK(current_medicines({view}, now).empty());
    CHECK(is_over(view.fact, "2027-01-15"));
    view.fact.status = "active";
    view.fact.end = "2027-01-14";
    CHECK(is_over(view.fact, "2027-01-15"));
    view.fact.end = "2027-01-15";
    CHECK_FALSE(is_over(view.fact, "2027-01-15"));
    CHECK(current_medicines({view}, now).size() == 1);
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

  TEST_CASE("two things that share a general code are told apart by their words") {
    const auto told = [](FactKind kind, const char* label, const char* date) {
      store::FactView view;
      view.fact.kind = kind;
      view.fact.label = label;
      view.fact.code = {"419199007", "http://snomed.info/sct", {}};
      view.fact.date = date;
      return view;
    };
    for (const auto kind : {FactKind::allergy, FactKind::problem, FactKind::contact}) {
      CHECK(newest_of_each({told(kind, "Pénicilline", "2020"), told(kind, "Arachide", "2021")})
                .size() == 2);
      CHECK(newest_of_each({told(kind, "Pénicilline", "2020"), told(kind, "PENICILLINE", "2021")})
                .size() == 1);
    }
    CHECK(newest_of_each({told(FactKind::result, "Glycémie", "2020"),
                          told(FactKind::result, "Glucose", "2021")})
              .size() == 1);
  }

  TEST_CASE("nothing told of one person replaces, ends or contradicts another's") {
    const auto of = [](FactViews facts, std::uint8_t person) {
      for (auto& view : facts) view.person.bytes[0] = person;
      return facts;
    };
    const auto both = [](FactViews one, FactViews other) {
      one.insert(one.end(), other.begin(), other.end());
      return one;
    };
    const auto owner = medicines({{"Amoxicilline", "J01CA04", "active", "2027-01-02"}});
    const auto child = of(medicines({{"Amoxicilline", "J01CA04", "stopped", "2027-01-10"}}), 1);
    const auto left = current_medicines(both(owner, child), from_unix(noon_2027_01_15));
    REQUIRE(left.size() == 1);
    CHECK(left[0].person.is_zero());
    CHECK(series_of(both(owner, child)).size() == 2);

    auto stated = of(medicines({{"", "no-known-allergies", "none-known", "2020"}}), 1);
    auto asked = medicines({{"", "no-allergy-info", "no-information", "2020"}});
    auto allergy = medicines({{"Pollen", "", "active", "2026"}});
    auto facts = both(both(stated, asked), allergy);
    for (auto& view : facts) view.fact.kind = FactKind::allergy;
    const auto absences = take_absences(facts);
    REQUIRE(absences.size() == 1);
    CHECK(absences[0].person == stated[0].person);
    facts = both(stated, asked);
    CHECK(take_absences(facts).size() == 2);
  }

  TEST_CASE("the doses that one document tells of one medicine are all current") {
    const auto doses = [](std::initializer_list<std::pair<const char*, const char*>> told) {
      FactViews all;
      for (const auto& [dose, status] : told) {
        auto view = medicines({{"NovoRapid", "A10AB05", status, "2026-12-02"}})[0];
        view.fact.dose = dose;
        all.push_back(std::move(view));
      }
      return all;
    };
    const auto shown = [](FactViews facts) {
      std::vector<std::string> all;
      for (const auto& view : current_medicines(std::move(facts), from_unix(noon_2027_01_15)))
        all.push_back(view.fact.dose);
      return all;
    };
    using Doses = std::vector<std::string>;
    CHECK(shown(doses({{"8 U au petit déjeuner", "active"}, {"6 U au dîner", "active"}})) ==
          Doses{"8 U au petit déjeuner", "6 U au dîner"});
    CHECK(shown(doses({{"8 U", "active"}, {"6 U", "stopped"}, {"4 U", "draft"}})) == Doses{"8 U"});
    CHECK(shown(doses({{"8 U", "active"}, {"8 u", "active"}})) == Doses{"8 U"});
    // An older document's dose is replaced.
    auto before = doses({{"10 U", "active"}});
    before[0].document.bytes[0] = 1;
    before[0].fact.date = "2026-11-02";
    auto all = doses({{"8 U", "active"}, {"6 U", "active"}});
    all.insert(all.begin(), before[0]);
    CHECK(shown(all) == Doses{"8 U", "6 U"});
    auto strengths = medicines({{"LEVOTHYROX", "H03AA01", "active", "2026-12-02"},
                                {"LEVOTHYROX", "H03AA01", "active", "2026-12-02"}});
    strengths[0].fact.code.code = "3400930000001";
    strengths[1].fact.code.code = "3400930000002";
    CHECK(current_medicines(strengths, from_unix(noon_2027_01_15)).size() == 2);
  }

  TEST_CASE("the newest is what was said last, whatever day it is about; a result's is its day") {
    const auto told = [](FactKind kind, const char* status, const char* date, const char* said) {
      store::FactView view;
      view.fact.kind = kind;
      view.fact.label = "Asthme";
      view.fact.status = status;
      view.fact.date = date;
      view.document_date = said;
      return view;
    };
    const auto newest = [&](FactKind kind) {
      return newest_of_each({told(kind, "active", "2015-01-01", "2015-01-02"),
                             told(kind, "resolved", "2004", "2026-05-01")})[0]
          .fact.status;
    };
    CHECK(newest(FactKind::problem) == "resolved");
    CHECK(newest(FactKind::allergy) == "resolved");
    CHECK(newest(FactKind::result) == "active");
    // An allergy of childhood that a letter of 2026 tells contradicts what 2020 did not know.
    FactViews facts = {told(FactKind::allergy, "none-known", "", "2020-05-01"),
                       told(FactKind::allergy, "active", "1990", "2026-05-01")};
    CHECK(take_absences(facts).empty());
    CHECK(facts.size() == 1);
  }
}

}  // namespace
}  // namespace coffret::daemon
