// SPDX-License-Identifier: EUPL-1.2
//
// What was taken out comes back as it was: whose it is, what came with it, what the person changed.
// Everyone here is made up.
#include <doctest/doctest.h>

#include <boost/json/serialize.hpp>
#include <fstream>
#include <map>

#include "coffret/encoding.hpp"
#include "coffret/wire.hpp"
#include "tests/support/daemon_rig.hpp"
#include "tests/vault/reader/zip_builder.hpp"
#include "vault/daemon/export_manifest.hpp"
#include "vault/daemon/reader_process.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::string;
using test::DaemonRig;
using test::MemberServer;

// METADATA.XML on one file of an archive.
std::string metadata_xml(const std::string& file, const std::string& patient) {
  const auto slot = [](const std::string& name, const std::string& value) {
    return "<r:Slot name=\"" + name + "\"><r:ValueList><r:Value>" + value +
           "</r:Value></r:ValueList></r:Slot>";
  };
  return "<l:SubmitObjectsRequest xmlns:l=\"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0\" "
         "xmlns:r=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"><r:RegistryObjectList>"
         "<r:ExtrinsicObject id=\"D1\" mimeType=\"application/pdf\">" +
         slot("creationTime", "202403110830") + slot("URI", file) +
         slot("sourcePatientInfo", "PID-5|" + patient + "^^^^^L</r:Value><r:Value>PID-7|19600514") +
         "<r:Name><r:LocalizedString value=\"Radiographie du genou\"/></r:Name>"
         "<r:Classification classificationScheme=\"urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f\" "
         "nodeRepresentation=\"INVISIBLE_PATIENT\">" +
         slot("codingScheme", "1.2.250.1.213.1.1.4.13") +
         "</r:Classification></r:ExtrinsicObject></r:RegistryObjectList></l:SubmitObjectsRequest>";
}

std::string letter_about(const std::string& given, const std::string& birth_date) {
  return R"({"resourceType":"Bundle","type":"document",)"
         R"("identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:)" +
         given +
         R"("},"entry":[{"resource":{"resourceType":"Composition","title":"Lettre",)"
         R"("date":"2026-03-14","type":{"coding":[{"system":"http://loinc.org","code":"11488-4"}]},)"
         R"("subject":{"reference":"urn:p"},"section":[{"text":{"div":"<div>Tout va bien, )" +
         given +
         R"(.</div>"}}]}},{"fullUrl":"urn:p","resource":{"resourceType":"Patient",)"
         R"("name":[{"family":"EXEMPLE","given":[")" +
         given + R"("]}],"birthDate":")" + birth_date + R"("}}]})";
}

struct Home {
  MemberServer server;
  DaemonRig rig{server};
  test::Folder files;

  explicit Home(const char* owner = "Camille Exemple") {
    REQUIRE(rig.ask("init", {{"owner", owner}}, {{"passphrase", rig.passphrase}}).error ==
            errc::ok);
  }
  void write(const std::string& name, std::string_view content) const {
    std::ofstream{files / name, std::ios::binary} << content;
  }
  std::vector<object> import(const std::string& path, object flags = {}) {
    flags["paths"] = array{string{path}};
    REQUIRE(rig.error_of("import", std::move(flags)) == errc::ok);
    return rig.heard.rows;
  }
  object result(std::string_view command, object arguments = {}) {
    auto done = rig.ask(command, std::move(arguments));
    REQUIRE(done.error == errc::ok);
    return done.result;
  }
  // All that is told of each document, but what names this vault and this day. By content.
  std::map<std::string, std::string> told() {
    REQUIRE(rig.error_of("list") == errc::ok);
    std::map<std::string, std::string> all;
    for (const auto& row : std::vector<object>{rig.heard.rows}) {
      auto whole = result("show", {{"id", row.at("id")}});
      whole["person"] = row.at("person");
      for (const auto* name : {"id", "versions"}) whole.erase(name);
      for (const auto* name : {"received", "device"}) whole["provenance"].as_object().erase(name);
      all[std::string{row.at("sha256").as_string()}] = boost::json::serialize(whole);
    }
    return all;
  }
};

TEST_SUITE("vault/daemon/export_return") {
  TEST_CASE("an export that comes back is the same record, entry by entry") {
    Home home;
    home.result("person add", {{"name", "Léa Exemple"}});
    home.write("a.json", letter_about("Camille", "1960-05-14"));
    home.write("b.json", letter_about("Léa", "2015-01-02"));
    home.write("scan.txt", "Une page sans nom");
    home.write("x.zip", as_text(reader::make_zip(
                            {{"IHE_XDM/S/METADATA.XML", metadata_xml("D.PDF", "EXEMPLE^Camille")},
                             {"IHE_XDM/S/D.PDF", "%PDF-1.4 rien"}})));
    for (const auto* name : {"a.json", "b.json", "x.zip"})
      REQUIRE(home.import(home.files / name).at(0).at("outcome") == "imported");
    const auto scan = home.import(home.files / "scan.txt", {{"person", "Léa Exemple"}}).at(0);
    home.result("note add", {{"text", "Fatigue"}, {"person", "Léa Exemple"}});
    home.result("edit", {{"id", scan.at("id")},
                         {"title", "Carnet"},
                         {"date", "2019-05-04"},
                         {"kind", "Mes mots"},
                         {"note", "À revoir\nmardi"}});
    const auto before = home.told();
    REQUIRE(before.size() == 5);
    home.result("export", {{"out", home.files / "out"}, {"format", "folder"}});

    Home other;
    const auto rows = other.import(home.files / "out");
    REQUIRE(rows.size() == 5);
    for (const auto& row : rows) CHECK(row.at("outcome") == "imported");
    const auto after = other.told();
    for (const auto& [sha256, entry] : before) {
      REQUIRE(after.contains(sha256));
      CHECK(after.at(sha256) == entry);
    }
    // Once more: there is nothing new, and nobody new.
    for (const auto& row : other.import(home.files / "out"))
      CHECK(row.at("outcome") == "duplicate");
    REQUIRE(other.rig.error_of("person list") == errc::ok);
    CHECK(other.rig.heard.rows.size() == 2);
  }

  TEST_CASE("the list of an export puts no stranger's document into a record") {
    Home home;
    home.write("a.json", letter_about("Zoé", "1999-01-01"));
    REQUIRE(home.import(home.files / "a.json", {{"any_patient", true}}).at(0).at("outcome") ==
            "imported");
    home.result("export", {{"out", home.files / "out"}, {"format", "folder"}});
    Home other;
    CHECK(other.import(home.files / "out").at(0).at("outcome") == "quarantined");
  }

  TEST_CASE("what a list says is shown without characters that act") {
    DocumentEntry entry;
    entry.title = "a\x1b[2Jb\u202ec";
    const std::string json =
        R"({"coffret_export":1,"documents":[{"file":"documents/2020/a.pdf","entry":")" +
        to_base64url(wire::encode(entry)) +
        R"(","person":"L\u001b\u202ea","amended":{"title":"a\nb","note":"a\nb\u0007"}}]})";
    const auto list = read_export_manifest(json);
    REQUIRE(list.has_value());
    CHECK(list->at(0).entry == wire::encode(entry));
    CHECK(list->at(0).person == "L  a");
    CHECK(list->at(0).title == "a b");
    CHECK(list->at(0).note == "a\nb ");
    // The entry is the reader's to clean.
    Reader reader{COFFRET_BIN_DIR "/coffret-reader"};
    const auto read = reader.describe(as_bytes("%PDF-1.4"), "a.pdf", wire::encode(entry));
    REQUIRE(read.has_value());
    CHECK(read->entry.title.find('\x1b') == std::string::npos);
    CHECK(read->entry.title.find("\u202e") == std::string::npos);
  }

  TEST_CASE("an archive and its document that name two patients: set apart, and both are told") {
    Home home;
    home.write(
        "x.zip",
        as_text(reader::make_zip({{"IHE_XDM/S/METADATA.XML", metadata_xml("D.JSON", "MODELE^Paul")},
                                  {"IHE_XDM/S/D.JSON", letter_about("Camille", "1960-05-14")}})));
    const auto row = home.import(home.files / "x.zip").at(0);
    CHECK(row.at("outcome") == "quarantined");
    CHECK(row.at("patient").at("name") == "MODELE Paul");
    bool told = false;
    for (const auto& one : row.at("discrepancies").as_array())
      told =
          told || (one.at("field") == "patient" && one.at("envelope") == "Paul MODELE 1960-05-14" &&
                   one.at("document") == "Camille EXEMPLE 1960-05-14");
    CHECK(told);
    REQUIRE(home.rig.error_of("inbox list") == errc::ok);
    REQUIRE(home.rig.heard.rows.size() == 1);
    CHECK(home.rig.heard.rows[0].at("discrepancies").as_array().size() ==
          row.at("discrepancies").as_array().size());
    CHECK(home.rig.error_of("inbox accept", {{"id", row.at("id")}}) == errc::ok);
    CHECK(home.told().size() == 1);
    // A vault that knows nobody learns nothing from what contradicts itself.
    Home nobody{""};
    CHECK(nobody.import(home.files / "x.zip").at(0).at("outcome") == "quarantined");
    REQUIRE(nobody.rig.error_of("person list") == errc::ok);
    CHECK(nobody.rig.heard.rows.at(0).at("identity").at("name") == "");
  }
}

}  // namespace
}  // namespace coffret::daemon
