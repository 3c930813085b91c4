// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/import.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/support/daemon_rig.hpp"
#include "tests/vault/reader/zip_builder.hpp"

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;
using boost::json::array;
using test::DaemonRig;
using test::MemberServer;

struct Importing {
  MemberServer server;
  DaemonRig rig{server};
  test::Folder files;

  Importing() { REQUIRE(rig.init() == errc::ok); }
  void write(const std::string& name, const std::string& content) const {
    fs::create_directories(fs::path{files / name}.parent_path());
    std::ofstream{files / name, std::ios::binary} << content;
  }
  Outcome import(const std::string& path) {
    return rig.ask("import", {{"paths", array{boost::json::string{path}}}});
  }
  // Outcome by file name, of the last import.
  std::map<std::string, std::string> outcomes() const {
    std::map<std::string, std::string> outcomes;
    for (const auto& row : rig.heard.rows) {
      const fs::path path{std::string{row.at("path").as_string()}};
      const auto& reason = row.at("reason");
      const auto& told = reason.is_null() ? row.at("outcome") : reason;
      outcomes[path.filename().string()] = std::string{told.as_string()};
    }
    return outcomes;
  }
  std::uint64_t counted(const Outcome& outcome, const char* what) const {
    return outcome.result.at("summary").at(what).to_number<std::uint64_t>();
  }
};

TEST_SUITE("vault/daemon/import") {
  TEST_CASE("an encrypted file is told what it is and is no document, a backup or an export") {
    Importing importing;
    importing.write("a.age", "age-encryption.org/v1\n-> scrypt AAAA 18\nBBBB\n--- CCCC\n");
    importing.write("b.txt", "-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n");
    importing.write("c.txt", "age-encryption.org est un site");
    const auto done = importing.import(importing.files.path());
    const std::map<std::string, std::string> expected{
        {"a.age", "unsupported"}, {"b.txt", "unsupported"}, {"c.txt", "imported"}};
    CHECK(importing.outcomes() == expected);
    for (const auto& row : importing.rig.heard.rows)
      if (!row.at("reason").is_null()) CHECK(row.at("cause") == "sealed_file");
    CHECK(done.result.at("exit_status") == 9);
  }

  TEST_CASE("a subfolder that cannot be read has a row, and the rest is imported") {
    if (::geteuid() == 0) {
      MESSAGE("skipped: the superuser reads every folder");
      return;
    }
    Importing importing;
    importing.write("a.txt", "Compte rendu");
    importing.write("closed/b.txt", "Autre compte rendu");
    REQUIRE(::chmod((importing.files / "closed").c_str(), 0) == 0);
    const auto done = importing.import(importing.files.path());
    REQUIRE(::chmod((importing.files / "closed").c_str(), 0700) == 0);
    const std::map<std::string, std::string> expected{{"a.txt", "imported"}, {"closed", "io"}};
    CHECK(importing.outcomes() == expected);
    CHECK(importing.counted(done, "refused") == 1);
  }

  TEST_CASE("each file has its own outcome, and a bad one stops none") {
    Importing importing;
    importing.write("a.txt", "Compte rendu sans importance");
    importing.write("b.txt", "Compte rendu sans importance");
    importing.write("c.xml", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>");
    importing.write("d.txt", "Autre compte rendu");
    importing.write("big.bin", "x");
    fs::resize_file(importing.files / "big.bin", limits::file_size + 1);
    REQUIRE(::mkfifo((importing.files / "pipe").c_str(), 0600) == 0);
    importing.write(".DS_Store", "left by a desktop");

    const auto done = importing.import(importing.files.path());
    REQUIRE(done.error == errc::ok);
    const std::map<std::string, std::string> expected{{"a.txt", "imported"},
                                                      {"b.txt", "duplicate"},
                                                      {"c.xml", "doctype_refused"},
                                                      {"d.txt", "imported"},
                                                      {"big.bin", "too_large"}};
    CHECK(importing.outcomes() == expected);
    CHECK(importing.counted(done, "imported") == 2);
    CHECK(importing.counted(done, "duplicate") == 1);
    CHECK(importing.counted(done, "refused") == 2);
    CHECK(done.result.at("exit_status") == 9);

    const auto again = importing.import(importing.files / "d.txt");
    CHECK(importing.outcomes() == std::map<std::string, std::string>{{"d.txt", "duplicate"}});
    CHECK(again.result.at("exit_status") == 0);
  }

  TEST_CASE("a refused file is told with its cause, not only with the code of its error") {
    Importing importing;
    std::string deep;
    for (int i = 0; i < 200; ++i) deep += "<a>";
    const auto zip = [](const std::vector<reader::ZipMember>& members) {
      return std::string{as_text(reader::make_zip(members))};
    };
    const std::string inner = zip({{"a.txt", "a"}});
    const struct {
      std::string name;
      std::string content;
      const char* reason;
      const char* cause;
    } cases[] = {
        {"empty.pdf", "", "malformed", "empty_file"},
        {"cut.xml", "<?xml version='1.0'?><a><b>", "malformed", "xml_not_well_formed"},
        {"bytes.xml", "<?xml version='1.0' encoding='UTF-8'?><a>\xE9\xE9 </a>", "malformed",
         "xml_encoding"},
        {"unknown.xml", "<?xml version='1.0' encoding='X-INVENTED'?><a/>", "malformed",
         "xml_encoding"},
        {"doctype.xml", "<!DOCTYPE a><a/>", "doctype_refused", "xml_doctype"},
        {"deep.xml", "<?xml version='1.0'?>" + deep, "too_large", "xml_depth"},
        {"twice.json", R"({"resourceType":"Patient","id":"1","id":"2"})", "malformed",
         "json_not_well_formed"},
        {"climbs.zip", zip({{"../a.txt", "a"}}), "malformed", "archive_unsafe_name"},
        {"same.zip", zip({{"a.txt", "a"}, {"a.txt", "b"}}), "malformed", "archive_repeated_name"},
        {"cut.zip", zip({{"a.txt", "a"}}).substr(0, 40), "malformed", "archive_damaged"},
    };
    for (const auto& c : cases) importing.write(c.name, c.content);
    importing.write("nested.zip", zip({{"inside.zip", inner}}));
    REQUIRE(importing.import(importing.files / "").error == errc::ok);
    std::map<std::string, std::pair<std::string, std::string>> told;
    for (const auto& row : importing.rig.heard.rows) {
      if (row.at("outcome") != "refused") continue;
      const fs::path path{std::string{row.at("path").as_string()}};
      const auto* cause = row.at("cause").if_string();
      told[path.filename().string()] = {std::string{row.at("reason").as_string()},
                                        cause == nullptr ? "" : std::string{*cause}};
    }
    for (const auto& c : cases) {
      CAPTURE(c.name);
      CHECK(told[c.name] == std::pair<std::string, std::string>{c.reason, c.cause});
    }
    CHECK(told["inside.zip"].second == "archive_in_archive");
    for (const auto& known : cause_table) {
      CAPTURE(known.code);
      CHECK(cause_of(known.code) == &known);
      CHECK(cause_in(packed(known.error, known.value)) == known.value);
      CHECK(error_in(packed(known.error, known.value)) == known.error);
      CHECK(cause_in(packed(errc::disk_full, known.value)) == Cause::none);
      CHECK((!known.french.empty() && !known.english.empty()));
    }
  }

  TEST_CASE("a path that is not a file is refused like any other") {
    Importing importing;
    REQUIRE(::mkfifo((importing.files / "pipe").c_str(), 0600) == 0);
    REQUIRE(::symlink("/dev/zero", (importing.files / "zero").c_str()) == 0);
    for (const auto* name : {"absent.txt", "pipe", "zero"}) {
      CAPTURE(name);
      const auto done = importing.import(importing.files / name);
      REQUIRE(done.error == errc::ok);
      CHECK(importing.counted(done, "refused") == 1);
      if (name == std::string_view{"absent.txt"})
        CHECK(importing.rig.heard.rows.front().at("reason") == "file_not_found");
    }
  }

  TEST_CASE("a row is told only after its document is in the vault") {
    Importing importing;
    for (int i = 0; i < 70; ++i)  // more than one group
      importing.write("f" + std::to_string(100 + i) + ".txt", "contenu " + std::to_string(i));
    std::size_t told = 0;
    importing.rig.heard.on_row = [&] {
      ++told;
      (void)importing.rig.service.session().with([&](store::Vault& vault) -> Result<void> {
        CHECK(vault.status()->documents >= told);
        CHECK((vault.status()->documents == 64 || vault.status()->documents == 70));
        return {};
      });
    };
    CHECK(importing.counted(importing.import(importing.files.path()), "imported") == 70);
    CHECK(told == 70);
  }

  TEST_CASE("a full disk ends the import, and what was told stays") {
    Importing importing;
    for (int i = 0; i < 70; ++i)
      importing.write("f" + std::to_string(100 + i) + ".txt", "contenu " + std::to_string(i));
    importing.rig.heard.on_row = [&] { importing.rig.machine.disk.writes_left = 0; };
    CHECK(importing.import(importing.files.path()).error == errc::disk_full);
    importing.rig.heard.on_row = {};
    importing.rig.machine.disk.writes_left = -1;
    REQUIRE(importing.rig.heard.rows.size() == 64);
    const auto told = importing.rig.heard.rows;
    for (const auto& row : told)
      CHECK(importing.rig.error_of("show", {{"id", row.at("id")}}) == errc::ok);
  }

  TEST_CASE("a file whose name is not UTF-8 is kept under a name that is") {
    Importing importing;
    importing.write("bilan-\xE9t\xE9.txt", "Compte rendu");
    const auto done = importing.import(importing.files.path());
    REQUIRE(done.error == errc::ok);
    CHECK(importing.counted(done, "imported") == 1);
    REQUIRE(importing.rig.error_of("list") == errc::ok);
    CHECK(importing.rig.heard.rows.at(0).at("title").as_string().find("\xE9t\xE9") ==
          boost::json::string::npos);
  }
}

}  // namespace
}  // namespace coffret::daemon
