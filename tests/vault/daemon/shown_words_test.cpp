// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/shown_words.hpp"

#include <doctest/doctest.h>

namespace coffret::daemon {
namespace {

constexpr auto french = Language::french;
constexpr auto english = Language::english;

TEST_SUITE("vault/daemon/shown_words") {
  TEST_CASE("a unit is written as people write it, and one that is unknown stays") {
    struct Case {
      const char* ucum;
      const char* french;
      const char* english;
    };
    for (const auto& c : {Case{"mm[Hg]", "mmHg", "mmHg"},
                          Case{"Cel", "°C", "°C"},
                          Case{"10*9/L", "G/L", "G/L"},
                          Case{"10*12/L", "T/L", "T/L"},
                          Case{"m[iU]/L", "mUI/L", "mIU/L"},
                          Case{"ug/L", "µg/L", "µg/L"},
                          Case{"umol/L", "µmol/L", "µmol/L"},
                          Case{"cells/uL", "cells/µL", "cells/µL"},
                          Case{"mL/min/{1.73_m2}", "mL/min/1,73 m²", "mL/min/1.73 m²"},
                          Case{"{score}", "", ""},
                          Case{"{beats}/min", "battements/min", "beats/min"},
                          Case{"/{field}", "", ""},
                          Case{"{copies}/mL", "copies/mL", "copies/mL"},
                          Case{"{cells}/uL", "cellules/µL", "cells/µL"},
                          Case{"10*6{cells}/L", "10*6 cellules/L", "10*6 cells/L"},
                          Case{"{pack}/a", "paquets/an", "packs/year"},
                          Case{"{glass}/d", "verres/jour", "glasses/day"},
                          Case{"{log_copies}/mL", "log copies/mL", "log copies/mL"},
                          Case{"mg/g{creat}", "mg/g créat", "mg/g creat"},
                          Case{"ng{FEU}/mL", "ng FEU/mL", "ng FEU/mL"},
                          Case{"{#}/[HPF]", "/champ", "/HPF"},
                          Case{"/[HPF]", "/champ", "/HPF"},
                          Case{"[HPF]", "champ", "HPF"},
                          Case{"mg/(24.h)", "mg/24 h", "mg/24 h"},
                          Case{"[in_us]", "pouces", "in"},
                          Case{"{pack}", "paquets", "packs"},
                          Case{"a}", "a}", "a}"},
                          Case{"%{oxygen}", "%", "%"},
                          Case{"1", "", ""},
                          Case{"mmol/L", "mmol/L", "mmol/L"},
                          Case{"unit", "unit", "unit"},
                          Case{"{open", "{open", "{open"},
                          Case{"", "", ""}}) {
      CAPTURE(c.ucum);
      CHECK(shown_unit(c.ucum, french) == c.french);
      CHECK(shown_unit(c.ucum, english) == c.english);
    }
    CHECK(ucum_unit("mmHg") == "mm[Hg]");
    CHECK(ucum_unit("°C") == "Cel");
    CHECK(ucum_unit("furlong") == "furlong");
    CHECK(ucum_unit("") == "");
  }

  TEST_CASE("a number has the language's sign, and a word is translated where it is known") {
    CHECK(shown_value("5.40", french) == "5,40");
    CHECK(shown_value("5.40", english) == "5.40");
    CHECK(shown_value("<0.5", french) == "<0,5");
    CHECK(shown_value("≤ 5.4", french) == "≤ 5,4");
    CHECK(shown_value("3.5 - 5.25", french) == "3,5 - 5,25");
    CHECK(shown_value("-1.5", french) == "-1,5");
    CHECK(shown_value("1.2.3", french) == "1.2.3");
    CHECK(shown_value("12.03.2020 / 5.", french) == "12.03.2020 / 5.");
    CHECK(shown_value("2020-01-02", french) == "2020-01-02");
    CHECK(shown_value("v. 2", french) == "v. 2");
    CHECK(shown_value(".", french) == ".");
    CHECK(shown_value("not detected", french) == "non détecté");
    CHECK(shown_value("not detected", english) == "not detected");
    CHECK(shown_value("Not detected", french) == "non détecté");
    CHECK(shown_value("POSITIVE", french) == "positif");
  }

  TEST_CASE("a status is told in the reader's language, where it says something") {
    struct Case {
      const char* kind;
      const char* event;
      const char* status;
      const char* french;
    };
    for (const auto& c :
         {Case{"medicine", "taken", "stopped", "arrêté"},
          Case{"medicine", "taken", "on-hold", "suspendu"},
          Case{"medicine", "prescribed", "completed", ""},
          Case{"medicine", "prescribed", "active", "en cours"},
          Case{"vaccine", "", "completed", ""}, Case{"vaccine", "", "refused", "refusé"},
          Case{"vaccine", "", "not-done", "non fait"}, Case{"problem", "", "resolved", "résolu"},
          Case{"problem", "", "Completed", "terminé"}, Case{"allergy", "", "active", ""},
          Case{"result", "", "final", ""}, Case{"result", "", "preliminary", "provisoire"},
          Case{"procedure", "", "completed", ""}, Case{"problem", "", "Stade II", "Stade II"},
          Case{"medicine", "", "", ""}}) {
      CAPTURE(c.kind);
      CAPTURE(c.status);
      CHECK(shown_status(c.kind, c.event, c.status, "", french) == c.french);
    }
    CHECK(shown_status("medicine", "taken", "completed", "MedicationStatement/1", english) ==
          "ended");
    CHECK(shown_status("medicine", "taken", "completed", "Traitements/entry[1]", english) == "");
  }

  TEST_CASE("how a result stands is told in words, and not again where its value says it") {
    struct Case {
      const char* standing;
      bool critical;
      const char* value;
      const char* french;
      const char* english;
    };
    for (const auto& c :
         {Case{"resistant", false, "R", "résistant", "resistant"},
          Case{"susceptible", false, "≥ 0.512", "sensible", "susceptible"},
          Case{"intermediate", false, "", "intermédiaire", "intermediate"},
          Case{"low", true, "2.1", "en dessous de la normale, valeur critique",
               "below the range, critical value"},
          Case{"abnormal", true, "", "anormal, valeur critique", "abnormal, critical value"},
          Case{"positive", false, "POSITIF", "", ""},
          Case{"not-detected", false, "not detected", "", ""},
          Case{"detected", false, "12", "détecté", "detected"}, Case{"normal", false, "5", "", ""},
          Case{"", false, "5", "", ""}}) {
      CAPTURE(c.standing);
      CHECK(shown_standing(c.standing, c.critical, c.value, french) == c.french);
      CHECK(shown_standing(c.standing, c.critical, c.value, english) == c.english);
    }
  }

  TEST_CASE("how sure, critical and severe is told in words, and what is confirmed needs none") {
    CHECK(shown_certainty("provisional", french) == "suspecté, à confirmer");
    CHECK(shown_certainty("differential", english) == "one possibility among others");
    CHECK(shown_certainty("confirmed", french) == "");
    CHECK(shown_criticality("high", french) == "risque vital");
    CHECK(shown_severity("severe", english) == "severe reaction");
    CHECK(shown_severity("", english) == "");
  }

  TEST_CASE("roles, sources and fields are words") {
    CHECK(shown_role("ECON", french) == "à prévenir en cas d'urgence");
    CHECK(shown_role("GUARD", english) == "parent or guardian");
    CHECK(shown_role("XYZ", french) == "");
    CHECK(shown_source("watch", english) == "watched folder");
    CHECK(shown_source("elsewhere", english) == "elsewhere");
    CHECK(shown_field("title", french) == "titre");
    CHECK(shown_field("kind", french) == "type");
    CHECK(shown_field("note", english) == "note");
  }
}

}  // namespace
}  // namespace coffret::daemon
