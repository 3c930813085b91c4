// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include <algorithm>

#include "vault/reader/reader.hpp"

namespace coffret::reader {
namespace {

std::vector<Fact> facts_of(const std::string& body, const std::string& header = "") {
  const std::string file =
      "<v:ClinicalDocument xmlns:v='urn:hl7-org:v3' "
      "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xmlns:x='urn:ihe:pharm'>"
      "<v:languageCode code='fr-FR'/>" +
      header + "<v:component><v:structuredBody>" + body +
      "</v:structuredBody></v:component></v:ClinicalDocument>";
  const auto read = describe(as_bytes(file), "a.xml");
  REQUIRE(read.has_value());
  CHECK(within_limits(*read));
  return read->facts;
}

// One section; entries as given, the narrative with an ID.
std::string section(const std::string& code, const std::string& entries,
                    const std::string& text = "") {
  return "<v:component><v:section><v:code code='" + code +
         "'/><v:title>Rubrique</v:title><v:text>" + text + "</v:text>" + entries +
         "</v:section></v:component>";
}

std::string entry(const std::string& act) {
  return "<v:entry>" + act + "</v:entry>";
}

std::string observation(const std::string& inside, const std::string& attributes = "") {
  return "<v:observation classCode='OBS' moodCode='EVN' " + attributes + ">" + inside +
         "</v:observation>";
}

const std::string glucose =
    "<v:code code='2345-7' codeSystem='2.16.840.1.113883.6.1' "
    "displayName='Glucose'/><v:statusCode code='completed'/>"
    "<v:effectiveTime value='202601150745+0100'/>";

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
         "2 - 3 g", ""},
        {"<v:value xsi:type='v:IVL_PQ'><v:high value='0.1' unit='mg/L'/></v:value>", "≤ 0.1 mg/L",
         ""},
        {"<v:value xsi:type='v:IVL_PQ'><v:high value='0.1' unit='mg/L' inclusive='false'/>"
         "</v:value>",
         "< 0.1 mg/L", ""},
        {"<v:value xsi:type='v:IVL_PQ'><v:low value='90' unit='%' inclusive='false'/></v:value>",
         "> 90 %", ""},
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
        {"no known problem",
         observation(problem + "<v:value xsi:type='v:CD' code='160245001' displayName='No current "
                               "problems or disability'/>")},
        {"IPS's way to say so",
         observation(problem + "<v:value xsi:type='v:CD' code='no-known-problems'/>")},
        {"said in French",
         observation(problem + "<v:value xsi:type='v:CD' code='X1' displayName='Pas de problème "
                               "connu'/>")},
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

  TEST_CASE("a condition's status is a word of FHIR, whatever language its display is in") {
    const auto status_of = [](const std::string& concern, const std::string& time,
                              const std::string& status) {
      const std::string below =
          status.empty() ? ""
                         : "<v:entryRelationship typeCode='REFR'>" +
                               observation("<v:code code='33999-4'/><v:value xsi:type='v:CD' " +
                                           status + "/>") +
                               "</v:entryRelationship>";
      const auto facts = facts_of(section(
          "11450-4", entry("<v:act moodCode='EVN'><v:code code='CONC'/><v:statusCode code='" +
                           concern + "'/><v:entryRelationship typeCode='SUBJ'>" +
                           observation("<v:code code='ASSERTION'/><v:effectiveTime>" + time +
                                       "</v:effectiveTime><v:value xsi:type='v:CD' code='J45' "
                                       "displayName='Asthme'/>" +
                                       below) +
                           "</v:entryRelationship></v:act>")));
      REQUIRE(facts.size() == 1);
      return facts[0].status;
    };
    const std::string begun = "<v:low value='2018'/>";
    const std::string over = begun + "<v:high value='2020'/>";
    CHECK(status_of("active", begun, "code='55561003' displayName='Actif'") == "active");
    CHECK(status_of("active", begun, "code='73425007' displayName='Inactive'") == "inactive");
    CHECK(status_of("active", begun, "code='413322009' displayName='Résolu'") == "resolved");
    CHECK(status_of("active", begun, "code='90734009' displayName='Chronique'") == "active");
    CHECK(status_of("active", begun, "code='G-A397' displayName='Intermittent'") == "active");
    CHECK(status_of("active", begun, "code='inactive' displayName='Inactif'") == "inactive");
    CHECK(status_of("completed", over, "") == "resolved");
    CHECK(status_of("completed", begun, "").empty());
    CHECK(status_of("aborted", begun, "") == "inactive");
  }

  TEST_CASE("an exception to an absence is no absence") {
    const auto allergy = [](const std::string& words) {
      return facts_of(
          section("48765-2",
                  entry(observation("<v:templateId root='2.16.840.1.113883.10.20.22.4.7'/><v:code "
                                    "code='ASSERTION'/><v:value xsi:type='v:CD' displayName='" +
                                    words + "'/>"))));
    };
    CHECK(allergy("Aucune allergie connue sauf à la pénicilline").size() == 1);
    CHECK(allergy("No known allergies except latex").size() == 1);
    CHECK(allergy("Pas d’allergie connue hormis le kiwi").size() == 1);
    CHECK(allergy("Aucune allergie connue").empty());
  }

  TEST_CASE("a medicine has its product, its event by mood, its dose in words and its period") {
    const auto medicine = [](const std::string& mood) {
      return entry(
          "<v:substanceAdministration moodCode='" + mood +
          "'><v:effectiveTime xsi:type='v:IVL_TS'><v:low value='20260101'/><v:high "
          "value='20260110'/></v:effectiveTime><v:effectiveTime xsi:type='v:PIVL_TS'><v:period "
          "value='8' unit='h'/></v:effectiveTime><v:routeCode code='1' displayName='Voie orale'/>"
          "<v:doseQuantity value='2' unit='{comprimé}'/><v:consumable><v:manufacturedProduct>"
          "<v:manufacturedMaterial><v:code nullFlavor='NA'><v:translation code='3400900000000' "
          "codeSystem='1.2.250.1.213.2.3.2' displayName='IMAGINOL 5 mg'/></v:code>"
          "<v:name>IMAGINOL 5 mg, comprimé</v:name></v:manufacturedMaterial>"
          "</v:manufacturedProduct></v:consumable></v:substanceAdministration>");
    };
    struct {
      const char* mood;
      const char* section;
      MedicineEvent event;
    } const cases[] = {
        {"INT", "10160-0", MedicineEvent::prescribed},
        {"RQO", "18776-5", MedicineEvent::prescribed},
        {"EVN", "10160-0", MedicineEvent::taken},
        {"EVN", "29549-3", MedicineEvent::administered},
        {"EVN", "57828-6", MedicineEvent::prescribed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.mood);
      CAPTURE(c.section);
      const auto facts = facts_of(section(c.section, medicine(c.mood)));
      REQUIRE(facts.size() == 1);
      CHECK(facts[0].kind == FactKind::medicine);
      CHECK(facts[0].event == c.event);
      CHECK(facts[0].code.code == "3400900000000");
      CHECK(facts[0].label == "IMAGINOL 5 mg, comprimé");
      CHECK(facts[0].dose == "2 comprimé, toutes les 8 h, Voie orale");
      CHECK(facts[0].date == "2026-01-01");
      CHECK(facts[0].end == "2026-01-10");
    }
  }

  TEST_CASE("what a pharmacist hands over is dispensed, with its quantity in the package's unit") {
    const auto facts = facts_of(section(
        "60590-7",
        entry("<v:supply moodCode='EVN'><v:effectiveTime value='20260203'/><v:quantity value='2' "
              "unit='30009000'/><v:product><v:manufacturedProduct><v:manufacturedMaterial><v:code "
              "code='1' displayName='IMAGINOL'/><x:asContent><x:containerPackagedMedicine>"
              "<x:formCode code='30009000' displayName='Boîte'/></x:containerPackagedMedicine>"
              "</x:asContent></v:manufacturedMaterial></v:manufacturedProduct></v:product>"
              "</v:supply>")));
    REQUIRE(facts.size() == 1);
    CHECK(facts[0].event == MedicineEvent::dispensed);
    CHECK(facts[0].detail == "2 Boîte");
    CHECK(facts[0].date == "2026-02-03");
  }

  TEST_CASE("what was not handed over, or taken back, is not dispensed") {
    const auto supply = [](const std::string& attributes, const std::string& status) {
      return "<v:supply moodCode='EVN' " + attributes + "><v:statusCode code='" + status +
             "'/><v:effectiveTime value='20260203'/><v:product><v:manufacturedProduct>"
             "<v:manufacturedMaterial><v:name>IMAGINOL</v:name></v:manufacturedMaterial>"
             "</v:manufacturedProduct></v:product></v:supply>";
    };
    const auto dispensed = [](const std::vector<Fact>& facts) {
      return std::count_if(facts.begin(), facts.end(),
                           [](const Fact& fact) { return fact.event == MedicineEvent::dispensed; });
    };
    const struct {
      const char* attributes;
      const char* status;
      int count;
    } cases[] = {{"", "completed", 1}, {"negationInd='true'", "completed", 0},
                 {"", "nullified", 0}, {"nullFlavor='NI'", "completed", 0},
                 {"", "cancelled", 0}, {"", "aborted", 0}};
    for (const auto& c : cases) {
      CAPTURE(c.attributes);
      CAPTURE(c.status);
      const std::string one = supply(c.attributes, c.status);
      CHECK(dispensed(facts_of(section("60590-7", entry(one)))) == c.count);
      CHECK(dispensed(facts_of(section(
                "10160-0", entry("<v:substanceAdministration moodCode='INT'><v:consumable>"
                                 "<v:manufacturedProduct><v:manufacturedMaterial><v:name>IMAGINOL"
                                 "</v:name></v:manufacturedMaterial></v:manufacturedProduct>"
                                 "</v:consumable><v:entryRelationship typeCode='REFR'>" +
                                 one + "</v:entryRelationship></v:substanceAdministration>")))) ==
            c.count);
    }
  }

  TEST_CASE("a dose says that it is for a need, and its maximum, also in the document's words") {
    const auto dose_of = [](const std::string& text, const std::string& bounds) {
      const auto facts = facts_of(
          section("10160-0", entry("<v:substanceAdministration moodCode='INT'><v:text>" + text +
                                   "</v:text><v:doseQuantity value='1' unit='{comprimé}'/>"
                                   "<v:consumable><v:manufacturedProduct><v:manufacturedMaterial>"
                                   "<v:name>IMAGINOL</v:name></v:manufacturedMaterial>"
                                   "</v:manufacturedProduct></v:consumable>" +
                                   bounds + "</v:substanceAdministration>")));
      REQUIRE(facts.size() == 1);
      return facts[0].dose;
    };
    const std::string pain =
        "<v:precondition><v:criterion><v:code code='ASSERTION'/><v:value xsi:type='v:CD' "
        "code='22253000' displayName='douleur'/></v:criterion></v:precondition>";
    const std::string most =
        "<v:maxDoseQuantity><v:numerator value='4' unit='{comprimé}'/><v:denominator value='1' "
        "unit='d'/></v:maxDoseQuantity>";
    CHECK(dose_of("", pain) == "1 comprimé, si besoin (douleur)");
    CHECK(dose_of("un le matin", pain) == "un le matin, si besoin (douleur)");
    CHECK(dose_of("un le matin si besoin", "<v:precondition/>") == "un le matin si besoin");
    CHECK(dose_of("",
                  "<v:precondition><v:criterion><v:text>si fièvre</v:text></v:criterion>"
                  "</v:precondition>") == "1 comprimé, si fièvre");
    CHECK(dose_of("",
                  "<v:precondition><v:criterion><v:text><v:reference value='#nowhere'/></v:text>"
                  "</v:criterion></v:precondition>") == "1 comprimé");
    CHECK(dose_of("un le matin", most) == "un le matin, maximum 4 comprimé par jour");
    CHECK(dose_of("", pain + most) ==
          "1 comprimé, si besoin (douleur), maximum 4 comprimé par jour");
  }

  TEST_CASE("a vaccine that was not given says so, and one without a product says nothing") {
    const auto vaccine = [](const std::string& negated, const std::string& product,
                            const std::string& more = "") {
      return entry("<v:substanceAdministration moodCode='EVN' negationInd='" + negated +
                   "'><v:code code='IMMUNIZ'/><v:statusCode code='completed'/><v:consumable>"
                   "<v:manufacturedProduct><v:manufacturedMaterial>" +
                   product + "</v:manufacturedMaterial></v:manufacturedProduct></v:consumable>" +
                   more + "</v:substanceAdministration>");
    };
    const std::string product = "<v:code code='J07BC01'/><v:name>Hépatite B</v:name>";
    const std::string refusal =
        "<v:entryRelationship typeCode='RSON'><v:observation moodCode='EVN'><v:templateId "
        "root='2.16.840.1.113883.10.20.22.4.53'/></v:observation></v:entryRelationship>";
    const std::string rank =
        "<v:entryRelationship typeCode='SUBJ'><v:observation moodCode='EVN'><v:code "
        "code='30973-2'/><v:value xsi:type='v:INT' value='2'/></v:observation>"
        "</v:entryRelationship>";
    const auto facts = facts_of(section(
        "11369-6", vaccine("false", product + "<v:lotNumberText>L7</v:lotNumberText>", rank) +
                       vaccine("true", product) + vaccine("true", product, refusal) +
                       vaccine("true", "<v:code nullFlavor='NI'/>")));
    REQUIRE(facts.size() == 3);
    CHECK(facts[0].status == "completed");
    CHECK(facts[0].dose == "2");
    CHECK(facts[0].detail == "L7");
    CHECK(facts[1].status == "not-done");
    CHECK(facts[2].status == "refused");
  }

  TEST_CASE("an allergy names its agent, its reaction and its status") {
    const auto facts = facts_of(section(
        "48765-2",
        entry("<v:act moodCode='EVN'><v:code code='CONC'/><v:statusCode code='active'/>"
              "<v:entryRelationship typeCode='SUBJ'>" +
              observation("<v:templateId root='2.16.840.1.113883.10.20.22.4.7'/><v:code "
                          "code='ASSERTION'/><v:effectiveTime><v:low value='2018'/>"
                          "</v:effectiveTime><v:value xsi:type='v:CD' code='419199007' "
                          "displayName='Allergy to substance'/><v:participant typeCode='CSM'>"
                          "<v:participantRole><v:playingEntity><v:code code='7982' "
                          "displayName='Pénicilline'/></v:playingEntity></v:participantRole>"
                          "</v:participant><v:entryRelationship typeCode='MFST'><v:observation "
                          "moodCode='EVN'><v:value xsi:type='v:CD' code='1' "
                          "displayName='Urticaire'/></v:observation></v:entryRelationship>") +
              "</v:entryRelationship></v:act>")));
    REQUIRE(facts.size() == 1);
    CHECK(facts[0].kind == FactKind::allergy);
    CHECK(facts[0].label == "Pénicilline");
    CHECK(facts[0].code.code == "7982");
    CHECK(facts[0].detail == "Urticaire");
    CHECK(facts[0].status == "active");
    CHECK(facts[0].date == "2018");
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
}

}  // namespace
}  // namespace coffret::reader
