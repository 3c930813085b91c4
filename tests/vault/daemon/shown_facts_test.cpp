// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/shown_facts.hpp"

#include <doctest/doctest.h>

#include "coffret/spoken.hpp"

namespace coffret::daemon {
namespace {

constexpr auto french = Language::french;
constexpr auto english = Language::english;

TEST_SUITE("vault/daemon/shown_facts") {
  TEST_CASE("a number in a dose or a detail says what it is, and a day in it is spelled out") {
    CHECK(shown_dose("vaccine", "1", french) == "dose 1");
    CHECK(shown_dose("vaccine", "2/3", english) == "dose 2/3");
    CHECK(shown_dose("vaccine", "Rappel", french) == "Rappel");
    CHECK(shown_dose("vaccine", "", french) == "");
    CHECK(shown_dose("medicine", "2", french) == "dose : 2");
    CHECK(shown_dose("medicine", "1 g à partir du 2011-11-29", french) ==
          "1 g à partir du 29 novembre 2011");
    CHECK(shown_dose("medicine", "lot A-2011-11-29", french) == "lot A-2011-11-29");
    CHECK(shown_dose("medicine", "from 2011-11-29, then 2011-12-01.", english) ==
          "from 29 November 2011, then 1 December 2011.");
    CHECK(shown_detail("vaccine", "357904636", french) == "lot 357904636");
    CHECK(shown_detail("medicine", "2", french) == "quantité : 2");
    CHECK(shown_detail("medicine", "2 boxes", english) == "quantity: 2 boxes");
    CHECK(shown_detail("allergy", "urticaire", french) == "urticaire");
    CHECK(shown_detail("vaccine", "", french) == "");
    CHECK(shown_dose("medicine", spoken("1 fois par jour", "once a day"), french) ==
          "1 fois par jour");
    CHECK(shown_dose("medicine", spoken("1 fois par jour", "once a day"), english) == "once a day");
    CHECK(shown_detail("medicine", spoken("2 boîtes", "2 boxes"), english) == "quantity: 2 boxes");
  }

  TEST_CASE("a range keeps the laboratory's decimals, in the language's sign") {
    CHECK(shown_range("4.00", "10.00", "", french) == "(4,00 – 10,00)");
    CHECK(shown_range("63.000000", "83.500000", "", english) == "(63 – 83.5)");
    CHECK(shown_range("", "0.0050", "", english) == "(≤ 0.0050)");
  }

  TEST_CASE("a fact's line tells all that the commands tell of it") {
    struct Case {
      const char* what;
      Fact fact;
      bool own;
      const char* french;
      const char* english;
    };
    Fact resolved;
    resolved.kind = FactKind::problem;
    resolved.label = "Asthme";
    resolved.status = "resolved";
    resolved.flag = "provisional";
    resolved.date = "2010-03-01";
    resolved.end = "2015-06";
    Fact inactive;
    inactive.kind = FactKind::allergy;
    inactive.label = "Kiwi";
    inactive.status = "inactive";
    inactive.value = "high";
    inactive.dose = "severe";
    inactive.detail = "Choc";
    inactive.unit = "%";
    Fact old;
    old.kind = FactKind::medicine;
    old.event = MedicineEvent::prescribed;
    old.label = "IMAGINOL";
    old.value = "500 mg";
    old.dose = "1 le soir";
    old.detail = "2";
    old.status = "active";
    old.date = "2019-01-01";
    old.end = "2020-02-03";
    Fact germ;
    germ.kind = FactKind::result;
    germ.label = "Amoxicilline";
    germ.value = "≥ 0.512";
    germ.unit = "mg/L";
    germ.flag = "R";
    germ.range_high = "0.25";
    germ.date = "2026-05-04";
    Fact critical = germ;
    critical.label = "Potassium";
    critical.value = "2.1";
    critical.unit = "mmol/L";
    critical.flag = "LL";
    critical.range_low = "3.5";
    critical.range_high = "";
    critical.date.clear();
    Fact vaccine;
    vaccine.kind = FactKind::vaccine;
    vaccine.label = "DTP";
    vaccine.dose = "1";
    vaccine.detail = "357904636";
    vaccine.status = "completed";
    vaccine.date = "2019-06";
    for (const auto& c :
         {Case{"a resolved problem", resolved, false,
               "Asthme, suspecté, à confirmer, résolu (1er mars 2010 → juin 2015)",
               "Asthme, suspected, to be confirmed, resolved (1 March 2010 → June 2015)"},
          Case{"a problem as the person says it", resolved, true,
               "Asthme, résolu (1er mars 2010 → juin 2015)",
               "Asthme, resolved (1 March 2010 → June 2015)"},
          Case{"an allergy that is no longer", inactive, false,
               "Kiwi, Choc, réaction sévère, risque vital, plus d'actualité",
               "Kiwi, Choc, severe reaction, life-threatening risk, no longer active"},
          Case{"an old prescription", old, false,
               "IMAGINOL (500 mg), 1 le soir, quantité : 2, prescrit, terminé "
               "(1er janvier 2019 → 3 février 2020)",
               "IMAGINOL (500 mg), 1 le soir, quantity: 2, prescribed, ended "
               "(1 January 2019 → 3 February 2020)"},
          Case{"a line of an antibiogram", germ, false,
               "Amoxicilline ≥ 0,512 mg/L (≤ 0,25), résistant (4 mai 2026)",
               "Amoxicilline ≥ 0.512 mg/L (≤ 0.25), resistant (4 May 2026)"},
          Case{"a critical result", critical, false,
               "Potassium 2,1 mmol/L (≥ 3,5), en dessous de la normale, valeur critique",
               "Potassium 2.1 mmol/L (≥ 3.5), below the range, critical value"},
          Case{"a vaccine", vaccine, false, "DTP, dose 1, lot 357904636 (juin 2019)",
               "DTP, dose 1, lot 357904636 (June 2019)"}}) {
      CAPTURE(c.what);
      CHECK(fact_line(c.fact, "2027-01-15", c.own, french) == c.french);
      CHECK(fact_line(c.fact, "2027-01-15", c.own, english) == c.english);
    }
  }
}

}  // namespace
}  // namespace coffret::daemon
