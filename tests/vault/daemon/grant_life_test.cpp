// SPDX-License-Identifier: EUPL-1.2
//
// The life of a grant after it was given: further versions, its end moved, the board.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/grant_life.hpp"

namespace coffret::daemon {
namespace {

using boost::json::object;
using protocol::Endpoint;
using test::asking;
using test::Life;
using test::serology;

const object evolving = test::evolving();

TEST_SUITE("vault/daemon/grant_life") {
  TEST_CASE("what arrives and matches is published as a new version, once") {
    Life life;
    const auto id = life.granted(evolving);
    REQUIRE(life.rig.error_of("sync") == errc::ok);
    CHECK(life.published() == 1);
    (void)life.rig.put_text("Arrivé depuis");
    (void)life.put(serology());
    const auto synced = life.rig.ask("sync");
    REQUIRE(synced.error == errc::ok);
    CHECK(synced.result.at("grants_updated") == 1);
    CHECK(life.policy().version == 2);
    CHECK(life.shown(id).at("version") == 2);
    CHECK(life.shown(id).at("documents") == 2);  // what is sensitive stays out of it
    life.server.asked.clear();
    REQUIRE(life.rig.error_of("sync") == errc::ok);
    CHECK(life.published() == 0);
    // What was removed falls out of it.
    const auto one = life.shown(id).at("document_ids").as_array()[0];
    REQUIRE(life.rig.error_of("remove", {{"id", one}}) == errc::ok);
    REQUIRE(life.rig.error_of("sync") == errc::ok);
    CHECK(life.policy().version == 3);
    CHECK(life.shown(id).at("documents") == 1);
  }

  TEST_CASE("without the server it waits, and the next sync does it") {
    Life life;
    const auto id = life.granted(evolving);
    (void)life.rig.put_text("Arrivé depuis");
    life.server.refuse = [](const protocol::Target& target) {
      return target.endpoint == Endpoint::upload_parcel ? errc::over_quota : errc::ok;
    };
    const auto synced = life.rig.ask("sync");
    REQUIRE(synced.error == errc::ok);  // the rest of the sync does not suffer
    CHECK(synced.result.at("grants_waiting") == 1);
    CHECK(life.shown(id).at("version") == 1);
    life.server.refuse = {};
    REQUIRE(life.rig.error_of("sync") == errc::ok);
    CHECK(life.shown(id).at("version") == 2);
  }

  TEST_CASE("a number that a lost version took is passed over") {
    Life life;
    const auto id = life.granted(evolving);
    (void)life.rig.put_text("Arrivé depuis");
    unsigned refused = 0;
    life.server.refuse = [&](const protocol::Target& target) {
      const bool first = target.endpoint == Endpoint::publish_grant && refused++ == 0;
      return first ? errc::conflict : errc::ok;
    };
    REQUIRE(life.rig.error_of("sync") == errc::ok);
    CHECK(life.policy().version == 3);
    CHECK(life.shown(id).at("version") == 3);
  }

  TEST_CASE("what is revoked, expired or used up is never published again") {
    SUBCASE("revoked") {
      Life life;
      const auto id = life.granted(evolving);
      REQUIRE(life.rig.error_of("grant revoke", {{"id", id}}) == errc::ok);
      (void)life.rig.put_text("Arrivé depuis");
      REQUIRE(life.rig.error_of("sync") == errc::ok);
      CHECK(life.published() == 1);
    }
    SUBCASE("expired") {
      Life life;
      (void)life.granted(evolving);
      life.rig.machine.clock.time += 7 * 86400;
      (void)life.rig.put_text("Arrivé depuis");
      REQUIRE(life.rig.error_of("sync") == errc::ok);
      CHECK(life.published() == 1);
    }
    SUBCASE("used up") {
      Life life;
      (void)life.granted(evolving);
      life.server.counted = {GrantState::used_up, 1, 0};
      (void)life.rig.put_text("Arrivé depuis");
      REQUIRE(life.rig.error_of("sync") == errc::ok);
      CHECK(life.published() == 1);
    }
    SUBCASE("not evolving") {
      Life life;
      (void)life.granted(asking({{"all", true}}));
      (void)life.rig.put_text("Arrivé depuis");
      REQUIRE(life.rig.error_of("sync") == errc::ok);
      CHECK(life.published() == 1);
    }
  }

  TEST_CASE("what a restoration closed is not published again before its owner was told") {
    Life life;
    const auto id = life.granted(evolving);
    REQUIRE(life.rig.error_of("sync") == errc::ok);
    (void)life.rig.put_text("Arrivé depuis");
    life.server.counted.state = GrantState::scheduled;  // what a closed grant is shown as
    life.server.restore(life.server.log.size());
    life.server.asked.clear();
    CHECK(life.rig.error_of("sync") == errc::server_restored);
    CHECK(life.rig.error_of("grant extend", {{"id", id}, {"for", "2d"}}) == errc::server_restored);
    CHECK(life.published() == 0);
    CHECK(life.policy().version == 1);
    const auto healed = life.rig.ask("sync", {{"heal", true}});
    REQUIRE(healed.error == errc::ok);
    CHECK(life.server.first(Endpoint::confirm_grant) < life.server.first(Endpoint::publish_grant));
    CHECK(life.policy().version == 2);
  }

  TEST_CASE("who removes a document is told where it is still open") {
    Life life;
    const auto grant = life.granted(asking({{"all", true}}));
    REQUIRE(life.rig.error_of("list") == errc::ok);
    const auto document = life.rig.heard.rows.at(0).at("id");
    const auto removed = life.rig.ask("remove", {{"id", document}}).result;
    REQUIRE(removed.at("shared").as_array().size() == 1);
    CHECK(removed.at("shared").at(0).at("id").as_string() == grant);
    CHECK(removed.at("shared").at(0).at("to") == "Dr Exemple");
    REQUIRE(life.rig.error_of("restore", {{"id", document}}) == errc::ok);
    REQUIRE(life.rig.error_of("grant revoke", {{"id", grant}}) == errc::ok);
    CHECK(life.rig.ask("remove", {{"id", document}}).result.at("shared").as_array().empty());
  }

  TEST_CASE("what no grant can be is told with what could be") {
    Life life;
    for (const auto& wrong : {asking({{"all", true}, {"delivery", "fax"}}),
                              asking({{"all", true}, {"allow", "upload"}}),
                              asking({{"all", true}, {"from", "2020-01-01T00:00:00Z"}})}) {
      const auto told = life.rig.ask("grant create", wrong);
      CHECK(told.error == errc::usage);
      CHECK_FALSE(told.detail.empty());
    }
  }

  TEST_CASE("a grant is prolonged or shortened from now, with the server's word") {
    Life life;
    const auto id = life.granted(asking({{"all", true}}));
    const auto now = life.rig.machine.clock.time;
    for (const auto& [duration, seconds] :
         {std::pair{"30d", std::int64_t{30} * 86400}, std::pair{"1h", std::int64_t{3600}}}) {
      CAPTURE(duration);
      const auto done = life.rig.ask("grant extend", {{"id", id}, {"for", duration}});
      REQUIRE(done.error == errc::ok);
      CHECK(Life::text(done.result, "expires_at") == to_rfc3339(from_unix(now + seconds)));
      CHECK(life.policy().expires_at == now + seconds);
    }
    CHECK(life.policy().version == 3);
    life.server.reachable = false;
    CHECK(life.rig.error_of("grant extend", {{"id", id}, {"for", "2d"}}) ==
          errc::server_unreachable);
    CHECK(Life::text(life.shown(id), "expires_at") == to_rfc3339(from_unix(now + 3600)));
    life.server.reachable = true;
    CHECK(life.rig.error_of("grant extend", {{"id", id}}) == errc::usage);
    REQUIRE(life.rig.error_of("grant revoke", {{"id", id}}) == errc::ok);
    const auto over = life.rig.ask("grant extend", {{"id", id}, {"for", "2d"}});
    CHECK(over.error == errc::denied);
    CHECK_FALSE(over.detail.empty());
  }

  TEST_CASE("what is used up is prolonged only with more openings, what is locked not at all") {
    Life life;
    const auto id = life.granted(asking({{"all", true}, {"openings", 2}}));
    life.server.counted = {GrantState::used_up, 2, 0};
    const auto refused = life.rig.ask("grant extend", {{"id", id}, {"for", "2d"}});
    CHECK(refused.error == errc::denied);
    CHECK(refused.detail.find("--openings") != std::string::npos);
    CHECK(life.policy().version == 1);
    const auto end = life.policy().expires_at;
    // The end stays where only openings are asked for.
    life.rig.machine.clock.time += 60;
    REQUIRE(life.rig.error_of("grant extend", {{"id", id}, {"openings", 3}}) == errc::ok);
    CHECK(life.policy().openings == 3);
    CHECK(life.policy().expires_at == end);
    life.server.counted = {GrantState::locked, 2, 5};
    CHECK(life.rig.error_of("grant extend", {{"id", id}, {"for", "2d"}, {"openings", 9}}) ==
          errc::denied);
  }

  TEST_CASE("a lost answer is asked for again, and of two ends the later one is told") {
    Life life;
    const auto id = life.granted(asking({{"all", true}}));
    const auto link = life.policy().link.text();
    const auto before = life.shown(id).at("expires_at");
    unsigned lost = 0;
    unsigned until = 0;
    // The first request for the link asks for its state; those after it publish.
    life.server.lose = [&](std::string_view target) {
      return target.ends_with("/grants/" + link) && ++lost > 1 && lost <= until;
    };
    const auto extend = [&](const char* duration, unsigned answers) {
      lost = 0;
      until = 1 + answers;
      return life.rig.error_of("grant extend", {{"id", id}, {"for", duration}});
    };
    CHECK(extend("30d", 3) == errc::ok);
    CHECK(life.shown(id).at("version") == 2);
    const auto longer = life.shown(id).at("expires_at");
    CHECK(longer != before);
    // A shorter end is told only when it holds.
    CHECK(extend("1d", 100) == errc::server_unreachable);
    CHECK(life.shown(id).at("expires_at") == longer);
    CHECK(extend("60d", 100) == errc::server_unreachable);
    CHECK(life.shown(id).at("version") == 3);
    CHECK(Life::text(life.shown(id), "expires_at") ==
          to_rfc3339(from_unix(life.rig.machine.clock.time + 60 * 86400)));
    CHECK(extend("1d", 0) == errc::ok);
    CHECK(life.policy().version == 4);
  }

  TEST_CASE("what can never be prolonged so is said before the server is asked") {
    Life life;
    const auto document = life.rig.put_text("Seul").text();
    const auto direct =
        life.granted(asking({{"documents", boost::json::array{document}}, {"delivery", "shl"}}));
    const auto key = test::counting_id<GrantId>(9);
    (void)life.rig.service.session().with([&](store::Vault& vault) -> Result<void> {
      auto decision = vault.grants().front().decision;
      decision.grant = key;
      decision.delivery = Delivery::key;
      return vault.append(store::make_operation(decision)).has_value() ? Result<void>{}
                                                                       : Result<void>{errc::io};
    });
    life.server.reachable = false;
    for (const auto& [id, openings] : {std::pair{direct, 3}, std::pair{key.text(), 0}}) {
      CAPTURE(openings);
      object arguments{{"id", id}, {"for", "2d"}};
      if (openings != 0) arguments["openings"] = openings;
      const auto refused = life.rig.ask("grant extend", arguments);
      CHECK(refused.error == errc::unsupported);
      CHECK_FALSE(refused.detail.empty());
    }
  }

  TEST_CASE("a version that the server did not sign back is not written to the log") {
    Life life;
    const auto id = life.granted(asking({{"all", true}}));
    life.server.refuse = [](const protocol::Target& target) {
      return target.endpoint == Endpoint::publish_grant ? errc::unknown_policy : errc::ok;
    };
    CHECK(life.rig.error_of("grant extend", {{"id", id}, {"for", "2d"}}) == errc::unknown_policy);
    CHECK(life.shown(id).at("version") == 1);
  }

  TEST_CASE("the board tells what is open first, and what ends within a day") {
    Life life;
    const auto ended = life.granted(asking({{"all", true}}));
    REQUIRE(life.rig.error_of("grant revoke", {{"id", ended}}) == errc::ok);
    (void)life.granted(asking({{"all", true}, {"from", "2027-02-01T00:00:00Z"}}));
    auto today = asking({{"all", true}});
    today["for"] = "12h";
    const auto soon = life.granted(today);
    life.server.reachable = false;  // it would call each of them live
    const auto listed = life.rig.ask("grant list");
    CHECK(listed.result.at("ending") == 1);
    std::vector<std::string> states;
    for (const auto& one : life.rig.heard.rows) states.push_back(Life::text(one, "state"));
    CHECK(states == std::vector<std::string>{"live", "scheduled", "revoked"});
    CHECK(life.rig.heard.rows[0].at("ends_soon") == true);
    CHECK(life.rig.heard.rows[1].at("ends_soon") == false);
    const auto ending = life.rig.ask("status").result.at("grants_ending").as_array();
    REQUIRE(ending.size() == 1);
    CHECK(ending[0].at("id") == boost::json::value(soon));
  }
}

}  // namespace
}  // namespace coffret::daemon
