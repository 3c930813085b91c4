// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/server.hpp"

#include <doctest/doctest.h>

#include "sync/protocol/http_signature.hpp"
#include "tests/sync/client/association.hpp"

namespace coffret::client {
namespace {

Result<http::Response> fine(const http::Request&) {
  return test::response(200);
}

http::Request get(std::string target) {
  http::Request request;
  request.method = "GET";
  request.target = std::move(target);
  return request;
}

Result<protocol::RequestSignature> judge(const Association& a, const http::Request& request,
                                         Timestamp now) {
  const auto value = [&](std::string_view name) {
    const auto* found = request.fields.find(name);
    return found == nullptr ? std::string{} : *found;
  };
  return protocol::verify_request({request.method, request.target, request.body,
                                   protocol::fingerprint(a.identity.public_key())},
                                  {value("Content-Digest"), value("Coffret-Server"),
                                   value("Signature-Input"), value("Signature")},
                                  now);
}

}  // namespace

TEST_SUITE("sync/client/server") {
  TEST_CASE("the first exchange reads the card and pins the TLS keys it names") {
    Association a;
    a.serve(fine);
    auto server = a.server();
    REQUIRE(server.ask(get("/x"), &a.device).has_value());
    CHECK(server.identity().key == a.identity.public_key());
    CHECK(server.identity().serial == 2);
    CHECK(server.signed_card() == protocol::sign_card(a.card, a.identity));
    REQUIRE(a.network.made.size() == 2);
    CHECK(a.network.made[0].first_contact);
    CHECK_FALSE(a.network.made[1].first_contact);
    CHECK(a.network.made[1].spki == a.card.spki);
    CHECK(server.counters().requests == 2);
  }

  TEST_CASE("a card that is not the pinned one's, or names another TLS key, gets no request") {
    struct {
      std::string_view what;
      std::function<void(Association&)> spoil;
      errc error;
    } const cases[] = {
        {"another identity", [](Association& a) { a.identity = test::TestSigner{std::uint8_t{9}}; },
         errc::key_changed},
        {"another TLS key", [](Association& a) { a.network.spki = tls_key(8); }, errc::unpinned},
        {"an older card", [](Association& a) { a.card.serial = 1; }, errc::key_changed},
        {"the same serial on another card",
         [](Association& a) {
           a.card.spki = {tls_key(8)};
           a.network.spki = tls_key(8);
         },
         errc::key_changed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      Association a;
      a.serve(fine);
      auto known = a.pinned();
      auto first = a.server();
      REQUIRE(first.contact().has_value());
      known = first.identity();
      c.spoil(a);
      Server server{a.environment(), known};
      CHECK(server.contact().error() == c.error);
      CHECK(server.identity() == known);
      CHECK(a.asked().empty());
    }
  }

  TEST_CASE("the card's answer tells the server's time, too") {
    Association a;
    const auto theirs = a.clock.time + Seconds{7200};
    a.network.answer = [&](const http::Request&) {
      auto response = test::response(200, protocol::sign_card(a.card, a.identity));
      response.fields.set("Coffret-Time", std::to_string(to_unix(theirs)));
      return Result<http::Response>{std::move(response)};
    };
    auto server = a.server();
    REQUIRE(server.contact().has_value());
    CHECK(server.server_now() == theirs);
  }

  TEST_CASE("a server that no longer speaks our version is not read, and nothing is guessed") {
    struct {
      const char* said;
      errc expected;
    } const cases[] = {{"1-1", errc::ok},
                       {"1-3", errc::ok},
                       {"2-3", errc::other_version},
                       {"none", errc::malformed}};
    for (const auto& c : cases) {
      CAPTURE(c.said);
      Association a;
      a.network.answer = [&](const http::Request& request) {
        CHECK(*request.fields.find("Coffret-Protocol") == "1");
        auto response = test::response(200, protocol::sign_card(a.card, a.identity));
        response.fields.set("Coffret-Protocol", c.said);
        return Result<http::Response>{std::move(response)};
      };
      auto server = a.server();
      const auto met = server.contact();
      CHECK((met.has_error() ? to_errc(met.error()) : errc::ok) == c.expected);
    }
  }

  TEST_CASE("every bit of a signed card counts") {
    Association a;
    const auto good = protocol::sign_card(a.card, a.identity);
    int accepted = 0;
    for (std::size_t i = 0; i < good.size(); i += 3) {
      auto bad = good;
      bad[i] = bad[i] == 'A' ? 'B' : 'A';
      if (bad == good) continue;
      a.network.answer = [&](const http::Request&) { return test::response(200, bad); };
      auto server = a.server();
      if (server.contact().has_value()) ++accepted;
    }
    CHECK(accepted == 0);
  }

  TEST_CASE("a renewed TLS key is accepted when a newer card names it, and only then") {
    for (const bool newer : {true, false}) {
      CAPTURE(newer);
      Association a;
      a.serve(fine);
      auto server = a.server();
      REQUIRE(server.ask(get("/1"), &a.device).has_value());
      a.network.spki = tls_key(8);
      if (newer) {
        a.card.serial = 3;
        a.card.spki = {tls_key(8), tls_key(9)};
      }
      const auto answer = server.ask(get("/2"), &a.device);
      CHECK(answer.has_value() == newer);
      if (!newer) CHECK(answer.error() == errc::unpinned);
      CHECK(a.asked().size() == (newer ? 2 : 1));
      CHECK(server.identity().serial == (newer ? 3 : 2));
    }
  }

  TEST_CASE("a signed request verifies, with the server's time and a nonce of its own") {
    Association a;
    a.serve([&](const http::Request&) {
      auto response = test::response(200);
      response.fields.set("Coffret-Time", std::to_string(to_unix(a.clock.time) + 86400));
      return response;
    });
    auto server = a.server();
    REQUIRE(server.ask(get("/1"), &a.device).has_value());
    CHECK(server.clock_offset() == Seconds{86400});
    REQUIRE(server.last_server_time().has_value());
    REQUIRE(server.ask(get("/2?a=b"), &a.device).has_value());
    const auto asked = a.asked();
    const auto first = judge(a, asked[0], a.clock.time);
    const auto second = judge(a, asked[1], a.clock.time + Seconds{86400});
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK(first->key == a.device.public_key());
    CHECK(first->nonce != second->nonce);
    CHECK(judge(a, asked[1], a.clock.time).error() == errc::clock_refused);
  }

  TEST_CASE("a wrong clock at home is corrected by the refusal itself") {
    Association a;
    a.serve([&](const http::Request& request) {
      const auto theirs = a.clock.time + Seconds{7200};
      auto response = judge(a, request, theirs).has_value() ? test::response(204)
                                                            : refusal(errc::clock_refused);
      response.fields.set("Coffret-Time", std::to_string(to_unix(theirs)));
      return response;
    });
    auto server = a.server();
    CHECK(server.ask(get("/"), &a.device).has_value());
    CHECK(a.asked().size() == 2);
  }

  TEST_CASE("a connection lost under a signed request is made again once, with another nonce") {
    struct {
      std::string_view what;
      bool is_signed;
      int losses;
      std::size_t sent;
      bool good;
    } const cases[] = {
        {"signed, lost once", true, 1, 3, true},
        {"signed, lost twice", true, 2, 3, false},
        {"unsigned", false, 1, 2, false},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      Association a;
      int losses = 0;
      a.serve([&](const http::Request&) -> Result<http::Response> {
        if (a.asked().size() > 1 && losses++ < c.losses) return errc::server_unreachable;
        return test::response(200);
      });
      auto server = a.server();
      const Signer* signer = c.is_signed ? &a.device : nullptr;
      REQUIRE(server.ask(get("/1"), signer).has_value());
      const auto answer = server.ask(get("/2"), signer);
      CHECK(answer.has_value() == c.good);
      const auto asked = a.asked();
      REQUIRE(asked.size() == c.sent);
      if (c.is_signed)
        CHECK(*asked[1].fields.find("Signature-Input") != *asked[2].fields.find("Signature-Input"));
    }
  }

  TEST_CASE("what a server shows of itself is told before anybody pins it") {
    Association a;
    a.serve(fine);
    const auto shown = shown_card(a.environment(), "https://exemple.test");
    REQUIRE(shown.has_value());
    CHECK(shown->fingerprint == protocol::fingerprint(a.identity.public_key()));
    CHECK(shown->card.card == a.card);
    a.network.spki = tls_key(8);
    CHECK(shown_card(a.environment(), "https://exemple.test").error() == errc::unpinned);
  }

  TEST_CASE("strange times are not believed") {
    for (const std::string text : {"", "-1", "1e9", "99999999999999", " 5", "5 "}) {
      CAPTURE(text);
      Association a;
      a.serve([&](const http::Request&) {
        auto response = test::response(200);
        response.fields.set("Coffret-Time", text);
        return response;
      });
      auto server = a.server();
      REQUIRE(server.ask(get("/"), nullptr).has_value());
      CHECK_FALSE(server.last_server_time().has_value());
      CHECK(server.clock_offset() == Seconds{0});
    }
  }
}

}  // namespace coffret::client
