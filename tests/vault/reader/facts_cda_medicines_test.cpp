// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/vault/reader/facts_cda_builder.hpp"

namespace coffret::reader::cda {
namespace {

TEST_SUITE("vault/reader/facts") {
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
      CHECK(facts[0].dose == "2 comprimés, toutes les 8 h, Voie orale");
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
    CHECK(facts[0].detail == "2 boîtes");
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
    CHECK(dose_of("un le matin", most) == "un le matin, maximum 4 comprimés par jour");
    CHECK(dose_of("", pain + most) ==
          "1 comprimé, si besoin (douleur), maximum 4 comprimés par jour");
  }

  TEST_CASE("a dose keeps the document's sentence where the coded parts tell less") {
    const auto dose_of = [](const std::string& text, const std::string& parts) {
      const auto facts = facts_of(section(
          "10160-0",
          entry("<v:substanceAdministration moodCode='INT'><v:text>" + text + "</v:text>" + parts +
                "<v:consumable><v:manufacturedProduct><v:manufacturedMaterial>"
                "<v:name>Méthotrexate 2,5 mg</v:name></v:manufacturedMaterial>"
                "</v:manufacturedProduct></v:consumable></v:substanceAdministration>")));
      REQUIRE(facts.size() == 1);
      return facts[0].dose;
    };
    const auto every = [](const std::string& period) {
      return "<v:effectiveTime xsi:type='v:PIVL_TS'>" + period + "</v:effectiveTime>";
    };
    const std::string weekly = "Méthotrexate 2,5 mg : 4 comprimés une fois par semaine";
    const std::string four = "<v:doseQuantity value='4'/>";
    CHECK(dose_of(weekly, four) == weekly);
    CHECK(dose_of("Méthotrexate 2,5 mg le lundi", four) == "Méthotrexate 2,5 mg le lundi, 4");
    CHECK(dose_of("Méthotrexate 2,5 mg", four) == "4");
    CHECK(dose_of(weekly, every("<v:period value='1' unit='wk'/>") + four) ==
          "4, 1 fois par semaine");
    CHECK(dose_of("", every("<v:period><v:low value='4' unit='h'/><v:high value='6' unit='h'/>"
                            "</v:period>")) == "toutes les 4 à 6 h");
    CHECK(dose_of("", "<v:doseQuantity><v:high value='2'/></v:doseQuantity>") == "≤ 2");
    CHECK(dose_of("", "<v:doseQuantity><v:low value='1'/><v:high value='2'/></v:doseQuantity>") ==
          "1 - 2");
    CHECK(dose_of("",
                  "<v:effectiveTime xsi:type='v:EIVL_TS'><v:event code='ACM'/><v:offset "
                  "value='30' unit='min'/></v:effectiveTime>")
              .ends_with(" (30 min)"));
  }

  TEST_CASE("what a program says of a dose follows the reader's language, not the document's") {
    const auto medicine = section(
        "10160-0",
        entry("<v:substanceAdministration moodCode='INT'><v:effectiveTime xsi:type='v:PIVL_TS'>"
              "<v:period value='8' unit='h'/></v:effectiveTime><v:routeCode code='20053000' "
              "codeSystem='0.4.0.127.0.16.1.1.2.1' displayName='Voie orale'/>"
              "<v:doseQuantity value='2' unit='{tablet}'/><v:consumable><v:manufacturedProduct>"
              "<v:manufacturedMaterial><v:name>IMAGINOL</v:name></v:manufacturedMaterial>"
              "</v:manufacturedProduct></v:consumable><v:entryRelationship typeCode='REFR'>"
              "<v:supply moodCode='RQO'><v:quantity value='3' unit='30009000'/></v:supply>"
              "</v:entryRelationship><v:precondition><v:criterion><v:text>fièvre</v:text>"
              "</v:criterion></v:precondition></v:substanceAdministration>"));
    const auto french = facts_of(medicine);
    const auto english = facts_of(medicine, "", Language::english);
    REQUIRE(french.size() == 1);
    REQUIRE(english.size() == 1);
    CHECK(french[0].dose == "2 comprimés, toutes les 8 h, Voie orale, si besoin (fièvre)");
    CHECK(english[0].dose == "2 tablets, every 8 h, Voie orale, if needed (fièvre)");
    CHECK(french[0].detail == "3 boîtes");
    CHECK(english[0].detail == "3 boxes");
  }

  TEST_CASE("of a dose too long to be said twice the document's language is kept, whole") {
    const auto dose_in = [](Language language) {
      std::string text;
      for (std::size_t i = 0; i < 300; ++i) text += "matin ";
      const auto facts = facts_of(
          section("10160-0",
                  entry("<v:substanceAdministration moodCode='INT'><v:text>" + text +
                        "</v:text><v:consumable><v:manufacturedProduct><v:manufacturedMaterial>"
                        "<v:name>IMAGINOL</v:name></v:manufacturedMaterial></v:manufacturedProduct>"
                        "</v:consumable><v:precondition><v:criterion><v:text>fièvre</v:text>"
                        "</v:criterion></v:precondition></v:substanceAdministration>")),
          "", language);
      REQUIRE(facts.size() == 1);
      return facts[0].dose;
    };
    CHECK(dose_in(Language::french).ends_with("matin, si besoin (fièvre)"));
    CHECK(dose_in(Language::english) == dose_in(Language::french));
  }

  TEST_CASE("a long dose is kept to the limit of a fact, and one that is cut says so") {
    const auto dose_of = [](std::size_t words) {
      std::string text;
      for (std::size_t i = 0; i < words; ++i) text += "matin ";
      const auto facts = facts_of(section(
          "10160-0", entry("<v:substanceAdministration moodCode='INT'><v:text>" + text +
                           "soir</v:text><v:consumable><v:manufacturedProduct>"
                           "<v:manufacturedMaterial><v:name>IMAGINOL</v:name>"
                           "</v:manufacturedMaterial></v:manufacturedProduct></v:consumable>"
                           "</v:substanceAdministration>")));
      REQUIRE(facts.size() == 1);
      return facts[0].dose;
    };
    CHECK(dose_of(250).size() == 1504);
    CHECK(dose_of(250).ends_with("matin soir"));
    CHECK(dose_of(1000).ends_with("matin … (suite dans le document)"));
    CHECK(dose_of(1000).size() <= limits::fact_text);
  }

  TEST_CASE("a vaccine that was not given says so, and one without a product that none is known") {
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
    REQUIRE(facts.size() == 4);
    CHECK(facts[3].status == "none-known");
    CHECK(facts[0].status == "completed");
    CHECK(facts[0].dose == "2");
    CHECK(facts[0].detail == "L7");
    CHECK(facts[1].status == "not-done");
    CHECK(facts[2].status == "refused");
  }

  TEST_CASE(
      "codes that contradict the professional's words stand beside them, not in their place") {
    const auto dose_of = [](const std::string& text, const std::string& period) {
      const auto facts = facts_of(section(
          "10160-0",
          entry("<v:substanceAdministration moodCode='INT'><v:text>" + text +
                "</v:text><v:effectiveTime xsi:type='v:SXPR_TS'><v:comp xsi:type='v:IVL_TS'>"
                "<v:width value='2' unit='d'/></v:comp><v:comp xsi:type='v:PIVL_TS'>" +
                period +
                "</v:comp></v:effectiveTime><v:doseQuantity value='1' unit='{comprimé}'/>"
                "<v:consumable><v:manufacturedProduct><v:manufacturedMaterial>"
                "<v:name>IMAGINOL 5 mg</v:name></v:manufacturedMaterial></v:manufacturedProduct>"
                "</v:consumable></v:substanceAdministration>"),
          "<v:content ID='how'>4 fois/j pendant 2 jours</v:content>"));
      REQUIRE(facts.size() == 1);
      return facts[0].dose;
    };
    const auto said = [](const std::string& period) {
      return "<v:period value='" + period +
             "' unit='h'><v:translation><v:originalText><v:reference value='#how'/>"
             "</v:originalText></v:translation></v:period>";
    };
    const std::string eight = "<v:period value='8' unit='h'/>";
    struct {
      std::string text, period;
      const char* dose;
    } const cases[] = {
        {"", said("16"),
         "1 comprimé, pendant 2 jours, 4 fois/j pendant 2 jours (codé : toutes les 16 h)"},
        {"", said("6"), "1 comprimé, pendant 2 jours, 4 fois/j pendant 2 jours"},
        {"IMAGINOL 5 mg : 1 comprimé 4 fois par jour", eight,
         "IMAGINOL 5 mg : 1 comprimé 4 fois par jour (codé : 1 comprimé, pendant 2 jours, toutes "
         "les 8 h)"},
        {"IMAGINOL 5 mg matin et soir", eight,
         "IMAGINOL 5 mg matin et soir (codé : 1 comprimé, pendant 2 jours, toutes les 8 h)"},
        {"IMAGINOL 5 mg : 1 comprimé 3 fois par jour", eight,
         "1 comprimé, pendant 2 jours, toutes les 8 h"},
        {"IMAGINOL 5 mg, boîte de 20", eight, "1 comprimé, pendant 2 jours, toutes les 8 h"},
        {"un comprimé toutes les 8 heures", eight, "un comprimé toutes les 8 heures"},
        {"un comprimé deux fois par jour", eight,
         "un comprimé deux fois par jour (codé : 1 comprimé, pendant 2 jours, toutes les 8 h)"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      CHECK(dose_of(c.text, c.period) == c.dose);
    }
  }

  TEST_CASE("the way, the site and what the patient is told stand beside the document's sentence") {
    const auto facts = facts_of(section(
        "10160-0",
        entry("<v:substanceAdministration moodCode='INT'><v:text>une goutte le soir</v:text>"
              "<v:routeCode code='1' displayName='Voie ophtalmique'/><v:approachSiteCode code='2' "
              "displayName='Œil gauche'/><v:consumable><v:manufacturedProduct>"
              "<v:manufacturedMaterial><v:name>IMAGINOL</v:name></v:manufacturedMaterial>"
              "</v:manufacturedProduct></v:consumable><v:entryRelationship typeCode='SUBJ'><v:act "
              "moodCode='INT'><v:code code='PINSTRUCT'/><v:text>Retirer les lentilles</v:text>"
              "</v:act></v:entryRelationship></v:substanceAdministration>")));
    REQUIRE(facts.size() == 1);
    CHECK(facts[0].dose ==
          "une goutte le soir, Voie ophtalmique, Œil gauche, Retirer les lentilles");
  }
}

}  // namespace
}  // namespace coffret::reader::cda
