// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include "tests/vault/reader/facts_cda_builder.hpp"

namespace coffret::reader::cda {
namespace {

TEST_SUITE("vault/reader/facts") {
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

  TEST_CASE("that there is none is kept as what it is: of what, how surely, in which words") {
    const std::string problem =
        "<v:templateId root='2.16.840.1.113883.10.20.22.4.4'/><v:code code='ASSERTION'/>";
    const std::string allergy =
        "<v:templateId root='2.16.840.1.113883.10.20.22.4.7'/><v:code code='ASSERTION'/>";
    const auto agent = [](const std::string& code) {
      return "<v:value xsi:type='v:CD' code='419199007'/><v:participant typeCode='CSM'>"
             "<v:participantRole><v:playingEntity><v:code " +
             code + "/></v:playingEntity></v:participantRole></v:participant>";
    };
    const std::string no_medicine =
        "<v:substanceAdministration moodCode='EVN' negationInd='true'><v:consumable>"
        "<v:manufacturedProduct><v:manufacturedMaterial><v:code nullFlavor='NA'/>"
        "</v:manufacturedMaterial></v:manufacturedProduct></v:consumable>"
        "</v:substanceAdministration>";
    const std::string medicine_unknown =
        "<v:substanceAdministration moodCode='EVN'><v:code code='182904002' displayName='Drug "
        "treatment unknown'/><v:consumable><v:manufacturedProduct/></v:consumable>"
        "</v:substanceAdministration>";
    struct {
      std::string section, act;
      FactKind of;
      std::string code, status;
    } const cases[] = {
        {"11450-4",
         observation(problem + "<v:value xsi:type='v:CD' code='160245001' displayName='No current "
                               "problems or disability'/>"),
         FactKind::problem, "no-known-problems", "none-known"},
        {"11450-4", observation(problem + "<v:value xsi:type='v:CD' code='no-known-problems'/>"),
         FactKind::problem, "no-known-problems", "none-known"},
        {"11450-4",
         observation(problem + "<v:value xsi:type='v:CD' code='X1' displayName='Pas de problème "
                               "connu'/>"),
         FactKind::problem, "no-known-problems", "none-known"},
        {"11450-4",
         observation(problem + "<v:value xsi:type='v:CD' code='55607006'/>", "negationInd='true'"),
         FactKind::problem, "no-known-problems", "none-known"},
        {"48765-2", observation(allergy + "<v:value xsi:type='v:CD' code='716186003'/>"),
         FactKind::allergy, "no-known-allergies", "none-known"},
        {"48765-2", observation(allergy + "<v:value xsi:type='v:CD' code='no-allergy-info'/>"),
         FactKind::allergy, "no-allergy-info", "no-information"},
        {"48765-2", observation(allergy + "<v:value xsi:type='v:CD' code='409137002'/>"),
         FactKind::allergy, "no-known-medication-allergies", "none-known"},
        {"48765-2", observation(allergy + "<v:value xsi:type='v:CD' code='716184000'/>"),
         FactKind::allergy, "716184000", "none-known"},
        {"48765-2", observation(allergy + agent("code='105590001'"), "negationInd='true'"),
         FactKind::allergy, "no-known-allergies", "none-known"},
        {"48765-2", observation(allergy + agent("code='410942007'"), "negationInd='true'"),
         FactKind::allergy, "no-known-medication-allergies", "none-known"},
        {"10160-0", no_medicine, FactKind::medicine, "no-known-medications", "none-known"},
        {"10160-0", medicine_unknown, FactKind::medicine, "no-medication-info", "no-information"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.act);
      const auto facts = facts_of(section(c.section, entry(c.act) + entry(c.act)));
      REQUIRE(facts.size() == 1);
      CHECK(facts[0].kind == c.of);
      CHECK(facts[0].code.code == c.code);
      CHECK(facts[0].status == c.status);
    }
    // One thing that is not there says nothing of the others.
    CHECK(facts_of(section("48765-2", entry(observation(allergy + agent("code='91936005'"),
                                                        "negationInd='true'"))))
              .empty());
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
    const auto none = allergy("Aucune allergie connue");
    REQUIRE(none.size() == 1);
    CHECK(none[0].status == "none-known");
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

  TEST_CASE("what an allergy's statement says beyond its agent is kept, once") {
    const auto detail = [](const std::string& code, const std::string& value,
                           const std::string& below = "") {
      const auto facts = facts_of(section(
          "48765-2",
          entry(observation("<v:templateId root='1.3.6.1.4.1.19376.1.5.3.1.4.6'/><v:code " + code +
                            "></v:code>" + value +
                            "<v:participant typeCode='CSM'><v:participantRole><v:playingEntity>"
                            "<v:code code='1' displayName='Imaginol'/></v:playingEntity>"
                            "</v:participantRole></v:participant>" +
                            below))));
      REQUIRE(facts.size() == 1);
      CHECK(facts[0].label == "Imaginol");
      return facts[0].detail + "|" + facts[0].dose;
    };
    const auto value = [](const std::string& attributes) {
      return "<v:value xsi:type='v:CD' " + attributes + "/>";
    };
    const auto linked = [](const std::string& type, const std::string& inside) {
      return "<v:entryRelationship typeCode='" + type + "'>" + observation(inside) +
             "</v:entryRelationship>";
    };
    const std::string drug = "code='416098002' displayName='allergie médicamenteuse'";
    CHECK(detail("code='609398007' displayName='hypersensibilité non allergique'",
                 value("code='165581004' displayName='Augmentation de l&apos;INR'")) ==
          "hypersensibilité non allergique, Augmentation de l'INR|");
    // The same words in the text for the sort and what was seen.
    CHECK(detail("code='609398007' displayName='non allergique'><v:originalText>INR haut"
                 "</v:originalText",
                 "<v:value xsi:type='v:CD' code='165581004'><v:originalText>INR haut"
                 "</v:originalText></v:value>") == "non allergique, INR haut|");
    CHECK(detail(drug, value("nullFlavor='UNK'")) == "|");
    CHECK(detail("code='ASSERTION'", value(drug)) == "|");
    CHECK(detail("code='DNAINT' displayName='Intolérance'", value("code='9'")) == "Intolérance|");
    CHECK(detail(drug,
                 "<v:value xsi:type='v:CD'><v:originalText>vertiges</v:originalText></v:value>") ==
          "vertiges|");
    // A severity that is linked as a reaction is none; a reaction that is not linked as one is.
    const std::string severity =
        "<v:templateId root='2.16.840.1.113883.10.20.22.4.8'/><v:code code='SEV'/>" +
        value("code='255604002' displayName='Very Mild'");
    const std::string reaction =
        "<v:templateId root='2.16.840.1.113883.10.20.22.4.9'/><v:code code='ASSERTION'/>" +
        value("code='126485001' displayName='Urticaire'");
    CHECK(detail(drug, "", linked("MFST", severity) + linked("SUBJ", reaction)) ==
          "Urticaire|mild");
    CHECK(detail("code='ASSERTION'", value("code='7' displayName='urticaire'"),
                 linked("MFST", reaction)) == "Urticaire|");
    CHECK(detail("code='ASSERTION'", value("code='7' displayName='Choc'"),
                 linked("MFST", reaction)) == "Urticaire ; Choc|");
  }

  TEST_CASE("a problem that is suspected says so, and one that is refuted is no fact") {
    const auto problems = [](const std::string& code, const std::string& qualifier,
                             const std::string& below) {
      return facts_of(section(
          "11450-4",
          entry(observation("<v:templateId root='2.16.840.1.113883.10.20.22.4.4'/><v:code code='" +
                            code + "'/><v:value xsi:type='v:CD' code='J45' displayName='Asthme'>" +
                            qualifier + "</v:value>" + below))));
    };
    const auto certainty = [](const std::string& asked, const std::string& code) {
      return "<v:entryRelationship typeCode='SUBJ'>" +
             observation("<v:code code='" + asked + "'/><v:value xsi:type='v:CD' code='" + code +
                         "'/>") +
             "</v:entryRelationship>";
    };
    const std::string suspected =
        "<v:qualifier><v:name code='408729009'/><v:value code='415684004'/></v:qualifier>";
    const struct {
      std::string code, qualifier, below;
      const char* flag;  // "no fact"
    } cases[] = {
        {"ASSERTION", "", "", ""},
        {"ASSERTION", "", certainty("66455-7", "provisional"), "provisional"},
        {"ASSERTION", "", certainty("66455-7", "415684004"), "provisional"},
        {"ASSERTION", "", certainty("66455-7", "410605003"), "confirmed"},
        {"ASSERTION", "", certainty("66455-7", "refuted"), "no fact"},
        {"ASSERTION", "", certainty("66455-7", "410516002"), "no fact"},
        {"ASSERTION", "", certainty("other", "entered-in-error"), "no fact"},
        // About another matter below it.
        {"ASSERTION", "", certainty("82810-3", "410516002"), ""},
        {"ASSERTION", suspected, "", "provisional"},
        {"47965005", "", "", "differential"},
        {"148006", "", "", "provisional"},
        {"ASSERTION", "", "<v:uncertaintyCode code='U'/>", "unconfirmed"},
        {"ASSERTION", "", "<v:uncertaintyCode code='N'/>", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.below);
      const auto facts = problems(c.code, c.qualifier, c.below);
      if (std::string_view{c.flag} == "no fact") {
        CHECK(facts.empty());
        continue;
      }
      REQUIRE(facts.size() == 1);
      CHECK(facts[0].flag == c.flag);
      CHECK(facts[0].label == "Asthme");
    }
  }

  TEST_CASE("an allergy keeps its worst severity, its criticality and how sure it is") {
    const auto below = [](const std::string& asked, const std::string& code) {
      return "<v:entryRelationship typeCode='SUBJ'>" +
             observation("<v:code code='" + asked + "'/><v:value xsi:type='v:CD' code='" + code +
                         "'/>") +
             "</v:entryRelationship>";
    };
    const auto reaction = [&](const std::string& severity) {
      return "<v:entryRelationship typeCode='MFST'>" +
             observation("<v:value xsi:type='v:CD' code='1' displayName='Urticaire'/>" +
                         below("SEV", severity)) +
             "</v:entryRelationship>";
    };
    const auto allergy = [](const std::string& more) {
      const auto facts = facts_of(section(
          "48765-2", entry(observation("<v:templateId root='2.16.840.1.113883.10.20.22.4.7'/>"
                                       "<v:code code='ASSERTION'/><v:value xsi:type='v:CD' "
                                       "code='419199007' displayName='Kiwi'/>" +
                                       more))));
      REQUIRE(facts.size() == 1);
      return facts[0];
    };
    CHECK(allergy("").dose == "");
    CHECK(allergy(below("SEV", "6736007")).dose == "moderate");
    CHECK(allergy(below("SEV", "H")).dose == "severe");
    CHECK(allergy(reaction("255604002") + reaction("24484000")).dose == "severe");
    CHECK(allergy(reaction("399166001") + below("SEV", "L")).dose == "severe");
    CHECK(allergy(below("82606-5", "CRITH")).value == "high");
    CHECK(allergy(below("82606-5", "CRITU")).value == "unable-to-assess");
    CHECK(allergy(below("82606-5", "perhaps")).value == "");
    CHECK(allergy(below("66455-7", "unconfirmed")).flag == "unconfirmed");
  }
}

}  // namespace
}  // namespace coffret::reader::cda
