// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/import.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/support/daemon_rig.hpp"

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
