// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include "vault/reader/facts_fhir.hpp"
#include "vault/reader/reader.hpp"

namespace coffret::reader {
namespace {

DocumentDescription describe_all(const std::string& resources) {
  const std::string file =
      R"({"resourceType":"Bundle","type":"collection","language":"fr","entry":[)" + resources +
      "]}";
  const auto read = describe(as_bytes(file), "a.json");
  REQUIRE(read.has_value());
  CHECK(within_limits(*read));
  return *read;
}

std::vector<Fact> facts_of(const std::string& resources) {
  return describe_all(resources).facts;
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
    const std::string product = R"("medicationCodeableConcept":{"text":"X"})";
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
        {"AllergyIntolerance",
         R"("verificationStatus":{"coding":[{"code":"confirmed"},{"code":"entered-in-error"}]},)" +
             code},
        {"AllergyIntolerance", R"("verificationStatus":"entered-in-error",)" + code},
        {"Condition", R"("verificationStatus":"refuted",)" + code},
        {"MedicationRequest", R"("status":"draft","intent":"order",)" + product},
        {"MedicationRequest", R"("status":"cancelled","intent":"order",)" + product},
        {"MedicationRequest", R"("status":"active","intent":"proposal",)" + product},
        {"MedicationRequest", R"("status":"active","intent":"plan",)" + product},
        {"MedicationRequest", R"("status":"active","intent":"option",)" + product},
        {"MedicationDispense", R"("status":"in-progress",)" + product},
        {"MedicationDispense", R"("status":"on-hold",)" + product},
        {"MedicationStatement", R"("status":"intended",)" + product},
        {"Observation",
         R"("status":"final","valueString":"a","focus":[{"display":"nouveau-né"}],)" + code},
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

  TEST_CASE("another's resources are left out, and the entry says that there are some") {
    const auto condition = [](const std::string& subject, const std::string& words) {
      return R"(,{"resource":{"resourceType":"Condition","subject":)" + subject +
             R"(,"code":{"text":")" + words + R"("}}})";
    };
    const std::string own = R"({"fullUrl":"urn:uuid:aa-1","resource":{"resourceType":"Patient",
      "id":"p1","identifier":[{"system":"urn:s","value":"7"}],
      "name":[{"family":"EXEMPLE","given":["Camille"]}]}})";
    struct {
      const char* subject;
      std::size_t facts;
      const char* elsewhere;
    } const cases[] = {
        {R"({"reference":"Patient/p1"})", 1, ""},
        {R"({"reference":"https://a.example/fhir/Patient/p1/_history/2"})", 1, ""},
        {R"({"reference":"urn:uuid:aa-1"})", 1, ""},
        {R"({"reference":"Patient/aa-1"})", 1, ""},
        {R"({"display":"Camille EXEMPLE"})", 1, ""},
        {R"({"identifier":{"system":"urn:s","value":"7"}})", 1, ""},
        {R"({"reference":"Patient/p2"})", 0, "Patient/p2"},
        {R"({"reference":"urn:uuid:bb-2"})", 0, "urn:uuid:bb-2"},
        {R"({"reference":"Device/p1"})", 0, "Device/p1"},
        {R"({"identifier":{"system":"urn:s","value":"8"}})", 0, ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.subject);
      const auto read = describe_all(own + condition(c.subject, "Asthme"));
      CHECK(read.facts.size() == c.facts);
      const auto& told = read.entry.discrepancies;
      if (*c.elsewhere == '\0')
        CHECK(told.empty());
      else
        CHECK(told == std::vector<Discrepancy>{{"patient", c.elsewhere, "Camille EXEMPLE"}});
    }
    // Without a Patient: one name is one person's, two are nobody's.
    const std::string one = condition(R"({"reference":"Patient/1"})", "A").substr(1);
    const std::string same = condition(R"({"reference":"http://a/Patient/1"})", "B");
    const std::string other = condition(R"({"reference":"Patient/2"})", "C");
    CHECK(describe_all(one + same).facts.size() == 2);
    const auto both = describe_all(one + same + other);
    CHECK(both.facts.empty());
    CHECK(both.entry.discrepancies ==
          std::vector<Discrepancy>{{"patient", "", "Patient/1, Patient/2"}});
  }

  TEST_CASE("a subject without a Patient gives the identity that it states") {
    const auto stated = [](const std::string& subject) {
      return describe_all(
                 R"({"resource":{"resourceType":"Condition","code":{"text":"A"},"subject":)" +
                 subject + "}}")
          .entry.patient;
    };
    const auto named = stated(R"({"display":"Camille EXEMPLE",
      "identifier":{"system":"urn:oid:1.2","value":"7"}})");
    CHECK(named.family == "EXEMPLE");
    CHECK(named.families == std::vector<std::string>{"EXEMPLE"});
    CHECK(named.given == "Camille");
    CHECK(named.ids == std::vector<Identifier>{{"7", "urn:oid:1.2"}});
    CHECK(stated(R"({"display":"de l'Exemple, Noé"})").family == "de l'Exemple");
    CHECK(stated(R"({"display":"de l'Exemple, Noé"})").given == "Noé");
    CHECK(stated(R"({"display":"M. DE LA FICTION Noé"})").family == "DE LA FICTION");
    CHECK(stated(R"({"display":"M. DE LA FICTION Noé"})").given == "M. Noé");
    CHECK(stated(R"({"display":"Noé Fictif"})").family == "Fictif");
  }

  TEST_CASE("of several Patients, the one that all the others are about is the file's") {
    const auto read = describe_all(R"({"fullUrl":"x:0","resource":{"resourceType":"Patient",
      "name":[{"family":"EXEMPLE"}]}},{"fullUrl":"x:1","resource":{"resourceType":"Patient",
      "name":[{"family":"AUTRE"}]}},{"resource":{"resourceType":"Condition",
      "subject":{"reference":"x:0"},"code":{"text":"Asthme"}}})");
    CHECK(read.entry.patient.family == "EXEMPLE");
    CHECK(read.facts.size() == 1);
  }

  TEST_CASE("of several Patients of whom none is the file's, a family name they share is said") {
    const auto read = [](const std::string& second) {
      return describe_all(R"({"resource":{"resourceType":"Patient","name":[{"family":"EXEMPLE",
        "given":["Noé"]}]}},{"resource":{"resourceType":"Patient","name":[{"family":")" +
                          second + R"(","given":["Léa"]}]}})");
    };
    const auto shared = read("Exemple").entry;
    CHECK(shared.patient.family == "Exemple");
    CHECK(shared.patient.given.empty());
    CHECK(shared.discrepancies == std::vector<Discrepancy>{{"patient", "", ""}});
    CHECK(read("AUTRE").entry.patient == PatientIdentity{});
    CHECK(read("").entry.patient == PatientIdentity{});
  }

  TEST_CASE("what a report holds that was entered in error is no fact, and the entry says so") {
    const std::string inside = R"(,{"fullUrl":"urn:uuid:o","resource":{"resourceType":"Observation",
      "status":"final","code":{"text":"Glucose"},"valueString":"a"}})";
    struct {
      const char* type;
      const char* status;
      const char* said;
    } const cases[] = {
        {"Composition", R"("status":"entered-in-error")", "entered-in-error"},
        {"DiagnosticReport", R"("status":"cancelled")", "cancelled"},
        {"DocumentReference", R"("status":"current","docStatus":"entered-in-error")",
         "entered-in-error"},
        {"Composition", R"("status":"final")", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.type);
      CAPTURE(c.status);
      const auto read = describe_all(entry(c.type, c.status) + inside);
      const bool withdrawn = *c.said != '\0';
      CHECK(read.facts.size() == (withdrawn ? 0 : 1));
      if (withdrawn)
        CHECK(read.entry.discrepancies == std::vector<Discrepancy>{{"status", "", c.said}});
    }
    // A report beside the document takes its own results back, and those it contains.
    CHECK(facts_of(entry("Composition", R"("status":"final")") + inside + "," +
                   entry("DiagnosticReport", R"("status":"entered-in-error",
                     "result":[{"reference":"urn:uuid:o"}],"contained":[{"resourceType":
                     "Observation","code":{"text":"Sodium"},"valueString":"b"}])"))
              .empty());
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
