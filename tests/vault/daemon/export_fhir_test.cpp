// SPDX-License-Identifier: EUPL-1.2
//
// The Bundle of facts that no document stated. tests/browser/export.test.mjs holds the very text
// against the standard's definitions; COFFRET_WRITE_FIXTURES=1 writes it anew.
#include "vault/daemon/export_fhir.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "coffret/spoken.hpp"
#include "tests/support/vault_machine.hpp"
#include "vault/daemon/record_facts.hpp"

namespace coffret::daemon {
namespace {

const std::string fixture = COFFRET_SOURCE_DIR "/tests/vault/daemon/export_bundle.json";

Fact fact_of(FactKind kind, MedicineEvent event) {
  Fact fact;
  fact.kind = kind;
  fact.event = event;
  fact.code = {"4548-4", "2.16.840.1.113883.6.1", "Exemple codé"};
  fact.label = "Exemple & <essai>";
  fact.value = "7.10";
  fact.unit = "%";
  fact.range_low = "4.0";
  fact.range_high = "6.0";
  fact.flag = "H";
  fact.date = "2026-03-14T08:30:00+01:00";
  fact.end = "2026-03-21";
  fact.status = "completed";
  fact.dose = "1 le matin";
  fact.detail = "détail";
  if (kind == FactKind::allergy || kind == FactKind::problem) fact.flag = "provisional";
  if (kind == FactKind::allergy) {
    fact.value = "high";
    fact.dose = "severe";
  }
  return fact;
}

// A fact of every kind as full as can be, and one with nothing but its kind.
ExportedRecord example() {
  ExportedRecord record;
  record.owner = "Camille EXEMPLE";
  record.made_at = from_unix(1'800'000'000);
  record.persons.push_back(
      {PersonId{},
       "",
       {.family = "EXEMPLE",
        .families = {"EXEMPLE"},
        .given = "Camille",
        .birth_date = "19620301",
        .gender = "F",
        .ids = {{"255066999999934", "1.2.250.1.213.1.4.10"}, {"x", "no uri"}}}});
  ExportedDocument document{.view = {},
                            .entry = {},
                            .title = "Bilan \"spécial\"",
                            .kind = "Analyses de laboratoire",
                            .person = "Camille EXEMPLE",
                            .file = "documents/2026/2026-03-14 Bilan é.xml",
                            .attachments = {},
                            .sha1 = {}};
  document.view.id.bytes[0] = 1;
  document.view.entry.media_type = "text/xml";
  document.view.entry.date = "2026-03-14T08:30:00+01:00";
  document.view.entry.type = {"11502-2", "2.16.840.1.113883.6.1", ""};
  document.view.entry.authors = {{"Alice Martin", {}, {}, "Laboratoire Exemple"}};
  document.view.size = 1234;
  record.documents.push_back(document);
  const auto add = [&](Fact fact) {
    record.facts.push_back({std::move(fact), document.view.id, document.title, "2026", {}});
  };
  for (int kind = 1; kind <= 7; ++kind) {
    const auto which = static_cast<FactKind>(kind);
    for (int event = 0; event <= (which == FactKind::medicine ? 4 : 0); ++event)
      add(fact_of(which, static_cast<MedicineEvent>(event)));
    Fact bare;
    bare.kind = which;
    add(bare);
  }
  return record;
}

std::string bundle_of(const ExportedRecord& record, const FhirBody& body = {}) {
  test::SeededRandom random{7};
  std::string text;
  const auto out = [&](std::string_view piece) -> Result<void> {
    text += piece;
    return {};
  };
  REQUIRE(write_bundle(record, PersonId{}, random, body, out).has_value());
  return text;
}

TEST_SUITE("vault/daemon/export_fhir") {
  TEST_CASE("the Bundle of every kind of fact is the one that was held against the standard") {
    const std::string text = bundle_of(example());
    if (std::getenv("COFFRET_WRITE_FIXTURES") != nullptr) std::ofstream{fixture} << text;
    std::ifstream file{fixture};
    const std::string expected{std::istreambuf_iterator<char>{file}, {}};
    CHECK(text == expected);
  }

  TEST_CASE("of nothing known, the required sections say so") {
    ExportedRecord record;
    record.made_at = from_unix(1'800'000'000);
    record.persons.push_back({});
    const std::string text = bundle_of(record);
    for (const auto* code : {"no-medication-info", "no-allergy-info", "no-problem-info"})
      CHECK(text.find(code) != std::string::npos);
    CHECK(text.find("30954-2") == std::string::npos);  // no section of results
  }

  TEST_CASE(
      "every coding that a document states goes out, and one that FHIR does not allow stays") {
    Fact fact;
    fact.label = "Hémoglobine glyquée";
    fact.value = "7.1";
    fact.code = {"4548-4", "2.16.840.1.113883.6.1", "HbA1c"};
    fact.codings = {fact.code, {"G  B", "urn:x", ""}, {"GHB", "1.2.3", "A1c"}};
    const auto code = fhir::resource_of(fact, "urn:p", {}).at("code");
    CHECK(boost::json::serialize(code) ==
          R"({"coding":[{"system":"http://loinc.org","code":"4548-4","display":"HbA1c"},)"
          R"({"system":"urn:oid:1.2.3","code":"GHB","display":"A1c"}],)"
          R"("text":"Hémoglobine glyquée"})");
    fact.codings.clear();
    CHECK(fhir::resource_of(fact, "urn:p", {}).at("code").at("coding").as_array().size() == 1);
  }

  TEST_CASE("a status is FHIR's whatever its case, and an unknown one is never made active") {
    struct Case {
      FactKind kind;
      const char* written;
      const char* status;  // "": none stands there
    };
    for (const auto& c :
         {Case{FactKind::allergy, "", ""}, Case{FactKind::allergy, "Active", "active"},
          Case{FactKind::allergy, "Inactive", "inactive"},
          Case{FactKind::allergy, "seen in 2010", ""}, Case{FactKind::problem, "", ""},
          Case{FactKind::problem, "ACTIVE", "active"},
          Case{FactKind::problem, "Resolved", "resolved"}, Case{FactKind::problem, "Stade II", ""},
          Case{FactKind::medicine, "Stopped", "stopped"},
          Case{FactKind::medicine, "On Hold", "on-hold"},
          Case{FactKind::medicine, "aborted", "stopped"},
          Case{FactKind::medicine, "perhaps", "unknown"},
          Case{FactKind::vaccine, "Refused", "not-done"}}) {
      CAPTURE(static_cast<int>(c.kind));
      CAPTURE(c.written);
      Fact fact;
      fact.kind = c.kind;
      fact.status = c.written;
      const auto resource = fhir::resource_of(fact, "urn:p", {});
      const auto* clinical = resource.if_contains("clinicalStatus");
      std::string found;
      if (const auto* status = resource.if_contains("status")) found = status->as_string().c_str();
      if (clinical != nullptr && clinical->as_object().contains("coding"))
        found = clinical->at("coding").at(0).at("code").as_string().c_str();
      CHECK(found == c.status);
      // AllergyIntolerance must have one (ait-1).
      CHECK((clinical != nullptr) ==
            (c.kind == FactKind::allergy || (c.kind == FactKind::problem && !found.empty())));
    }
  }

  TEST_CASE(
      "how sure, how critical and how severe is written, and what is no word of FHIR is not") {
    Fact fact;
    fact.label = "Kiwi";
    fact.kind = FactKind::allergy;
    fact.flag = "provisional";
    fact.value = "high";
    fact.dose = "severe";
    auto resource = fhir::resource_of(fact, "urn:p", {});
    // AllergyIntolerance has no word for it but "unconfirmed".
    CHECK(resource.at("verificationStatus").at("coding").at(0).at("code") == "unconfirmed");
    CHECK(resource.at("criticality") == "high");
    CHECK(resource.at("reaction").at(0).at("severity") == "severe");
    CHECK(resource.at("reaction").at(0).at("manifestation").as_array().size() == 1);
    fact.kind = FactKind::problem;
    resource = fhir::resource_of(fact, "urn:p", {});
    CHECK(resource.at("verificationStatus").at("coding").at(0).at("code") == "provisional");
    CHECK_FALSE(resource.contains("criticality"));
    fact.kind = FactKind::allergy;
    fact.flag = fact.value = fact.dose = "perhaps";
    resource = fhir::resource_of(fact, "urn:p", {});
    for (const auto* member : {"verificationStatus", "criticality", "reaction"})
      CHECK_FALSE(resource.contains(member));
    fact.detail = "urticaire ; choc en 2019";
    resource = fhir::resource_of(fact, "urn:p", {});
    CHECK(resource.at("reaction").at(0).at("manifestation").at(0).at("text") == "urticaire");
    CHECK(resource.at("note").at(0).at("text") == "choc en 2019");
  }

  TEST_CASE("a bound and its number are a quantity with a comparator") {
    struct Case {
      const char* written;
      const char* comparator;  // "": a text
    };
    for (const auto& c :
         {Case{"≥ 0.512", ">="}, Case{"<=0.512", "<="}, Case{"< 0.512", "<"}, Case{">0.512", ">"},
          Case{"≤0.512", "<="}, Case{"≥ traces", ""}, Case{"≥", ""}, Case{"< 007", ""}}) {
      CAPTURE(c.written);
      Fact fact;
      fact.value = c.written;
      fact.unit = "mg/L";
      const auto resource = fhir::resource_of(fact, "urn:p", {});
      const bool text = *c.comparator == '\0';
      CHECK(resource.contains("valueString") == text);
      REQUIRE(resource.contains("valueQuantity") != text);
      if (text) continue;
      CHECK(resource.at("valueQuantity").at("comparator") == c.comparator);
      CHECK(resource.at("valueQuantity").at("unit") == "mg/L");
      CHECK(fhir::serialized(resource).find("\"value\":0.512,") != std::string::npos);
    }
  }

  TEST_CASE("the words of the summary tell what the commands tell, of one's own without doubt") {
    auto record = example();
    const auto first_problem = [&] {
      const auto text = bundle_of(record);
      const auto at = text.find("Problèmes de santé");
      return text.substr(at, text.find("</li>", at) - at);
    };
    const auto told = first_problem();
    CHECK(told.find("suspecté, à confirmer") != std::string::npos);
    CHECK(told.find("terminé") != std::string::npos);
    CHECK(told.find("14 mars 2026 → 21 mars 2026") != std::string::npos);
    const auto text = bundle_of(record);
    CHECK(text.find("<li>14 mars 2026 : ") != std::string::npos);
    record.documents.front().entry.patient_authored = true;
    CHECK(first_problem().find("suspecté") == std::string::npos);
  }

  TEST_CASE("a prescription's end is the bound of its dosage") {
    Fact fact;
    fact.kind = FactKind::medicine;
    fact.event = MedicineEvent::prescribed;
    fact.label = "IMAGINOL";
    fact.dose = "1 le soir, voie orale, si besoin";
    fact.date = "2026-01-01";
    CHECK_FALSE(fhir::resource_of(fact, "urn:p", {})
                    .at("dosageInstruction")
                    .at(0)
                    .as_object()
                    .contains("timing"));
    fact.end = "2026-01-08";
    const auto resource = fhir::resource_of(fact, "urn:p", {});
    const auto& dosage = resource.at("dosageInstruction").at(0);
    CHECK(dosage.at("text") == "1 le soir, voie orale, si besoin");
    const auto& bounds = dosage.at("timing").at("repeat").at("boundsPeriod");
    CHECK(bounds.at("start") == "2026-01-01");
    CHECK(bounds.at("end") == "2026-01-08");
    CHECK_FALSE(dosage.as_object().contains("route"));
  }

  TEST_CASE("a dose's route and need are elements beside its words, in the export's language") {
    Fact fact;
    fact.kind = FactKind::medicine;
    fact.event = MedicineEvent::prescribed;
    fact.label = "IMAGINOL";
    const auto dosage_of = [&](const SpokenDose& dose) {
      Fact said = fact;
      said.dose = packed(dose);
      speak(said, Language::english);
      return fhir::resource_of(said, "urn:p", {}).at("dosageInstruction").at(0).as_object();
    };
    const CodedValue way{"26643006", "http://snomed.info/sct", "voie orale"};
    const auto needed = dosage_of({"1 le soir", "1 at night", way, true, ""});
    CHECK(needed.at("text") == "1 at night");
    CHECK(needed.at("route").at("text") == "voie orale");
    CHECK(needed.at("route").at("coding").at(0).at("code") == "26643006");
    CHECK(needed.at("asNeededBoolean") == true);
    const auto reason = dosage_of({"1", "1", {}, true, "douleur"});
    CHECK_FALSE(reason.contains("route"));
    CHECK_FALSE(reason.contains("asNeededBoolean"));
    CHECK(reason.at("asNeededCodeableConcept").at("text") == "douleur");
    const auto always = dosage_of({"1", "1", {}, false, ""});
    CHECK_FALSE(always.contains("asNeededBoolean"));
  }

  TEST_CASE(
      "a treatment is over by its end or as FHIR says, never because a line of CDA is complete") {
    struct Case {
      const char* place;
      const char* status;
      const char* end;
      const char* written;
    };
    for (const auto& c : {Case{"Traitements/entry[1]", "completed", "", "unknown"},
                          Case{"Traitements/entry[1]", "completed", "2027-06-01", "active"},
                          Case{"Traitements/entry[1]", "completed", "2026-06-01", "completed"},
                          Case{"Traitements/entry[1]", "active", "", "active"},
                          Case{"MedicationStatement/1", "completed", "", "completed"},
                          Case{"MedicationStatement/1", "active", "2027-06-01", "active"},
                          Case{"MedicationStatement/1", "active", "2027-01-15", "active"},
                          Case{"MedicationStatement/1", "active", "2026-06-01", "completed"},
                          Case{"MedicationStatement/1", "stopped", "2026-06-01", "stopped"}})
      for (const auto event : {MedicineEvent::taken, MedicineEvent::prescribed}) {
        CAPTURE(c.place);
        CAPTURE(c.end);
        Fact fact;
        fact.kind = FactKind::medicine;
        fact.event = event;
        fact.place = c.place;
        fact.status = c.status;
        fact.end = c.end;
        CHECK(fhir::resource_of(fact, "urn:p", {}, "2027-01-15").at("status") == c.written);
      }
  }

  TEST_CASE("a number keeps the digits it was written with") {
    CHECK(bundle_of(example()).find("\"value\":7.10,") != std::string::npos);
    struct {
      const char* text;
      bool decimal;
    } const cases[] = {{"7.10", true}, {"-0.5", true},  {"0", true},   {"007", false},
                       {"7,1", false}, {"7.", false},   {".5", false}, {"1e5", false},
                       {"", false},    {"<0.1", false}, {"-", false},  {"1.2.3", false}};
    for (const auto& c : cases) {
      CAPTURE(c.text);
      CHECK(fhir::is_decimal(c.text) == c.decimal);
    }
    // What only looks like our mark stays a text.
    const fhir::Json odd{{"value", std::string{"\x01"} + "x"}};
    CHECK(boost::json::parse(fhir::serialized(odd)).is_object());
  }

  TEST_CASE("a date is as long as it is well-formed") {
    struct {
      const char* iso;
      const char* expected;
    } const cases[] = {{"2026-03-14T08:30:00+01:00", "2026-03-14T08:30:00+01:00"},
                       {"2026-03-14T08:30:00.25Z", "2026-03-14T08:30:00.25Z"},
                       {"2026-03-14T08:30:00", "2026-03-14"},
                       {"2026-03-14T08:30+01:00", "2026-03-14"},
                       {"2026-03-14", "2026-03-14"},
                       {"2026-03", "2026-03"},
                       {"2026", "2026"},
                       {"2026-13", "2026"},
                       {"2026-03-32", "2026-03"},
                       {"19620301", "1962"},
                       {"0000", ""},
                       {"mars 2026", ""},
                       {"", ""}};
    for (const auto& c : cases) {
      CAPTURE(c.iso);
      CHECK(fhir::date_time(c.iso) == c.expected);
    }
  }

  TEST_CASE("a body stands in the Bundle whole, however long") {
    const Bytes body(3'000'001, 'a');
    const FhirBody give = [&](const ExportedDocument&) -> Result<Bytes> { return body; };
    const auto text = bundle_of(example(), give);
    CHECK(text.find("\"data\":\"" + to_base64(body) + "\"") != std::string::npos);
    CHECK(text.find("data to come") == std::string::npos);
    CHECK(boost::json::parse(text).is_object());
    const FhirBody fail = [](const ExportedDocument&) -> Result<Bytes> { return errc::damaged; };
    test::SeededRandom random{7};
    const auto out = [](std::string_view) -> Result<void> { return {}; };
    CHECK(write_bundle(example(), PersonId{}, random, fail, out).error() == errc::damaged);
  }
}

}  // namespace
}  // namespace coffret::daemon
