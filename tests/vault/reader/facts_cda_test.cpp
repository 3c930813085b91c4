// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include "tests/vault/reader/facts_cda_builder.hpp"

namespace coffret::reader::cda {
namespace {

TEST_SUITE("vault/reader/facts") {
  TEST_CASE("a result keeps its digits, its unit, its range, its flag and its place") {
    const auto facts = facts_of(section(
        "30954-2",
        entry("<v:organizer classCode='BATTERY' moodCode='EVN'><v:component>" +
              observation(glucose +
                          "<v:value xsi:type='v:PQ' value='5.40' unit='mmol/L'/>"
                          "<v:interpretationCode code='H'/>"
                          "<v:referenceRange><v:observationRange><v:value xsi:type='v:IVL_PQ'>"
                          "<v:low value='3.9' unit='mmol/L'/><v:high value='5.30' unit='mmol/L'/>"
                          "</v:value></v:observationRange></v:referenceRange>") +
              "</v:component></v:organizer>")));
    REQUIRE(facts.size() == 1);
    const Fact& f = facts[0];
    CHECK(f.kind == FactKind::result);
    CHECK(f.code == CodedValue{"2345-7", "2.16.840.1.113883.6.1", "Glucose"});
    CHECK(f.label == "Glucose");
    CHECK(f.value == "5.40");
    CHECK(f.unit == "mmol/L");
    CHECK(f.range_low == "3.9");
    CHECK(f.range_high == "5.30");
    CHECK(f.flag == "H");
    CHECK(f.date == "2026-01-15T07:45+01:00");
    CHECK(f.place == "Rubrique/entry[1]/organizer/observation[1]");
  }

  TEST_CASE("every datatype of a value is read as it is written") {
    struct {
      const char* value;
      const char* number;
      const char* unit;
    } const cases[] = {
        {"<v:value xsi:type='v:INT' value='12'/>", "12", ""},
        {"<v:value xsi:type='v:REAL' value='0.50'/>", "0.50", ""},
        {"<v:value xsi:type='v:PQ' value='1' unit='1'/>", "1", ""},
        {"<v:value xsi:type='v:ST'>négatif</v:value>", "négatif", ""},
        {"<v:value xsi:type='v:CD' code='260373001' displayName='Détecté'/>", "Détecté", ""},
        {"<v:value xsi:type='v:CO' code='1+'/>", "1+", ""},
        {"<v:value xsi:type='v:CD' nullFlavor='OTH'><v:originalText><v:reference value='#r'/>"
         "</v:originalText></v:value>",
         "trace de sang", ""},
        {"<v:value xsi:type='v:ED'><v:reference value='#r'/></v:value>", "trace de sang", ""},
        {"<v:value xsi:type='v:IVL_PQ'><v:low value='2' unit='g'/><v:high value='3' unit='g'/>"
         "</v:value>",
         "2 - 3", "g"},
        {"<v:value xsi:type='v:IVL_PQ'><v:high value='0.1' unit='mg/L'/></v:value>", "≤ 0.1",
         "mg/L"},
        {"<v:value xsi:type='v:IVL_PQ'><v:high value='0.1' unit='mg/L' inclusive='false'/>"
         "</v:value>",
         "< 0.1", "mg/L"},
        {"<v:value xsi:type='v:IVL_PQ'><v:low value='90' unit='%' inclusive='false'/></v:value>",
         "> 90", "%"},
        {"<v:value xsi:type='v:IVL_PQ'><v:low value='500' unit='mg'/><v:high value='1' unit='g'/>"
         "</v:value>",
         "500 mg - 1 g", ""},
        {"<v:value xsi:type='v:RTO_PQ_PQ'><v:numerator value='1'/><v:denominator value='64'/>"
         "</v:value>",
         "1 / 64", ""},
        {"<v:value xsi:type='v:TS' value='20260301'/>", "2026-03-01", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.value);
      const auto facts = facts_of(section("30954-2", entry(observation(glucose + c.value)),
                                          "<v:content ID='r'>trace de\n  sang</v:content>"));
      REQUIRE(facts.size() == 1);
      CHECK(facts[0].value == c.number);
      CHECK(facts[0].unit == c.unit);
    }
  }

  TEST_CASE("what is negated, unknown, planned, nullified or a relative's is no fact") {
    const std::string value = "<v:value xsi:type='v:PQ' value='5' unit='g'/>";
    const std::string problem =
        "<v:templateId root='2.16.840.1.113883.10.20.22.4.4'/><v:code code='ASSERTION'/>";
    struct {
      const char* why;
      std::string act;
    } const cases[] = {
        {"negated", observation(glucose + value, "negationInd='true'")},
        {"null", observation(glucose + value, "nullFlavor='NI'")},
        {"without value", observation(glucose)},
        {"with a null value", observation(glucose + "<v:value xsi:type='v:PQ' nullFlavor='NAV'/>")},
        {"a goal", "<v:observation moodCode='GOL'>" + glucose + value + "</v:observation>"},
        {"nullified", observation("<v:code code='1'/><v:statusCode code='nullified'/>" + value)},
        {"a relative's",
         "<v:organizer moodCode='EVN'><v:subject><v:relatedSubject/></v:subject>"
         "<v:component>" +
             observation(glucose + value) + "</v:component></v:organizer>"},
        {"a negated problem", observation(problem + "<v:value xsi:type='v:CD' code='44054006' "
                                                    "displayName='Diabète'/>",
                                          "negationInd='true'")},
    };
    for (const auto& c : cases) {
      CAPTURE(c.why);
      CHECK(facts_of(section("30954-2", entry(c.act))).empty());
    }
  }

  TEST_CASE("a section about a newborn or a relative, or without information, gives no facts") {
    const std::string result =
        entry(observation(glucose + "<v:value xsi:type='v:PQ' value='5' unit='g'/>"));
    const std::string below = section("30954-2", result);
    for (const std::string attributes : {"<v:section>", "<v:section nullFlavor='NI'>"}) {
      const bool subject = attributes == "<v:section>";
      CAPTURE(attributes);
      const std::string about =
          subject ? "<v:subject><v:relatedSubject classCode='PRS'><v:code code='NCHILD'/>"
                    "</v:relatedSubject></v:subject>"
                  : "";
      CHECK(facts_of("<v:component>" + attributes + "<v:code code='30954-2'/>" + about + result +
                     below + "</v:section></v:component>")
                .empty());
    }
    CHECK(facts_of(below).size() == 1);
  }

  TEST_CASE("contacts are the header's relations, not its professionals") {
    const std::string person =
        "<v:NAME><v:name><v:given>Sacha</v:given><v:family>EXEMPLE</v:family></v:name></v:NAME>";
    const auto named = [&](const std::string& name) {
      std::string all = person;
      for (auto at = all.find("NAME"); at != std::string::npos; at = all.find("NAME"))
        all.replace(at, 4, name);
      return all;
    };
    const auto facts =
        facts_of("",
                 "<v:informant><v:relatedEntity classCode='ECON'><v:code code='SIS' "
                 "displayName='Sœur'/><v:telecom value='tel:0600000000'/>" +
                     named("relatedPerson") +
                     "</v:relatedEntity></v:informant><v:participant typeCode='IND'>"
                     "<v:associatedEntity classCode='PROV'>" +
                     named("associatedPerson") + "</v:associatedEntity></v:participant>");
    REQUIRE(facts.size() == 1);
    CHECK(facts[0].kind == FactKind::contact);
    CHECK(facts[0].label == "Sacha EXEMPLE");
    CHECK(facts[0].code.code == "SIS");
    CHECK(facts[0].status == "ECON");
    CHECK(facts[0].detail == "0600000000");
    CHECK(facts[0].place == "informant[1]");
  }

  TEST_CASE("facts stop at their limit") {
    std::string all;
    for (std::size_t i = 0; i < limits::facts + 10; ++i)
      all += entry(
          "<v:observation moodCode='EVN'><v:code code='1'/><v:value xsi:type='v:INT' "
          "value='1'/></v:observation>");
    CHECK(facts_of(section("30954-2", all)).size() == limits::facts);
  }

  TEST_CASE("of several normal ranges the patient's is taken, else all are told with their words") {
    const auto range = [](const std::string& low, const std::string& words,
                          const std::string& mark = "") {
      return "<v:referenceRange><v:observationRange>" +
             (words.empty() ? "" : "<v:text>" + words + "</v:text>") +
             "<v:value xsi:type='v:IVL_PQ'><v:low value='" + low +
             "' unit='g/L'/><v:high value='20' unit='g/L'/></v:value>" +
             (mark.empty() ? "" : "<v:interpretationCode code='" + mark + "'/>") +
             "</v:observationRange></v:referenceRange>";
    };
    const auto result = [&](const std::string& ranges, const std::string& sex) {
      const auto facts = facts_of(
          section("30954-2",
                  entry(observation(glucose + "<v:value xsi:type='v:PQ' value='12' unit='g/L'/>" +
                                    ranges))),
          sex.empty() ? ""
                      : "<v:recordTarget><v:patientRole><v:id root='1.2' extension='1'/><v:patient>"
                        "<v:name><v:family>EXEMPLE</v:family></v:name>"
                        "<v:administrativeGenderCode code='" +
                            sex + "'/></v:patient></v:patientRole></v:recordTarget>");
      std::vector<Fact> results;
      for (const auto& fact : facts)
        if (fact.kind == FactKind::result) results.push_back(fact);
      REQUIRE(results.size() == 1);
      return results[0];
    };
    const std::string both = range("11", "Femmes") + range("13", "Hommes");
    CHECK(result(both, "F").range_low == "11");
    CHECK(result(both, "M").range_low == "13");
    const auto unknown = result(both, "");
    CHECK(unknown.range_low == "");
    CHECK(unknown.range_text == "Femmes : 11 - 20 g/L ; Hommes : 13 - 20 g/L");
    // Nothing says whose each is.
    const auto two = result(range("11", "") + range("13", ""), "F");
    CHECK(two.range_low == "");
    CHECK(two.range_text == "11 - 20 g/L ; 13 - 20 g/L");
    CHECK(result(range("11", "") + range("11", ""), "F").range_low == "11");
    CHECK(result(range("11", "", "L") + range("13", "", "N"), "F").range_low == "13");
    // Another's alone is not the patient's.
    CHECK(result(range("11", "Femmes"), "M").range_low == "");
    CHECK(result(range("11", "Femmes"), "M").range_text == "Femmes : 11 - 20 g/L");
  }
}

}  // namespace
}  // namespace coffret::reader::cda
