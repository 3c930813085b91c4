// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/links.hpp"

#include <doctest/doctest.h>

#include "tests/sync/client/association.hpp"

namespace coffret::client {

TEST_SUITE("sync/client/links") {
  TEST_CASE("an opening is asked for once, even when its answer is lost") {
    Association a;
    bool lost = false;
    a.serve([&](const http::Request&) -> Result<http::Response> {
      if (lost) return errc::server_unreachable;
      return test::response(200, protocol::to_json(protocol::LinkInfo{Delivery::link, true, 5}));
    });
    auto server = a.server();
    const auto info = link_info(server, a.link);
    REQUIRE(info.has_value());
    CHECK(info->passcode);
    lost = true;
    CHECK(open_link(server, a.link, {}).error() == errc::server_unreachable);
    CHECK(a.asked().size() == 2);
  }

  TEST_CASE("an opening gives the half, or the tries that are left, or the end") {
    protocol::OpenAnswer opened;
    opened.server_half = ServerHalf{{7}};
    opened.files = {{FileId{{1}}, 5}};
    opened.reader = "cmVhZGVy";
    http::Response answer;
    Association a;
    a.serve([&](const http::Request& request) {
      CHECK(request.fields.find("Signature") == nullptr);
      return answer;
    });
    auto server = a.server();
    answer = test::response(200, protocol::to_json(opened));
    const auto good = open_link(server, a.link, {});
    REQUIRE(good.has_value());
    REQUIRE(good->answer.has_value());
    CHECK(*good->answer == opened);
    answer = test::response(401, protocol::error_body(errc::wrong_passcode, 3));
    const auto wrong = open_link(server, a.link, {});
    REQUIRE(wrong.has_value());
    CHECK_FALSE(wrong->answer.has_value());
    CHECK(wrong->remaining_attempts == 3);
    answer = refusal(errc::link_not_active);
    CHECK(open_link(server, a.link, {}).error() == errc::link_not_active);
  }

  TEST_CASE("files and the proof travel with the reader's token, and have the announced size") {
    Association a;
    a.serve([&](const http::Request& request) {
      REQUIRE(request.fields.find("Authorization") != nullptr);
      CHECK(*request.fields.find("Authorization") == "Bearer token");
      return request.method == "GET" ? test::response(200, std::string{"bytes"})
                                     : test::response(204);
    });
    auto server = a.server();
    const auto file = fetch_file(server, a.link, {FileId{{1}}, 5}, "token");
    REQUIRE(file.has_value());
    CHECK(as_text(file->bytes) == "bytes");
    CHECK(fetch_file(server, a.link, {FileId{{1}}, 6}, "token").error() == errc::malformed);
    CHECK(prove_read(server, a.link, "token", {.proof = Sha256{{1}}}).has_value());
  }

  TEST_CASE("a location elsewhere is not followed") {
    Association a;
    a.serve([](const http::Request&) { return test::response(200, std::string{"jwe"}); });
    auto server = a.server();
    for (const std::string location :
         {"https://autre.test/shl/x", "https://exemple.test.autre.test/x", "https://exemple.test",
          "https://exemple.test:8443/x", "http://exemple.test/x", "/x", "file:///x", ""}) {
      CAPTURE(location);
      CHECK(shl_file(server, location).error() == errc::denied);
    }
    CHECK(a.network.requests.empty());
    CHECK(shl_file(server, "https://exemple.test/shl/x").has_value());
    CHECK(a.asked().back().target == "/shl/x");
  }

  TEST_CASE("what the reader of an SHL says of themselves is escaped") {
    Association a;
    a.serve([](const http::Request&) { return test::response(200, std::string{"jwe"}); });
    auto server = a.server();
    REQUIRE(shl_direct(server, protocol::ShlPath{{1}}, "Dr Exemple & fils").has_value());
    CHECK(a.asked().back().target.ends_with("?recipient=Dr%20Exemple%20%26%20fils"));
  }
}

}  // namespace coffret::client
