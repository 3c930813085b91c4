// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "coffret/refusal.hpp"
#include "coffret/wire.hpp"
#include "tests/vault/reader/zip_builder.hpp"
#include "vault/reader/archive.hpp"
#include "vault/reader/hl7_text.hpp"
#include "vault/reader/reader.hpp"
#include "vault/reader/sha1.hpp"

namespace coffret::reader {
namespace {

// Two documents: "document", named and replacing "ancien", which has no URI.
std::string two_documents() {
  std::ifstream in{std::filesystem::path{COFFRET_SOURCE_DIR} /
                       "tests/fuzz/corpus/reader_metadata/two_documents.xml",
                   std::ios::binary};
  std::string all{std::istreambuf_iterator<char>{in}, {}};
  REQUIRE(!all.empty());
  return all;
}

DocumentEntry metadata_of(const reading::Member& member) {
  REQUIRE(!member.metadata.empty());
  const auto entry = wire::decode<DocumentEntry>(member.metadata);
  REQUIRE(entry.has_value());
  CHECK(within_limits(*entry));
  return *entry;
}

reading::Unpacked unpacked(const std::vector<ZipMember>& members) {
  const auto page = unpack(make_zip(members), 0);
  REQUIRE(page.has_value());
  return *page;
}

DocumentEntry merged(std::string_view file, const DocumentEntry& metadata,
                     std::string_view converted = "") {
  const auto d = describe(as_bytes(file), "a", as_bytes(converted), wire::encode(metadata));
  REQUIRE(d.has_value());
  CHECK(within_limits(*d));
  return d->entry;
}

TEST_SUITE("vault/reader") {
  TEST_CASE("METADATA.XML gives each document its whole entry") {
    const auto page = unpacked({{"IHE_XDM/S/METADATA.XML", two_documents()},
                                {"IHE_XDM/S/DOC00001.TXT", "document"},
                                {"IHE_XDM/S/autre.txt", "ancien"}});
    REQUIRE(page.members.size() == 2);
    const auto e = metadata_of(page.members[0]);
    CHECK(e.title == "Lettre fictive");
    CHECK(e.date == "2024-03-11T08:30Z");
    CHECK(e.service_start == "2024-03-10");
    CHECK(e.language == "fr-FR");
    CHECK(e.type == CodedValue{"11490-0", "2.16.840.1.113883.6.1", "Lettre"});
    CHECK(e.class_code.code == "10");
    CHECK(e.facility_type.code == "SA05");
    CHECK(e.practice_setting.code == "AMBULATOIRE");
    REQUIRE(e.confidentiality.size() == 2);
    CHECK(e.confidentiality[1].code == "INVISIBLE_PATIENT");
    REQUIRE(e.authors.size() == 2);
    CHECK(e.authors[0].name == "Ada INVENTEE");
    CHECK(e.authors[0].id == Identifier{"899900000001", "1.2.250.1.71.4.2.1"});
    CHECK(e.authors[0].organisation == "Cabinet A & B");
    CHECK(e.authors[0].profession == CodedValue{"G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin"});
    CHECK(e.authors[1].organisation == "Clinique Imaginaire");
    CHECK(e.patient.family == "EXEMPLE");
    CHECK(e.patient.families == std::vector<std::string>{"EXEMPLE", "AUTRE"});
    CHECK(e.patient.given == "Camille");
    CHECK(e.patient.birth_date == "1960-05-14");
    CHECK(e.patient.gender == "F");
    REQUIRE(e.patient.ids.size() == 2);
    CHECK(e.patient.ids[0] == Identifier{"260058815400233", "1.2.250.1.213.1.4.10"});
    CHECK(e.unique_id == Identifier{"A1", "1.2.3.4"});
    CHECK(e.relations == std::vector<Relation>{{RelationKind::replaces, {"1.2.3.5", ""}}});
    const auto old = metadata_of(page.members[1]);
    CHECK(old.unique_id == Identifier{"1.2.3.5", ""});
    CHECK(old.relations == std::vector<Relation>{{RelationKind::appends,
                                                  {"urn:uuid:00000000-0000-4000-8000-0000000000ff",
                                                   "urn:ietf:rfc:3986"}}});
  }

  TEST_CASE("a document is found by its path, by its path in another case, by its SHA-1") {
    const std::string meta = two_documents();
    const std::string hidden = "un autre";
    const struct {
      std::string what;
      std::vector<ZipMember> members;
      std::size_t with_metadata;
    } cases[] = {
        {"as named", {{"IHE_XDM/S/METADATA.XML", meta}, {"IHE_XDM/S/DOC00001.TXT", "document"}}, 1},
        {"nested and lower-case",
         {{"a/b/ihe_xdm/lucy_0/metadata.xml", meta},
          {"a/b/ihe_xdm/lucy_0/doc00001.txt", "document"}},
         1},
        {"named otherwise",
         {{"IHE_XDM/S/METADATA.XML", meta}, {"IHE_XDM/S/ailleurs.txt", "document"}},
         1},
        {"junk around it",
         {{"IHE_XDM/S/METADATA.XML", meta},
          {"IHE_XDM/S/.svn/METADATA.XML", "<a"},
          {"__MACOSX/IHE_XDM/S/._METADATA.XML", "x"},
          {"IHE_XDM/S/.METADATA.XML.swp", "x"},
          {"IHE_XDM/.DS_Store", "x"},
          {"IHE_XDM/S/DOC00001.TXT", "document"}},
         1},
        {"two trees",
         {{"a/IHE_XDM/S/METADATA.XML", meta},
          {"b/IHE_XDM/S/METADATA.XML", meta},
          {"a/IHE_XDM/S/DOC00001.TXT", "document"},
          {"b/IHE_XDM/S/DOC00001.TXT", "document"}},
         2},
        {"two that differ by case, neither as named, one right by its SHA-1",
         {{"IHE_XDM/S/METADATA.XML", meta},
          {"IHE_XDM/S/Doc00001.txt", "document"},
          {"IHE_XDM/S/doc00001.txt", hidden}},
         1},
        {"not described", {{"IHE_XDM/S/METADATA.XML", meta}, {"IHE_XDM/S/x.txt", hidden}}, 0},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      std::size_t found = 0;
      for (const auto& member : unpacked(c.members).members) {
        CHECK(member.error == 0);
        if (member.metadata.empty()) continue;
        ++found;
        CHECK(metadata_of(member).title == "Lettre fictive");
      }
      CHECK(found == c.with_metadata);
    }
  }

  TEST_CASE("an XDM archive inside an archive gives its documents, one level down") {
    const auto packed = [](const std::vector<ZipMember>& members) {
      const Bytes zip = make_zip(members);
      return std::string{as_text(zip)};
    };
    const std::string inner = packed({{"IHE_XDM/S/METADATA.XML", two_documents()},
                                      {"INDEX.HTM", "<p>"},
                                      {"IHE_XDM/S/DOC00001.TXT", "document"}});
    const auto page = unpacked({{"lisez-moi.txt", "x"},
                                {"courrier/IHE_XDM.ZIP", inner},
                                {"plus bas.zip", packed({{"IHE_XDM.zip", inner}})},
                                {"autre.zip", packed({{"a.txt", "a"}})}});
    REQUIRE(page.members.size() == 4);
    CHECK(page.next == 0);
    CHECK(page.members[0].name == "lisez-moi.txt");
    CHECK(page.members[1].name == "courrier/IHE_XDM.ZIP!/IHE_XDM/S/DOC00001.TXT");
    CHECK(as_text(page.members[1].bytes) == "document");
    CHECK(metadata_of(page.members[1]).title == "Lettre fictive");
    // Two levels down, and archives that are no XDM, stay the members that they are.
    CHECK(page.members[2].name == "plus bas.zip");
    CHECK(page.members[3].name == "autre.zip");
  }

  TEST_CASE("archives inside an archive keep their number, and each its page") {
    const std::vector<ZipMember> one = {{"IHE_XDM/S/METADATA.XML", two_documents()},
                                        {"IHE_XDM/S/DOC00001.TXT", "document"}};
    const Bytes inner = make_zip(one);
    std::vector<ZipMember> outer;
    for (std::size_t i = 0; i < archive_limits::nested + 1; ++i)
      outer.push_back({std::to_string(i) + ".zip", std::string{as_text(inner)}});
    const auto page = unpacked(outer);
    REQUIRE(page.members.size() == outer.size());
    CHECK(page.members[archive_limits::nested - 1].name.ends_with("!/IHE_XDM/S/DOC00001.TXT"));
    CHECK(page.members.back().name == "16.zip");

    std::vector<ZipMember> crowd = {{"IHE_XDM/S/METADATA.XML", two_documents()}};
    for (std::size_t i = 0; i + 1 < reading::page_length; ++i)
      crowd.push_back({"IHE_XDM/S/" + std::to_string(i) + ".txt", "x"});
    const Bytes full = make_zip(crowd);
    const Bytes zip =
        make_zip({{"a.txt", "x"}, {"b.txt", "x"}, {"c.zip", std::string{as_text(full)}}});
    const auto first = unpack(zip, 0);
    REQUIRE(first.has_value());
    CHECK(first->members.size() == 2);
    REQUIRE(first->next == 2);
    const auto second = unpack(zip, 2);
    REQUIRE(second.has_value());
    CHECK(second->members.size() == reading::page_length - 1);
    CHECK(second->next == 0);
    crowd.push_back({"IHE_XDM/S/y.txt", "x"});
    crowd.push_back({"IHE_XDM/S/z.txt", "x"});
    const Bytes too_full = make_zip(crowd);
    const auto refused = unpacked({{"c.zip", std::string{as_text(too_full)}}});
    REQUIRE(refused.members.size() == 1);
    CHECK(error_in(refused.members[0].error) == errc::too_large);
  }

  TEST_CASE("another hash refuses the document, another size is told") {
    std::string meta = two_documents();
    const auto bad = unpacked({{"IHE_XDM/S/METADATA.XML", meta}, {"IHE_XDM/S/DOC00001.TXT", "x"}});
    CHECK(error_in(bad.members[0].error) == errc::unauthenticated);
    CHECK(bad.members[0].metadata.empty());
    meta.replace(meta.find("<r:Value>8<"), 11, "<r:Value>9<");
    const auto page =
        unpacked({{"IHE_XDM/S/METADATA.XML", meta}, {"IHE_XDM/S/DOC00001.TXT", "document"}});
    CHECK(metadata_of(page.members[0]).discrepancies ==
          std::vector<Discrepancy>{{"size", "9", "8"}});
  }

  TEST_CASE("a CDA is believed over its metadata, which fills gaps and rules visibility") {
    DocumentEntry m;
    m.title = "Autre titre";
    m.date = "2024-03-11T08:30:00Z";
    m.type = {"11488-4", "LOINC", ""};
    m.language = "fr-FR";
    m.class_code = {"10", "1.2.250.1.213.1.1.4.1", ""};
    m.patient.family = "Washington";
    m.patient.families = {"Washington"};
    m.confidentiality = {{"R", "2.16.840.1.113883.5.25", ""},
                         {"MASQUE_PS", "1.2.250.1.213.1.1.4.13", ""}};
    const std::string cda =
        "<?xml version='1.0'?><ClinicalDocument xmlns='urn:hl7-org:v3'><id root='1.2' "
        "extension='9'/><code code='11488-4' codeSystem='2.16.840.1.113883.6.1'/>"
        "<title>Titre</title><effectiveTime value='20240311093000+0100'/>"
        "<confidentialityCode code='N' codeSystem='2.16.840.1.113883.5.25'/>"
        "<recordTarget><patientRole><patient><name><family>Stuart</family></name></patient>"
        "</patientRole></recordTarget></ClinicalDocument>";
    const auto e = merged(cda, m);
    CHECK(e.title == "Titre");
    CHECK(e.date == "2024-03-11T09:30:00+01:00");
    CHECK(e.language == "fr-FR");
    CHECK(e.class_code.code == "10");
    CHECK(e.patient.family == "Stuart");
    REQUIRE(e.confidentiality.size() == 2);
    CHECK(e.confidentiality[0].code == "N");
    CHECK(e.confidentiality[1].code == "MASQUE_PS");
    // The same moment in another zone and the same code under another name are no discrepancy.
    CHECK(e.discrepancies == std::vector<Discrepancy>{{"patient", "Washington", "Stuart"},
                                                      {"title", "Autre titre", "Titre"}});
    m.date = "2024-03-11T09:30:00Z";
    m.title = "TITRE";
    m.patient = {};
    CHECK(merged(cda, m).discrepancies ==
          std::vector<Discrepancy>{{"date", "2024-03-11T09:30:00Z", "2024-03-11T09:30:00+01:00"}});
  }

  TEST_CASE("what a PDF says of itself gives way to the metadata") {
    DocumentEntry m;
    m.title = "Compte rendu";
    m.date = "2024-03-11";
    const auto e = merged("%PDF-1.4", m, "<head><title>Microsoft Word - a</title></head><body>x");
    CHECK(e.title == "Compte rendu");
    CHECK(e.date == "2024-03-11");
    CHECK(e.discrepancies.empty());
  }

  TEST_CASE("metadata that no reader wrote is refused") {
    CHECK(describe(as_bytes("x"), "a", {}, as_bytes("nonsense")).error() == errc::malformed);
    DocumentEntry huge;
    huge.title.assign(limits::short_text + 1, 'x');
    CHECK(describe(as_bytes("x"), "a", {}, wire::encode(huge)).error() == errc::malformed);
  }

  TEST_CASE("HL7 text: escapes, people with and without components, double escaping") {
    CHECK(hl7_component("a\\T\\b\\S\\c\\R\\d\\E\\e\\F\\f^g", 0) == "a&b^c~d\\e|f");
    CHECK(hl7_component("a^b", 2).empty());
    CHECK(hl7_person("Sherry Fictive").name == "Sherry Fictive");
    CHECK(hl7_identifier("1^^^&amp;1.2&amp;ISO") == Identifier{"1", "1.2"});
    CHECK(hl7_split(std::string(1000, '^'), '^').size() == hl7_pieces);
  }
}

}  // namespace
}  // namespace coffret::reader
