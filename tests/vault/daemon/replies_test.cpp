// SPDX-License-Identifier: EUPL-1.2
//
// Grants whose reader may answer: a deposit link that is made with the grant, and ends with it.
#include <doctest/doctest.h>

#include "tests/support/grant_life.hpp"
#include "vault/crypto/deposit.hpp"
#include "vault/crypto/sealer.hpp"

namespace coffret::daemon {
namespace {

using boost::json::object;
using protocol::Endpoint;
using test::asking;
using test::Life;

const object answerable = asking({{"all", true}, {"allow", "download,deposit"}});

// Where the only open box is.
LinkId only_box(const Life& life) {
  REQUIRE(life.server.boxes.size() == 1);
  return life.server.boxes.begin()->first;
}

// What somebody who opened the grant sends back.
void answer(Life& life, const LinkId& box, std::uint8_t number) {
  test::CountingRandom random{number};
  const DepositPlace place{box, random.make<DepositId>()};
  const crypto::Depositor sender{"Dr Alice Martin", "Cabinet Exemple", "Voici."};
  const std::vector<crypto::DepositedFile> files{{"reponse.txt", "text/plain", Bytes{65}}};
  auto sealed = crypto::Sealer::seal(life.server.boxes.at(box).key, place, sender, 1'800'000'000,
                                     files, random);
  REQUIRE(sealed.has_value());
  life.server.deposits[place] = std::move(*sealed).take();
}

std::vector<object> waiting(Life& life) {
  REQUIRE(life.rig.error_of("sync") == errc::ok);
  REQUIRE(life.rig.error_of("inbox list") == errc::ok);
  return life.rig.heard.rows;
}

TEST_SUITE("vault/daemon/replies") {
  TEST_CASE("an answer lies in the inbox, under its sender's claim and the grant that it answers") {
    Life life;
    // The key is at the server before anybody can be told of the box.
    const std::size_t before = life.server.log.size();
    std::size_t at_box = 0;
    life.server.refuse = [&](const protocol::Target& target) {
      if (target.endpoint == Endpoint::put_box) at_box = life.server.log.size();
      return errc::ok;
    };
    const auto id = life.granted(answerable);
    CHECK(at_box > before);
    CHECK(life.server.first(Endpoint::put_box) < life.server.first(Endpoint::publish_grant));
    CHECK(life.shown(id).at("may_answer") == true);
    CHECK(life.policy().rights == 3);  // the server is told nothing of it
    const auto box = only_box(life);
    CHECK(life.server.boxes[box].expires_at == life.policy().expires_at);
    answer(life, box, 40);
    const auto rows = waiting(life);
    REQUIRE(rows.size() == 1);
    CHECK(Life::text(rows[0], "grant") == id);
    CHECK(Life::text(rows[0], "grant_to") == "Dr Exemple");
    CHECK(Life::text(rows[0].at("from").as_object(), "name") == "Dr Alice Martin");
    CHECK(rows[0].at("proved") == false);
    REQUIRE(life.rig.error_of("inbox links") == errc::ok);
    REQUIRE(life.rig.heard.rows.size() == 1);
    CHECK(Life::text(life.rig.heard.rows[0], "grant") == id);
  }

  TEST_CASE("it ends with the grant, also where the server was not there at first") {
    Life life;
    const auto id = life.granted(answerable);
    answer(life, only_box(life), 40);
    life.server.reachable = false;
    CHECK(life.rig.error_of("grant revoke", {{"id", id}}) == errc::server_unreachable);
    CHECK(life.server.boxes.size() == 1);
    life.server.reachable = true;
    // What has come is still to be decided.
    const auto rows = waiting(life);
    CHECK(life.server.boxes.empty());
    CHECK(life.server.revoked.size() == 1);
    REQUIRE(rows.size() == 1);
    CHECK(Life::text(rows[0], "grant") == id);
  }

  TEST_CASE("where the box does not close, the end of the grant is sent again until it does") {
    Life life;
    const auto id = life.granted(answerable);
    life.server.refuse = [](const protocol::Target& target) {
      return target.endpoint == Endpoint::close_box ? errc::over_quota : errc::ok;
    };
    CHECK(life.rig.error_of("grant revoke", {{"id", id}}) == errc::over_quota);
    CHECK(life.server.revoked.size() == 1);  // nobody opens it any more
    life.server.refuse = {};
    REQUIRE(life.rig.error_of("sync") == errc::ok);
    CHECK(life.server.boxes.empty());
  }

  TEST_CASE("another end of the grant is another end of its answers") {
    Life life;
    const auto id = life.granted(answerable);
    const auto before = only_box(life);
    answer(life, before, 40);
    REQUIRE(life.rig.error_of("grant extend", {{"id", id}, {"for", "20d"}}) == errc::ok);
    const auto after = only_box(life);
    CHECK(after != before);
    CHECK(life.server.boxes[after].expires_at == life.policy().expires_at);
    answer(life, after, 80);
    const auto rows = waiting(life);
    REQUIRE(rows.size() == 2);
    for (const auto& row : rows) CHECK(Life::text(row, "grant") == id);
    REQUIRE(life.rig.error_of("grant extend", {{"id", id}, {"openings", "5"}}) == errc::ok);
    CHECK(only_box(life) == after);  // the same end
  }

  TEST_CASE("a version that does not come to be leaves the answers as they were") {
    Life life;
    const auto id = life.granted(answerable);
    const auto before = only_box(life);
    life.server.refuse = [](const protocol::Target& target) {
      return target.endpoint == Endpoint::publish_grant ? errc::over_quota : errc::ok;
    };
    CHECK(life.rig.error_of("grant extend", {{"id", id}, {"for", "20d"}}) == errc::over_quota);
    CHECK(only_box(life) == before);
    life.server.refuse = {};
    REQUIRE(life.rig.error_of("grant extend", {{"id", id}, {"for", "20d"}}) == errc::ok);
    CHECK(only_box(life) != before);
  }

  TEST_CASE("a grant that is not made leaves no box") {
    Life life;
    life.server.refuse = [](const protocol::Target& target) {
      return target.endpoint == Endpoint::publish_grant ? errc::over_quota : errc::ok;
    };
    CHECK(life.rig.error_of("grant create", answerable) == errc::over_quota);
    CHECK(life.server.boxes.empty());
    CHECK(life.grants() == 0);
  }

  TEST_CASE("its owner may close the answers alone, and they stay closed") {
    Life life;
    const auto id = life.granted(answerable);
    const auto box = only_box(life).text();
    REQUIRE(life.rig.error_of("inbox close", {{"id", box}}) == errc::ok);
    REQUIRE(life.rig.error_of("grant extend", {{"id", id}, {"for", "20d"}}) == errc::ok);
    CHECK(life.server.boxes.empty());
  }

  TEST_CASE("the consent says so, and no other grant has a box") {
    Life life;
    const auto told = life.shown(life.granted(answerable));
    CHECK(Life::text(told, "consent").find("en réponse") != std::string::npos);
    Life other;
    const auto without = other.shown(other.granted(asking({{"all", true}})));
    CHECK(without.at("may_answer") == false);
    CHECK(Life::text(without, "consent").find("en réponse") == std::string::npos);
    CHECK(other.server.boxes.empty());
    CHECK_FALSE(other.server.was_asked(Endpoint::put_box));
  }
}

}  // namespace
}  // namespace coffret::daemon
