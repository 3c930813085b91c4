// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include "tests/vault/reader/facts_cda_builder.hpp"

namespace coffret::reader::cda {
namespace {

std::string mic(const std::string& value, const std::string& flag) {
  return "<v:component>" +
         observation(
             "<v:code code='20-8' codeSystem='2.16.840.1.113883.6.1' "
             "displayName='Amoxicilline+clavulanate - CMI'/>" +
             value + "<v:interpretationCode code='" + flag + "'/>") +
         "</v:component>";
}

std::string isolate(const std::string& germ, const std::string& results) {
  return "<v:component><v:organizer classCode='CLUSTER' moodCode='EVN'>"
         "<v:templateId root='1.3.6.1.4.1.19376.1.3.1.5'/>"
         "<v:specimen><v:specimenRole><v:specimenPlayingEntity classCode='MIC'>" +
         germ +
         "</v:specimenPlayingEntity></v:specimenRole></v:specimen><v:component>"
         "<v:organizer classCode='BATTERY' moodCode='EVN'>" +
         results + "</v:organizer></v:component></v:organizer></v:component>";
}

TEST_SUITE("vault/reader/facts") {
  TEST_CASE("a result of an antibiogram names the germ that it is about") {
    const std::string low =
        "<v:value xsi:type='v:IVL_PQ'><v:low value='0.512' unit='ug/mL'/></v:value>";
    const std::string high =
        "<v:value xsi:type='v:IVL_PQ'><v:high value='0.012' unit='ug/mL' "
        "inclusive='false'/></v:value>";
    const auto facts = facts_of(
        section("18725-2",
                entry("<v:organizer classCode='BATTERY' moodCode='EVN'>" +
                      isolate("<v:code code='112283007' codeSystem='2.16.840.1.113883.6.96' "
                              "displayName='Escherichia coli (organism)'/>",
                              mic(low, "R")) +
                      isolate("<v:code code='9'><v:originalText><v:reference value='#g'/>"
                              "</v:originalText></v:code>",
                              mic(high, "S")) +
                      isolate("<v:name>Germe imaginaire</v:name>", mic(high, "S")) +
                      mic(high, "S") + "</v:organizer>"),
                "<v:content ID='g'>Streptococcus D.</v:content>"));
    REQUIRE(facts.size() == 4);
    CHECK(facts[0].detail == "Escherichia coli");
    CHECK(facts[0].value == "≥ 0.512");
    CHECK(facts[0].unit == "ug/mL");
    CHECK(facts[0].flag == "R");
    CHECK(facts[1].detail == "Streptococcus D.");
    CHECK(facts[1].value == "< 0.012");
    CHECK(facts[1].flag == "S");
    CHECK(facts[2].detail == "Germe imaginaire");
    CHECK(facts[3].detail.empty());
  }

  TEST_CASE("every coding that a document states of a thing is kept, as stated, once") {
    const auto facts = facts_of(section(
        "30954-2",
        entry(observation(
            "<v:code code='4548-4' codeSystem='2.16.840.1.113883.6.1' displayName='HbA1c'>"
            "<v:translation code='GHB' codeSystem='1.2.3' displayName='A1c &#x9;(labo)'>"
            "<v:translation code='0814' codeSystem='1.2.4'/></v:translation>"
            "<v:translation nullFlavor='UNK'/><v:translation code='GHB' codeSystem='1.2.3' "
            "displayName='A1c (labo)'/></v:code>"
            "<v:value xsi:type='v:PQ' value='7.1' unit='%'/>")) +
            entry(observation("<v:code nullFlavor='OTH'><v:translation code='718-7' "
                              "codeSystem='2.16.840.1.113883.6.1' displayName='Hb'/></v:code>"
                              "<v:value xsi:type='v:PQ' value='13' unit='g/dL'/>"))));
    REQUIRE(facts.size() == 2);
    CHECK(facts[0].code == CodedValue{"4548-4", "2.16.840.1.113883.6.1", "HbA1c"});
    CHECK(facts[0].codings == std::vector<CodedValue>{facts[0].code,
                                                      {"GHB", "1.2.3", "A1c (labo)"},
                                                      {"0814", "1.2.4", ""}});
    CHECK(facts[1].code.code == "718-7");
    CHECK(facts[1].codings.empty());  // it is the only one
  }

  TEST_CASE("a specimen that is no germ is no isolate") {
    const auto facts = facts_of(section(
        "18725-2",
        entry("<v:organizer classCode='BATTERY' moodCode='EVN'><v:specimen><v:specimenRole>"
              "<v:specimenPlayingEntity><v:code code='1' displayName='Urine'/>"
              "</v:specimenPlayingEntity></v:specimenRole></v:specimen>" +
              mic("<v:value xsi:type='v:PQ' value='1' unit='ug/mL'/>", "S") + "</v:organizer>")));
    REQUIRE(facts.size() == 1);
    CHECK(facts[0].detail.empty());
  }

  TEST_CASE("answers in words about how a person lives and about a pregnancy are results") {
    const auto answer = [](const std::string& root, const std::string& code,
                           const std::string& value) {
      return observation("<v:templateId root='" + root + "'/>" + code + value);
    };
    const std::string assertion = "<v:code code='ASSERTION' displayName='Assertion'/>";
    const auto asked = [](const std::string& code, const std::string& words) {
      return "<v:code code='" + code + "' codeSystem='2.16.840.1.113883.6.1' displayName='" +
             words + "'/>";
    };
    const auto said = [](const std::string& words) {
      return "<v:value xsi:type='v:CD' code='1' displayName='" + words + "'/>";
    };
    struct {
      std::string act;
      const char* code;
      const char* label;
      const char* value;
    } const cases[] = {
        {answer("1.3.6.1.4.1.19376.1.5.3.1.4.13.4", asked("11343-1", "Drogues"), said("Cannabis")),
         "11343-1", "Drogues", "Cannabis"},
        {answer("1.2.250.1.213.1.1.3.52", asked("74011-8", "Tabac"), said("Jamais")), "74011-8",
         "Tabac", "Jamais"},
        {answer("1.3.6.1.4.1.19376.1.5.3.1.4.13.5", asked("11449-6", "Statut de grossesse"),
                said("grossesse en cours")),
         "11449-6", "Statut de grossesse", "grossesse en cours"},
        {answer("1.2.250.1.213.1.1.3.53", asked("11778-8", "Date prévue d&apos;accouchement"),
                "<v:value xsi:type='v:TS' value='20260801'/>"),
         "11778-8", "Date prévue d'accouchement", "2026-08-01"},
        {answer("2.16.840.1.113883.10.20.22.4.78", assertion, said("Never smoker")), "72166-2",
         "Statut tabagique", "Never smoker"},
        {answer("2.16.840.1.113883.10.20.15.3.8",
                "<v:code code='ASSERTION'><v:originalText>Enceinte ?</v:originalText></v:code>",
                said("Pregnant (finding)")),
         "82810-3", "Enceinte ?", "Pregnant"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.label);
      const auto facts = facts_of(section("29762-2", entry(c.act)));
      REQUIRE(facts.size() == 1);
      CHECK(facts[0].kind == FactKind::result);
      CHECK(facts[0].code.code == c.code);
      CHECK(facts[0].label == c.label);
      CHECK(facts[0].value == c.value);
    }
    // Without such a template words outside a section of results are none.
    CHECK(facts_of(section("29762-2", entry(answer("1.2.3", asked("1", "a"), said("b"))))).empty());
  }

  TEST_CASE("an answer whose words are those of the whole statement is told by its code's name") {
    const std::string said = "<v:originalText><v:reference value='#d'/></v:originalText></v:value>";
    const auto facts = facts_of(
        section("29762-2",
                entry(observation("<v:templateId root='1.2.250.1.213.1.1.3.52'/>"
                                  "<v:code code='11343-1' displayName='Drogues'/>"
                                  "<v:text><v:reference value='#d'/></v:text>"
                                  "<v:value xsi:type='v:CD' code='1' displayName='Cannabis'>" +
                                  said)),
                "<v:content ID='d'>Consommation de drogue</v:content>"));
    REQUIRE(facts.size() == 1);
    CHECK(facts[0].value == "Cannabis");
  }

  TEST_CASE("the expected delivery date below a pregnancy is a result of its own") {
    const auto facts = facts_of(section(
        "29762-2",
        entry(observation(
            "<v:templateId root='2.16.840.1.113883.10.20.15.3.8'/><v:code code='ASSERTION'/>"
            "<v:value xsi:type='v:CD' code='77386006' displayName='Pregnant'/>"
            "<v:entryRelationship typeCode='REFR'>" +
            observation("<v:templateId root='2.16.840.1.113883.10.20.15.3.1'/>"
                        "<v:code code='11778-8' displayName='Terme prévu'/>"
                        "<v:value xsi:type='v:TS' value='20260801'/>") +
            "</v:entryRelationship>"))));
    REQUIRE(facts.size() == 2);
    CHECK(facts[0].value == "Pregnant");
    CHECK(facts[1].label == "Terme prévu");
    CHECK(facts[1].value == "2026-08-01");
  }
}

}  // namespace
}  // namespace coffret::reader::cda
