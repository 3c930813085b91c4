// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include "vault/reader/facts_fhir.hpp"
#include "vault/reader/reader.hpp"

namespace coffret::reader {
namespace {

std::vector<Fact> facts_of(const std::string& resources) {
  const std::string file =
      R"({"resourceType":"Bundle","type":"collection","language":"fr","entry":[)" + resources +
      "]}";
  const auto read = describe(as_bytes(file), "a.json");
  REQUIRE(read.has_value());
  CHECK(within_limits(*read));
  return read->facts;
}

std::string entry(const std::string& type, const std::string& members) {
  return R"({"resource":{"resourceType":")" + type + R"(","id":"1",)" + members + "}}";
}

TEST_SUITE("vault/reader/facts") {
  TEST_CASE("a FHIR number keeps its digits, and what is no JSON stays none") {
    CHECK(numbers_as_text(R"({"a":5.40,"b":[-1,1e3],"c":"1.0","d\"":2})") ==
          R"({"a":"5.40","b":["-1","1e3"],"c":"1.0","d\"":"2"})");
    for (const char* broken : {"01", "-", "1.", "1e", "1-2"}) {
      CAPTURE(broken);
      CHECK(numbers_as_text(broken) == broken);
    }
  }

  TEST_CASE("an observation gives its value, its components and their ranges") {
    const auto facts = facts_of(entry("Observation", R"("status":"final",
      "code":{"coding":[{"system":"http://loinc.org","code":"85354-9","display":"Tension"}]},
      "effectiveDateTime":"2026-03-01","component":[
       {"code":{"text":"Systolique"},"valueQuantity":{"value":120.0,"unit":"mm[Hg]"},
        "referenceRange":[{"low":{"value":90},"high":{"value":140}}],
        "interpretation":[{"coding":[{"code":"N"}]}]},
       {"code":{"text":"Diastolique"},"dataAbsentReason":{"text":"non mesurée"}}])"));
    REQUIRE(facts.size() == 1);
    CHECK(facts[0].label == "Systolique");
    CHECK(facts[0].value == "120.0");
    CHECK(facts[0].unit == "mm[Hg]");
    CHECK(facts[0].range_low == "90");
    CHECK(facts[0].range_high == "140");
    CHECK(facts[0].flag == "N");
    CHECK(facts[0].date == "2026-03-01");
    CHECK(facts[0].place == "Observation/1/component[1]");
  }

  TEST_CASE("a medicine's event follows its resource, and its dose is words or made of them") {
    struct {
      const char* type;
      const char* dosage;
      MedicineEvent event;
      const char* dose;
    } const cases[] = {
        {"MedicationStatement", R"("dosage":[{"text":"1 le matin"}])", MedicineEvent::taken,
         "1 le matin"},
        {"MedicationRequest",
         R"("dosageInstruction":[{"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d",
            "when":["HS"]}},"asNeededBoolean":true,
            "doseAndRate":[{"doseQuantity":{"value":1,"unit":"gélule"}}]}])",
         MedicineEvent::prescribed, "1 gélule, 2 fois par jour, au coucher, si besoin"},
        {"MedicationDispense", R"("quantity":{"value":30,"unit":"gélules"})",
         MedicineEvent::dispensed, ""},
        {"MedicationAdministration", R"("dosage":{"dose":{"value":5,"unit":"mg"}})",
         MedicineEvent::administered, "5 mg"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.type);
      const auto facts = facts_of(entry(
          c.type, std::string{R"("status":"completed","contained":[{"resourceType":"Medication",
            "id":"m","code":{"text":"IMAGINOL"}}],"medicationReference":{"reference":"#m"},)"} +
                      c.dosage));
      REQUIRE(facts.size() == 1);
      CHECK(facts[0].event == c.event);
      CHECK(facts[0].label == "IMAGINOL");
      CHECK(facts[0].dose == c.dose);
    }
  }

  TEST_CASE("'#m' means what its own resource contains, not another's") {
    const auto facts = facts_of(
        entry("MedicationStatement", R"("status":"active","contained":[{"resourceType":"Medication",
          "id":"m","code":{"text":"A"}}],"medicationReference":{"reference":"#m"})") +
        "," +
        entry("MedicationStatement", R"("status":"active","contained":[{"resourceType":"Medication",
          "id":"m","code":{"text":"B"}}],"medicationReference":{"reference":"#m"})"));
    REQUIRE(facts.size() == 2);
    CHECK(facts[0].label == "A");
    CHECK(facts[1].label == "B");
  }

  TEST_CASE("what is refuted, entered in error, not done, absent or another's is no fact") {
    const std::string code = R"("code":{"text":"X"})";
    const std::string error =
        R"("verificationStatus":{"coding":[{"code":"entered-in-error"}]},)" + code;
    struct {
      const char* type;
      std::string members;
    } const cases[] = {
        {"Observation", R"("status":"entered-in-error","valueString":"a",)" + code},
        {"Observation", R"("status":"final",)" + code},
        {"AllergyIntolerance", error},
        {"AllergyIntolerance", R"("verificationStatus":{"coding":[{"code":"refuted"}]},)" + code},
        {"AllergyIntolerance", R"("code":{"coding":[{"code":"716186003"}]})"},
        {"AllergyIntolerance", R"("code":{"coding":[{"code":"no-known-allergies"}]})"},
        {"Condition", error},
        {"Procedure", R"("status":"not-done",)" + code},
        {"MedicationStatement", R"("status":"not-taken","medicationCodeableConcept":{"text":"X"})"},
        {"MedicationStatement",
         R"("status":"active","medicationCodeableConcept":{"coding":[{"code":"no-medication-info"}]})"},
        {"MedicationRequest",
         R"("status":"active","doNotPerform":true,"medicationCodeableConcept":{"text":"X"})"},
        {"Immunization", R"("status":"entered-in-error","vaccineCode":{"text":"X"})"},
        {"RelatedPerson", R"("active":false,"name":[{"text":"X"}])"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.type);
      CAPTURE(c.members);
      CHECK(facts_of(entry(c.type, c.members)).empty());
    }
    // Two patients, and nothing says whose file it is.
    CHECK(facts_of(R"({"resource":{"resourceType":"Patient","id":"a"}},
                      {"resource":{"resourceType":"Patient","id":"b"}},)" +
                   entry("Condition", code))
              .empty());
  }

  TEST_CASE("a vaccine that was not given says so; contacts have their relation") {
    const auto facts = facts_of(
        entry("Immunization", R"("status":"not-done","vaccineCode":{"text":"Rougeole"})") + "," +
        entry("Immunization", R"("status":"completed","vaccineCode":{"text":"Grippe"},
          "lotNumber":"L1","protocolApplied":[{"doseNumberPositiveInt":2}])") +
        "," + entry("Patient", R"("contact":[{"relationship":[{"coding":[{"code":"C",
          "display":"Emergency"}]}],"name":{"family":"EXEMPLE","given":["Sacha"]},
          "telecom":[{"value":"tel:0600000000"}]}])"));
    REQUIRE(facts.size() == 3);
    CHECK(facts[0].status == "not-done");
    CHECK(facts[1].dose == "2");
    CHECK(facts[1].detail == "L1");
    CHECK(facts[2].label == "Sacha EXEMPLE");
    CHECK(facts[2].code == CodedValue{"C", "", "Emergency"});
    CHECK(facts[2].detail == "0600000000");
  }
}

}  // namespace
}  // namespace coffret::reader
