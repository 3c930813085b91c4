// SPDX-License-Identifier: EUPL-1.2
//
// Everyone here is made up.
#include "vault/daemon/patient_match.hpp"

#include <doctest/doctest.h>

#include "vault/daemon/plain_words.hpp"

namespace coffret::daemon {
namespace {

constexpr auto ins_nir = "1.2.250.1.213.1.4.8";
constexpr auto ins_nia = "1.2.250.1.213.1.4.9";
constexpr auto hospital = "1.2.250.1.71.4.2.2.999";

PatientIdentity person(std::string family, std::string given, std::string birth_date = {},
                       std::vector<Identifier> ids = {}) {
  PatientIdentity identity;
  identity.families = {family};
  identity.family = std::move(family);
  identity.given = std::move(given);
  identity.birth_date = std::move(birth_date);
  identity.ids = std::move(ids);
  return identity;
}

PatientIdentity with_families(std::vector<std::string> families, std::string given) {
  auto identity = person(families.front(), std::move(given));
  identity.families = std::move(families);
  return identity;
}

store::PersonView record(std::uint8_t number, std::string name, PatientIdentity identity = {}) {
  store::PersonView view{.id = {}, .name = std::move(name), .identity = std::move(identity)};
  view.id.bytes[0] = number;
  return view;
}

TEST_SUITE("vault/daemon/patient_match") {
  TEST_CASE("words are compared without accents, case, ligatures and hyphens, in any encoding") {
    struct Case {
      const char* text;
      const char* plain;
    };
    for (const auto& c :
         {Case{"Éléonore d'Œuvre-Petit", "eleonore d oeuvre petit"},
          Case{"E\xCC\x81le\xCC\x81onore", "eleonore"},  // decomposed
          Case{"MÜLLER-Weiß", "muller weiss"}, Case{"Ștefan Țurcanu", "stefan turcanu"},
          Case{"Łukasz Żółć", "lukasz zolc"}, Case{"Ærø Þór", "aero thor"},
          Case{"ΑΛΕΞΗΣ", "αλεξησ"}, Case{"Анна", "анна"}, Case{"王 小明", "王 小明"},
          Case{"  a\xC2\xA0"
               "b\xE2\x80\x99"
               "c ",
               "a b c"},
          Case{"\xFF x \x80", "x"}, Case{"", ""}}) {
      CAPTURE(c.text);
      CHECK(plain_text(c.text) == c.plain);
    }
  }

  TEST_CASE("another birth date is another person; then INS, then names tell") {
    const auto camille = person("EXEMPLE", "Camille", "1960-05-14",
                                {{"260057512345678", ins_nir}, {"4711", hospital}});
    struct Case {
      const char* what;
      PatientIdentity stated;
      PatientMatch match;
    };
    using enum PatientMatch;
    const Case cases[] = {
        {"nothing", {}, unknown},
        {"the same INS under another name",
         person("AUTRE", "Nom", "1960", {{"260057512345678", ins_nir}}), same},
        {"the same INS under another birth date",
         person("EXEMPLE", "Camille", "1999", {{"260057512345678", ins_nir}}), other},
        {"the same INS without its key and with spaces",
         person("", "", "", {{"2 60 05 75 123 456", "urn:oid:1.2.250.1.213.1.4.8"}}), same},
        {"another INS of the same kind under the same name",
         person("EXEMPLE", "Camille", "1960-05-14", {{"160057512345678", ins_nir}}), other},
        {"an INS of another kind says nothing by itself",
         person("EXEMPLE", "Camille", "1960-05-14", {{"760057512345678", ins_nia}}), same},
        {"a hospital's own number says nothing",
         person("EXEMPLE", "Camille", "1960-05-14", {{"9999", hospital}}), same},
        {"another birth date", person("EXEMPLE", "Camille", "1961-05-14"), other},
        {"the birth year alone agrees", person("EXEMPLE", "Camille", "1960"), same},
        {"the birth year alone differs", person("EXEMPLE", "Camille", "1961"), other},
        {"a birth date with a time", person("EXEMPLE", "Camille", "1960-05-14T00:00:00+01:00"),
         same},
        {"a birth date with unknown day", person("EXEMPLE", "Camille", "1960-05-00"), same},
        {"a birth date with unknown month", person("EXEMPLE", "Camille", "1960-00-00"), same},
        {"the birth date alone", person("", "", "1960-05-14"), same},
        {"a twin", person("EXEMPLE", "Claude", "1960-05-14"), other},
        {"accents and case", person("Exèmple", "CAMILLE"), same},
        {"a second given name", person("EXEMPLE", "Camille Marie"), same},
        {"an initial", person("EXEMPLE", "C."), same},
        {"the initial of another", person("EXEMPLE", "M."), other},
        {"no given name", person("EXEMPLE", ""), same},
        {"another family", person("MODÈLE", "Camille"), other},
        {"one family of several", with_families({"MODÈLE", "EXEMPLE"}, "Camille"), same},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      CHECK(compare_patient(c.stated, camille, "") == c.match);
      CHECK(compare_patient(camille, c.stated, "") == c.match);  // either way round
    }
  }

  TEST_CASE("hyphens, apostrophes and particles make no other family") {
    struct Case {
      const char* one;
      const char* two;
      bool same;
    };
    for (const auto& c :
         {Case{"Martin-Dupont", "MARTIN DUPONT", true}, Case{"de la Tour", "LATOUR", false},
          Case{"de la Tour", "Tour", true}, Case{"D'Exemple", "DEXEMPLE", true},
          Case{"D'Exemple", "Exemple", true}, Case{"van der Berg", "BERG", true},
          Case{"Le", "LE", true}, Case{"Le", "La", false}, Case{"Martin", "Martineau", false}}) {
      CAPTURE(c.one);
      CAPTURE(c.two);
      CHECK((compare_patient(person(c.one, "Camille"), person(c.two, "Camille"), "") ==
             PatientMatch::same) == c.same);
    }
  }

  TEST_CASE("the typed name counts as names, given and family in either order") {
    struct Case {
      const char* typed;
      PatientIdentity stated;
      PatientMatch match;
    };
    using enum PatientMatch;
    const Case cases[] = {
        {"Camille Exemple", person("EXEMPLE", "Camille"), same},
        {"EXEMPLE Camille", person("Exemple", "Camille Marie"), same},
        {"Camille de la Tour", person("TOUR", "Camille"), same},
        {"Marie Exemple épouse Modèle", person("MODÈLE", "Marie"), same},
        {"Jean Exemple", person("EXEMPLE", "Jeanne"), other},
        {"Camille Exemple", person("MODÈLE", "Camille"), other},
        {"Camille", person("EXEMPLE", "Camille"), same},
        {"Exemple", person("EXEMPLE", "Camille"), same},
        {"Maman", person("EXEMPLE", "Camille"), unknown},
        {"", person("EXEMPLE", "Camille"), unknown},
        {"Camille Exemple", {}, unknown},
    };
    for (const auto& c : cases) {
      CAPTURE(c.typed);
      CHECK(compare_patient(c.stated, {}, c.typed) == c.match);
    }
    // A typed name vouches for a used name that no document has stated yet, never for a birth date.
    const auto known = person("NAISSANCE", "Camille", "1960-05-14");
    CHECK(compare_patient(person("USAGE", "Camille"), known, "Camille Usage") == same);
    CHECK(compare_patient(person("USAGE", "Camille", "1970-01-01"), known, "Camille Usage") ==
          other);
  }

  TEST_CASE("a record learns what it did not know, and nothing else") {
    CHECK_FALSE(completed({}, {}));
    CHECK_FALSE(completed({}, person("", "", "1960-05-14")));  // names no one
    const auto first = completed({}, person("EXEMPLE", "Camille"));
    REQUIRE(first);
    CHECK(first->family == "EXEMPLE");
    const auto then = completed(*first, person("Exemple", "C.", "1960-05-14",
                                               {{"260057512345678", ins_nir}, {"4711", hospital}}));
    REQUIRE(then);
    CHECK(then->given == "Camille");
    CHECK(then->birth_date == "1960-05-14");
    REQUIRE(then->ids.size() == 1);
    CHECK(then->ids[0].system == ins_nir);
    CHECK_FALSE(completed(*then, person("EXEMPLE", "Camille", "1961-01-01")));
  }

  TEST_CASE("a document goes to the record it is about, or to none") {
    const auto owner = record(0, "Camille Exemple", person("EXEMPLE", "Camille", "1960-05-14"));
    const auto child = record(1, "Léa Exemple");
    const auto parent = record(2, "Papa", person("MODÈLE", "Denis", "1932"));
    const std::vector<store::PersonView> persons{owner, child, parent};
    struct Case {
      const char* what;
      PatientIdentity stated;
      const store::PersonView& target;
      const store::PersonView& filed;
      bool quarantined;
    };
    const Case cases[] = {
        {"who says nothing stays", {}, owner, owner, false},
        {"who says nothing stays with the named person", {}, child, child, false},
        {"the owner's", person("EXEMPLE", "Camille"), owner, owner, false},
        {"a child's, by the typed name", person("EXEMPLE", "Léa", "2015-01-02"), owner, child,
         false},
        {"a parent's, by what documents said", person("Modèle", "Denis"), owner, parent, false},
        {"the owner's, put in for the child", person("EXEMPLE", "Camille"), child, owner, false},
        {"a stranger's", person("ÉTRANGER", "Paul"), owner, owner, true},
        {"a stranger's, put in for the child", person("ÉTRANGER", "Paul"), child, child, true},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      const auto filing = file_document(c.stated, c.target.id, persons);
      CHECK(filing.person == c.filed.id);
      CHECK(filing.quarantined == c.quarantined);
    }
    // One word of the owner's tells as well; a relative's may be what the family says.
    struct {
      const char* name;
      std::uint8_t number;
      bool quarantined;
    } const named[] = {{"Bis", 0, true},       {"Paul", 0, false}, {"Étranger", 0, false},
                       {"ETRANGER", 0, false}, {"Papa", 1, false}, {" ", 0, false}};
    for (const auto& c : named) {
      CAPTURE(c.name);
      const auto only = record(c.number, c.name);
      const auto filing = file_document(person("ÉTRANGER", "Paul"), only.id, {only});
      CHECK(filing.quarantined == c.quarantined);
      CHECK(filing.learned.has_value() == !c.quarantined);
      CHECK_FALSE(file_document({}, only.id, {only}).quarantined);  // it names nobody
    }
    // A record of which nothing is known takes its identity from the first that states one.
    const auto first = file_document(person("ÉTRANGER", "Paul"), {}, {record(0, "")});
    CHECK_FALSE(first.quarantined);
    REQUIRE(first.learned);
    CHECK(first.learned->family == "ÉTRANGER");
    // By its number alone, under quite another name: kept, and said to be so.
    const auto numbered =
        record(0, "Camille Exemple",
               person("EXEMPLE", "Camille", "1960-05-14", {{"260057512345678", ins_nir}}));
    struct {
      const char* what;
      PatientIdentity stated;
      bool other_name;
    } const by_number[] = {
        {"another person's name", person("AUTRE", "Nom", "", {{"260057512345678", ins_nir}}), true},
        {"a married name, born on the day",
         person("AUTRE", "Camille", "1960-05-14", {{"260057512345678", ins_nir}}), false},
        {"another family name, and nothing else to tell",
         person("AUTRE", "Camille", "", {{"260057512345678", ins_nir}}), true},
        {"another given name",
         person("EXEMPLE", "Paul", "1960-05-14", {{"260057512345678", ins_nir}}), true},
        {"no name", person("", "", "", {{"260057512345678", ins_nir}}), false},
        {"the name", person("Exemple", "Camille", "", {{"260057512345678", ins_nir}}), false},
    };
    for (const auto& c : by_number) {
      CAPTURE(c.what);
      const auto filing = file_document(c.stated, numbered.id, {numbered});
      CHECK_FALSE(filing.quarantined);
      CHECK(filing.other_name == c.other_name);
    }
    CHECK(number_may_tell(by_number[0].stated, owner));
    CHECK_FALSE(number_may_tell(by_number[0].stated, numbered));
    CHECK_FALSE(number_may_tell(person("AUTRE", "Nom"), owner));
    // What is set apart teaches nothing.
    CHECK_FALSE(file_document(person("ÉTRANGER", "Paul"), {}, persons).learned);
  }
}

}  // namespace
}  // namespace coffret::daemon
