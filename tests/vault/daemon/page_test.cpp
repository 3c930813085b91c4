// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/page.hpp"

#include <doctest/doctest.h>

#include "coffret/bytes.hpp"

namespace coffret::daemon {
namespace {

http::Request get(std::string target, std::string host) {
  http::Request request{
      .method = "GET", .target = std::move(target), .fields = {}, .body = {}, .peer = {}};
  request.fields.set("Host", std::move(host));
  return request;
}

TEST_SUITE("vault/daemon/page") {
  TEST_CASE("only the listener's own names are answered") {
    for (const char* host : {"127.0.0.1:4000", "[::1]:4000", "localhost:4000"}) {
      CAPTURE(host);
      CHECK(answer_page(get("/", host), 4000).status == 200);
    }
    const auto refused = answer_page(get("/", "evil.example:4000"), 4000);
    for (const char* host : {"127.0.0.1", "127.0.0.1:4001", "localhost.:4000", "0.0.0.0:4000",
                             "2130706433:4000", "rebind.test:4000", ""}) {
      CAPTURE(host);
      const auto answer = answer_page(get("/", host), 4000);
      CHECK(answer.status == 403);
      CHECK(answer.body == refused.body);
    }
    CHECK(answer_page({.method = "GET", .target = "/", .fields = {}, .body = {}, .peer = {}}, 4000)
              .status == 403);
  }

  TEST_CASE("requests that another site makes are refused") {
    struct {
      const char* name;
      const char* value;
    } const cases[] = {{"Sec-Fetch-Site", "cross-site"},
                       {"Sec-Fetch-Site", "same-site"},
                       {"Origin", "https://evil.example"},
                       {"Origin", "null"}};
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto request = get("/", "127.0.0.1:4000");
      request.fields.set(c.name, c.value);
      CHECK(answer_page(request, 4000).status == 403);
    }
  }

  TEST_CASE("the page sets no cookie, allows no origin, runs nothing and asks for no secret") {
    const auto page = answer_page(get("/", "127.0.0.1:4000"), 4000);
    CHECK(page.fields.find("Set-Cookie") == nullptr);
    CHECK(page.fields.find("Access-Control-Allow-Origin") == nullptr);
    CHECK(page.fields.find("Server") == nullptr);
    REQUIRE(page.fields.find("Content-Security-Policy") != nullptr);
    CHECK(page.fields.find("Content-Security-Policy")->starts_with("default-src 'none'"));
    const auto text = as_text(page.body);
    for (const char* never : {"<script", "<input", "<form", "password"}) {
      CAPTURE(never);
      CHECK(text.find(never) == std::string_view::npos);
    }
  }

  TEST_CASE("nothing but reading is answered") {
    auto request = get("/", "127.0.0.1:4000");
    request.method = "POST";
    CHECK(answer_page(request, 4000).status == 405);
    CHECK(answer_page(get("/../etc/passwd", "127.0.0.1:4000"), 4000).status == 404);
  }
}

}  // namespace
}  // namespace coffret::daemon
