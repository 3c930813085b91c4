// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

#include "tests/vault/reader/facts_fhir_builder.hpp"
#include "vault/reader/facts_fhir.hpp"
#include "vault/reader/fhir_json.hpp"

namespace coffret::reader::fhir_bundle {
namespace {

TEST_SUITE("vault/reader/facts") {
  TEST_CASE("every coding of a resource is kept, as stated, up to the limit") {
    std::string many;
    for (int i = 0; i < 40; ++i)
      many += R"(,{"system":"urn:x","code":")" + std::to_string(i) + R"("})";
    const auto facts = facts_of(
        entry("Observation", R"("status":"final","code":{"text":"HbA1c","coding":[)"
                             R"({"system":"http://loinc.org","code":"4548-4","display":"A1c"},)"
                             R"({"display":"sans code"},{"system":"urn:x","code":"GHB"}]},)"
                             R"("valueQuantity":{"value":7.1,"unit":"%"})") +
        "," +
        entry("Condition", R"("code":{"coding":[{"system":"urn:y","code":"I10"})" + many + "]}"));
    REQUIRE(facts.size() == 2);
    CHECK(facts[0].codings ==
          std::vector<CodedValue>{{"4548-4", "http://loinc.org", "A1c"}, {"GHB", "urn:x", ""}});
    CHECK(facts[1].codings.size() == limits::codings);
    CHECK(facts[1].codings.front() == facts[1].code);
  }

  TEST_CASE("a FHIR number keeps its digits, and what is no JSON stays none") {
    const auto parse = [](std::string_view text) { return parse_fhir_json(text, {}); };
    CHECK(*parse(R"({"a":5.40,"b":[-1,1e3,12345678901234567890],"c":"1.0","d\"":2})") ==
          boost::json::parse(
              R"({"a":"5.40","b":["-1","1e3","12345678901234567890"],"c":"1.0","d\"":"2"})"));
    CHECK(*parse("[null,true,{},[],\"\"]") == boost::json::parse("[null,true,{},[],\"\"]"));
    for (const char* broken : {"01", "-", "1.", "1e", "1-2", "", "{", "[1] 2", "{\"a\":1,\"a\":2}",
                               "{\"\\u0061\":1,\"a\":2}", "\"\\ud800\""}) {
      CAPTURE(broken);
      CHECK(parse(broken).error() == errc::malformed);
    }
    CHECK(parse(std::string(65, '[') + std::string(65, ']')).error() == errc::malformed);
    CHECK(parse("[" + std::string(fhir_json_limits::memory / 2, ' ') + "]").has_value());
    std::string many = "[";
    for (int i = 0; i < 1000; ++i) many += "\"" + std::string(60'000, 'a') + "\",";
    CHECK(parse(many + "0]").error() == errc::too_large);
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

  TEST_CASE("a resource that says that there is none is kept as that, once") {
    struct {
      const char* type;
      std::string members;
      FactKind of;
      std::string code, status;
    } const cases[] = {
        {"AllergyIntolerance", R"("code":{"coding":[{"code":"716186003"}]})", FactKind::allergy,
         "no-known-allergies", "none-known"},
        {"AllergyIntolerance", R"("code":{"coding":[{"code":"no-allergy-info"}]})",
         FactKind::allergy, "no-allergy-info", "no-information"},
        {"AllergyIntolerance", R"("code":{"text":"Aucune allergie alimentaire connue"})",
         FactKind::allergy, "no-known-food-allergies", "none-known"},
        {"Condition", R"("code":{"coding":[{"code":"no-known-problems"}]})", FactKind::problem,
         "no-known-problems", "none-known"},
        {"MedicationStatement",
         R"("status":"active","medicationCodeableConcept":{"coding":[{"code":"787481004"}]})",
         FactKind::medicine, "no-known-medications", "none-known"},
        {"MedicationStatement",
         R"("status":"unknown","medicationCodeableConcept":{"coding":[{"code":"no-medication-info"}]})",
         FactKind::medicine, "no-medication-info", "no-information"},
        {"Immunization",
         R"("status":"not-done","vaccineCode":{"coding":[{"code":"no-known-immunizations"}]})",
         FactKind::vaccine, "no-known-immunizations", "none-known"},
        {"Composition",
         R"("section":[{"code":{"coding":[{"code":"48765-2"}]},"emptyReason":{"coding":[{"code":"nilknown"}]}}])",
         FactKind::allergy, "no-known-allergies", "none-known"},
        {"Composition",
         R"("section":[{"code":{"coding":[{"code":"10160-0"}]},"emptyReason":{"coding":[{"code":"notasked"}]}}])",
         FactKind::medicine, "no-medication-info", "no-information"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.members);
      const auto facts = facts_of(entry(c.type, c.members) + "," + entry(c.type, c.members));
      REQUIRE(facts.size() == 1);
      CHECK(facts[0].kind == c.of);
      CHECK(facts[0].code.code == c.code);
      CHECK(facts[0].status == c.status);
    }
  }

  TEST_CASE(
      "words say that there is none only as a whole: what denies one thing is shown as said") {
    struct {
      const char* type;
      const char* words;
      bool none;
    } const cases[] = {
        {"Condition", "Pas de diabète connu", false},
        {"Condition", "No current suicidal ideation", false},
        {"Condition", "Aucun antécédent d’infarctus", false},
        {"Condition", "Pas de problème connu", true},
        {"Condition", "Aucun antécédent", true},
        {"Condition", "No known problems.", true},
        {"Condition", "No current problems or disability", true},
        {"AllergyIntolerance", "Aucune allergie à la pénicilline", false},
        {"AllergyIntolerance", "Aucune allergie connue (sauf pénicilline)", false},
        {"AllergyIntolerance", "Aucune allergie connue, mais pénicilline à éviter", false},
        {"AllergyIntolerance", "No known allergy to latex gloves", false},
        {"AllergyIntolerance", "Aucune allergie connue", true},
        {"AllergyIntolerance", "Aucune allergie connue à ce jour.", true},
        {"AllergyIntolerance", "Pas d'allergie connue", true},
        {"AllergyIntolerance", "No known drug allergies", true},
        {"AllergyIntolerance", "NKDA", true},
    };
    for (const auto& c : cases) {
      CAPTURE(c.words);
      const auto facts = facts_of(
          entry(c.type, std::string{R"("code":{"coding":[{"system":"urn:x","code":"73211009"}],)"} +
                            R"("text":")" + c.words + "\"}"));
      REQUIRE(facts.size() == 1);
      CHECK((facts[0].status == "none-known") == c.none);
      CHECK(facts[0].label == c.words);
      CHECK(facts[0].code.code != "73211009");
    }
  }

  TEST_CASE("what is refuted, entered in error, not done or another's is no fact") {
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
        {"Condition", error},
        {"Procedure", R"("status":"not-done",)" + code},
        {"MedicationStatement", R"("status":"not-taken","medicationCodeableConcept":{"text":"X"})"},
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
        {"MedicationRequest", R"("status":"draft","intent":"plan",)" + product},
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
    CHECK(stated(R"({"display":"M. DE LA FICTION Noé"})").given == "Noé");
    CHECK(stated(R"({"display":"Henry Levin the 7th"})").family == "Levin");
    CHECK(stated(R"({"display":"Henry Levin the 7th"})").given == "Henry");
    CHECK(stated(R"({"display":"Dr. Ada FICTIF III"})").family == "FICTIF");
    CHECK(stated(R"({"display":"Dr. Ada FICTIF III"})").given == "Ada");
    CHECK(stated(R"({"display":"Minh the"})").family == "the");
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

  TEST_CASE("how sure a problem is, how severe and how critical an allergy, is kept") {
    const auto status = [](const std::string& code) {
      return R"("code":{"text":"X"},"verificationStatus":{"coding":[{"code":")" + code + "\"}]}";
    };
    for (const char* code : {"unconfirmed", "provisional", "differential", "confirmed"}) {
      CAPTURE(code);
      const auto facts = facts_of(entry("Condition", status(code)));
      REQUIRE(facts.size() == 1);
      CHECK(facts[0].flag == code);
    }
    CHECK(facts_of(entry("Condition", status("perhaps"))).at(0).flag == "");
    CHECK(facts_of(entry("Condition", status("refuted"))).empty());
    CHECK(facts_of(entry("Condition", R"("code":{"text":"X"},"verificationStatus":{"coding":[
      {"code":"confirmed"},{"code":"entered-in-error"}]})"))
              .empty());
    const auto allergy = facts_of(entry("AllergyIntolerance", status("confirmed") + R"(,
      "criticality":"high","reaction":[{"manifestation":[{"text":"Urticaire"}],"severity":"mild"},
      {"manifestation":[{"text":"Choc"}],"severity":"severe"}])"));
    REQUIRE(allergy.size() == 1);
    CHECK(allergy[0].flag == "confirmed");
    CHECK(allergy[0].value == "high");
    CHECK(allergy[0].dose == "severe");
    CHECK(allergy[0].detail == "Urticaire, Choc");
    const auto odd = facts_of(entry("AllergyIntolerance", R"("code":{"text":"X"},
      "criticality":"very","reaction":[{"severity":"awful"}])"));
    REQUIRE(odd.size() == 1);
    CHECK(odd[0].value == "");
    CHECK(odd[0].dose == "");
  }

  TEST_CASE("of several ranges the one for the patient's sex and age is taken, none silently") {
    const auto range = [](const std::string& low, const std::string& who) {
      return R"({"low":{"value":)" + low + R"(,"unit":"g/L"},"high":{"value":20,"unit":"g/L"})" +
             who + "}";
    };
    const std::string women = R"(,"appliesTo":[{"coding":[{"code":"248152002"}],"text":"femmes"}])";
    const std::string men = R"(,"appliesTo":[{"coding":[{"code":"male"}]}])";
    const std::string pregnant = R"(,"appliesTo":[{"text":"grossesse"}])";
    const std::string adults = R"(,"age":{"low":{"value":18,"unit":"ans","code":"a"}})";
    const std::string children = R"(,"age":{"high":{"value":17,"unit":"ans","code":"a"}})";
    const auto result = [&](const std::string& ranges, const std::string& patient) {
      const auto facts = facts_of(
          R"({"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","name":[{"family":
            "EXEMPLE"}])" +
          patient + "}}," +
          entry("Observation", R"("status":"final","subject":{"reference":
            "urn:uuid:p"},"code":{"text":"Hémoglobine"},"effectiveDateTime":"2026-03-01",
            "valueQuantity":{"value":12,"unit":"g/L"},"referenceRange":[)" +
                                   ranges + "]"));
      REQUIRE(facts.size() == 1);
      return facts[0];
    };
    const std::string woman = R"(,"gender":"female","birthDate":"1980-05-01")";
    const std::string boy = R"(,"gender":"male","birthDate":"2018-05-01")";
    const std::string by_sex = range("11", women) + "," + range("13", men);
    const std::string by_age = range("11", adults) + "," + range("9", children);
    CHECK(result(by_sex, woman).range_low == "11");
    CHECK(result(by_sex, boy).range_low == "13");
    CHECK(result(by_sex, "").range_low == "");
    CHECK(result(by_sex, "").range_text == "femmes : 11 - 20 g/L ; male : 13 - 20 g/L");
    CHECK(result(by_age, woman).range_low == "11");
    CHECK(result(by_age, boy).range_low == "9");
    CHECK(result(by_age, R"(,"gender":"male")").range_low == "");
    CHECK(result(range("11", pregnant), woman).range_low == "");
    CHECK(result(range("11", pregnant), woman).range_text == "grossesse : 11 - 20 g/L");
    CHECK(result(range("11", "") + "," + range("9", R"(,"type":{"coding":[{"code":"treatment"}]})"),
                 woman)
              .range_low == "11");
    CHECK(result(range("11", ""), "").range_low == "11");
  }

  TEST_CASE("a resource without a narrative is found by what its fields say") {
    const auto text_of = [](const std::string& resources) { return describe_all(resources).text; };
    const auto found = text_of(entry("MedicationRequest", R"("status":"active","intent":"order",
      "medicationCodeableConcept":{"coding":[{"system":"urn:x","code":"c1","display":"IMAGINOL"}]},
      "dosageInstruction":[{"text":"un le soir","doseAndRate":[{"doseQuantity":{"value":5,
      "unit":"mg"}}]}],"note":[{"text":"à surveiller"}])"));
    for (const char* words : {"IMAGINOL", "un le soir", "5 mg", "à surveiller"}) {
      CAPTURE(words);
      CHECK(found.find(words) != std::string::npos);
    }
    CHECK(found.find("urn:x") == std::string::npos);
    // One that has a narrative is read there.
    const auto narrated = text_of(entry("Condition", R"("code":{"text":"Asthme"},
      "text":{"div":"<div>Rhume</div>"})"));
    CHECK(narrated.find("Rhume") != std::string::npos);
    CHECK(narrated.find("Asthme") == std::string::npos);
  }
}

}  // namespace
}  // namespace coffret::reader::fhir_bundle
