// SPDX-License-Identifier: EUPL-1.2
//
// Formats whose samples are files: those of the fuzz target's corpus, made for this by hand.
#include <doctest/doctest.h>
#include <iconv.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "coffret/code_labels.hpp"
#include "tests/vault/reader/zip_builder.hpp"
#include "vault/reader/cbor.hpp"
#include "vault/reader/charset.hpp"
#include "vault/reader/dicom.hpp"
#include "vault/reader/hcert.hpp"
#include "vault/reader/hcert_values.hpp"
#include "vault/reader/reader.hpp"

namespace coffret::reader {
namespace {

Bytes load(const std::string& name) {
  std::ifstream in{
      std::filesystem::path{COFFRET_SOURCE_DIR} / "tests/fuzz/corpus/reader_file" / name,
      std::ios::binary};
  const std::string all{std::istreambuf_iterator<char>{in}, {}};
  REQUIRE(!all.empty());
  return to_bytes(as_bytes(all));
}

DocumentDescription read(const std::string& name, std::string_view converted = "") {
  const auto d = describe(load(name), name, as_bytes(converted));
  REQUIRE(d.has_value());
  CHECK(within_limits(*d));
  return *d;
}

bool has(const DocumentDescription& d, std::string_view words) {
  return d.text.find(words) != std::string::npos;
}

TEST_SUITE("vault/reader") {
  TEST_CASE("a DICOM header is read in every transfer syntax and both character sets") {
    for (const std::string name :
         {"dicom_little.dcm", "dicom_implicit.dcm", "dicom_big.dcm", "dicom_utf8.dcm"}) {
      CAPTURE(name);
      const auto d = read(name);
      const auto& e = d.entry;
      CHECK(e.format == DocumentFormat::dicom);
      CHECK(e.title == "Scanner du thorax");
      CHECK(e.date == "2024-03-11");
      CHECK(e.type ==
            CodedValue{"1.2.840.10008.5.1.4.1.1.2", std::string{dicom_uid_registry}, "CT"});
      CHECK(e.category == "imaging");
      CHECK(e.unique_id.value == "1.2.3.4.5");
      CHECK(e.set_id.empty());
      CHECK(has(d, "1.2.3.4"));
      REQUIRE(e.authors.size() == 1);
      CHECK(e.authors[0].organisation == "Hôpital Imaginaire");
      CHECK(e.patient.family == "EXEMPLE");
      CHECK(e.patient.given == "Zoé");
      CHECK(e.patient.birth_date == "1960-05-14");
      CHECK(e.patient.gender == "F");
      CHECK(e.patient.ids[0].value == "P-0001");
      CHECK(has(d, "Noé FICTIF"));
    }
    CHECK(read("dicom_cut.dcm").entry.title == "Scanner du thorax");
    // Saved without what comes before the data set.
    const Bytes whole = load("dicom_little.dcm");
    const auto bare = describe(ByteView{whole}.subspan(132), "IM0001", {});
    REQUIRE(bare.has_value());
    CHECK(bare->entry.format == DocumentFormat::dicom);
    CHECK(bare->entry.title == "Scanner du thorax");
    CHECK(bare->entry.patient.birth_date == "1960-05-14");
  }

  TEST_CASE("two pictures of one study are two documents, neither a version of the other") {
    Bytes other = load("dicom_little.dcm");
    const std::string own_id = "1.2.3.4.5";
    const auto at = std::search(other.begin(), other.end(), own_id.begin(), own_id.end());
    REQUIRE(at != other.end());
    *(at + 8) = '6';
    const auto first = read("dicom_little.dcm").entry;
    const auto second = describe(other, "b.dcm");
    REQUIRE(second.has_value());
    CHECK(first.unique_id.value == "1.2.3.4.5");
    CHECK(second->entry.unique_id.value == "1.2.3.4.6");
    CHECK(first.set_id.empty());
    CHECK(second->entry.set_id.empty());
    CHECK(second->entry.relations.empty());
  }

  TEST_CASE("a picture gives its EXIF date, and the text that OCR made of it") {
    for (const std::string name : {"photo.jpg", "photo.png", "photo.tif", "photo_big.tif"}) {
      CAPTURE(name);
      const auto d = read(name, "glycémie 5,2");
      CHECK(d.entry.format == DocumentFormat::image);
      CHECK(d.entry.date == "2024-03-11T09:30:00+01:00");
      CHECK(d.picture == (name.ends_with(".png") ? PictureSize{3, 4} : PictureSize{640, 480}));
      CHECK(d.text == "glycémie 5,2");
    }
    for (const std::string name : {"photo.gif", "photo.bmp", "photo.webp"}) {
      CAPTURE(name);
      CHECK(read(name).entry.format == DocumentFormat::image);
      CHECK(read(name).entry.date.empty());
      CHECK(read(name).picture.width > 0);
    }
    CHECK(describe(load("bomb.png"), "a").error() == errc::too_large);
    CHECK(describe(as_bytes("BMI : 22, poids stable"), "a.txt")->entry.format ==
          DocumentFormat::text);
  }

  TEST_CASE("RTF gives its words in their code page, and its own title, author and date") {
    const auto d = read("letter.rtf");
    CHECK(d.entry.format == DocumentFormat::rtf);
    CHECK(d.entry.title == "Lettre d'essai");
    CHECK(d.entry.authors[0].name == "Ada Inventée");
    CHECK(d.entry.date == "2024-03-11T09:30");
    CHECK(d.text == "Bonjour, l'été œuf coûte 3 €\ndeuxième ligne fin lien");
    CHECK(read("deep.rtf").text == "après");
  }

  TEST_CASE("RTF: surrogate pairs, other code pages, and control words that break off") {
    const struct {
      std::string_view rtf, text;
    } cases[] = {
        {"{\\rtf1\\uc1 \\u-10179?\\u-8704?}", "😀"},
        {"{\\rtf1\\ansicpg1251 \\'e4\\'e0}", "да"},
        {"{\\rtf1\\mac \\'8e}", "é"},
        {"{\\rtf1 a\\'e", "a"},
        {"{\\rtf1 a\\bin999999999 b", "a"},
        {"{\\rtf1 a}}}} b", "a b"},
        {"{\\rtf1 \\u8364\\'80x}", "€x"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.rtf);
      CHECK(describe(as_bytes(c.rtf), "a.rtf")->text == c.text);
    }
  }

  TEST_CASE("an EU certificate is a document about its holder, and says it was not verified") {
    const auto v = read("hcert_vaccination.txt");
    CHECK(v.entry.format == DocumentFormat::hcert);
    CHECK(v.entry.patient.family == "Exemple");
    CHECK(v.entry.patient.given == "Camille");
    CHECK(v.entry.patient.birth_date == "1960-05-14");
    CHECK(v.entry.date == "2021-06-01");
    CHECK(v.entry.authors[0].organisation == "Émetteur fictif");
    CHECK(v.entry.unique_id.value == "URN:UVCI:01:FR:EXEMPLE#A");
    CHECK(v.entry.category == "patient-summary");
    CHECK(has(v, "signature non vérifiée"));
    CHECK(has(v, "signature not verified"));
    REQUIRE(v.facts.size() == 1);
    CHECK(v.facts[0].kind == FactKind::vaccine);
    CHECK(v.facts[0].code.code == "1119349007");
    CHECK(v.facts[0].dose == "2/2");
    CHECK(v.facts[0].label == "Comirnaty (COVID-19)");
    CHECK(v.entry.title ==
          "Certificat COVID de l'UE / EU COVID certificate : Comirnaty (COVID-19), dose 2/2");
    CHECK(has(v, "dose 2/2"));
    CHECK(has(v, "EU/1/20/1528"));
    const auto t = read("hcert_test.txt");
    CHECK(t.entry.date == "2021-07-01T10:00:00Z");
    CHECK(t.entry.category == "laboratory");
    CHECK(has(t, "not detected"));
    CHECK(t.entry.title.find("non détecté / not detected") != std::string::npos);
    CHECK(has(read("hcert_recovery.txt"), "2021-09-01"));
    CHECK(read("hcert_indefinite.txt").entry.patient.family == "Exemple");
  }

  TEST_CASE("the codes of an EU certificate have their words, and others none") {
    struct {
      const char* product;
      const char* brand;
    } const cases[] = {
        {"EU/1/20/1507", "Spikevax"},
        {"EU/1/20/1525", "Jcovden"},
        {"EU/1/20/1528", "Comirnaty"},
        {"EU/1/21/1529", "Vaxzevria"},
        {"EU/1/21/1618", "Nuvaxovid"},
        {"Sputnik-V", ""},
        {"", ""},
    };
    for (const auto& c : cases) CHECK(hcert_vaccine(c.product) == c.brand);
    CHECK(hcert_disease("840539006") == "COVID-19");
    CHECK(hcert_disease("1").empty());
  }

  TEST_CASE("a certificate that is none, or unpacks to more than any, is a text") {
    CHECK(read("hcert_broken.txt").entry.format == DocumentFormat::text);
    CHECK(read("hcert_bomb.txt").entry.format == DocumentFormat::text);
  }

  TEST_CASE("base45: the examples of RFC 9285, and what is not base45") {
    CHECK(as_text(*from_base45("BB8")) == "AB");
    CHECK(as_text(*from_base45("%69 VD92EX0")) == "Hello!!");
    CHECK(as_text(*from_base45("UJCLQE7W581")) == "base-45");
    for (const std::string_view none : {"A", "GGW", ":::", "aB8", "::"}) {
      CAPTURE(none);
      CHECK(!from_base45(none).has_value());
    }
  }

  TEST_CASE("CBOR: what RFC 8949 calls not well-formed, and the bounds") {
    const auto parse = [](std::string_view bytes) { return parse_cbor(as_bytes(bytes)); };
    CHECK(*parse("\x18\x64") == boost::json::value(100U));
    CHECK(*parse("\x39\x01\x03") == boost::json::value(-260));
    CHECK(*parse("\x7F\x61\x61\x61\x62\xFF") == boost::json::value("ab"));
    using namespace std::string_view_literals;
    for (const std::string_view bad : {""sv, "\x18"sv, "\x1C"sv, "\x62\x61"sv, "\x81"sv, "\xFF"sv,
                                       "\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv, "\x00\x00"sv,
                                       "\x7F\x41\x61\xFF"sv, "\xA2\x01\x01\x01\x02"sv}) {
      CHECK(parse(bad).error() == errc::malformed);
    }
    CHECK(parse(std::string(100, '\x81')).error() == errc::too_large);
    CHECK(parse("\x9F" + std::string(5000, '\x01') + "\xFF").error() == errc::too_large);
  }

  TEST_CASE("an HL7 v2 report gives its patient, its order and its values") {
    const auto d = read("oru.hl7");
    const auto& e = d.entry;
    CHECK(e.format == DocumentFormat::hl7v2);
    CHECK(e.title == "Bilan sanguin");
    CHECK(e.date == "2024-03-10T08:30:00+01:00");
    CHECK(e.type.system == "2.16.840.1.113883.6.1");
    CHECK(e.authors[0].name == "Ada INVENTEE");
    CHECK(e.patient.family == "EXEMPLE");
    CHECK(e.patient.ids[0].system == "1.2.250.1.213.1.4.10");
    CHECK(has(d, "Glucôse | 5,2 | mmol/L | 4,1-5,9 | N"));
    CHECK(has(d, "À jeun & repos"));
  }

  TEST_CASE("an HL7 v2 message about two people is refused; one told twice is one") {
    const std::string head = "MSH|^~\\&|L|LABO|||20240310||ORU^R01|1|P|2.5\r";
    const std::string one = "PID|1||A1^^^&1.2.3&ISO||EXEMPLE^Camille\r";
    const std::string value = "OBX|1|NM|2345-7^Glucose^LN||5.2|mmol/L|||||F\r";
    const auto read_all = [&](const std::string& more) {
      return describe(as_bytes(head + one + value + more), "a.hl7");
    };
    CHECK(read_all("PID|2||B2^^^&1.2.3&ISO||AUTRE^Noé\r" + value).error() == errc::malformed);
    CHECK(read_all("PID|2||||AUTRE^Noé\r" + value).error() == errc::malformed);
    const auto again = read_all("PID|1||X9^^^&9.9&ISO~A1^^^&1.2.3&ISO||EXEMPLE^Camille\r");
    REQUIRE(again.has_value());
    CHECK(again->entry.patient.ids.size() == 1);
  }

  TEST_CASE("HL7 v2 values that were deleted, wrong or never obtained are not read") {
    for (const std::string status : {"D", "W", "X"}) {
      CAPTURE(status);
      const auto d = describe(as_bytes("MSH|^~\\&|L|LABO\rOBX|1|NM|1^Glucose^LN||5.2|g/L|||||" +
                                       status + "\rOBX|2|NM|2^Sodium^LN||140|mmol/L|||||F\r"),
                              "a.hl7");
      REQUIRE(d.has_value());
      CHECK(!has(*d, "Glucose"));
      CHECK(has(*d, "Sodium | 140"));
    }
  }

  TEST_CASE("names in a ZIP: UTF-8, DOS code page, Latin-1, decomposed accents") {
    const struct {
      std::string name;
      std::uint16_t flags;
      std::string shown;
    } cases[] = {
        {"Été/né.txt", 0x0800, "Été/né.txt"},
        {"R\x82sultat f\x82vrier \x85 jeun.txt", 0, "Résultat février à jeun.txt"},
        {"\xE9t\xE9.txt", 0, "été.txt"},
        {"l\x92\xE9t\xE9.txt", 0, "l’été.txt"},
        {"e\xCC\x81te\xCC\x81.txt", 0x0800, "été.txt"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.shown);
      const auto page = unpack(make_zip({{c.name, "x", c.flags}}), 0);
      REQUIRE(page.has_value());
      CHECK(page->members[0].name == c.shown);
    }
  }

  TEST_CASE("every European encoding that a declaration may name is read") {
    const struct {
      std::string name, bytes, text;
    } cases[] = {
        {"ISO-8859-15", "\xA4\xBD", "€œ"},
        {"windows-1252", "\x80\x9C", "€œ"},
        {"ISO-8859-2", "\xB1", "ą"},
        {"ISO-8859-7", "\xE1", "α"},
        {"windows-1250", "\x9A", "š"},
        {"CP850", "\x82", "é"},
        {"US-ASCII", "e", "e"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      const auto d = describe(as_bytes("<?xml version='1.0' encoding='" + c.name +
                                       "'?><ClinicalDocument xmlns='urn:hl7-org:v3'><title>" +
                                       c.bytes + "</title></ClinicalDocument>"),
                              "a.xml");
      REQUIRE(d.has_value());
      CHECK(d->entry.title == c.text);
      CHECK(to_utf8(c.name, c.bytes) == c.text);
    }
  }

  TEST_CASE("XML in EBCDIC and in UTF-32 is read by its own declaration") {
    const std::string xml =
        "<ClinicalDocument xmlns='urn:hl7-org:v3'><title>Été</title>"
        "</ClinicalDocument>";
    const auto encoded = [](const std::string& name, const std::string& text) {
      const auto to = ::iconv_open(name.c_str(), "UTF-8");
      REQUIRE(to != reinterpret_cast<iconv_t>(-1));
      std::string out(text.size() * 4 + 4, '\0');
      std::string in = text;
      char* from = in.data();
      char* into = out.data();
      std::size_t left = in.size();
      std::size_t room = out.size();
      CHECK(::iconv(to, &from, &left, &into, &room) == 0);
      ::iconv_close(to);
      out.resize(out.size() - room);
      return out;
    };
    const struct {
      const char* declared;
      const char* is;
    } cases[] = {{"IBM037", "IBM037"},    {"IBM297", "IBM297"},     {"IBM500", "IBM500"},
                 {"IBM01147", "IBM1147"}, {"IBM01140", "IBM1140"},  {"ebcdic-cp-fr", "IBM297"},
                 {"UTF-32", "UTF-32"},    {"UTF-32LE", "UTF-32LE"}, {"UTF-32BE", "UTF-32BE"},
                 {"UTF-16", "UTF-16"}};
    for (const auto& c : cases) {
      CAPTURE(c.declared);
      const auto file =
          encoded(c.is, "<?xml version='1.0' encoding='" + std::string{c.declared} + "'?>" + xml);
      const auto d = describe(as_bytes(file), "a.xml");
      REQUIRE(d.has_value());
      CHECK(d->entry.format == DocumentFormat::cda);
      CHECK(d->entry.title == "Été");
    }
    const auto unknown = encoded("IBM037", "<?xml version='1.0' encoding='../x'?>" + xml);
    CHECK(describe(as_bytes(unknown), "a.xml").error() == errc::malformed);
    const auto doctype =
        encoded("IBM297", "<?xml version='1.0' encoding='IBM297'?><!DOCTYPE a>" + xml);
    CHECK(describe(as_bytes(doctype), "a.xml").error() == errc::doctype_refused);
  }

  TEST_CASE("codes have our words in two languages, else the document's, else themselves") {
    const std::string place = "1.2.250.1.71.4.2.4";
    CHECK(label_of({"SA33", place, "x"}, Language::english) == "Pharmacy");
    CHECK(label_of({"G15_10/SM99", "1.2.250.1.213.1.1.4.5", "x"}, Language::french) == "Médecin");
    CHECK(label_of({"N", "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", ""},
                   Language::english) == "Usual confidentiality");
    CHECK(label_of({"11502-2", "LOINC", ""}, Language::english) == "Laboratory report");
    CHECK(label_of({"SA99", place, "Autre lieu"}, Language::french) == "Autre lieu");
    CHECK(label_of({"SA99", place, ""}, Language::french) == "SA99");
    for (const auto& table : labels::tables)
      for (const auto* row = table.begin; row != table.end; ++row) {
        CAPTURE(row->code);
        CHECK(code_label(row->code, table.system) == row);
        CHECK((!row->french.empty() && !row->english.empty()));
      }
  }

  TEST_CASE("a text in UTF-16 is a text, whatever it begins with") {
    const auto utf16 = [](std::u16string_view text, bool big) {
      std::string bytes = big ? "\xFE\xFF" : "\xFF\xFE";
      for (const char16_t c : text) {
        const char high = static_cast<char>(c >> 8);
        const char low = static_cast<char>(c & 0xFF);
        bytes += big ? high : low;
        bytes += big ? low : high;
      }
      return bytes;
    };
    for (const bool big : {false, true}) {
      CAPTURE(big);
      for (const auto* text : {u"Glycémie < 5 mmol/L", u"< 5 mmol/L", u"été"}) {
        const auto d = describe(as_bytes(utf16(text, big)), "a.txt");
        REQUIRE(d.has_value());
        CHECK(d->entry.format == DocumentFormat::text);
      }
      CHECK(describe(as_bytes(utf16(u"Glycémie < 5 mmol/L", big)), "a.txt")->text ==
            "Glycémie < 5 mmol/L");
      CHECK(describe(as_bytes(utf16(u"<?xml version='1.0'?><x", big)), "a.txt").error() ==
            errc::malformed);
      CHECK(describe(as_bytes(utf16(u"<!DOCTYPE x><x/>", big)), "a.txt").error() ==
            errc::doctype_refused);
    }
  }
}

}  // namespace
}  // namespace coffret::reader
