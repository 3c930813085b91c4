// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/facts_rate.hpp"

#include <doctest/doctest.h>

namespace coffret::reader {
namespace {

TEST_SUITE("vault/reader/facts") {
  TEST_CASE("how often is read in words of a closed vocabulary, and never guessed") {
    struct Case {
      const char* words;
      double rate;  // 0: not understood
    };
    for (const auto& c : {Case{"4 fois/j à partir du 25/01/2021 pendant 2 jours", 4},
                          Case{"1 comprimé 3 fois par jour", 3},
                          Case{"3x/jour", 3},
                          Case{"2 gélules deux fois par jour", 2},
                          Case{"toutes les 8 heures", 3},
                          Case{"toutes les 16 h", 1.5},
                          Case{"tous les jours", 1},
                          Case{"tous les 2 jours", 0.5},
                          Case{"une fois par semaine", 1.0 / 7},
                          Case{"3 fois par 24 h", 3},
                          Case{"take 1 tablet by oral route once daily", 1},
                          Case{"Twice a day", 2},
                          Case{"3 times per day", 3},
                          Case{"every 6 hours", 4},
                          Case{"2 comprimés par jour", 0},
                          Case{"2 à 3 fois par jour", 0},
                          Case{"maximum 4 fois par jour", 0},
                          Case{"toutes les 4 à 6 h", 0},
                          Case{"every other day", 0},
                          Case{"3 fois par jour puis 2 fois par jour", 0},
                          Case{"matin et soir", 0},
                          Case{"0 fois par jour", 0},
                          Case{"fois par jour", 0},
                          Case{"", 0}}) {
      CAPTURE(c.words);
      const auto rate = times_a_day(c.words);
      CHECK(rate.has_value() == (c.rate > 0));
      if (rate) CHECK_FALSE(rates_differ(rate, c.rate));
    }
  }

  TEST_CASE("a coded period is a rate where it is a number of a unit of time") {
    CHECK_FALSE(rates_differ(coded_times_a_day("1", "8", "h"), 3.0));
    CHECK(coded_times_a_day("1", "8", "h").has_value());
    CHECK_FALSE(rates_differ(coded_times_a_day("2", "1", "wk"), 2.0 / 7));
    for (const char* period : {"", "0", "-8", "x", "1e999", "8 h"}) {
      CAPTURE(period);
      CHECK_FALSE(coded_times_a_day("1", period, "h").has_value());
    }
    CHECK_FALSE(coded_times_a_day("1", "8", "mg").has_value());
    CHECK(rates_differ(4.0, 1.5));
    CHECK_FALSE(rates_differ(std::nullopt, 1.5));
  }

  TEST_CASE("what the words say already is not said twice") {
    std::string dose = "1 comprimé par Voie Orale";
    append_unsaid(dose, "voie orale");
    CHECK(dose == "1 comprimé par Voie Orale");
    append_unsaid(dose, "à jeun");
    append_unsaid(dose, "");
    CHECK(dose == "1 comprimé par Voie Orale, à jeun");
    append_coded(dose, "", false);
    append_coded(dose, "toutes les 16 h", false);
    append_coded(dose, "toutes les 16 h", false);
    CHECK(dose == "1 comprimé par Voie Orale, à jeun (codé : toutes les 16 h)");
    CHECK(tells_a_dose("un le matin"));
    CHECK_FALSE(tells_a_dose("comprimé, boîte de 20"));
  }
}

}  // namespace
}  // namespace coffret::reader
