// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include "tests/vault/reader/facts_fhir_builder.hpp"

namespace coffret::reader::fhir_bundle {
namespace {

TEST_SUITE("vault/reader/facts") {
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

  TEST_CASE("a dose says how far its period reaches and how long before a moment it is") {
    const auto dose_of = [](const std::string& repeat) {
      const auto facts = facts_of(entry(
          "MedicationRequest", R"("status":"active","medicationCodeableConcept":{"text":"A"},)"
                               R"("dosageInstruction":[{"timing":{"repeat":{)" +
                                   repeat + "}}}]"));
      REQUIRE(facts.size() == 1);
      return facts[0].dose;
    };
    CHECK(dose_of(R"("period":4,"periodMax":6,"periodUnit":"h")") == "toutes les 4 à 6 h");
    CHECK(dose_of(R"("period":4,"periodUnit":"h")") == "toutes les 4 h");
    CHECK(dose_of(R"("when":["ACM"],"offset":30)").ends_with(" (30 min)"));
  }

  TEST_CASE("a prescription ends with its last dosage, and not at all where one has no end") {
    const auto end_of = [](const std::string& dosages) {
      const auto facts = facts_of(entry(
          "MedicationRequest", R"("status":"active","medicationCodeableConcept":{"text":"A"},)"
                               R"("dosageInstruction":[)" +
                                   dosages + "]"));
      REQUIRE(facts.size() == 1);
      return facts[0].date + " - " + facts[0].end;
    };
    const auto bounded = [](const std::string& period) {
      return R"({"timing":{"repeat":{"boundsPeriod":{)" + period + "}}}}";
    };
    const auto first = bounded(R"("start":"2026-01-01","end":"2026-01-08")");
    CHECK(end_of(first) == "2026-01-01 - 2026-01-08");
    CHECK(end_of(first + "," + bounded(R"("start":"2026-01-09","end":"2026-02-08")")) ==
          "2026-01-01 - 2026-02-08");
    CHECK(end_of(first + "," + bounded(R"("start":"2026-01-09")")) == "2026-01-01 - ");
    CHECK(end_of(first + R"(,{"text":"puis au besoin"})") == "2026-01-01 - ");
  }

  TEST_CASE("an ATC class beside another code is kept with the medicine") {
    const auto facts = facts_of(entry("MedicationDispense", R"("status":"completed",
      "medicationCodeableConcept":{"coding":[
        {"system":"urn:oid:1.2.250.1.213.2.3.1","code":"3400930000001","display":"PRODUIT 100"},
        {"system":"http://www.whocc.no/atc","code":"A10AE04"}]})"));
    REQUIRE(facts.size() == 1);
    CHECK(facts[0].code.code == "3400930000001");
    CHECK(facts[0].flag == "A10AE04");
  }

  TEST_CASE("a dose says that it is for a need, its maximum, its days and its length") {
    struct {
      const char* dosage;
      const char* dose;
    } const cases[] = {
        {R"({"text":"1 comprimé","asNeededBoolean":true})", "1 comprimé, si besoin"},
        {R"({"text":"1 comprimé si besoin","asNeededBoolean":true})", "1 comprimé si besoin"},
        {R"({"text":"1 comprimé","asNeededCodeableConcept":{"text":"douleur"}})",
         "1 comprimé, si besoin (douleur)"},
        {R"({"asNeededCodeableConcept":{"coding":[{"code":"1"}]}})", "si besoin"},
        {R"({"text":"1 comprimé","maxDosePerPeriod":{"numerator":{"value":3,"unit":"g"},
          "denominator":{"value":24,"unit":"heures","code":"h"}}})",
         "1 comprimé, maximum 3 g en 24 h"},
        {R"({"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d","dayOfWeek":["mon",
          "thu"],"boundsDuration":{"value":10,"unit":"jours","code":"d"}}},
          "doseAndRate":[{"doseRange":{"low":{"value":500,"unit":"mg"},
          "high":{"value":1,"unit":"g"}}}]})",
         "500 mg - 1 g, 1 fois par jour, lundi, jeudi, pendant 10 jours"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.dosage);
      const auto facts =
          facts_of(entry("MedicationRequest", std::string{R"("status":"active","intent":"order",
            "medicationCodeableConcept":{"text":"IMAGINOL"},"dosageInstruction":[)"} +
                                                  c.dosage + "]"));
      REQUIRE(facts.size() == 1);
      CHECK(facts[0].dose == c.dose);
    }
  }

  TEST_CASE("a plan is a treatment that nobody prescribed by it") {
    for (const auto* status : {"active", "stopped"}) {
      CAPTURE(status);
      const auto facts = facts_of(entry("MedicationRequest", std::string{R"("status":")"} + status +
                                                                 R"(","intent":"plan",
          "medicationCodeableConcept":{"text":"IMAGINOL"})"));
      REQUIRE(facts.size() == 1);
      CHECK(facts[0].event == MedicineEvent::none);
      CHECK(facts[0].status == status);
    }
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

  TEST_CASE("a dose has its route and its need beside the words, in the reader's language") {
    const auto medicine = [](const std::string& dosages) {
      return entry("MedicationRequest", R"("status":"active","intent":"order",
        "medicationCodeableConcept":{"text":"IMAGINOL"},"dosageInstruction":[)" +
                                            dosages + "]");
    };
    const std::string by_mouth =
        R"("route":{"coding":[{"system":"urn:x","code":"po"}],"text":"voie orale"})";
    const std::string daily =
        R"({"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}},)" + by_mouth;
    const auto dose_of = [&](const std::string& dosages) {
      const auto read = describe_all(medicine(dosages));
      REQUIRE(read.facts.size() == 1);
      return unpacked_dose(read.facts[0].dose);
    };
    const CodedValue way{"po", "urn:x", "voie orale"};
    CHECK(dose_of(daily + "}") ==
          SpokenDose{"2 fois par jour, voie orale", "2 times a day, voie orale", way, false, ""});
    CHECK(dose_of(daily + R"(,"asNeededBoolean":true})") ==
          SpokenDose{"2 fois par jour, voie orale, si besoin",
                     "2 times a day, voie orale, if needed", way, true, ""});
    CHECK(dose_of(daily + R"(,"asNeededCodeableConcept":{"text":"douleur"}})") ==
          SpokenDose{"2 fois par jour, voie orale, si besoin (douleur)",
                     "2 times a day, voie orale, if needed (douleur)", way, true, "douleur"});
    // Of several, what is said of all.
    CHECK(dose_of(daily + "}," + daily + R"(,"asNeededBoolean":true})").way == way);
    CHECK_FALSE(dose_of(daily + "}," + daily + R"(,"asNeededBoolean":true})").if_needed);
    CHECK(dose_of(daily + R"(},{"text":"1 le soir"})").way == CodedValue{});
    // No document makes two texts of one.
    CHECK(dose_of(R"({"text":"1 le soir\u001f2 le soir"})").english ==
          dose_of(R"({"text":"1 le soir\u001f2 le soir"})").french);
  }

  TEST_CASE("a sentence of a dosage keeps beside it whatever else the dosage states") {
    struct {
      const char* type;
      const char* dosages;
      const char* dose;
    } const cases[] = {
        {"MedicationRequest",
         R"({"patientInstruction":"Avaler sans croquer","timing":{"repeat":{"frequency":2,
           "period":1,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":1,
           "unit":"gélule"}}]})",
         "1 gélule, 2 fois par jour, Avaler sans croquer"},
        {"MedicationRequest",
         R"({"text":"1 gélule matin et soir","patientInstruction":"Avaler sans croquer",
           "additionalInstruction":[{"text":"pendant le repas"},{"coding":[{"code":"1",
           "display":"Ne pas conduire"}]}],"route":{"text":"voie orale"},
           "site":{"text":"bouche"},"asNeededBoolean":true})",
         "1 gélule matin et soir, voie orale, bouche, si besoin, Avaler sans croquer, pendant le "
         "repas, Ne pas conduire"},
        {"MedicationRequest",
         R"({"text":"1 gélule par voie orale le soir","route":{"text":"Voie orale"}})",
         "1 gélule par voie orale le soir"},
        {"MedicationRequest",
         R"({"text":"1 gélule 4 fois par jour","timing":{"repeat":{"frequency":1,"period":16,
           "periodUnit":"h"}}})",
         "1 gélule 4 fois par jour (codé : toutes les 16 h)"},
        {"MedicationRequest",
         R"({"text":"1 gélule 3 fois par jour","timing":{"repeat":{"period":8,"periodUnit":"h"}}})",
         "1 gélule 3 fois par jour"},
        {"MedicationRequest",
         R"({"text":"selon ordonnance","timing":{"repeat":{"frequency":2,"period":1,
           "periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":1,"unit":"gélule"}}]})",
         "selon ordonnance (codé : 1 gélule, 2 fois par jour)"},
        {"MedicationRequest",
         R"({"text":"2 le matin","timing":{"repeat":{"boundsRange":{"low":{"value":5,"unit":"d"},
           "high":{"value":7,"unit":"d"}},"count":10,"period":1,"periodUnit":"d"}}})",
         "2 le matin, pendant 5 à 7 jours, 10 fois en tout"},
        {"MedicationRequest",
         R"({"text":"2 le matin","timing":{"repeat":{"boundsPeriod":{"start":"2026-01-01",
           "end":"2026-01-08"}}}},{"text":"1 le matin","timing":{"repeat":{"boundsPeriod":{
           "start":"2026-01-09"}}}})",
         "2 le matin, du 2026-01-01 au 2026-01-08 ; 1 le matin, à partir du 2026-01-09"},
        {"MedicationStatement",
         R"({"text":"2 le matin","timing":{"repeat":{"boundsPeriod":{"end":"2026-01-08"}}}})",
         "2 le matin, jusqu'au 2026-01-08"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.dosages);
      const bool request = std::string{c.type} == "MedicationRequest";
      const auto facts = facts_of(entry(c.type, std::string{R"("status":"active","intent":"order",
            "medicationCodeableConcept":{"text":"IMAGINOL"},")"} +
                                                    (request ? "dosageInstruction" : "dosage") +
                                                    "\":[" + c.dosages + "]"));
      REQUIRE(facts.size() == 1);
      CHECK(facts[0].dose == c.dose);
    }
  }
}

}  // namespace
}  // namespace coffret::reader::fhir_bundle
