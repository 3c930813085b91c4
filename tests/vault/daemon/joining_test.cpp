// SPDX-License-Identifier: EUPL-1.2
//
// What two devices imported while off line is one after they synced, as far as `import` on one
// device would have found it there already. Everyone here is made up.
#include "vault/daemon/joining.hpp"

#include <doctest/doctest.h>

#include <boost/json/serialize.hpp>
#include <fstream>

#include "tests/support/daemon_rig.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;
using boost::json::object;
using test::DaemonRig;
using test::MemberServer;

// `space` is put where FHIR's JSON allows any: the same document in other bytes.
std::string letter_of(const std::string& words, const std::string& space = "") {
  return "{" + space +
         R"("resourceType":"Bundle","type":"document",)"
         R"("identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:7d0e"},"entry":[)"
         R"({"resource":{"resourceType":"Composition","title":"Lettre","date":"2026-03-14",)"
         R"("type":{"coding":[{"system":"http://loinc.org","code":"11488-4"}]},)"
         R"("subject":{"reference":"urn:p"},"section":[{"text":{"div":"<div>)" +
         words +
         R"(</div>"}}]}},{"fullUrl":"urn:p","resource":{"resourceType":"Patient",)"
         R"("name":[{"family":"EXEMPLE","given":["Camille"]}],"birthDate":"1960-05-14"}}]})";
}

struct TwoAtHome {
  MemberServer server;
  DaemonRig first{server};
  DaemonRig second{server, 2};
  test::Folder files;

  TwoAtHome() {
    REQUIRE(first.init() == errc::ok);
    REQUIRE(first.join() == errc::ok);
    REQUIRE(first.error_of("sync") == errc::ok);
    REQUIRE(second.rebuild(first.recovery) == errc::ok);
    REQUIRE(second.error_of("sync") == errc::ok);
    REQUIRE(first.error_of("sync") == errc::ok);
  }
  std::string import(DaemonRig& rig, const std::string& content) const {
    std::ofstream{files / "lettre.json", std::ios::binary} << content;
    REQUIRE(
        rig.error_of("import", {{"paths", array{boost::json::string{files / "lettre.json"}}}}) ==
        errc::ok);
    REQUIRE(rig.heard.rows.front().at("outcome") == "imported");
    return std::string{rig.heard.rows.front().at("id").as_string()};
  }
  // Both, until neither has anything to say. Returns how many were joined.
  std::int64_t sync() {
    std::int64_t joined = 0;
    for (auto* rig : {&first, &second, &first, &second}) {
      const auto done = rig->ask("sync");
      REQUIRE(done.error == errc::ok);
      joined += done.result.at("joined").to_number<std::int64_t>();
    }
    CHECK(first.ask("status").result.at("head") == second.ask("status").result.at("head"));
    return joined;
  }
  static std::vector<object> list(DaemonRig& rig, object filter = {}) {
    REQUIRE(rig.error_of("list", std::move(filter)) == errc::ok);
    return rig.heard.rows;
  }
};

TEST_SUITE("vault/daemon/joining") {
  TEST_CASE("the same file imported on two devices off line is one after sync, edits and all") {
    TwoAtHome home;
    const auto kept = home.import(home.first, letter_of("Tout va bien"));
    const auto copy = home.import(home.second, letter_of("Tout va bien"));
    REQUIRE(home.second.error_of("edit", {{"id", copy}, {"note", "À garder"}}) == errc::ok);
    CHECK(home.sync() == 1);
    for (auto* rig : {&home.first, &home.second}) {
      const auto rows = TwoAtHome::list(*rig);
      REQUIRE(rows.size() == 1);
      CHECK(rows.front().at("id").as_string() == kept);
      const auto shown = rig->ask("show", {{"id", copy}});
      CHECK(shown.result.at("id").as_string() == kept);
      CHECK(shown.result.at("note") == "À garder");
      CHECK(TwoAtHome::list(*rig, {{"removed", true}}).empty());
      CHECK(rig->ask("check", {{"read_data", true}}).result.at("ok") == true);
    }
    CHECK(home.sync() == 0);
  }

  TEST_CASE("the same document in other bytes is one too; its bytes wait in the trash") {
    TwoAtHome home;
    const auto kept = home.import(home.first, letter_of("Tout va bien"));
    const auto copy = home.import(home.second, letter_of("Tout va bien", " "));
    CHECK(home.sync() == 1);
    for (auto* rig : {&home.first, &home.second}) {
      REQUIRE(TwoAtHome::list(*rig).size() == 1);
      CHECK(TwoAtHome::list(*rig).front().at("id").as_string() == kept);
      const auto trash = TwoAtHome::list(*rig, {{"removed", true}});
      REQUIRE(trash.size() == 1);
      CHECK(trash.front().at("id").as_string() == copy);
      CHECK(trash.front().at("same_as").as_string() == kept);
    }
    // Who wants both has both.
    REQUIRE(home.first.error_of("restore", {{"id", copy}}) == errc::ok);
    CHECK(home.sync() == 0);
    CHECK(TwoAtHome::list(home.second).size() == 2);
  }

  TEST_CASE("an own id that two documents share makes them no more one than `import` would") {
    TwoAtHome home;
    (void)home.import(home.first, letter_of("Tout va bien"));
    (void)home.import(home.second, letter_of("Rien ne va"));
    CHECK(home.sync() == 0);
    CHECK(TwoAtHome::list(home.first).size() == 2);
    CHECK(TwoAtHome::list(home.second).size() == 2);
  }

  TEST_CASE("a grant that names the copy goes on with the document") {
    TwoAtHome home;
    const auto kept = home.import(home.first, letter_of("Tout va bien"));
    const auto copy = home.import(home.second, letter_of("Tout va bien", " "));
    const auto made = home.second.ask(
        "grant create",
        {{"to", "Dr Exemple"}, {"for", "1h"}, {"documents", array{boost::json::string{copy}}}});
    REQUIRE(made.error == errc::ok);
    CHECK(home.sync() == 1);
    const auto id = made.result.at("id");
    const auto extended = home.first.ask("grant extend", {{"id", id}, {"for", "2h"}});
    CHECK(extended.error == errc::ok);
    const auto shown = home.first.ask("grant show", {{"id", id}});
    REQUIRE(shown.error == errc::ok);
    CHECK(boost::json::serialize(shown.result).find(kept) != std::string::npos);
  }
}

}  // namespace
}  // namespace coffret::daemon
