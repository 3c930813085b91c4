// SPDX-License-Identifier: EUPL-1.2
//
// SMART Health Links as the IG 1.0.0 demands (M1 to M10, U1) and as this server limits them.
#include <sodium.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <thread>

#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

using test::code_of;
using test::Member;
using test::ServerRig;

// Argon2id at the least cost libsodium knows, so that tests are quick; policies carry their cost.
Bytes verifier_of(std::string_view passcode) {
  char text[crypto_pwhash_STRBYTES] = {};
  REQUIRE(::crypto_pwhash_str(text, passcode.data(), passcode.size(), crypto_pwhash_OPSLIMIT_MIN,
                              crypto_pwhash_MEMLIMIT_MIN) == 0);
  return test::bytes_of(text);
}

struct ShlRig : ServerRig {
  ShlRig() : alice(1) { REQUIRE(join(alice, invite()).status == 201); }

  protocol::Policy shl(std::uint8_t number) {
    auto p = policy(alice, number, 0);
    p.delivery = Delivery::shl;
    p.proof_hash = {};
    p.shl.bytes.fill(number);
    p.files[0].content_type = "application/fhir+json";
    return p;
  }
  std::string path(const protocol::Policy& p) { return "/shl/" + to_base64url(p.shl.bytes); }
  http::Response manifest(const protocol::Policy& p, std::optional<std::string> passcode = {}) {
    boost::json::object body{{"recipient", "Dr Essai"}};
    if (passcode) body["passcode"] = *passcode;
    return ask("POST", path(p), boost::json::serialize(body));
  }
  std::string location(const http::Response& response) {
    REQUIRE(response.status == 200);
    const auto read = protocol::from_json<protocol::ShlManifest>(response.body);
    REQUIRE(read.has_value());
    REQUIRE(read->files.size() == 1);
    const std::string url = read->files[0].location.value_or("");
    const std::string origin = "https://vault.example";
    REQUIRE(url.starts_with(origin));
    return url.substr(origin.size());
  }
  Member alice;
};

std::int64_t remaining(const http::Response& response) {
  return boost::json::parse(to_text(response.body)).at("remainingAttempts").as_int64();
}

TEST_SUITE("sync/server/shl") {
  TEST_CASE("a manifest names files by locations that work once, for an hour at most") {
    ShlRig rig;
    auto policy = rig.shl(7);
    policy.expires_at += 86400;
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    const auto where = rig.location(rig.manifest(policy));
    const auto file = rig.ask("GET", where);
    CHECK(file.status == 200);
    CHECK(*file.fields.find("Content-Type") == "application/jose");
    CHECK(rig.ask("GET", where).status == 404);
    const auto second = rig.location(rig.manifest(policy));
    rig.clock.pass(3600);
    CHECK(rig.ask("GET", second).status == 404);
  }

  TEST_CASE(
      "files that the reader would have in the manifest are in it, as long as there is room") {
    struct {
      const char* name;
      std::vector<std::size_t> files;  // sizes
      std::optional<std::uint64_t> longest;
      std::vector<bool> embedded;
    } const cases[] = {
        {"not asked for", {10}, {}, {false}},
        {"none wanted", {10}, 0, {false}},
        {"one too long", {10}, 9, {false}},
        {"just short enough", {10}, 10, {true}},
        {"some", {10, 20, 5}, 10, {true, false, true}},
        {"no room for all",
         {200'000, 200'000, 200'000, 90'000},
         1u << 30,
         {true, true, false, true}},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      ShlRig rig;
      auto policy = rig.shl(7);
      policy.files.clear();
      std::vector<std::string> contents;
      for (const auto size : c.files) {
        contents.emplace_back(size, static_cast<char>('a' + contents.size()));
        policy.files.push_back(rig.put_file(rig.alice, policy.link, contents.back()));
        policy.files.back().content_type = "application/fhir+json";
      }
      REQUIRE(rig.publish(rig.alice, policy).status == 200);
      boost::json::object body{{"recipient", "Dr Essai"}};
      if (c.longest) body["embeddedLengthMax"] = *c.longest;
      const auto answer = rig.ask("POST", rig.path(policy), boost::json::serialize(body));
      REQUIRE(answer.status == 200);
      const auto read = protocol::from_json<protocol::ShlManifest>(answer.body);
      REQUIRE(read.has_value());
      REQUIRE(read->files.size() == c.files.size());
      for (std::size_t i = 0; i < c.files.size(); ++i) {
        CAPTURE(i);
        CHECK(read->files[i].embedded.has_value() == c.embedded[i]);
        CHECK(read->files[i].location.has_value() == !c.embedded[i]);
        if (c.embedded[i]) CHECK(*read->files[i].embedded == contents[i]);
      }
      CHECK(rig.storage.records->grant(policy.link)->openings_used == 1);
    }
  }

  TEST_CASE("what is no compact JWE is not written into a manifest") {
    ShlRig rig;
    const auto policy = rig.shl(7);  // "a sealed file"
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    const auto answer =
        rig.ask("POST", rig.path(policy), R"({"recipient":"Dr Essai","embeddedLengthMax":1000})");
    CHECK(answer.status == 500);
  }

  TEST_CASE("a location dies with its link") {
    ShlRig rig;
    const auto policy = rig.shl(7);
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    const auto where = rig.location(rig.manifest(policy));
    CHECK(rig.revoke(rig.alice, policy.link).status == 200);
    CHECK(rig.ask("GET", where).status == 404);
    CHECK(code_of(rig.manifest(policy)) == "link_not_active");
  }

  TEST_CASE("the count of wrong passcodes is for life, and a right one does not reset it") {
    ShlRig rig;
    auto policy = rig.shl(7);
    policy.passcode = verifier_of("428571");
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    const auto none = rig.manifest(policy);
    CHECK(none.status == 401);
    CHECK(remaining(none) == 5);
    CHECK(remaining(rig.manifest(policy, "000000")) == 4);
    CHECK(rig.manifest(policy, "428571").status == 200);
    CHECK(remaining(rig.manifest(policy, "000000")) == 3);
    rig.open();
    CHECK(remaining(rig.manifest(policy, "000000")) == 2);
    CHECK(remaining(rig.manifest(policy, "000000")) == 1);
    CHECK(remaining(rig.manifest(policy, "000000")) == 0);
    CHECK(rig.manifest(policy, "428571").status == 404);
  }

  TEST_CASE("parallel wrong passcodes are evaluated five times, no more") {
    ShlRig rig;
    auto policy = rig.shl(7);
    policy.passcode = verifier_of("428571");
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    std::atomic<int> judged = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 12; ++i)
      threads.emplace_back([&] {
        if (rig.manifest(policy, "000000").status == 401) ++judged;
      });
    for (auto& thread : threads) thread.join();
    CHECK(judged == 5);
  }

  TEST_CASE("flag U gives the file by one GET, written down and not counted") {
    ShlRig rig;
    auto policy = rig.shl(7);
    policy.shl_direct = true;
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    CHECK(rig.ask("GET", rig.path(policy)).status == 400);
    CHECK(rig.ask("GET", rig.path(policy) + "?recipient=Dr%20Essai").status == 200);
    CHECK(rig.manifest(policy).status == 404);  // U: no manifest
    const auto log = rig.storage.records->access_log(rig.alice.vault, 0, 10);
    REQUIRE(log->lines.size() == 1);
    const auto line = wire::decode<protocol::AccessLine>(log->lines[0]);
    CHECK(line->recipient == "Dr Essai");
    CHECK_FALSE(line->recipient_sealed);
    CHECK(rig.storage.records->grant(policy.link)->openings_used == 0);
  }

  TEST_CASE("a limited manifest link ends fifteen minutes after its last opening") {
    ShlRig rig;
    auto policy = rig.shl(7);
    policy.openings = 1;
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    const auto where = rig.location(rig.manifest(policy));
    CHECK(rig.manifest(policy).status == 404);
    rig.clock.pass(15 * 60);
    CHECK(rig.ask("GET", where).status == 404);
  }

  TEST_CASE("bad requests and unknown links") {
    ShlRig rig;
    const auto policy = rig.shl(7);
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    CHECK(rig.ask("POST", rig.path(policy), "{}").status == 400);
    CHECK(rig.ask("POST", rig.path(policy), "not json").status == 400);
    auto unknown = policy;
    unknown.shl.bytes.fill(99);
    CHECK(rig.manifest(unknown).body == rig.ask("GET", rig.path(unknown) + "?recipient=x").body);
    CHECK(code_of(rig.manifest(unknown)) == "link_not_active");
  }
}

}  // namespace
}  // namespace coffret::server
