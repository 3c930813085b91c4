// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include "tests/vault/reader/facts_cda_builder.hpp"
#include "vault/reader/facts_collect.hpp"

namespace coffret::reader::cda {
namespace {

std::string product(const std::string& more = "") {
  return "<v:consumable><v:manufacturedProduct><v:manufacturedMaterial><v:name>IMAGINOL</v:name>" +
         more + "</v:manufacturedMaterial></v:manufacturedProduct></v:consumable>";
}

TEST_SUITE("vault/reader/facts") {
  TEST_CASE("a dose is counted in the words of the language") {
    struct {
      const char* number;
      const char* unit;
      const char* french;
      const char* english;
    } const cases[] = {
        {"1", "{tablet}", "1 comprimé", "1 tablet"},
        {"1.5", "{Tablet}", "1.5 comprimé", "1.5 tablets"},
        {"2", "{tbl}", "2 comprimés", "2 tablets"},
        {"0.5", "tablet", "0.5 comprimé", "0.5 tablet"},
        {"2", "{puff}", "2 bouffées", "2 puffs"},
        {"3", "{comprimé}", "3 comprimés", "3 tablets"},
        {"1", "{count}", "1", "1"},
        {"10", "[iU]", "10 UI", "10 IU"},
        {"5", "mL", "5 mL", "5 mL"},
        {"1", "unit", "1 unit", "1 unit"},
        {"2", "{ovule}", "2 ovule", "2 ovule"},
        {"", "{tablet}", "", ""},
        {"un", "{tablet}", "un comprimé", "un tablet"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.number);
      CAPTURE(c.unit);
      CHECK(dose_words(c.number, c.unit, false) == c.french);
      CHECK(dose_words(c.number, c.unit, true) == c.english);
    }
  }

  TEST_CASE("a quantity in boxes or tubes says so, whether or not the package does") {
    const auto quantity = [](const std::string& number, const std::string& unit) {
      const auto facts = facts_of(section(
          "57828-6",
          entry(
              "<v:substanceAdministration moodCode='INT'>" + product() +
              "<v:entryRelationship typeCode='COMP'><v:supply moodCode='RQO'><v:quantity value='" +
              number + "' unit='" + unit +
              "'/></v:supply></v:entryRelationship></v:substanceAdministration>")));
      REQUIRE(facts.size() == 1);
      return facts[0].detail;
    };
    CHECK(quantity("2", "30009000") == "2 boîtes");
    CHECK(quantity("1", "30009000") == "1 boîte");
    CHECK(quantity("1", "30067000") == "1 tube");
    CHECK(quantity("3", "30069000") == "3");  // what no table knows
    CHECK(package_words("2", "30009000", true) == "2 boxes");
  }

  TEST_CASE("a dose is told in the document's words for it, the code beside another number") {
    const auto dose = [](const std::string& quantity) {
      const auto facts = facts_of(section(
          "57828-6",
          entry("<v:substanceAdministration moodCode='INT'>"
                "<v:effectiveTime xsi:type='v:PIVL_TS'><v:period value='1' "
                "unit='d'/></v:effectiveTime><v:doseQuantity>" +
                quantity + "</v:doseQuantity>" + product() + "</v:substanceAdministration>"),
          "<v:content ID='m'>1 cp</v:content><v:content ID='n'>2 cp</v:content>"));
      REQUIRE(facts.size() == 1);
      return facts[0].dose;
    };
    const auto bound = [](const std::string& name, const std::string& number,
                          const std::string& words) {
      return "<v:" + name + " value='" + number + "' unit='{tablet}'>" +
             (words.empty() ? ""
                            : "<v:translation><v:originalText><v:reference value='#" + words +
                                  "'/></v:originalText></v:translation>") +
             "</v:" + name + ">";
    };
    CHECK(dose(bound("low", "1", "m") + bound("high", "1", "m")) == "1 cp, 1 fois par jour");
    CHECK(dose(bound("low", "1", "m") + bound("high", "2", "n")) == "1 cp - 2 cp, 1 fois par jour");
    CHECK(dose(bound("low", "1", "m") + bound("high", "1", "n")) ==
          "1 cp - 2 cp (codé : 1 comprimé), 1 fois par jour");
    CHECK(dose(bound("low", "1", "") + bound("high", "2", "")) ==
          "1 - 2 comprimés, 1 fois par jour");
    CHECK(dose(bound("low", "2", "x") + bound("high", "2", "x")) == "2 comprimés, 1 fois par jour");
    CHECK(dose(bound("low", "12", "n") + bound("high", "12", "n")) ==
          "2 cp (codé : 12 comprimés), 1 fois par jour");
  }

  TEST_CASE("a number that is no rank of a vaccine's dose is left out") {
    const auto rank = [](const std::string& more) {
      const auto facts =
          facts_of(section("11369-6", entry("<v:substanceAdministration moodCode='EVN'>" +
                                            product() + more + "</v:substanceAdministration>")));
      REQUIRE(facts.size() == 1);
      return facts[0].dose;
    };
    const auto stated = [](const std::string& number) {
      return "<v:entryRelationship typeCode='SUBJ'>" +
             observation("<v:code code='30973-2'/><v:value xsi:type='v:INT' value='" + number +
                         "'/>") +
             "</v:entryRelationship>";
    };
    CHECK(rank(stated("2")) == "2");
    CHECK(rank(stated("99")) == "99");
    CHECK(rank(stated("100")).empty());
    CHECK(rank(stated("999")).empty());
    CHECK(rank("<v:repeatNumber value='3'/>") == "3");
    CHECK(rank("<v:repeatNumber value='999'/>").empty());
    CHECK(vaccine_rank("rappel") == "rappel");
  }
}

}  // namespace
}  // namespace coffret::reader::cda
