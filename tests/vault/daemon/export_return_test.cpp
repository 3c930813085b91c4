// SPDX-License-Identifier: EUPL-1.2
//
// What was taken out comes back as it was: whose it is, what came with it, what the person changed.
// Everyone here is made up.
#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

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

// The same of a patient with an INS.
std::string numbered_letter(const std::string& family, const std::string& given) {
  auto letter = letter_about(given, "1960-05-14");
  const std::string named = R"("family":"EXEMPLE")";
  letter.replace(letter.find(named), named.size(), R"("family":")" + family + "\"");
  const std::string born = R"(,"birthDate")";
  return letter.insert(letter.find(born),
                       R"(,"identifier":[{"system":"urn:oid:1.2.250.1.213.1.4.8",)"
                       R"("value":"260057512345678"}])");
}

struct Home {
  MemberServer server;
  DaemonRig rig{server, next_seed()};  // each a vault of its own
  test::Folder files;

  static std::uint64_t next_seed() {
    static std::uint64_t last = 0;
    return ++last;
  }
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
  object imported(const std::string& path) {
    const auto done = rig.ask("import", {{"paths", array{string{path}}}});
    REQUIRE(done.error == errc::ok);
    return done.result.at("summary").as_object();
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
    auto before = home.told();
    REQUIRE(before.size() == 5);
    // A list cannot say what was typed into this vault.
    for (auto& [sha256, entry] : before) {
      auto whole = boost::json::parse(entry).as_object();
      if (whole.at("provenance").at("source") != "own") continue;
      whole["entered_here"] = false;
      whole["provenance"].as_object()["source"] = "own_elsewhere";
      entry = boost::json::serialize(whole);
    }
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

  TEST_CASE("what this vault signed comes back as typed in by the person, from no other vault") {
    Home home;
    home.result("note add", {{"text", "Fatigue"}});
    REQUIRE(home.rig.error_of("list") == errc::ok);
    const auto note = home.rig.heard.rows.at(0).at("id");
    const auto exported =
        home.result("export", {{"out", home.files / "out"}, {"format", "folder"}});
    const auto words = exported.at("signed_by").at("words");
    const auto source_of_last = [](Home& of) {
      REQUIRE(of.rig.error_of("list") == errc::ok);
      const auto id = of.rig.heard.rows.at(0).at("id");
      return of.result("show", {{"id", id}}).at("provenance").at("source");
    };
    const auto signed_by = [](const object& summary) {
      return summary.at("exports").as_array().at(0).as_object();
    };

    home.result("remove", {{"id", note}});
    const auto back = signed_by(home.imported(home.files / "out"));
    CHECK(back.at("signed_by") == "this_vault");
    CHECK(back.at("words") == words);
    CHECK(back.at("code").is_null());
    CHECK(source_of_last(home) == "own");

    Home other;
    const auto there = signed_by(other.imported(home.files / "out"));
    CHECK(there.at("signed_by") == "other_vault");
    CHECK(there.at("words") == words);
    CHECK(there.at("owner") == "Camille Exemple");
    CHECK(source_of_last(other) == "own_elsewhere");
  }

  TEST_CASE("a list that is not the signed one, or that nobody signed, is told and loses nothing") {
    Home home;
    home.result("note add", {{"text", "Fatigue"}});
    home.result("export", {{"out", home.files / "out"}, {"format", "folder"}});
    const std::string list = home.files / "out/manifest.json";
    const std::string signature = home.files / "out/manifest.jws";
    const auto read = [](const std::string& path) {
      std::ifstream in{path, std::ios::binary};
      return std::string{std::istreambuf_iterator<char>{in}, {}};
    };
    const auto whole_list = read(list);
    const auto whole_signature = read(signature);
    auto changed = boost::json::parse(whole_list).as_object();
    changed["made_at"] = "2001-01-01T00:00:00Z";
    auto other_root = boost::json::parse(whole_list).as_object();
    other_root["root"] = to_base64url(Bytes(32, 7));
    const auto parts_end = whole_signature.rfind('.');
    auto cut = whole_signature;
    cut.resize(parts_end);
    struct {
      const char* name;
      std::string list;
      std::optional<std::string> signature;
      const char* signed_by;
    } const cases[] = {
        {"another list", boost::json::serialize(changed), whole_signature, "invalid"},
        {"another root", boost::json::serialize(other_root), whole_signature, "invalid"},
        {"a signature that is none", whole_list, cut, "invalid"},
        {"an empty one", whole_list, "", "invalid"},
        {"none", whole_list, std::nullopt, "nobody"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      std::ofstream{list, std::ios::binary} << c.list;
      std::filesystem::remove(signature);
      if (c.signature) std::ofstream{signature, std::ios::binary} << *c.signature;
      Home other;
      const auto done = other.rig.ask("import", {{"paths", array{string{home.files / "out"}}}});
      REQUIRE(done.error == errc::ok);
      REQUIRE(other.rig.heard.rows.size() == 1);
      CHECK(other.rig.heard.rows.at(0).at("outcome") == "imported");
      const auto& judged = done.result.at("summary").at("exports").at(0);
      CHECK(judged.at("signed_by") == boost::json::string_view{c.signed_by});
      const bool altered = c.signed_by == std::string_view{"invalid"};
      CHECK(judged.at("code").is_null() != altered);
      CHECK(done.result.at("exit_status") == (altered ? row(errc::list_altered).exit_status : 0));
      // This vault's own name on such a list is worth nothing either.
      REQUIRE(other.rig.error_of("list") == errc::ok);
      const auto id = other.rig.heard.rows.at(0).at("id");
      CHECK(other.result("show", {{"id", id}}).at("entered_here") == false);
    }
  }

  TEST_CASE("an import that was cut off before its amendments is completed by the next one") {
    Home home;
    home.write("a.json", letter_about("Camille", "1960-05-14"));
    home.write("scan.txt", "Une page sans nom");
    REQUIRE(home.import(home.files / "a.json").at(0).at("outcome") == "imported");
    const auto scan = home.import(home.files / "scan.txt").at(0);
    home.result(
        "edit",
        {{"id", scan.at("id")}, {"title", "Carnet"}, {"date", "2019-05-04"}, {"note", "À revoir"}});
    const auto before = home.told();
    home.result("export", {{"out", home.files / "out"}, {"format", "folder"}});

    // What a crash between documents and amendments leaves: the documents alone.
    const std::string list_path = home.files / "out/manifest.json";
    std::ifstream in{list_path};
    const std::string list{std::istreambuf_iterator<char>{in}, {}};
    auto cut = boost::json::parse(list);
    for (auto& document : cut.at("documents").as_array()) document.as_object().erase("amended");
    std::ofstream{list_path} << boost::json::serialize(cut);
    Home other;
    for (const auto& row : other.import(home.files / "out")) CHECK(row.at("outcome") == "imported");
    CHECK(other.told() != before);

    std::ofstream{list_path} << list;
    for (const auto& row : other.import(home.files / "out"))
      CHECK(row.at("outcome") == "duplicate");
    CHECK(other.told() == before);
    const auto head = other.result("status").at("head");
    for (const auto& row : other.import(home.files / "out"))
      CHECK(row.at("outcome") == "duplicate");
    CHECK(other.result("status").at("head") == head);
  }

  TEST_CASE("a file of an export that is not as it was taken out is told") {
    Home home;
    home.write("a.json", letter_about("Camille", "1960-05-14"));
    home.write("scan.txt", "Une page sans nom");
    for (const auto* name : {"a.json", "scan.txt"})
      REQUIRE(home.import(home.files / name).at(0).at("outcome") == "imported");
    home.result("export", {{"out", home.files / "out"}, {"format", "folder"}});
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator{std::string{home.files / "out/documents"}})
      if (entry.path().extension() == ".txt")
        std::ofstream{entry.path(), std::ios::app | std::ios::binary} << ".";
    Home other;
    const auto rows = other.import(home.files / "out");
    REQUIRE(rows.size() == 2);
    for (const auto& row : rows) {
      CAPTURE(row.at("path"));
      const std::string path{row.at("path").as_string()};
      CHECK(row.at("outcome") == "imported");
      CHECK(row.contains("altered") == path.ends_with(".txt"));
    }
  }

  TEST_CASE("an export that comes back leaves alone what the person changed since") {
    Home home;
    home.write("scan.txt", "Une page sans nom");
    const auto scan = home.import(home.files / "scan.txt").at(0);
    home.result("edit", {{"id", scan.at("id")}, {"title", "Carnet"}, {"note", "À revoir"}});
    home.result("export", {{"out", home.files / "out"}, {"format", "folder"}});
    home.result("edit", {{"id", scan.at("id")}, {"title", "Carnet de santé"}});
    const auto before = home.told();
    CHECK(home.import(home.files / "out").at(0).at("outcome") == "duplicate");
    CHECK(home.told() == before);
  }

  TEST_CASE("the list of an export puts no stranger's document into a record") {
    Home home;
    home.write("a.json", letter_about("Zoé", "1999-01-01"));
    REQUIRE(home.import(home.files / "a.json", {{"any_patient", true}}).at(0).at("outcome") ==
            "imported");
    home.result("export", {{"out", home.files / "out"}, {"format", "folder"}});
    Home namesake{"Dominique Autre"};
    const auto row = namesake.import(home.files / "out").at(0);
    CHECK(row.at("outcome") == "quarantined");
    CHECK_FALSE(row.contains("kept_before"));

    // Nor where the list does not say that its person had kept it.
    const std::string list_path = home.files / "out/manifest.json";
    std::ifstream in{list_path};
    auto list = boost::json::parse(std::string{std::istreambuf_iterator<char>{in}, {}});
    for (auto& document : list.at("documents").as_array())
      document.as_object().erase("other_patient");
    std::ofstream{list_path} << boost::json::serialize(list);
    Home other;
    CHECK(other.import(home.files / "out").at(0).at("outcome") == "quarantined");
  }

  TEST_CASE("what the person had kept whoever it names comes back, and is told") {
    Home home;
    home.write("a.json", letter_about("Zoé", "1999-01-01"));
    home.write("b.json", letter_about("Camille", "1962-03-01"));
    for (const auto& row : home.import(home.files.path(), {{"any_patient", true}}))
      REQUIRE(row.at("outcome") == "imported");
    const auto before = home.told();
    REQUIRE(before.size() == 2);
    home.result("export", {{"out", home.files / "out"}, {"format", "folder"}});
    Home other;
    for (const auto& row : other.import(home.files / "out")) {
      CAPTURE(boost::json::serialize(row));
      CHECK(row.at("outcome") == "imported");
      const bool stranger = row.at("patient").at("birth_date") == "1999-01-01";
      CHECK(row.contains("kept_before") == stranger);
      CHECK(row.contains("expected") == stranger);
    }
    CHECK(other.told() == before);
  }

  TEST_CASE("an export takes out of quarantine what its person had kept") {
    Home home;
    home.write("a.json", letter_about("Zoé", "1999-01-01"));
    home.import(home.files / "a.json", {{"any_patient", true}});
    home.result("export", {{"out", home.files / "out"}, {"format", "folder"}});
    Home other;
    REQUIRE(other.import(home.files / "a.json").at(0).at("outcome") == "quarantined");
    CHECK(other.import(home.files / "out").at(0).at("outcome") == "imported");
    CHECK(other.told().size() == 1);
  }

  TEST_CASE("a document kept for its number comes back wherever the list puts it, and is told") {
    for (const auto* first : {"a.json", "z.json"}) {
      CAPTURE(first);
      Home home;
      home.write("m.json", numbered_letter("EXEMPLE", "Camille"));
      home.write(first, numbered_letter("AUTRE", "Dominique"));
      // Whichever of a folder is read first.
      for (const auto& row : home.import(home.files.path())) {
        CAPTURE(boost::json::serialize(row));
        CHECK(row.at("outcome") == "imported");
        const bool other = row.at("patient").at("name") == "AUTRE Dominique";
        CHECK(row.contains("other_name") == other);
        CHECK(row.contains("expected") == other);
      }
      home.result("export", {{"out", home.files / "out"}, {"format", "folder"}});
      Home back;
      for (const auto& row : back.import(home.files / "out"))
        CHECK(row.at("outcome") == "imported");
      CHECK(back.told() == home.told());
    }
    // Nobody says whose number it is: set apart, once.
    Home other;
    other.write("a.json", numbered_letter("AUTRE", "Dominique"));
    const auto rows = other.import(other.files / "a.json");
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].at("outcome") == "quarantined");
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
