// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/daemon_rig.hpp"
#include "vault/daemon/watched_folders.hpp"

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;
using boost::json::object;
using test::DaemonRig;
using test::MemberServer;

struct Watching {
  MemberServer server;
  DaemonRig rig{server};
  test::Folder files;
  Watcher::Time now = Watcher::Time{} + std::chrono::hours{1};

  Watching() { REQUIRE(rig.init() == errc::ok); }
  std::string inbox() const { return files / "scans"; }
  void watch(object flags = {}) {
    fs::create_directories(inbox());
    flags["directory"] = inbox();
    REQUIRE(rig.error_of("watch", flags) == errc::ok);
  }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream{fs::path{inbox()} / name, std::ios::binary} << content;
  }
  // Two looks, three seconds apart: what is whole is taken at the second.
  void settle() {
    rig.service.watcher().look(now);
    now += std::chrono::seconds{3};
    rig.service.watcher().look(now);
  }
  object listed() {
    REQUIRE(rig.error_of("watch list") == errc::ok);
    REQUIRE(rig.heard.rows.size() == 1);
    return rig.heard.rows.front();
  }
  std::size_t documents() {
    REQUIRE(rig.error_of("list") == errc::ok);
    return rig.heard.rows.size();
  }
};

TEST_SUITE("vault/daemon/watch") {
  TEST_CASE("a vault is never taken into itself") {
    Watching watching;
    fs::create_directories(watching.inbox());
    auto& rig = watching.rig;
    const auto vault = rig.machine.directory();
    const auto link = watching.files / "link";
    fs::create_directory_symlink(vault, link);
    for (const auto& own : {vault, vault + "/", vault + "/objects/..", link}) {
      CAPTURE(own);
      CHECK(rig.error_of("watch", {{"directory", own}}) == errc::own_folder);
      CHECK(rig.error_of("import", {{"paths", boost::json::array{own}}}) == errc::own_folder);
      CHECK(rig.error_of("watch", {{"directory", watching.inbox()}, {"move_to", own}}) ==
            errc::own_folder);
    }
    const auto file = vault + "/head";
    CHECK(rig.error_of("import", {{"paths", boost::json::array{file}}}) == errc::own_folder);
    // A folder around it is another matter: all but the vault is taken.
    const auto around = fs::path{vault}.parent_path().string();
    std::ofstream{fs::path{around} / "b.txt"} << "Ordonnance";
    CHECK(rig.error_of("import", {{"paths", boost::json::array{around}}}) == errc::ok);
    CHECK(watching.documents() == 1);
  }

  TEST_CASE("a settled file is imported and left, once") {
    Watching watching;
    watching.watch();
    watching.write("a.txt", "Compte rendu");
    watching.write("b.txt.part", "à moitié");
    watching.rig.service.watcher().look(watching.now);
    CHECK(watching.documents() == 0);
    watching.settle();
    CHECK(watching.documents() == 1);
    CHECK(fs::exists(watching.inbox() + "/a.txt"));
    watching.settle();
    const auto row = watching.listed();
    CHECK(row.at("imported") == 1);
    CHECK(row.at("duplicate") == 0);
    CHECK(row.at("last").at(0).at("outcome") == "imported");
    REQUIRE(watching.rig.error_of("list") == errc::ok);
    const auto id = watching.rig.heard.rows.at(0).at("id");
    const auto shown = watching.rig.ask("show", {{"id", id}}).result;
    CHECK(shown.at("provenance").at("source") == "watch");
  }

  TEST_CASE("what the person removed does not come back from a folder, but from their hand") {
    Watching watching;
    watching.watch();
    watching.write("a.txt", "Compte rendu");
    watching.settle();
    REQUIRE(watching.documents() == 1);
    const auto id = watching.rig.heard.rows.at(0).at("id");
    REQUIRE(watching.rig.error_of("remove", {{"id", id}}) == errc::ok);
    REQUIRE(watching.rig.error_of("lock") == errc::ok);
    REQUIRE(watching.rig.unlock() == errc::ok);
    watching.now += std::chrono::seconds{3};
    watching.settle();
    CHECK(watching.documents() == 0);
    const boost::json::array paths{watching.inbox() + "/a.txt"};
    REQUIRE(watching.rig.error_of("import", {{"paths", paths}}) == errc::ok);
    CHECK(watching.documents() == 1);
  }

  TEST_CASE("imported files are moved where that is asked, never over another") {
    Watching watching;
    const std::string done = watching.files / "done";
    watching.watch({{"move_to", done}});
    fs::create_directories(done);
    std::ofstream{done + "/a.txt"} << "d'avant";
    watching.write("a.txt", "Compte rendu");
    watching.write("bad.xml", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>");
    watching.settle();
    CHECK_FALSE(fs::exists(watching.inbox() + "/a.txt"));
    CHECK(fs::file_size(done + "/a.txt") == std::string{"d'avant"}.size());
    CHECK(fs::exists(done + "/a (2).txt"));
    CHECK(fs::exists(watching.inbox() + "/bad.xml"));  // refused: it stays
    CHECK(watching.listed().at("refused") == 1);
  }

  TEST_CASE("a file that is written again while it is imported stays, and is imported again") {
    Watching watching;
    const std::string done = watching.files / "done";
    watching.watch({{"move_to", done}});
    watching.write("a.txt", "Première page");
    watching.rig.machine.disk.after_read = [&](const std::string& path) {
      if (!path.ends_with("/a.txt")) return;
      watching.rig.machine.disk.after_read = {};
      watching.write("a.txt", "Première page, et deuxième");
    };
    watching.settle();
    CHECK(fs::exists(watching.inbox() + "/a.txt"));
    CHECK_FALSE(fs::exists(done + "/a.txt"));
    CHECK(watching.listed().at("last").at(0).at("moved") == false);
    watching.now += std::chrono::seconds{3};
    watching.settle();
    CHECK_FALSE(fs::exists(watching.inbox() + "/a.txt"));
    CHECK(fs::file_size(done + "/a.txt") == std::string{"Première page, et deuxième"}.size());
    CHECK(watching.documents() == 2);
  }

  TEST_CASE("a file that someone still writes is waited for") {
    Watching watching;
    watching.watch();
    {
      std::ofstream open{watching.inbox() + "/a.txt"};
      open << "Compte rendu" << std::flush;
      watching.settle();
      CHECK(watching.documents() == 0);
    }
    watching.settle();
    CHECK(watching.documents() == 1);
  }

  TEST_CASE("a file that was refused half-written is told as imported once it came whole") {
    Watching watching;
    watching.watch();
    watching.write("a.xml", "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><title>Compte");
    watching.settle();
    auto row = watching.listed();
    REQUIRE(row.at("last").as_array().size() == 1);
    CHECK(row.at("last").at(0).at("outcome") == "refused");
    watching.write("a.xml",
                   "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><title>Compte rendu</title>"
                   "</ClinicalDocument>");
    watching.settle();
    row = watching.listed();
    REQUIRE(row.at("last").as_array().size() == 1);
    CHECK(row.at("last").at(0).at("outcome") == "imported");
  }

  TEST_CASE(
      "folders stay watched when the vault is locked and opened, and only then are looked at") {
    Watching watching;
    watching.watch();
    REQUIRE(watching.rig.error_of("lock") == errc::ok);
    watching.write("a.txt", "Compte rendu");
    watching.settle();
    CHECK(watching.rig.error_of("watch list") == errc::locked);
    REQUIRE(watching.rig.unlock() == errc::ok);
    watching.settle();
    CHECK(watching.documents() == 1);
    // Their path is nowhere in the clear.
    std::ifstream file{watching.rig.machine.file("watched"), std::ios::binary};
    const std::string kept{std::istreambuf_iterator<char>{file}, {}};
    CHECK_FALSE(kept.empty());
    CHECK(kept.find("scans") == std::string::npos);

    CHECK(watching.rig.error_of("watch stop", {{"directory", watching.inbox()}}) == errc::ok);
    CHECK(watching.rig.error_of("watch stop", {{"directory", watching.inbox()}}) ==
          errc::not_found);
    watching.write("b.txt", "Autre");
    watching.settle();
    CHECK(watching.documents() == 1);
  }

  TEST_CASE("a folder that is none, or that would feed itself, is refused") {
    Watching watching;
    watching.watch();
    CHECK(watching.rig.error_of("watch") == errc::usage);
    CHECK(watching.rig.error_of("watch", {{"directory", "relative"}}) == errc::usage);
    CHECK(watching.rig.error_of("watch", {{"directory", watching.files / "absent"}}) ==
          errc::file_not_found);
    CHECK(watching.rig.error_of("watch", {{"directory", watching.inbox()},
                                          {"move_to", watching.inbox()}}) == errc::usage);
  }

  TEST_CASE("a damaged file of folders counts as none") {
    Watching watching;
    watching.watch();
    REQUIRE(watching.rig.error_of("lock") == errc::ok);
    watching.settle();  // the loop forgets what it knew of a locked vault
    std::ofstream{watching.rig.machine.file("watched"), std::ios::binary} << "autre chose";
    REQUIRE(watching.rig.unlock() == errc::ok);
    REQUIRE(watching.rig.error_of("watch list") == errc::ok);
    CHECK(watching.rig.heard.rows.empty());
  }
}

}  // namespace
}  // namespace coffret::daemon
