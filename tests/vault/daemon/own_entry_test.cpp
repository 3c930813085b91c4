// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/own_entry.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

#include "vault/daemon/own_resource.hpp"
#include "vault/daemon/typed_date.hpp"

namespace coffret::daemon {
namespace {

using boost::json::value;

const store::PersonView camille{.id = {}, .name = "Camille Exemple", .identity = {}};

value document(const OwnEntry& entry, Language language = Language::french) {
  REQUIRE(missing(entry) == "");
  return boost::json::parse(
      own_document(entry, {.person = camille,
                           .now = from_unix(1'800'000'000),
                           .identifier = "urn:uuid:00000000-0000-4000-8000-000000000000",
                           .language = language}));
}

const value& resource(const value& document, std::size_t index) {
  return document.at("entry").at(index).at("resource");
}

OwnEntry measured(std::string what, std::string number, std::string unit = {}) {
  OwnEntry entry;
  entry.kind = OwnKind::measure;
  entry.what = std::move(what);
  entry.value = std::move(number);
  entry.unit = std::move(unit);
  return entry;
}

TEST_SUITE("vault/daemon/own_entry") {
  TEST_CASE("a date is understood as French and ISO people type it, and must exist") {
    struct Case {
      const char* typed;
      const char* iso;  // "": refused
    };
    for (const auto& c : {Case{"2020-03-12", "2020-03-12"},
                          Case{"12/03/2020", "2020-03-12"},
                          Case{"1/2/2020", "2020-02-01"},
                          Case{"03/2020", "2020-03"},
                          Case{"2020", "2020"},
                          Case{"2020-03", "2020-03"},
                          Case{"29/02/2020", "2020-02-29"},
                          Case{"2026-11-23T16:55:53Z", "2026-11-23T16:55:53Z"},
                          Case{"29/02/2021", ""},
                          Case{"31/04/2020", ""},
                          Case{"2020-13", ""},
                          Case{"13/2020", ""},
                          Case{"00/2020", ""},
                          Case{"2020-00", ""},
                          Case{"12/03/20", ""},
                          Case{"2020-3-1", ""},
                          Case{"1799", ""},
                          Case{"12-03-2020", ""},
                          Case{"", ""},
                          Case{"/", ""},
                          Case{"2020-", ""},
                          Case{"2020/03/12", ""},
                          Case{"hier", ""},
                          Case{"1/2/3/2020", ""},
                          Case{"99999999999/1/2020", ""}}) {
      CAPTURE(c.typed);
      const auto read = typed_date(c.typed);
      CHECK(read.has_value() == (*c.iso != '\0'));
      if (read.has_value()) CHECK(*read == c.iso);
    }
  }

  TEST_CASE("a measure keeps its digits as typed, and has LOINC's code and UCUM's unit") {
    const auto made = document(measured("poids", "72,50"));
    const auto& weight = resource(made, 2);
    CHECK(weight.at("resourceType") == "Observation");
    CHECK(weight.at("code").at("coding").at(0).at("code") == "29463-7");
    CHECK(weight.at("valueQuantity").at("code") == "kg");
    CHECK(weight.at("valueQuantity").at("value") == 72.5);
    CHECK(own_document(measured("poids", "72,50"), {.person = camille,
                                                    .now = from_unix(0),
                                                    .identifier = "urn:uuid:x",
                                                    .language = Language::french})
              .find("\"value\":72.50,") != std::string::npos);
    CHECK(resource(made, 0).at("title") == "Poids : 72,50 kg");
    CHECK(resource(document(measured("WEIGHT", "72.5"), Language::english), 0).at("title") ==
          "Body weight: 72.5 kg");
  }

  TEST_CASE("a unit of one's own is kept as typed and never taken for UCUM") {
    const auto made = document(measured("glycémie", "5.4", "mmol/L"));
    const auto& quantity = resource(made, 2).at("valueQuantity").as_object();
    CHECK(quantity.at("unit") == "mmol/L");
    CHECK_FALSE(quantity.contains("code"));
    const auto unknown = document(measured("humeur", "moyenne"));
    CHECK(resource(unknown, 2).at("valueString") == "moyenne");
    CHECK_FALSE(resource(unknown, 2).at("code").as_object().contains("coding"));
  }

  TEST_CASE("a blood pressure is two facts of one document") {
    const auto made = document(measured("tension", "128/79"));
    REQUIRE(made.at("entry").as_array().size() == 4);
    CHECK(resource(made, 2).at("code").at("coding").at(0).at("code") == "8480-6");
    CHECK(resource(made, 2).at("valueQuantity").at("value") == 128);
    CHECK(resource(made, 3).at("valueQuantity").at("value") == 79);
    CHECK(resource(made, 0).at("title") == "Tension artérielle : 128/79 mmHg");
  }

  TEST_CASE("a blood pressure and a height are in the unit that people leave unsaid") {
    struct Case {
      OwnEntry entry;
      const char* unit;
      const char* title;
    };
    for (const auto& c : {
             Case{measured("tension", "12/8"), "cm[Hg]", "Tension artérielle : 12/8 cmHg"},
             Case{measured("tension", "13,5/8"), "cm[Hg]", "Tension artérielle : 13,5/8 cmHg"},
             Case{measured("tension", "128/79"), "mm[Hg]", "Tension artérielle : 128/79 mmHg"},
             Case{measured("tension", "128/79", "mmHg"), "mm[Hg]",
                  "Tension artérielle : 128/79 mmHg"},
             Case{measured("tension", "12/8", "cmHg"), "cm[Hg]", "Tension artérielle : 12/8 cmHg"},
             Case{measured("tension systolique", "12"), "cm[Hg]", "Tension systolique : 12 cmHg"},
             Case{measured("taille", "1,72"), "m", "Taille : 1,72 m"},
             Case{measured("taille", "172"), "cm", "Taille : 172 cm"},
             Case{measured("taille", "1.72", "m"), "m", "Taille : 1,72 m"},
             Case{measured("température", "38,2", "°C"), "Cel", "Température : 38,2 °C"},
         }) {
      CAPTURE(c.title);
      const auto made = document(c.entry);
      CHECK(resource(made, 0).at("title") == c.title);
      const auto& quantity = resource(made, 2).at("valueQuantity");
      CHECK(quantity.at("code") == c.unit);
      CHECK(quantity.at("unit") == c.unit);
    }
    CHECK(resource(document(measured("tension", "12/8")), 3).at("valueQuantity").at("code") ==
          "cm[Hg]");
  }

  TEST_CASE("what no living person has is refused by its flag, in a unit that is known") {
    for (const auto& wrong :
         {measured("tension", "12/80"), measured("tension", "128/8"), measured("tension", "1/0"),
          measured("tension", "1280/79"), measured("tension", "12/8", "mmHg"),
          measured("taille", "1720"), measured("taille", "17,2"), measured("taille", "1,72", "cm"),
          measured("taille", "-1"), measured("poids", "0"), measured("poids", "7250"),
          measured("température", "382"), measured("saturation", "102"), measured("glycémie", "95"),
          measured("pouls", "7")}) {
      CAPTURE(wrong.what);
      CAPTURE(wrong.value);
      CHECK(missing(wrong) == "--value");
    }
    CHECK(missing(measured("glycémie", "95", "mg/dL")) == "");
    CHECK(missing(measured("poids", "159", "lb")) == "");
    CHECK(missing(measured("humeur", "9000")) == "");
  }

  TEST_CASE("the systolic number of a blood pressure is the larger of the two") {
    for (const auto* wrong : {"8/12", "80/120", "120/120", "7,5/13"}) {
      CAPTURE(wrong);
      CHECK(is_reversed(measured("tension", wrong)));
      CHECK(missing(measured("tension", wrong)) == "--value");
    }
    CHECK_FALSE(is_reversed(measured("tension", "12/8")));
    CHECK_FALSE(is_reversed(measured("poids", "8")));
  }

  TEST_CASE("what is to come is refused, and so is an end before its beginning") {
    struct Case {
      const char* date;
      const char* end;
      const char* wrong;
    };
    // It is 2027-01-15, 08:00 UTC.
    for (const auto& c :
         {Case{"", "", ""}, Case{"2027-01-15", "", ""}, Case{"2027", "", ""},
          Case{"2027-01-16", "", "--date"}, Case{"2027-02", "", "--date"},
          Case{"2028", "", "--date"}, Case{"2027-01-15T23:59:59Z", "", ""},
          Case{"2026-03-01", "2027-06-01", ""}, Case{"2026-03-01", "2026-02-28", "--until"},
          Case{"2026-03-01", "2026-03", ""}, Case{"2026-03", "2026-03-01", ""},
          Case{"2026-03-01", "2025", "--until"}, Case{"", "2020-01-01", ""}}) {
      CAPTURE(c.date);
      CAPTURE(c.end);
      OwnEntry entry;
      entry.kind = OwnKind::treatment;
      entry.date = c.date;
      entry.end = c.end;
      CHECK(misdated(entry, from_unix(1'800'000'000)) == c.wrong);
    }
  }

  TEST_CASE("a treatment goes on until its end, and one that is over did not begin today") {
    const auto statement = [](const char* since, const char* until) {
      OwnEntry entry;
      entry.kind = OwnKind::treatment;
      entry.what = "IMAGINOL";
      entry.date = since;
      entry.end = until;
      return resource(document(entry), 2).as_object();
    };
    CHECK(statement("2026-03-01", "").at("status") == "active");
    CHECK(statement("2026-03-01", "2027-06-01").at("status") == "active");
    CHECK(statement("2026-03-01", "2027-01-15").at("status") == "active");
    CHECK(statement("2026-03-01", "2027").at("status") == "active");
    CHECK(statement("2026-03-01", "2027-01-14").at("status") == "completed");
    CHECK(statement("", "2027-06-01").at("effectivePeriod").as_object().contains("start"));
    const auto over = statement("", "2020-06-01");
    CHECK(over.at("status") == "completed");
    CHECK(over.at("effectivePeriod").at("end") == "2020-06-01");
    CHECK_FALSE(over.at("effectivePeriod").as_object().contains("start"));
  }

  TEST_CASE("what is missing or no number is named by its flag") {
    CHECK(missing(measured("", "1")) == "--what");
    CHECK(missing(measured("poids", "")) == "--value");
    for (const auto* wrong : {"lourd", "1e5", "1,2,3", "--1", "1 2", ",5", "5,", "0x10"})
      CHECK(missing(measured("poids", wrong)) == "--value");
    for (const auto* wrong : {"128", "128/", "/79", "128/79/60", "a/b"})
      CHECK(missing(measured("tension", wrong)) == "--value");
    OwnEntry note;
    CHECK(missing(note) == "--text");
    OwnEntry contact;
    contact.kind = OwnKind::contact;
    CHECK(missing(contact) == "--name");
  }

  TEST_CASE("numbers are written as JSON has them") {
    struct Case {
      const char* typed;
      const char* digits;
    };
    for (const auto& c : {Case{"007", "7"}, Case{"-0,50", "-0.50"}, Case{"0", "0"},
                          Case{"00.1", "0.1"}, Case{"1234567890123456789", ""}})
      CHECK(decimal(c.typed) == c.digits);
  }

  TEST_CASE("nothing typed leaves its place in the document") {
    OwnEntry entry;
    entry.kind = OwnKind::allergy;
    entry.what = "<script>alert(\"\\u0001\")</script> & \"\\u00012\"";
    entry.reaction = "]]></div>";
    entry.text =
        "\x01"
        "3";
    const auto made = document(entry);
    CHECK(resource(made, 2).at("code").at("text") == boost::json::string{entry.what});
    CHECK(resource(made, 2).at("note").at(0).at("text") == " 3");
    const std::string div{
        resource(made, 0).at("section").at(0).at("text").at("div").as_string().c_str()};
    CHECK(div.find("<script") == std::string::npos);
    CHECK(div.find("&lt;script&gt;") != std::string::npos);
    CHECK(div.find("]]&gt;&lt;/div&gt;") != std::string::npos);
  }

  TEST_CASE("each kind is its resource, by the patient, and says that the patient asserts it") {
    struct Case {
      OwnKind kind;
      const char* resource_type;
      const char* document_code;
      const char* title;
    };
    for (const auto& c :
         {Case{OwnKind::allergy, "AllergyIntolerance", "48765-2", "Allergie : Chose"},
          Case{OwnKind::treatment, "MedicationStatement", "10160-0", "Traitement : Chose"},
          Case{OwnKind::vaccine, "Immunization", "87273-9", "Vaccin : Chose"},
          Case{OwnKind::contact, "RelatedPerson", "EXPPAT_2", "Personne à joindre : Chose"},
          Case{OwnKind::directive, "", "EXPPAT_3", "Chose"},
          Case{OwnKind::note, "", "51855-5", "Chose"}}) {
      CAPTURE(own_kind_word(c.kind));
      CHECK(own_kind_of(own_kind_word(c.kind)) == c.kind);
      OwnEntry entry;
      entry.kind = c.kind;
      entry.what = "Chose";
      entry.text = "Une remarque";
      entry.date = "2026-03";
      const auto made = document(entry);
      const auto& composition = resource(made, 0);
      CHECK(composition.at("type").at("coding").at(0).at("code") == c.document_code);
      CHECK(composition.at("title") == c.title);
      CHECK(composition.at("date") == "2026-03");
      CHECK(composition.at("author").at(0).at("reference") == "urn:coffret:patient");
      CHECK(composition.at("meta").at("tag").at(0).at("code") == "PATAST");
      CHECK(resource(made, 1).at("resourceType") == "Patient");
      const auto& entries = made.at("entry").as_array();
      REQUIRE(entries.size() == (*c.resource_type == '\0' ? 2 : 3));
      if (entries.size() < 3) continue;
      CHECK(resource(made, 2).at("resourceType") == c.resource_type);
      CHECK(resource(made, 2).at("meta").at("tag").at(0).at("code") == "PATAST");
    }
    CHECK_FALSE(own_kind_of("prescription"));
  }

  TEST_CASE("a long note has a short title, cut between characters") {
    OwnEntry note;
    for (int i = 0; i < 100; ++i) note.text += "é";
    const auto title = own_title(note, Language::french);
    CHECK(title.size() == 60 * 2 + 3);
    CHECK(title.ends_with("é…"));
    note.text = "Première ligne\nseconde";
    CHECK(own_title(note, Language::french) == "Première ligne");
  }
}

}  // namespace
}  // namespace coffret::daemon
