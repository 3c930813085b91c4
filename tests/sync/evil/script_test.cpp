// SPDX-License-Identifier: EUPL-1.2
#include "tools/evil/script.hpp"

#include <doctest/doctest.h>

namespace coffret::evil {
namespace {

Result<Script> one(std::string_view rule) {
  return parse_script("{\"rules\":[" + std::string{rule} + "]}");
}

}  // namespace

TEST_SUITE("sync/evil/script") {
  TEST_CASE("a rule says what it meets, when, and what is done") {
    const auto script = one(
        R"({"on":"GET /v1/vaults/*/log","client":2,"from":3,"times":4,"do":"log_drop","entry":-1})");
    REQUIRE(script.has_value());
    const auto& rule = script->rules.at(0);
    CHECK(rule.client == 2);
    CHECK(rule.from == 3);
    CHECK(rule.times == 4);
    CHECK(rule.deed == Deed::log_drop);
    CHECK(rule.number("entry") == -1);
    CHECK(name_of(rule.deed) == "log_drop");
    CHECK(name_of(Deed::card) == "card");
    const auto again = parse_script(format_script(*script));
    REQUIRE(again.has_value());
    CHECK(format_script(*again) == format_script(*script));
  }

  TEST_CASE("a request is met by its method, its path and its client") {
    struct {
      std::string_view on, method, path;
      std::uint64_t client, who;
      bool met;
    } const cases[] = {
        {"*", "GET", "/v1/card", 0, 0, true},
        {"*", "GET", "/v1/card", 1, 2, false},
        {"GET /v1/vaults/*/log", "GET", "/v1/vaults/abc/log", 1, 1, true},
        {"GET /v1/vaults/*/log", "POST", "/v1/vaults/abc/log", 0, 1, false},
        {"* /v1/vaults/*/log", "POST", "/v1/vaults/abc/log", 0, 1, true},
        {"GET /v1/vaults/*/log", "GET", "/v1/vaults/abc/log/x", 0, 1, false},
        {"GET /v1/vaults/*/log", "GET", "/v1/vaults/abc", 0, 1, false},
        {"GET /v1/vaults/*", "GET", "/v1/vaults/by-root", 0, 0, true},
        {"GET /v1/card", "GET", "/v1/cards", 0, 0, false},
    };
    for (const auto& c : cases) {
      CAPTURE(c.on);
      CAPTURE(c.path);
      Rule rule;
      rule.on = c.on;
      rule.client = c.client;
      CHECK(rule.meets(c.method, c.path, c.who) == c.met);
    }
  }

  TEST_CASE("what is not exactly a script is refused") {
    for (const std::string_view bad : {
             R"({})",
             R"({"on":"*"})",
             R"({"do":"pass"})",
             R"({"on":"*","do":"nosuchdeed"})",
             R"({"on":"v1","do":"pass"})",
             R"({"on":"GET","do":"pass"})",
             R"({"on":"GET v1","do":"pass"})",
             R"({"on":"GET /a b","do":"pass"})",
             R"({"on":"*","do":"pass","entry":1})",
             R"({"on":"*","do":"flip"})",
             R"({"on":"*","do":"flip","at":"1"})",
             R"({"on":"*","do":"flip","at":1.5})",
             R"({"on":"*","do":"delay","milliseconds":-1})",
             R"({"on":"*","do":"flood","bytes":9007199254740993})",
             R"({"on":"*","do":"pass","from":0})",
             R"({"on":"*","do":"pass","client":-1})",
             R"({"on":"*","do":"raw","base64":"="})",
             R"({"on":"*","do":"fields","fields":{"a":1}})",
             R"({"on":"*","do":"fields","fields":{"a":"b\nc"}})",
             R"({"on":"*","do":"json","members":{"a":[1.5]}})",
             R"({"on":"*","on":"*","do":"pass"})",
             R"(7)",
         }) {
      CAPTURE(bad);
      CHECK(one(bad).error() == errc::malformed);
    }
    CHECK(parse_script("[]").error() == errc::malformed);
    CHECK(parse_script(R"({"rules":[],"more":1})").error() == errc::malformed);
    CHECK(parse_script(std::string(max_script + 1, ' ')).error() == errc::too_large);
    std::string many = R"({"rules":[)";
    for (std::size_t i = 0; i <= max_rules; ++i)
      many += std::string{i == 0 ? "" : ","} + R"({"on":"*","do":"pass"})";
    CHECK(parse_script(many + "]}").error() == errc::too_large);
  }
}

}  // namespace coffret::evil
