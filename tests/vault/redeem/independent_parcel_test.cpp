// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "coffret/json.hpp"
#include "tests/support/shared_link.hpp"

using namespace coffret;
using namespace coffret::test;
using redeem::RedeemOptions;

TEST_SUITE("vault/redeem independent parcel") {
  TEST_CASE("a parcel that another program made from the written formats opens") {
    std::ifstream file{std::string{COFFRET_SOURCE_DIR} +
                       "/tests/vault/redeem/independent_parcel.json"};
    std::stringstream text;
    text << file.rdbuf();
    const auto json = *parse_json(text.str());
    const auto bytes = [&](const char* name) {
      return *from_base64url(std::string{json.at(name).as_string()});
    };
    test::Machine machine;
    LinkServer server;
    const auto id = *LinkId::from(bytes("id"));
    const auto secret_bytes = bytes("secret");
    const auto path = "/v1/links/" + id.text();
    protocol::OpenAnswer open;
    open.server_half = *ServerHalf::from(bytes("half"));
    open.version = 3;
    open.reader = "reader-token";
    open.server_time = now;
    for (const auto& one : json.at("files").as_array()) {
      const std::string name{one.at("id").as_string()};
      const std::string jwe{one.at("jwe").as_string()};
      open.files.push_back({*FileId::parse(name), jwe.size()});
      server.on("GET " + path + "/files/" + name, LinkServer::answer(200, jwe));
    }
    server.on(
        "GET " + path,
        LinkServer::answer(
            200, protocol::to_json(protocol::LinkInfo{
                     .delivery = Delivery::link, .passcode = true, .expires_at = 1'900'000'000})));
    server.on("POST " + path + "/open", [&](const http::Request& request) {
      const auto ask = protocol::from_json<protocol::OpenRequest>(request.body);
      CHECK(ask->passcode_proof->bytes == Sha256::from(bytes("passcode_proof"))->bytes);
      return LinkServer::answer(200, protocol::to_json(open));
    });
    server.on("POST " + path + "/read", [&](const http::Request& request) {
      CHECK(protocol::from_json<protocol::ReadProof>(request.body)->proof ==
            *Sha256::from(bytes("read_proof")));
      return LinkServer::answer(204, "");
    });
    crypto::ProtectedLink link{server.url,
                               id,
                               crypto::LinkSecret::make([&](auto out) {
                                 std::copy(secret_bytes.begin(), secret_bytes.end(), out.begin());
                               }),
                               {}};
    std::copy_n(server.fingerprint().bytes.begin(), 16, link.server.begin());
    RedeemOptions options;
    options.passcode = secret_text(std::string{json.at("passcode").as_string()});
    const auto answer = redeem::redeem(crypto::format_link(link), options,
                                       server.environment(machine.clock, machine.random));
    REQUIRE(answer.has_value());
    REQUIRE(answer->redeemed.has_value());
    CHECK(server.was_asked("POST " + path + "/read"));
    const auto& documents = json.at("documents").as_array();
    REQUIRE(answer->redeemed->files.size() == documents.size());
    for (std::size_t i = 0; i < documents.size(); ++i)
      CHECK(to_base64url(crypto::sha256(answer->redeemed->files[i].bytes).bytes) ==
            documents[i].at("sha256").as_string());
  }
}
