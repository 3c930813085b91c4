// SPDX-License-Identifier: EUPL-1.2
//
// What every format says in the same way: how a result is judged, and terms without their tags.
#include <doctest/doctest.h>

#include "tests/vault/reader/facts_cda_builder.hpp"
#include "tests/vault/reader/facts_fhir_builder.hpp"
#include "vault/reader/facts_collect.hpp"

namespace coffret::reader {
namespace {

std::string cda_flag(const std::string& interpretations) {
  const auto facts = cda::facts_of(cda::section(
      "30954-2",
      cda::entry(cda::observation(cda::glucose + "<v:value xsi:type='v:PQ' value='5' unit='g'/>" +
                                  interpretations))));
  REQUIRE(facts.size() == 1);
  return facts[0].flag;
}

std::string fhir_flag(const std::string& interpretation) {
  const auto facts = fhir_bundle::facts_of(fhir_bundle::entry(
      "Observation", R"("status":"final","code":{"text":"a"},"valueString":"b","interpretation":)" +
                         interpretation));
  REQUIRE(facts.size() == 1);
  return facts[0].flag;
}

std::string hl7v2_flag(const std::string& flags) {
  const std::string message =
      "MSH|^~\\&|L|LABO|||20240310||ORU^R01|1|P|2.5\rPID|1||A1||EXEMPLE^Camille\r"
      "OBX|1|NM|1^a^L||5|g|1-2|" +
      flags + "|||F\r";
  const auto read = describe(as_bytes(message), "a.hl7");
  REQUIRE(read.has_value());
  REQUIRE(read->facts.size() == 1);
  return read->facts[0].flag;
}

TEST_SUITE("vault/reader/facts") {
  TEST_CASE("how a result is judged is the same code from CDA, FHIR and HL7 v2") {
    for (const std::string code : {"H", "LL", "R", "I", "S", "POS", "NEG", "A"}) {
      CAPTURE(code);
      CHECK(cda_flag("<v:interpretationCode code='" + code + "'/>") == code);
      CHECK(fhir_flag(R"([{"coding":[{"code":")" + code + R"("}],"text":"mots"}])") == code);
      CHECK(hl7v2_flag(code) == code);
    }
    CHECK(cda_flag("<v:interpretationCode nullFlavor='OTH'><v:translation code='R'/>"
                   "</v:interpretationCode>") == "R");
    CHECK(cda_flag("<v:interpretationCode nullFlavor='NA'/><v:interpretationCode code='S'/>") ==
          "S");
    // HL7's code counts before a laboratory's own, wherever it stands.
    CHECK(fhir_flag(R"([{"coding":[{"system":"urn:x","code":"resistant"},
        {"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"R"}]}])") ==
          "R");
    CHECK(fhir_flag(R"([{"coding":[{"system":"urn:x","code":"1"}]},
        {"coding":[{"system":"http://hl7.org/fhir/v2/0078","code":"I"}]}])") == "I");
    CHECK(fhir_flag(R"({"coding":[{"code":"S"}]})") == "S");  // STU3: one, no list
    CHECK(fhir_flag(R"([{"text":"Résistant"}])") == "Résistant");
    CHECK(hl7v2_flag("R^Résistant^HL70078") == "R");
    CHECK(hl7v2_flag("~S") == "S");
  }

  TEST_CASE("a term is told without SNOMED CT's semantic tag, other parentheses stay") {
    struct {
      const char* written;
      const char* told;
    } const cases[] = {
        {"Not detected (qualifier value)", "Not detected"},
        {"Streptococcus (organism)", "Streptococcus"},
        {"Diabetes mellitus type 2 (disorder)", "Diabetes mellitus type 2"},
        {"Glucose (sang)", "Glucose (sang)"},
        {"Protéines totales (g/L)", "Protéines totales (g/L)"},
        {"(finding)", "(finding)"},
        {" (finding)", " (finding)"},
        {"finding)", "finding)"},
        {"", ""},
    };
    for (const auto& c : cases) CHECK(plain_term(c.written) == c.told);
    const auto fhir = fhir_bundle::facts_of(fhir_bundle::entry(
        "Observation",
        R"json("status":"final","code":{"text":"a"},"valueCodeableConcept":{"coding":[
        {"system":"http://snomed.info/sct","code":"260415000",
         "display":"Not detected (qualifier value)"}]})json"));
    REQUIRE(fhir.size() == 1);
    CHECK(fhir[0].value == "Not detected");
  }

  TEST_CASE("bounds as a value keep their unit apart, also in FHIR") {
    const auto value = [](const std::string& range) {
      const auto facts = fhir_bundle::facts_of(fhir_bundle::entry(
          "Observation", R"("status":"final","code":{"text":"a"},"valueRange":)" + range));
      REQUIRE(facts.size() == 1);
      return facts[0].value + "|" + facts[0].unit;
    };
    CHECK(value(R"({"low":{"value":0.512,"unit":"ug/mL"}})") == "≥ 0.512|ug/mL");
    CHECK(value(R"({"high":{"value":4,"code":"mg"}})") == "≤ 4|mg");
    CHECK(value(R"({"low":{"value":2,"unit":"g"},"high":{"value":3,"unit":"g"}})") == "2 - 3|g");
    CHECK(value(R"({"low":{"value":500,"unit":"mg"},"high":{"value":1,"unit":"g"}})") ==
          "500 mg - 1 g|");
  }

  TEST_CASE("how a person lives is told in words too, and a questionnaire's words are not") {
    const auto values = [](const std::string& category, const std::string& value) {
      const auto facts = fhir_bundle::facts_of(fhir_bundle::entry(
          "Observation",
          R"("status":"final","code":{"text":"Tabac"},"category":[)" + category + "]," + value));
      std::string all;
      for (const auto& fact : facts) all += fact.value + ";";
      return all;
    };
    const std::string life = R"({"coding":[{"code":"social-history"}]})";
    const std::string form = R"({"coding":[{"code":"survey"}]})";
    const std::string words = R"("valueString":"10 cigarettes par jour")";
    CHECK(values(life, words) == "10 cigarettes par jour;");
    CHECK(values(life, R"("valueCodeableConcept":{"text":"Ancien fumeur"})") == "Ancien fumeur;");
    CHECK(values(life + "," + form, words) == "10 cigarettes par jour;");
    CHECK(values(life, R"("valueQuantity":{"value":2})") == "2;");
    CHECK(values(form, words) == "");
    CHECK(values(form, R"("valueInteger":3)") == "3;");
  }

  TEST_CASE("a note about an allergy stands after its reactions") {
    const auto facts = fhir_bundle::facts_of(fhir_bundle::entry(
        "AllergyIntolerance", R"("code":{"text":"Latex"},"reaction":[{"manifestation":[
        {"text":"Urticaire"}]}],"note":[{"text":"Gants sans latex au bloc"}])"));
    REQUIRE(facts.size() == 1);
    CHECK(facts[0].detail == "Urticaire ; Gants sans latex au bloc");
  }

  TEST_CASE("a dose number that is no rank is left out, also in FHIR") {
    const auto dose = [](const std::string& member) {
      const auto facts = fhir_bundle::facts_of(fhir_bundle::entry(
          "Immunization",
          R"("status":"completed","vaccineCode":{"text":"a"},"protocolApplied":[{)" + member +
              "}]"));
      REQUIRE(facts.size() == 1);
      return facts[0].dose;
    };
    CHECK(dose(R"("doseNumberPositiveInt":2)") == "2");
    CHECK(dose(R"("doseNumberPositiveInt":999)").empty());
    CHECK(dose(R"("doseNumberString":"rappel")") == "rappel");
  }
}

}  // namespace
}  // namespace coffret::reader
