// SPDX-License-Identifier: EUPL-1.2
//
// The parts of an export that no other program has to agree with, and what is left behind when the
// disk is full. The rest is tests/e2e/export.py.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/daemon_rig.hpp"
#include "vault/backup/tar.hpp"
#include "vault/daemon/export_manifest.hpp"
#include "vault/daemon/export_sink.hpp"
#include "vault/daemon/export_text.hpp"

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;
using test::DaemonRig;
using test::MemberServer;

std::size_t entries_of(const std::string& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator{folder}, fs::directory_iterator{}));
}

TEST_SUITE("vault/daemon/export") {
  TEST_CASE("no cell is a formula, whatever separates cells where it is opened") {
    const auto english = [](const std::string& text) {
      return csv_line({text}, Language::english);
    };
    CHECK(csv_line({"a", "b"}, Language::english) == "\"a\",\"b\"\r\n");
    CHECK(csv_line({"a", "b"}, Language::french) == "\"a\";\"b\"\r\n");
    CHECK(english("dit \"oui\"") == "\"dit \"\"oui\"\"\"\r\n");
    CHECK(english("x\r\ny") == "\"x\r\ny\"\r\n");
    for (const auto* start : {"=", "+", "-", "@", "\t", "\r", "\n"}) {
      CAPTURE(start);
      CHECK(english(start + std::string{"1+1"}) == "\"'" + std::string{start} + "1+1\"\r\n");
    }
    for (const auto* end : {",", ";", "\t", "\n", "\r\n"})
      for (const auto* sign : {"=", "+", "-", "@"}) {
        CAPTURE(end);
        CAPTURE(sign);
        CHECK(english(std::string{"x"} + end + sign + "1") ==
              std::string{"\"x"} + end + "'" + sign + "1\"\r\n");
      }
    CHECK(english("x;\"=1\"") == "\"x;\"\"'=1\"\"\"\r\n");
    CHECK(english("x; =1") == "\"x; '=1\"\r\n");
    CHECK(english("1-1") == "\"1-1\"\r\n");
    CHECK(english("x;a-1") == "\"x;a-1\"\r\n");
  }

  TEST_CASE("the page's dates are spelled out for people, and ISO for machines") {
    ExportedRecord record;
    record.made_at = from_unix(1'800'000'000);
    ExportedDocument document{};
    document.title = "Lettre";
    document.view.imported_at = 1'800'000'000;
    for (const auto& [date, shown] :
         {std::pair{"2026-03-14T08:30:00+01:00",
                    "<td><time datetime=\"2026-03-14\">14 mars 2026</time></td>"},
          std::pair{"2026-03", "<td><time datetime=\"2026-03\">mars 2026</time></td>"},
          std::pair{"", "<td></td>"}, std::pair{"<hier>", "<td>&lt;hier&gt;</td>"}}) {
      CAPTURE(date);
      document.view.entry.date = date;
      document.view.entry.file_name = "a&b.txt";
      record.documents = {document};
      const auto html = index_html(record);
      CHECK(html.find(shown) != std::string::npos);
      CHECK(
          html.find("reçu le <time datetime=\"2027-01-15\">15 janvier 2027</time>, a&amp;b.txt") !=
          std::string::npos);
    }
  }

  TEST_CASE("a result that has no day of its own is listed on its document's") {
    ExportedRecord record;
    store::FactView view;
    view.fact.kind = FactKind::result;
    view.fact.label = "Potassium";
    view.document_date = "2026-03-14";
    record.facts.push_back(view);
    CHECK(results_csv(record).find("\r\n\"2026-03-14\";\"Potassium\"") != std::string::npos);
    record.facts[0].fact.kind = FactKind::medicine;
    CHECK(medicines_csv(record).find("\r\n\"2026-03-14\";") != std::string::npos);
  }

  TEST_CASE("one person's Bundle is counted as one person's, by any of their names") {
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    rig.put_text("La mienne");
    REQUIRE(rig.error_of("person add", {{"name", "Léa Exemple"}}) == errc::ok);
    for (int i = 0; i < 2; ++i)
      REQUIRE(rig.error_of("note add", {{"text", "à elle"}, {"person", "Léa Exemple"}}) ==
              errc::ok);
    const auto exported = [&](const char* format, const char* person) {
      const std::string out = rig.machine.folder / "out";
      const auto done = rig.ask("export", {{"out", out}, {"format", format}, {"person", person}});
      REQUIRE(done.error == errc::ok);
      fs::remove_all(out);
      return std::pair{done.result.at("documents").to_number<int>(),
                       done.result.at("left_out").to_number<int>()};
    };
    CHECK(exported("fhir", "") == std::pair{1, 2});
    CHECK(exported("fhir", "lea exemple") == std::pair{2, 0});
    CHECK(exported("fhir", "owner") == std::pair{1, 0});
    CHECK(exported("folder", "LÉA EXEMPLE") == std::pair{2, 0});
    CHECK(exported("folder", "") == std::pair{3, 0});
  }

  TEST_CASE("documents that are set apart are counted as not in an export") {
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    rig.put_text("La mienne");
    auto stranger = test::prepared("Une autre", "texte");
    stranger.quarantined = true;
    const auto put = [&](store::Vault& vault) -> Result<void> {
      (void)test::put(vault, std::move(stranger));
      return {};
    };
    REQUIRE(rig.service.session().with(put).has_value());
    for (const auto* format : {"folder", "fhir"}) {
      const std::string out = rig.machine.folder / "out";
      const auto done = rig.ask("export", {{"out", out}, {"format", format}});
      REQUIRE(done.error == errc::ok);
      fs::remove_all(out);
      CHECK(done.result.at("documents") == 1);
      CHECK(done.result.at("set_apart") == 1);
    }
  }

  TEST_CASE("a page takes words as words") {
    CHECK(escaped("<a href='x'>\"&") == "&lt;a href=&#39;x&#39;&gt;&quot;&amp;");
    CHECK(path_reference("documents/2026/é #1?.pdf") == "documents/2026/%C3%A9%20%231%3F.pdf");
  }

  TEST_CASE("a tar header sums to what it says, and a long name goes before it") {
    const Bytes head = backup::tar_head("folder/short.txt", 5, from_unix(1'800'000'000));
    REQUIRE(head.size() == 512);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < head.size(); ++i)
      sum += i >= 148 && i < 156 ? std::uint8_t{' '} : head[i];
    CHECK(std::stoull(std::string{head.begin() + 148, head.begin() + 154}, nullptr, 8) == sum);
    CHECK(std::string{head.begin() + 124, head.begin() + 135} == "00000000005");
    const Bytes accented = backup::tar_head("folder/é.txt", 5, from_unix(0));
    REQUIRE(accented.size() == 3 * 512);
    CHECK(as_text(accented).substr(512).starts_with("22 path=folder/é.txt\n"));
    CHECK(backup::tar_padding(0).empty());
    CHECK(backup::tar_padding(512).empty());
    CHECK(backup::tar_padding(1).size() == 511);
  }

  TEST_CASE("whichever write the disk refuses, nothing is left and nothing is half") {
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    rig.put_text("Première note");
    rig.put_text("Deuxième note");
    const std::string place = rig.machine.folder / "out";
    fs::create_directory(place);
    const std::string recipient = "age1ne24ve0y4xdf9q9tt28auyd7z84txh03kw8mnn5mz78zdrudd4ks504zue";
    for (const auto* format : {"folder", "age", "fhir"}) {
      CAPTURE(format);
      bool done = false;
      for (std::int64_t writes = 0; !done; ++writes) {
        REQUIRE(writes < 100);
        rig.machine.disk.writes_left = writes;
        boost::json::object arguments{{"out", place + "/export"}, {"format", format}};
        if (std::string_view{format} == "age")
          arguments["recipients"] = boost::json::array{boost::json::string{recipient}};
        const auto made = rig.ask("export", arguments);
        rig.machine.disk.writes_left = -1;
        done = made.error == errc::ok;
        if (done) break;
        CHECK(made.error == errc::disk_full);
        CHECK(entries_of(place) == 0);
      }
      CHECK(entries_of(place) == 1);
      CHECK(rig.error_of("export", {{"out", place + "/export"}, {"format", "folder"}}) ==
            errc::file_exists);
      fs::remove_all(place + "/export");
    }
  }

  TEST_CASE("what is not asked for well is not begun") {
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    const std::string out = rig.machine.folder / "out";
    CHECK(rig.error_of("export", {{"format", "folder"}}) == errc::usage);
    CHECK(rig.error_of("export", {{"out", out}, {"format", "zip"}}) == errc::usage);
    CHECK(rig.error_of("export", {{"out", out}}) == errc::usage);  // age, but for whom?
    CHECK(rig.error_of("export", {{"out", out}, {"format", "fhir"}, {"person", "Personne"}}) ==
          errc::not_found);
    CHECK(rig.error_of("export", {{"out", out + "/no/where"}, {"format", "fhir"}}) ==
          errc::file_not_found);
    // A folder that takes no files, not even from the superuser.
    for (const auto* format : {"folder", "fhir"}) {
      const auto refused = rig.ask("export", {{"out", "/proc/self/export"}, {"format", format}});
      CHECK(refused.error == errc::io);
      CHECK(refused.detail == "/proc/self/export");
    }
    CHECK_FALSE(fs::exists(out));
  }

  TEST_CASE("the list of an export names no file outside its folder") {
    const auto list_of = [](const std::string& file) {
      return read_export_manifest(R"({"coffret_export":1,"documents":[{"file":")" + file + "\"}]}");
    };
    CHECK(list_of("documents/2020/a.pdf").has_value());
    for (const auto* file : {"", "/etc/passwd", "../a", "a/../../b", "a//b", "./a", "a/"}) {
      CAPTURE(file);
      CHECK(list_of(file).error() == errc::malformed);
    }
    CHECK(read_export_manifest(R"({"coffret_export":2,"documents":[]})").error() ==
          errc::other_version);
    CHECK(read_export_manifest("{}").error() == errc::malformed);
    CHECK(read_export_manifest("[]").error() == errc::malformed);
  }
}

}  // namespace
}  // namespace coffret::daemon
