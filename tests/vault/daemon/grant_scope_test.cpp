// SPDX-License-Identifier: EUPL-1.2
//
// What a grant lets out: rules, sensitive kinds, persons; what a preview tells of it.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "tests/support/grant_life.hpp"

namespace coffret::daemon {
namespace {

using boost::json::object;
using protocol::Endpoint;
using test::asking;
using test::Life;
using test::serology;

TEST_SUITE("vault/daemon/grant_scope") {
  TEST_CASE("a rule leaves sensitive and masked documents out, and the answer says which and why") {
    Life life;
    const auto kept_back = life.put(serology());
    const auto made = life.rig.ask("grant create", asking({{"all", true}}));
    REQUIRE(made.error == errc::ok);
    CHECK(made.result.at("documents") == 1);
    const auto& left = made.result.at("left_out").as_array();
    REQUIRE(left.size() == 1);
    CHECK(left[0].at("id") == boost::json::value(kept_back.text()));
    CHECK(left[0].at("reasons").as_array().at(0) == "hiv");
    CHECK(Life::text(made.result, "consent").find("Je n'y mets pas 1 document") !=
          std::string::npos);
    // Chosen one by one it is in.
    const auto chosen =
        life.rig.ask("grant create", asking({{"documents", boost::json::array{kept_back.text()}}}));
    REQUIRE(chosen.error == errc::ok);
    CHECK(chosen.result.at("documents") == 1);
    CHECK(chosen.result.at("left_out").as_array().empty());
  }

  TEST_CASE("a preview shows what would be seen, names what leaves unseen, and makes nothing") {
    Life life;
    const auto number =
        life.put(test::prepared("Attestation", "Numéro 1 85 05 78 006 084 91", "2026-04-02"));
    life.server.reachable = false;
    const auto told = life.rig.ask("grant preview", asking({{"all", true}, {"purpose", "Avis"}}));
    REQUIRE(told.error == errc::ok);
    CHECK(life.server.asked.empty());
    const auto& documents = told.result.at("documents").as_array();
    REQUIRE(documents.size() == 2);
    CHECK(documents[0].at("title") == "Attestation");
    CHECK(documents[0].at("date") == "2026-04-02");
    CHECK(documents[0].at("size").to_number<std::uint64_t>() > 0);
    const auto& warnings = told.result.at("warnings").as_array();
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].at("kind") == "national_number");
    CHECK(warnings[0].at("id") == boost::json::value(number.text()));
    CHECK(told.result.at("smaller").as_array().size() == 1);
    CHECK(Life::text(told.result, "consent").find("Motif : Avis.") != std::string::npos);
    CHECK(life.grants() == 0);
    CHECK(life.server.policies.empty());
  }

  TEST_CASE("the lint reads pictures in the confined reader") {
    Life life;
    std::ifstream in{COFFRET_SOURCE_DIR "/tests/fuzz/corpus/hidden/place.jpg", std::ios::binary};
    auto picture = test::prepared("Photo", "");
    picture.body = to_bytes(as_bytes(std::string{std::istreambuf_iterator<char>{in}, {}}));
    REQUIRE(picture.body.size() > 100);
    picture.sha256 = crypto::sha256(picture.body);
    picture.entry.format = DocumentFormat::image;
    picture.entry.media_type = "image/jpeg";
    const auto id = life.put(picture);
    const auto told =
        life.rig.ask("grant preview", asking({{"documents", boost::json::array{id.text()}}}));
    REQUIRE(told.error == errc::ok);
    std::vector<std::string> kinds;
    for (const auto& one : told.result.at("warnings").as_array())
      kinds.push_back(Life::text(one.as_object(), "kind"));
    REQUIRE(kinds == std::vector<std::string>{"camera_serial", "camera_owner", "place"});
    CHECK(told.result.at("warnings").as_array()[2].at("value") == "47.5000, -2.2500");
  }

  TEST_CASE("what is missing or means nothing is said in both languages, and makes nothing") {
    struct {
      const char* name;
      object arguments;
      errc error;
    } const cases[] = {
        {"no duration", {{"to", "Dr Exemple"}, {"all", true}}, errc::usage},
        {"nobody", {{"for", "1h"}, {"all", true}}, errc::usage},
        {"nothing", {{"to", "Dr Exemple"}, {"for", "1h"}}, errc::usage},
        {"no such category", asking({{"category", "labo"}}), errc::usage},
        {"no such kind", asking({{"kind", "motquinexistepas"}}), errc::usage},
        {"evolving without a rule",
         asking({{"documents", boost::json::array{}}, {"evolving", true}}), errc::usage},
        {"a day without a rule", asking({{"since", "2026-01-01"}}), errc::usage},
        {"nothing matches", asking({{"category", "imaging"}}), errc::not_found},
    };
    Life life;
    for (const auto& c : cases)
      for (const auto* command : {"grant create", "grant preview"}) {
        CAPTURE(c.name);
        CAPTURE(command);
        const auto french = life.rig.ask(command, c.arguments);
        auto arguments = c.arguments;
        arguments["lang"] = "en";
        const auto english = life.rig.ask(command, arguments);
        CHECK(row(french.error).code == row(c.error).code);
        CHECK(english.error == french.error);
        CHECK_FALSE(french.detail.empty());
        CHECK_FALSE(english.detail.empty());
        CHECK(english.detail != french.detail);
      }
    CHECK(life.grants() == 0);
    CHECK(life.server.policies.empty());
  }

  TEST_CASE("records of several persons are not mixed unless their owner says so") {
    Life life;
    REQUIRE(life.rig.error_of("person add", {{"name", "Léa"}}) == errc::ok);
    DocumentId hers;
    (void)life.rig.service.session().with([&](store::Vault& vault) -> Result<void> {
      auto document = test::prepared("À Léa", "x");
      document.person = vault.persons().back().id;
      hers = test::put(vault, document);
      return {};
    });
    const auto mine = life.rig.ask("grant create", asking({{"all", true}}));
    REQUIRE(mine.error == errc::ok);
    CHECK(mine.result.at("documents") == 1);
    CHECK(mine.result.at("other_persons") == 1);
    const auto of_lea = life.rig.ask("grant create", asking({{"all", true}, {"person", "Léa"}}));
    REQUIRE(of_lea.error == errc::ok);
    CHECK(of_lea.result.at("documents") == 1);
    auto mixed = asking({{"all", true}, {"documents", boost::json::array{hers.text()}}});
    CHECK(life.rig.error_of("grant create", mixed) == errc::usage);
    mixed["any_patient"] = true;
    CHECK(life.rig.ask("grant create", mixed).result.at("documents") == 2);
  }

  TEST_CASE("everything from a day on begins empty, and takes what comes") {
    Life life;
    auto arguments = test::evolving();
    arguments["since"] = "2026-06-01";
    const auto id = life.granted(arguments);
    CHECK(life.shown(id).at("documents") == 0);  // "Compte rendu" is of March
    (void)life.put(test::prepared("De juin", "x", "2026-06-02"));
    (void)life.put(test::prepared("De mai", "y", "2026-05-31"));
    REQUIRE(life.rig.error_of("sync") == errc::ok);
    const auto told = life.shown(id);
    REQUIRE(told.at("documents") == 1);
    CHECK(told.at("document_titles").as_array()[0] == "De juin");
  }
}

}  // namespace
}  // namespace coffret::daemon
