// SPDX-License-Identifier: EUPL-1.2
//
// The record, as the commands tell it: whose documents, their versions, facts and own entries.
// Everyone here is made up.
#include <doctest/doctest.h>

#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>

#include "sync/protocol/signature.hpp"
#include "tests/support/daemon_rig.hpp"

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;
using boost::json::array;
using boost::json::object;
using test::DaemonRig;
using test::MemberServer;

// A FHIR document about someone.
struct Letter {
  std::string family = "EXEMPLE";
  std::string given = "Camille";
  std::string birth_date = "1960-05-14";
  std::string id = "urn:uuid:0";
  std::string title = "Lettre";
  std::string text = "Tout va bien.";
  std::string type = "11488-4";

  object json() const {
    const object patient{
        {"resourceType", "Patient"},
        {"name", array{object{{"family", family}, {"given", array{boost::json::string{given}}}}}},
        {"birthDate", birth_date}};
    const object composition{
        {"resourceType", "Composition"},
        {"title", title},
        {"date", "2026-03-14"},
        {"type", {{"coding", array{object{{"system", "http://loinc.org"}, {"code", type}}}}}},
        {"subject", {{"reference", "urn:p"}}},
        {"section", array{object{{"text", {{"div", "<div>" + text + "</div>"}}}}}}};
    return {{"resourceType", "Bundle"},
            {"type", "document"},
            {"identifier", {{"system", "urn:ietf:rfc:3986"}, {"value", id}}},
            {"entry", array{object{{"resource", composition}},
                            object{{"fullUrl", "urn:p"}, {"resource", patient}}}}};
  }
};

struct Recorded {
  MemberServer server;
  DaemonRig rig{server};
  test::Folder files;

  explicit Recorded(const char* owner = "Camille Exemple") {
    REQUIRE(rig.ask("init", {{"owner", owner}}, {{"passphrase", rig.passphrase}}).error ==
            errc::ok);
  }
  // `spaces` makes other bytes of the same document.
  void write(const std::string& name, const Letter& letter, int spaces = 0) const {
    std::ofstream{files / name, std::ios::binary}
        << std::string(static_cast<std::size_t>(spaces), ' ')
        << boost::json::serialize(letter.json());
  }
  object import(const std::string& name, object flags = {}) {
    flags["paths"] = array{boost::json::string{files / name}};
    const auto done = rig.ask("import", flags);
    REQUIRE(done.error == errc::ok);
    REQUIRE(rig.heard.rows.size() == 1);
    return rig.heard.rows.front();
  }
  object import_letter(const Letter& letter, object flags = {}) {
    write("letter.json", letter);
    return import("letter.json", std::move(flags));
  }
  std::vector<object> rows(std::string_view command, object arguments = {}) {
    REQUIRE(rig.ask(command, std::move(arguments)).error == errc::ok);
    return rig.heard.rows;
  }
  object result(std::string_view command, object arguments = {}) {
    auto outcome = rig.ask(command, std::move(arguments));
    REQUIRE(outcome.error == errc::ok);
    return outcome.result;
  }
};

Fact stated(FactKind kind, std::string label, std::string date, MedicineEvent event = {}) {
  Fact fact;
  fact.kind = kind;
  fact.event = event;
  fact.label = std::move(label);
  fact.date = std::move(date);
  return fact;
}

DocumentId put_document(DaemonRig& rig, store::PreparedDocument document) {
  DocumentId id;
  const auto put = [&](store::Vault& vault) -> Result<void> {
    id = test::put(vault, std::move(document));
    return {};
  };
  REQUIRE(rig.service.session().with(put).has_value());
  REQUIRE_FALSE(id.is_zero());
  return id;
}

void put_facts(DaemonRig& rig, const std::string& title, std::vector<Fact> facts) {
  auto document = test::prepared(title, "texte");
  document.facts = std::move(facts);
  (void)put_document(rig, std::move(document));
}

void attach(store::PreparedDocument& document, std::string media_type, std::string_view content) {
  document.entry.attachments.push_back({.title = "Lettre",
                                        .media_type = std::move(media_type),
                                        .size = content.size(),
                                        .sha256 = protocol::sha256(as_bytes(content))});
  document.attachments.push_back(to_bytes(as_bytes(content)));
}

TEST_SUITE("vault/daemon/record") {
  TEST_CASE("an attachment is read on its own, and is listed with its number") {
    Recorded record;
    auto document = test::prepared("Lettre", "texte");
    attach(document, "application/pdf", "%PDF-1.4 …");
    attach(document, "text/plain", "en clair");
    const auto id = put_document(record.rig, document).text();
    object asked{{"id", id}, {"content", "attachment"}, {"attachment", 1}};
    const auto shown = record.result("show", asked);
    CHECK(as_text(record.rig.heard.content) == "%PDF-1.4 …");
    const auto& second = shown.at("attachments").at(1);
    CHECK(second.at("number") == 2);
    CHECK(second.at("media_type") == "text/plain");
    CHECK(second.at("size") == 8);
    CHECK(second.at("sha256").as_string().size() == 64);

    // A PDF is not for a screen; a text is.
    asked["readable"] = true;
    const auto refused = record.rig.ask("show", asked);
    CHECK(refused.error == errc::usage);
    CHECK(refused.detail == "application/pdf: --out");
    CHECK(record.rig.heard.content.empty());
    asked["attachment"] = 2;
    record.result("show", asked);
    CHECK(as_text(record.rig.heard.content) == "en clair");

    asked["attachment"] = 3;
    CHECK(record.rig.error_of("show", asked) == errc::not_found);
    asked["attachment"] = 0;
    CHECK(record.rig.error_of("show", asked) == errc::usage);
    CHECK(record.rig.error_of("show", {{"id", id}, {"content", "x"}}) == errc::usage);
  }

  TEST_CASE("authors, an organisation alone, birth date and restrictions are told in words") {
    Recorded record;
    auto document = test::prepared("Analyses", "texte");
    document.entry.authors = {{.name = {}, .id = {}, .profession = {}, .organisation = ""},
                              {.name = {},
                               .id = {},
                               .profession = {"G15_10/SM04", "1.2.250.1.213.1.1.4.5", "x"},
                               .organisation = "Laboratoire Exemple"}};
    document.entry.patient.birth_date = "1960-05-14";
    document.entry.class_code = {"11", "1.2.250.1.213.1.1.4.1", "Synthèse"};
    document.entry.confidentiality = {{"N", "2.16.840.1.113883.5.25", "normal"},
                                      {"MASQUE_PS", "1.2.250.1.213.1.1.4.13", "Masqué"}};
    const auto id = put_document(record.rig, document).text();
    CHECK(record.rows("list").at(0).at("author") == "Laboratoire Exemple");
    const auto shown = record.result("show", {{"id", id}, {"lang", "fr"}});
    CHECK(shown.at("authors").at(1).at("organisation") == "Laboratoire Exemple");
    CHECK(shown.at("authors").at(1).at("profession").at("label") == "Cardiologue");
    CHECK(shown.at("birth_date") == "1960-05-14");
    CHECK(shown.at("class").at("label") == "Résumé");
    CHECK(shown.at("confidentiality").at(1) == "MASQUE_PS");
    CHECK(shown.at("restrictions").at(1).at("label") == "Caché aux professionnels");
    const auto english = record.result("show", {{"id", id}, {"lang", "en"}});
    CHECK(english.at("restrictions").at(1).at("code") == "MASQUE_PS");
    CHECK(english.at("restrictions").at(1).at("label") == "Hidden from professionals");
  }

  TEST_CASE("a stranger's document is set apart with both identities, and is in no list") {
    Recorded record;
    const auto row =
        record.import_letter({.family = "MODÈLE", .given = "Paul", .birth_date = "1999"});
    CHECK(row.at("outcome") == "quarantined");
    CHECK(row.at("reason") == "other_patient");
    CHECK(row.at("patient").at("name") == "MODÈLE Paul");
    CHECK(row.at("expected").at("name") == "Camille Exemple");
    CHECK(record.rows("list").empty());
    CHECK(record.rows("search", {{"words", array{"lettre"}}}).empty());
    const auto inbox = record.rows("inbox list");
    REQUIRE(inbox.size() == 1);
    CHECK(inbox[0].at("names").at("birth_date") == "1999");

    CHECK(record.rig.error_of("inbox accept", {{"id", row.at("id")}}) == errc::ok);
    CHECK(record.rows("inbox list").empty());
    CHECK(record.rows("list").size() == 1);
    // Decided: it is in the inbox no more.
    CHECK(record.rig.error_of("inbox refuse", {{"id", row.at("id")}}) == errc::not_found);
  }

  TEST_CASE("a refused document is removed, and may be restored") {
    Recorded record;
    const auto id = record.import_letter({.family = "MODÈLE"}).at("id");
    CHECK(record.rig.error_of("inbox refuse", {{"id", id}}) == errc::ok);
    CHECK(record.rows("inbox list").empty());
    CHECK(record.rig.error_of("restore", {{"id", id}}) == errc::ok);
    CHECK(record.rows("inbox list").size() == 1);
  }

  TEST_CASE("whoever it names, it is taken in when that is asked, also from the inbox") {
    Recorded record;
    const Letter stranger{.family = "MODÈLE"};
    CHECK(record.import_letter(stranger).at("outcome") == "quarantined");
    const auto again = record.import_letter(stranger);
    CHECK(again.at("outcome") == "quarantined");  // there, but not in the list
    CHECK(again.at("reason") == "other_patient");
    CHECK(record.rows("inbox list").size() == 1);
    CHECK(record.import_letter(stranger, {{"any_patient", true}}).at("outcome") == "imported");
    CHECK(record.rows("list").size() == 1);
    CHECK(record.import_letter(stranger, {{"any_patient", true}}).at("outcome") == "duplicate");
    // Nothing was learned from it.
    CHECK(record.import_letter({.family = "MODÈLE", .text = "Autre"}).at("outcome") ==
          "quarantined");
  }

  TEST_CASE("a vault that knows nobody learns it from the first document that says it") {
    Recorded record{""};
    record.write("a.json", {.family = "MODÈLE", .given = "Paul", .id = "1"});
    record.write("b.json", {.family = "EXEMPLE", .id = "2"});
    const auto done =
        record.rig.ask("import", {{"paths", array{boost::json::string{record.files.path()}}}});
    REQUIRE(done.error == errc::ok);
    const auto& summary = done.result.at("summary");
    CHECK(summary.at("imported") == 1);
    CHECK(summary.at("quarantined") == 1);  // in the same import
    REQUIRE(summary.at("identified").as_array().size() == 1);
    CHECK(summary.at("identified").at(0).at("identity").at("name") == "MODÈLE Paul");
    // It lasts: the vault is locked and opened.
    CHECK(record.rig.error_of("lock") == errc::ok);
    CHECK(record.rig.unlock() == errc::ok);
    CHECK(record.import_letter({.family = "TIERS", .id = "3"}).at("outcome") == "quarantined");
    CHECK(record.rows("person list").at(0).at("identity").at("birth_date") == "1960-05-14");
  }

  TEST_CASE("a child's document goes to the child's record, whoever it was put in for") {
    Recorded record;
    CHECK(record.result("person add", {{"name", "Léa Exemple"}}).at("added") == true);
    CHECK(record.result("person add", {{"name", "LEA EXEMPLE"}}).at("added") == false);
    const auto row = record.import_letter({.given = "Léa", .birth_date = "2015-01-02"});
    CHECK(row.at("outcome") == "imported");
    CHECK(row.at("person") == "Léa Exemple");
    CHECK(row.at("person_id") != "owner");
    CHECK(record.rows("list", {{"person", "lea exemple"}}).size() == 1);
    CHECK(record.rows("list", {{"person", "owner"}}).empty());
    CHECK(record.rows("list").at(0).at("person") == "Léa Exemple");
    CHECK(record.rig.error_of("list", {{"person", "Zoé"}}) == errc::not_found);
    // What says nothing of its patient is filed where it was put in.
    std::ofstream{record.files / "note.txt"} << "Sans nom";
    CHECK(record.import("note.txt", {{"person", "Léa Exemple"}}).at("person") == "Léa Exemple");
    const auto persons = record.rows("person list");
    REQUIRE(persons.size() == 2);
    CHECK(persons[1].at("documents") == 2);
  }

  TEST_CASE(
      "a person who is not there, or two of one name, are told as such; a record is renamed") {
    Recorded record;
    const auto unknown = record.rig.ask("list", {{"person", "Hugo Exemple"}});
    CHECK(unknown.error == errc::not_found);
    CHECK(unknown.detail.find("« Hugo Exemple »") != std::string::npos);
    CHECK(unknown.detail.find("coffret person list") != std::string::npos);

    // As two devices add them, each off line.
    const auto add = [&](std::uint8_t first) {
      const store::PersonNamed named{test::counting_id<PersonId>(first), "Hugo Exemple"};
      const auto put = [&](store::Vault& vault) -> Result<void> {
        COFFRET_CHECK(vault.append(store::make_operation(named)));
        return {};
      };
      REQUIRE(record.rig.service.session().with(put).has_value());
      return named.person.text();
    };
    const auto one = add(0x10);
    const auto other = add(0x50);
    for (const auto* command : {"list", "medicines", "summary"}) {
      const auto two = record.rig.ask(command, {{"person", "hugo exemple"}});
      CHECK(two.error == errc::ambiguous_name);
      CHECK(two.detail.find(one.substr(0, 8)) != std::string::npos);
      CHECK(two.detail.find(other.substr(0, 8)) != std::string::npos);
    }
    CHECK(record.rig.error_of("list", {{"person", one}}) == errc::ok);
    CHECK(record.rig.error_of("person add", {{"name", "Hugo Exemple"}}) == errc::ambiguous_name);

    const auto renamed =
        record.result("person rename", {{"person", other.substr(0, 8)}, {"name", "Hugo, le fils"}});
    CHECK(renamed.at("id") == boost::json::value(other));
    CHECK(renamed.at("before") == "Hugo Exemple");
    CHECK(record.rig.error_of("list", {{"person", "Hugo Exemple"}}) == errc::ok);
    CHECK(record.rig.error_of("lock") == errc::ok);
    CHECK(record.rig.unlock() == errc::ok);
    CHECK(record.rig.error_of("list", {{"person", "hugo, le fils"}}) == errc::ok);
    // No name for two, none for the owner, none that is empty.
    for (const auto& [person, name, error] :
         {std::tuple{other, "HUGO EXEMPLE", errc::ambiguous_name},
          std::tuple{std::string{"owner"}, "Autre", errc::usage},
          std::tuple{other, " ", errc::usage},
          std::tuple{std::string{"Zoé"}, "Z", errc::not_found}})
      CHECK(record.rig.error_of("person rename", {{"person", person}, {"name", name}}) == error);
    CHECK(record.rows("person list").size() == 3);
  }

  TEST_CASE("two records of one person are merged, and parted again") {
    Recorded record;
    record.result("person add", {{"name", "Hugo Exemple"}});
    record.result("person add", {{"name", "Hugo"}});
    record.result("note add", {{"text", "Fatigue"}, {"person", "Hugo Exemple"}});
    record.result("note add", {{"text", "Fièvre"}, {"person", "Hugo"}});
    const auto merge = [&](object more) {
      object arguments{{"into", "Hugo Exemple"}, {"person", "Hugo"}};
      for (auto& [name, value] : more) arguments[name] = value;
      return record.rig.ask("person merge", std::move(arguments));
    };
    auto done = merge({});
    REQUIRE(done.error == errc::ok);
    CHECK(done.result.at("documents") == 1);
    CHECK(done.result.at("changed") == true);
    CHECK(merge({}).result.at("changed") == false);
    CHECK(record.rows("person list").size() == 2);
    CHECK(record.rows("list", {{"person", "Hugo Exemple"}}).size() == 2);
    CHECK(record.rig.error_of("list", {{"person", "Hugo"}}) == errc::not_found);
    done = merge({{"undo", true}});
    REQUIRE(done.error == errc::ok);
    CHECK(done.result.at("undone") == true);
    CHECK(merge({{"undo", true}}).error == errc::not_found);
    CHECK(record.rows("person list").size() == 3);
    CHECK(record.rows("list", {{"person", "Hugo"}}).size() == 1);

    for (const auto& [into, person, error] :
         {std::tuple{"Hugo", "Hugo", errc::usage}, std::tuple{"Hugo", "owner", errc::usage},
          std::tuple{"Hugo", "Zoé", errc::not_found}, std::tuple{"Zoé", "Hugo", errc::not_found},
          std::tuple{"Hugo", "", errc::usage}})
      CHECK(record.rig.error_of("person merge", {{"into", into}, {"person", person}}) == error);
  }

  TEST_CASE("records whose documents name two persons are merged only when that is said") {
    Recorded record;
    const auto identified = [&](const char* name, const char* born) {
      record.result("person add", {{"name", name}});
      const auto tell = [&](store::Vault& vault) -> Result<void> {
        PatientIdentity identity;
        identity.family = "EXEMPLE";
        identity.given = "Hugo";
        identity.birth_date = born;
        for (const auto& person : vault.persons())
          if (person.name == name) COFFRET_CHECK(vault.identify(person.id, identity));
        return {};
      };
      REQUIRE(record.rig.service.session().with(tell).has_value());
    };
    identified("Hugo, le père", "1950-01-01");
    identified("Hugo, le fils", "1980-01-01");
    object arguments{{"into", "Hugo, le père"}, {"person", "Hugo, le fils"}};
    CHECK(record.rig.error_of("person merge", arguments) == errc::records_differ);
    CHECK(record.rows("person list").size() == 3);
    arguments["any_patient"] = true;
    CHECK(record.rig.error_of("person merge", arguments) == errc::ok);
    CHECK(record.rows("person list").size() == 2);
  }

  TEST_CASE("a record is removed when it is empty, or goes to the trash with its documents") {
    Recorded record;
    record.result("person add", {{"name", "Hugo Exemple"}});
    record.result("note add", {{"text", "Fatigue"}, {"person", "Hugo Exemple"}});
    const auto kept = record.rig.ask("person remove", {{"person", "Hugo Exemple"}});
    CHECK(kept.error == errc::record_not_empty);
    CHECK(kept.detail == "Hugo Exemple (1)");
    CHECK(record.rig.error_of("person remove", {{"person", "owner"}}) == errc::usage);
    const auto gone =
        record.result("person remove", {{"person", "Hugo Exemple"}, {"to_trash", true}});
    CHECK(gone.at("documents") == 1);
    CHECK_FALSE(gone.at("until").is_null());
    CHECK(record.rows("person list").size() == 1);
    const auto trash = record.rows("list", {{"removed", true}});
    REQUIRE(trash.size() == 1);
    // Taken back, it is in its record, which is there again.
    record.result("restore", {{"id", trash.front().at("id")}});
    CHECK(record.rows("person list").size() == 2);
    CHECK(record.rows("list", {{"person", "Hugo Exemple"}}).size() == 1);
    record.result("remove", {{"id", trash.front().at("id")}});
    record.result("person add", {{"name", "Zoé Exemple"}});
    CHECK(record.result("person remove", {{"person", "Zoé Exemple"}}).at("until").is_null());
  }

  TEST_CASE("a word that is no category is refused with those that are; an empty vault says so") {
    Recorded record;
    const auto empty = record.result("list");
    CHECK(empty.at("count") == 0);
    CHECK(empty.at("documents") == 0);
    record.result("note add", {{"text", "Fatigue"}});
    CHECK(record.result("list", {{"category", "laboratory"}}).at("documents") == 1);
    for (const auto* command : {"list", "search"}) {
      const auto wrong =
          record.rig.ask(command, {{"category", "laboratoire"}, {"words", array{"fatigue"}}});
      CHECK(wrong.error == errc::usage);
      CHECK(wrong.detail.find("laboratory (analyses)") != std::string::npos);
    }
  }

  TEST_CASE("what a file says of its author does not make it an entry of one's own") {
    Recorded record;
    const auto mine = record.result("allergy add", {{"what", "arachide"}});
    CHECK(mine.at("entered_here") == true);
    const object tag{{"tag", array{object{{"code", "PATAST"}}}}};
    const object allergy{{"resourceType", "AllergyIntolerance"},
                         {"meta", tag},
                         {"code", {{"text", "latex"}}},
                         {"patient", {{"reference", "urn:p"}}}};
    auto letter = Letter{.id = "urn:uuid:forged"}.json();
    auto& entries = letter.at("entry").as_array();
    auto& composition = entries.at(0).as_object().at("resource").as_object();
    composition["meta"] = tag;
    composition["author"] = array{object{{"reference", "urn:p"}}};
    composition["section"] = array{object{{"entry", array{object{{"reference", "urn:a"}}}}}};
    entries.push_back(object{{"fullUrl", "urn:a"}, {"resource", allergy}});
    std::ofstream{record.files / "forged.json"} << boost::json::serialize(letter);
    const auto id = record.import("forged.json").at("id");

    const auto shown = record.result("show", {{"id", id}});
    CHECK(shown.at("patient_authored") == true);  // as it says
    CHECK(shown.at("entered_here") == false);
    CHECK(shown.at("provenance").at("source") == "import");
    std::size_t here = 0;
    const auto allergies = record.rows("allergies");
    REQUIRE(allergies.size() == 2);
    for (const auto& row : allergies) here += row.at("entered_here").as_bool() ? 1U : 0U;
    CHECK(here == 1);
  }

  TEST_CASE("the same document in other bytes is one; a reused id loses nothing") {
    Recorded record;
    record.write("a.json", {.id = "1"});
    record.write("b.json", {.id = "1"}, 3);                      // other bytes
    record.write("c.json", {.id = "1", .text = "Autre texte"});  // the id alone is the same
    record.write("d.json", {.id = "1", .text = "Tout  va\nbien."});
    record.write("e.json", {.id = "2"});
    REQUIRE(record.rig.error_of("import",
                                {{"paths", array{boost::json::string{record.files.path()}}}}) ==
            errc::ok);
    std::vector<std::string> outcomes;
    for (const auto& row : record.rig.heard.rows)
      outcomes.emplace_back(row.at("outcome").as_string().c_str());
    CHECK(outcomes ==
          std::vector<std::string>{"imported", "duplicate", "imported", "duplicate", "imported"});
    // The person's own title does not make it another document.
    const auto id = record.rows("list").at(0).at("id");
    CHECK(record.rig.error_of("edit", {{"id", id}, {"title", "Autre titre"}}) == errc::ok);
    record.write("f.json", {.id = "1"}, 7);
    CHECK(record.import("f.json").at("outcome") == "duplicate");
  }

  TEST_CASE("a document without a date has the file's, and says so") {
    Recorded record;
    std::ofstream{record.files / "note.txt"} << "Sans date";
    CHECK(record.import("note.txt").at("outcome") == "imported");
    CHECK(record.rows("list").at(0).at("date_source") == "file");
    CHECK(record.import_letter(Letter{}).at("outcome") == "imported");
    const auto id = record.rig.heard.rows.at(0).at("id");
    CHECK(record.result("show", {{"id", id}}).at("date_source") == "document");
  }

  TEST_CASE("what the person changes is shown as theirs, and the bytes stay") {
    Recorded record;
    const auto id = record.import_letter(Letter{}).at("id");
    const auto sha256 = record.result("show", {{"id", id}}).at("sha256");
    const object change{{"id", id},
                        {"title", "Visite"},
                        {"date", "12/03/2020"},
                        {"kind", "ordonnance"},
                        {"note", "À revoir"}};
    CHECK(record.rig.error_of("edit", change) == errc::ok);
    const auto shown = record.result("show", {{"id", id}});
    CHECK(shown.at("title") == "Visite");
    CHECK(shown.at("date") == "2020-03-12");
    CHECK(shown.at("date_source") == "person");
    CHECK(shown.at("kind").at("code") == "57833-6");
    CHECK(shown.at("note") == "À revoir");
    CHECK(shown.at("changed").as_array().size() == 4);
    CHECK(shown.at("sha256") == sha256);
    CHECK(shown.at("provenance").at("unchanged") == true);
    const auto history = record.rows("history", {{"id", id}});
    REQUIRE(history.size() == 1);
    CHECK(history[0].at("note") == "À revoir");

    CHECK(record.rig.error_of("edit", {{"id", id}, {"date", "31/02/2020"}}) == errc::usage);
    CHECK(record.rig.error_of("edit", {{"id", id}}) == errc::usage);
    CHECK(record.rig.error_of("edit", {{"id", "aaaaaaaa"}, {"title", "x"}}) == errc::not_found);
    CHECK(record.rig.error_of("edit", {{"id", id}, {"kind", "Mes mots"}}) == errc::ok);
    CHECK(record.result("show", {{"id", id}}).at("kind").at("label") == "Mes mots");
  }

  TEST_CASE("what a person types in is a document of theirs, read like any other") {
    Recorded record;
    const auto made = record.result("measure add",
                                    {{"what", "poids"}, {"value", "72,5"}, {"date", "01/03/2026"}});
    CHECK(made.at("title") == "Poids : 72,5 kg");
    CHECK(made.at("date") == "2026-03-01");
    CHECK(made.at("patient_authored") == true);
    const auto shown = record.result("show", {{"id", made.at("id")}});
    CHECK(shown.at("provenance").at("source") == "own");
    CHECK(shown.at("author") == "Camille Exemple");
    CHECK(shown.at("kind").at("code") == "29274-8");

    record.result("note add", {{"text", "Fatigue depuis lundi"}});
    CHECK(record.rows("search", {{"words", array{"fatigue"}}}).size() == 1);
    // Twice the same is two.
    record.result("note add", {{"text", "Fatigue depuis lundi"}});
    CHECK(record.rows("list").size() == 3);

    CHECK(record.rig.ask("measure add", {{"what", "poids"}, {"value", "lourd"}}).detail ==
          "--value : ce n'est pas un nombre");
    CHECK(record.rig.ask("measure add", {{"what", "inr"}, {"value", "55"}}).detail ==
          "--value, INR : 0,5 – 20");
    CHECK(record.rig.error_of("note add") == errc::usage);
    CHECK(record.rig.error_of("note add", {{"text", "x"}, {"date", "demain"}}) == errc::usage);
    CHECK(record.rig.error_of("allergy add", {{"what", std::string(2000, 'x')}}) ==
          errc::too_large);
  }

  TEST_CASE("what cannot be is refused with its flag and why, and nothing is kept") {
    Recorded record;
    struct Case {
      const char* command;
      object arguments;
      const char* detail;
    };
    for (const auto& c :
         {Case{"measure add",
               {{"what", "tension"}, {"value", "8/12"}},
               "--value, le premier nombre (systolique) est le plus grand des deux : 12/8"},
          Case{"measure add",
               {{"what", "poids"}, {"value", "72"}, {"date", "2999-01-01"}},
               "--date : dans le futur"},
          Case{"note add", {{"text", "x"}, {"date", "2999"}}, "--date : dans le futur"},
          Case{"treatment add",
               {{"what", "IMAGINOL"}, {"date", "2020-02-01"}, {"until", "2020-01-01"}},
               "--until : avant le début"},
          Case{"measure add",
               {{"what", "poids"}, {"value", "lourd"}},
               "--value : ce n'est pas un nombre"},
          Case{"measure add",
               {{"what", "tension"}, {"value", "12"}},
               "--value : ce ne sont pas deux nombres : 12/8"},
          Case{"vaccine add",
               {{"what", "DTP"}, {"date", "31/02/2020"}},
               "--date 31/02/2020 : cette date n'existe pas"},
          Case{"note add", {{"text", " \n"}}, "--text : c'est vide"},
          Case{"allergy add", {{"what", ""}}, "--what : c'est vide"}}) {
      CAPTURE(c.detail);
      const auto answer = record.rig.ask(c.command, c.arguments);
      CHECK(answer.error == errc::usage);
      CHECK(answer.detail == c.detail);
    }
    CHECK(record.rows("list").empty());
  }

  TEST_CASE("a treatment of one's own that has an end goes on until then") {
    Recorded record;
    record.result("treatment add",
                  {{"what", "IMAGINOL"}, {"date", "2026-01-01"}, {"until", "2999"}});
    record.result("treatment add",
                  {{"what", "FINIMAX"}, {"date", "2026-01-01"}, {"until", "2026-02-01"}});
    for (const auto& row : record.rows("medicines")) {
      const bool goes_on = row.at("label") == "IMAGINOL";
      CHECK(row.at("status") == (goes_on ? "active" : "completed"));
      CHECK(row.at("over") == !goes_on);
    }
    const auto current = record.rows("summary");
    REQUIRE(current.size() == 1);
    CHECK(current.front().at("label") == "IMAGINOL");
  }

  TEST_CASE("how sure, how critical and how severe are members of their own") {
    Recorded record;
    auto allergy = stated(FactKind::allergy, "Kiwi", "2020");
    allergy.flag = "unconfirmed";
    allergy.value = "high";
    allergy.dose = "severe";
    auto problem = stated(FactKind::problem, "Asthme", "2020");
    problem.flag = "provisional";
    put_facts(record.rig, "Lettre", {allergy, problem});
    const auto rows = record.rows("summary");
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].at("verification") == "unconfirmed");
    CHECK(rows[0].at("criticality") == "high");
    CHECK(rows[0].at("severity") == "severe");
    CHECK(rows[1].at("verification") == "provisional");
    for (const auto& row : rows)
      for (const auto* member : {"value", "dose", "flag"}) CHECK(row.at(member) == "");
  }

  TEST_CASE("a choice of days says how many results without a date it leaves out") {
    Recorded record;
    auto dated = stated(FactKind::result, "Sodium", "2026-03-01");
    auto undated = stated(FactKind::result, "Potassium", "");
    dated.value = undated.value = "4";
    put_facts(record.rig, "Bilan", {dated, undated});
    CHECK(record.result("results", {{"since", "2026-01-01"}}).at("undated") == 1);
    CHECK(record.rig.heard.rows.size() == 1);
    CHECK(record.result("results").at("undated") == 0);
    CHECK(record.rig.heard.rows.size() == 2);
  }

  TEST_CASE("a search says how many documents it found beside those that it tells") {
    Recorded record;
    for (int i = 0; i < 52; ++i) record.rig.put_text("Fatigue " + std::to_string(i));
    const auto many = record.result("search", {{"words", array{"fatigue"}}});
    CHECK(many.at("count") == 50);
    CHECK(many.at("matched") == 52);
    CHECK(many.at("maybe_more") == false);
    const auto none = record.result("search", {{"words", array{"absent"}}});
    CHECK(none.at("matched") == 0);
  }

  TEST_CASE("a search takes the filters of the list") {
    Recorded record;
    record.result("person add", {{"name", "Léa Exemple"}});
    record.result("note add", {{"text", "Fatigue"}, {"date", "2020-05-01"}});
    record.result("note add", {{"text", "Fatigue"}, {"date", "2026-05-01"}});
    record.result("note add", {{"text", "Fatigue"}, {"person", "Léa Exemple"}});
    record.import_letter({.text = "Fatigue"});  // of March 2026
    const auto found = [&](object filter) {
      filter["words"] = array{"fatigue"};
      return record.rows("search", std::move(filter)).size();
    };
    CHECK(found({}) == 4);
    CHECK(found({{"until", "2020-12-31"}}) == 1);
    CHECK(found({{"until", "31/12/2020"}}) == 1);
    CHECK(found({{"since", "2026-04-01"}, {"until", "2026-06-01"}}) == 1);
    CHECK(found({{"person", "Léa Exemple"}}) == 1);
    CHECK(found({{"kind", "11488-4"}}) == 1);
    CHECK(found({{"category", "laboratory"}}) == 0);
    CHECK(found({{"author", "camille"}, {"person", "owner"}}) == 2);
    CHECK(record.rig.error_of("search", {{"words", array{"fatigue"}}, {"person", "Zoé"}}) ==
          errc::not_found);
  }

  TEST_CASE("a date that is none is refused wherever it filters, and the flag is named") {
    Recorded record;
    for (const auto* command : {"list", "search", "results", "medicines"})
      for (const std::string flag : {"since", "until"}) {
        const auto told = record.rig.ask(command, {{"words", array{"fatigue"}}, {flag, "hier"}});
        CHECK(told.error == errc::usage);
        CHECK(told.detail == std::string{"--"}.append(flag).append(" hier"));
      }
  }

  TEST_CASE("what was removed is listed when that is asked") {
    Recorded record;
    const auto id = record.result("note add", {{"text", "Fatigue"}}).at("id");
    record.result("remove", {{"id", id}});
    CHECK(record.rows("list").empty());
    REQUIRE(record.rows("list", {{"removed", true}}).size() == 1);
    CHECK(record.rows("list", {{"removed", true}}).at(0).at("id") == id);
  }

  TEST_CASE("own entries may be another person's") {
    Recorded record;
    record.result("person add", {{"name", "Léa Exemple"}});
    record.result("allergy add", {{"what", "arachide"}, {"person", "Léa Exemple"}});
    CHECK(record.rows("list", {{"person", "Léa Exemple"}}).size() == 1);
    CHECK(record.rows("list", {{"person", "owner"}}).empty());
  }

  TEST_CASE("results are told by series, newest first, with their range in words") {
    Recorded record;
    auto old = stated(FactKind::result, "Glucose", "2025-01-10");
    old.value = "1.30";
    old.range_low = "0.70";
    old.range_high = "1.10";
    auto recent = old;
    recent.date = "2026-01-10";
    recent.value = "0.95";
    auto flagged = stated(FactKind::result, "Potassium", "2025-06-01");
    flagged.value = "3.1";
    flagged.flag = "L";
    put_facts(record.rig, "Analyses", {old, flagged, recent});
    const auto rows = record.rows("results");
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].at("date") == "2026-01-10");
    CHECK(rows[0].at("standing") == "normal");
    CHECK(rows[0].at("nth") == 0);
    CHECK(rows[1].at("standing") == "high");
    CHECK(rows[1].at("of") == 2);
    CHECK(rows[2].at("label") == "Potassium");
    CHECK(rows[2].at("standing") == "low");
    CHECK(rows[2].at("document_title") == "Analyses");
    CHECK(record.rows("results", {{"code", "gluco"}}).size() == 2);
    CHECK(record.rows("allergies").empty());
  }

  TEST_CASE("the summary holds each thing once and counts what is absent") {
    Recorded record;
    put_facts(record.rig, "Synthèse",
              {stated(FactKind::allergy, "Pénicilline", "2010"),
               stated(FactKind::allergy, "pénicilline", "2020"),
               stated(FactKind::medicine, "Vieux", "2001", MedicineEvent::prescribed),
               stated(FactKind::medicine, "Récent", "2026-12", MedicineEvent::taken)});
    const auto done = record.result("summary");
    const auto& counts = done.at("counts");
    CHECK(counts.at("allergy") == 1);
    CHECK(counts.at("medicine") == 1);
    CHECK(counts.at("vaccine") == 0);
    CHECK(record.rig.heard.rows.at(0).at("date") == "2020");
  }

  TEST_CASE(
      "the summary tells that no allergy is known, and by which document, apart from silence") {
    Recorded record;
    auto none = stated(FactKind::allergy, "Aucune allergie connue", "2026-05-04");
    none.status = "none-known";
    none.code = {"no-known-allergies", "", ""};
    put_facts(record.rig, "Volet de synthèse", {none});
    const auto done = record.result("summary");
    CHECK(done.at("counts").at("allergy") == 0);
    CHECK(done.at("absent").at("allergy") == "none-known");
    CHECK(!done.at("absent").as_object().contains("medicine"));
    REQUIRE(record.rig.heard.rows.size() == 1);
    const auto& row = record.rig.heard.rows.at(0);
    CHECK(row.at("kind") == "absence");
    CHECK(row.at("value") == "allergy");
    CHECK(row.at("document_title") == "Volet de synthèse");
    CHECK(record.rows("allergies").size() == 1);
    CHECK(record.rows("vaccines").empty());
  }

  TEST_CASE("the summary and the lists tell each person apart, whose record is empty too") {
    Recorded record;
    record.result("person add", {{"name", "Léa Exemple"}});
    record.result("allergy add", {{"what", "arachide"}, {"person", "Léa Exemple"}});
    record.result("allergy add", {{"what", "kiwi"}});
    record.result("treatment add", {{"what", "IMAGINOL"}});
    const auto done = record.result("summary");
    const auto rows = record.rig.heard.rows;
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].at("label") == "kiwi");
    CHECK(rows[0].at("first_of_person") == true);
    CHECK(rows[1].at("label") == "IMAGINOL");
    CHECK(rows[1].at("first_of_person") == false);
    CHECK(rows[2].at("label") == "arachide");
    CHECK(rows[2].at("first_of_person") == true);
    CHECK(done.at("counts").at("allergy") == 2);
    const auto& persons = done.at("persons").as_array();
    REQUIRE(persons.size() == 2);
    CHECK(persons[0].at("person_id") == "owner");
    CHECK(persons[0].at("counts").at("medicine") == 1);
    CHECK(persons[1].at("person") == "Léa Exemple");
    CHECK(persons[1].at("counts").at("medicine") == 0);
    for (const auto* owner : {"owner", "vous", "You"}) {
      CAPTURE(owner);
      const auto own = record.rows("allergies", {{"person", owner}});
      REQUIRE(own.size() == 1);
      CHECK(own[0].at("label") == "kiwi");
      CHECK_FALSE(own[0].contains("first_of_person"));
    }
    const auto medicines = record.result("medicines");
    CHECK(medicines.at("persons").at(0).at("count") == 1);
    CHECK(medicines.at("persons").at(1).at("count") == 0);
  }

  TEST_CASE("an old treatment without an end is counted beside the summary") {
    Recorded record;
    auto old = stated(FactKind::medicine, "IMAGINOL", "2019-01-10", MedicineEvent::taken);
    old.status = "completed";
    old.place = "Traitements/entry[1]";
    put_facts(record.rig, "Traitements au long cours", {old});
    const auto done = record.result("summary");
    CHECK(done.at("counts").at("medicine") == 0);
    CHECK(done.at("persons").at(0).at("older_medicines") == 1);
  }

  TEST_CASE("a stopped medicine is not in the summary, though a prescription is kept") {
    Recorded record;
    auto prescribed =
        stated(FactKind::medicine, "Warfarine", "2024-01-10", MedicineEvent::prescribed);
    prescribed.status = "active";
    put_facts(record.rig, "Ordonnance", {prescribed});
    CHECK(record.result("summary").at("counts").at("medicine") == 1);
    auto stopped = stated(FactKind::medicine, "Warfarine", "2025-03-02", MedicineEvent::taken);
    stopped.status = "stopped";
    put_facts(record.rig, "Lettre", {stopped});
    CHECK(record.result("summary").at("counts").at("medicine") == 0);
    CHECK(record.rows("medicines").size() == 2);
  }

  TEST_CASE("the pharmacy's view is what was dispensed lately") {
    Recorded record;
    put_facts(record.rig, "Ordonnances",
              {stated(FactKind::medicine, "Prescrit", "2026-12-01", MedicineEvent::prescribed),
               stated(FactKind::medicine, "Délivré", "2026-12-01", MedicineEvent::dispensed),
               stated(FactKind::medicine, "Ancien", "2025-12-01", MedicineEvent::dispensed),
               stated(FactKind::vaccine, "DTP", "2007-01-01")});
    CHECK(record.rows("medicines").size() == 3);
    const auto rows = record.rows("medicines", {{"pharmacy", true}});
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].at("label") == "Délivré");
    CHECK(rows[1].at("label") == "DTP");
  }
}

}  // namespace
}  // namespace coffret::daemon
