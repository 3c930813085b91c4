// SPDX-License-Identifier: EUPL-1.2
//
// Emergency cards at the server: nobody opens one without a name and a reason, and each opening has
// its line with both.
#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

using test::code_of;
using test::Member;
using test::ServerRig;

struct CardRig : ServerRig {
  explicit CardRig(std::uint32_t delay = 0) : alice(1) {
    REQUIRE(join(alice, invite()).status == 201);
    policy = ServerRig::policy(alice, 7, 0);
    policy.format = protocol::card_policy_format;
    policy.delay = delay;
    REQUIRE(publish(alice, policy).status == 200);
  }
  std::uint32_t openings() {
    const auto told =
        signed_ask(alice.device, "GET", target(alice, "/grants/" + policy.link.text()));
    return protocol::from_json<protocol::GrantStatus>(told.body)->openings;
  }
  // Of an opening that can be read later: its token.
  std::string waits(const http::Response& response, std::int64_t opens_at) {
    REQUIRE(response.status == 202);
    const auto told = protocol::from_json<protocol::WaitAnswer>(response.body);
    REQUIRE(told.has_value());
    CHECK(told->opens_at == opens_at);
    return told->reader;
  }
  http::Response open(const std::string& who, const std::string& why, std::string reader = {}) {
    protocol::OpenRequest asked;
    asked.recipient = who;
    asked.reason = why;
    asked.reader = std::move(reader);
    return ask("POST", "/v1/links/" + policy.link.text() + "/open", protocol::to_json(asked));
  }
  std::vector<protocol::AccessLine> lines() {
    const auto response =
        signed_ask(alice.device, "GET", target(alice, "/access-log?after=0&limit=1000"));
    REQUIRE(response.status == 200);
    const auto page = wire::decode<protocol::AccessPage>(response.body);
    REQUIRE(page.has_value());
    std::vector<protocol::AccessLine> all;
    for (const auto& leaf : page->lines) {
      const auto line = protocol::decode_access_line(leaf);
      REQUIRE(line.has_value());
      all.push_back(*line);
    }
    return all;
  }

  Member alice;
  protocol::Policy policy;
};

TEST_SUITE("sync/server/emergency") {
  TEST_CASE("a card says that it asks why, and a link says nothing of it") {
    CardRig rig;
    const auto told = rig.ask("GET", "/v1/links/" + rig.policy.link.text());
    const auto info = protocol::from_json<protocol::LinkInfo>(told.body);
    REQUIRE(info.has_value());
    CHECK(info->reason);
    CHECK_FALSE(info->passcode);
    const auto plain = static_cast<ServerRig&>(rig).policy(rig.alice, 8, 0);
    REQUIRE(rig.publish(rig.alice, plain).status == 200);
    const auto other = rig.ask("GET", "/v1/links/" + plain.link.text());
    CHECK(as_text(other.body).find("reason") == std::string_view::npos);
  }

  TEST_CASE("without a name or without a reason nothing opens, counts or is written") {
    CardRig rig;
    const struct {
      const char* name;
      const char* who;
      const char* why;
    } cases[] = {{"neither", "", ""}, {"no reason", "who", ""}, {"no name", "", "why"}};
    for (const auto& c : cases) {
      CAPTURE(c.name);
      const auto refused = rig.open(c.who, c.why);
      CHECK(refused.status == 403);
      CHECK(code_of(refused) == "denied");
    }
    CHECK(rig.lines().empty());
  }

  TEST_CASE("each opening has its line, with the sealed name and reason, whatever their number") {
    CardRig rig;
    constexpr int often = 30;  // more than a link's lines of a day
    for (int i = 0; i < often; ++i) {
      const auto opened = rig.open("who", "why" + std::to_string(i));
      REQUIRE(opened.status == 200);
    }
    const auto lines = rig.lines();
    REQUIRE(lines.size() == often);
    for (int i = 0; i < often; ++i) {
      const auto& line = lines[static_cast<std::size_t>(i)];
      CHECK(line.outcome == OpeningOutcome::delivered);
      CHECK(line.format == protocol::reason_line_format);
      CHECK(line.recipient == "who");
      CHECK(line.reason == "why" + std::to_string(i));
    }
  }

  TEST_CASE("who opened a moment ago comes back with their token, and says nothing again") {
    CardRig rig;
    const auto first = protocol::from_json<protocol::OpenAnswer>(rig.open("who", "why").body);
    REQUIRE(first.has_value());
    CHECK(rig.open("", "", first->reader).status == 200);
    CHECK(rig.lines().size() == 1);
  }

  TEST_CASE("an ended card answers as any ended link, and who asks is written down") {
    CardRig rig;
    REQUIRE(rig.revoke(rig.alice, rig.policy.link).status == 200);
    CHECK(rig.open("", "").status == 404);
    CHECK(rig.open("who", "why").status == 404);
    const auto lines = rig.lines();
    REQUIRE(lines.size() == 2);
    CHECK(lines[1].outcome == OpeningOutcome::not_active);
    CHECK(lines[1].recipient == "who");
    CHECK(lines[1].format == protocol::access_line_format);
  }

  TEST_CASE("with a delay it is told and counted when asked for, and can be read when it is over") {
    constexpr std::uint32_t delay = 600;
    CardRig rig{delay};
    const auto opens_at = to_unix(rig.clock.now()) + delay;
    const auto reader = rig.waits(rig.open("who", "why"), opens_at);
    CHECK(rig.openings() == 1);
    const auto lines = rig.lines();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].outcome == OpeningOutcome::asked);
    CHECK(lines[0].reason == "why");
    const auto file =
        "/v1/links/" + rig.policy.link.text() + "/files/" + rig.policy.files[0].id.text();
    rig.clock.pass(delay - 1);
    CHECK(rig.waits(rig.open("", "", reader), opens_at) == reader);
    CHECK(rig.ask("GET", file, {}, reader).status == 404);
    rig.clock.pass(1);
    const auto opened = rig.open("", "", reader);
    REQUIRE(opened.status == 200);
    const auto answer = protocol::from_json<protocol::OpenAnswer>(opened.body);
    REQUIRE(answer.has_value());
    CHECK_FALSE(answer->server_half.is_zero());
    CHECK(rig.ask("GET", file, {}, reader).status == 200);
    CHECK(rig.openings() == 1);
    rig.clock.pass(15 * 60);
    CHECK(rig.ask("GET", file, {}, reader).status == 404);
  }

  TEST_CASE("refused within the delay, nothing ever leaves") {
    CardRig rig{600};
    const auto reader = rig.waits(rig.open("who", "why"), to_unix(rig.clock.now()) + 600);
    REQUIRE(rig.revoke(rig.alice, rig.policy.link).status == 200);
    CHECK(rig.open("", "", reader).status == 404);
    rig.clock.pass(601);
    CHECK(rig.open("", "", reader).status == 404);
  }

  TEST_CASE("no delay reaches behind the card's end") {
    CardRig rig{600};
    rig.clock.pass(3600 - 600);
    CHECK(rig.open("who", "why").status == 404);
    CardRig other{600};
    other.clock.pass(3600 - 601);
    CHECK(other.open("who", "why").status == 202);
  }
}

}  // namespace
}  // namespace coffret::server
