// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include "tests/support/shared_link.hpp"

using namespace coffret;
using namespace coffret::test;
using redeem::RedeemOptions;

TEST_SUITE("vault/redeem protected link") {
  TEST_CASE("a reader gets every file, and the patient hears of it") {
    Shared shared{two};
    RedeemOptions options;
    options.recipient = "Dr Alice Martin, Cabinet Exemple";
    const auto answer = shared.open(options);
    REQUIRE(answer.has_value());
    REQUIRE(answer->redeemed.has_value());
    const auto& got = *answer->redeemed;
    REQUIRE(got.files.size() == 2);
    CHECK(got.files[0].name == "lettre.txt");
    CHECK(as_text(got.files[0].bytes) == "Cher confrère");
    CHECK(got.files[1].name == "note.pdf");
    CHECK(got.files[1].content_type == "application/pdf");
    CHECK(got.patient.name == "Jeanne Modèle");
    CHECK(got.patient.birth_date == "1954-03-12");
    CHECK(got.owner == "Jeanne Modèle");
    CHECK(got.purpose == "Consultation");
    CHECK(got.expires_at == now + 3600);
    CHECK(got.download);
    REQUIRE(got.signature.has_value());
    CHECK(got.signature->root == shared.root.public_key());
    CHECK(got.signature->device == counting_id<DeviceId>(3));
    CHECK(shared.read_proof == crypto::read_proof(shared.key(), link_id));
    const ReceivedParcelFile claim{to_bytes(as_bytes(shared.asked.recipient))};
    const auto opened =
        crypto::open_jwe(crypto::recipient_key(link_secret(), link_id), claim, 4096);
    REQUIRE(opened.has_value());
    CHECK(as_text(opened->content) == options.recipient);
    CHECK_FALSE(shared.asked.passcode_proof.has_value());
  }

  TEST_CASE("an emergency card is not opened before a name and a reason were given") {
    for (const auto& [who, why] : {std::pair{"", ""}, std::pair{"Dr Martin", ""},
                                   std::pair{"", "chute"}, std::pair{"Dr Martin", "chute"}}) {
      CAPTURE(who);
      CAPTURE(why);
      Shared shared{two};
      shared.reason = true;
      RedeemOptions options;
      options.recipient = who;
      options.reason = why;
      const auto answer = shared.open(options);
      if (options.recipient.empty() || options.reason.empty()) {
        CHECK(answer.error() == errc::usage);
        CHECK(shared.asked.recipient.empty());
        continue;
      }
      REQUIRE(answer.has_value());
      CHECK(answer->redeemed->files.size() == 2);
      const ReceivedParcelFile said{to_bytes(as_bytes(shared.asked.reason))};
      const auto opened = crypto::open_jwe(crypto::reason_key(link_secret(), link_id), said, 4096);
      REQUIRE(opened.has_value());
      CHECK(as_text(opened->content) == "chute");
      // The name's key does not open the reason: nobody can change the two over.
      CHECK(
          crypto::open_jwe(crypto::recipient_key(link_secret(), link_id), said, 4096).has_error());
    }
  }

  TEST_CASE("a card with a delay is asked for again until it can be read, or nobody waits") {
    RedeemOptions options;
    options.recipient = "Dr Martin";
    options.reason = "chute";
    Shared hasty{two};
    hasty.reason = true;
    hasty.delays = 1;
    CHECK(hasty.open(options).error() == errc::link_not_active);
    Shared shared{two};
    shared.reason = true;
    shared.delays = 2;
    std::vector<std::int64_t> told;
    options.wait = [&](std::int64_t left) {
      told.push_back(left);
      return true;
    };
    const auto answer = shared.open(options);
    REQUIRE(answer.has_value());
    CHECK(answer->redeemed->files.size() == 2);
    CHECK(told == std::vector<std::int64_t>{60, 60});
    CHECK(shared.asked.reader == "waiting-token");
  }

  TEST_CASE("a reason is sent with an emergency card alone, and is a few words") {
    Shared shared{two};
    RedeemOptions options;
    options.recipient = "Dr Martin";
    options.reason = "chute";
    REQUIRE(shared.open(options).has_value());
    CHECK(shared.asked.reason.empty());
    Shared card{two};
    card.reason = true;
    options.reason.assign(2000, 'x');
    CHECK(card.open(options).error() == errc::usage);
  }

  TEST_CASE("nothing is asked of a server that is not the link's own") {
    Shared shared{two};
    shared.serve();
    const auto environment = shared.server.environment(shared.machine.clock, shared.machine.random);
    crypto::ProtectedLink other{shared.server.url, link_id, link_secret(), {}};
    other.server[15] = 1;
    const auto answer = redeem::redeem(crypto::format_link(other), {}, environment);
    CHECK(answer.error() == errc::unpinned);

    RedeemOptions pinned;
    pinned.pin = shared.server.fingerprint();
    pinned.pin->bytes[31] ^= 1;  // the half that the link does not hold
    CHECK(shared.open(pinned).error() == errc::unpinned);
    CHECK(shared.server.log.empty());
    pinned.pin = shared.server.fingerprint();
    CHECK(shared.open(pinned).has_value());
  }

  TEST_CASE("a passcode is asked for once, before the opening, and never sent") {
    Shared shared{two};
    shared.proof = crypto::passcode_proof(link_secret(), link_id, secret_text("123456"));
    CHECK(shared.open().error() == errc::wrong_passcode);
    CHECK_FALSE(shared.server.was_asked("POST " + base + "/open"));

    RedeemOptions options;
    int questions = 0;
    options.ask_passcode = [&]() -> Result<SecretText> {
      ++questions;
      return secret_text("123456");
    };
    CHECK(shared.open(options)->redeemed.has_value());
    CHECK(questions == 1);
    for (const auto& request : shared.server.requests)
      CHECK(as_text(request.body).find("123456") == std::string_view::npos);
  }

  TEST_CASE("a wrong passcode tells how many tries are left") {
    Shared shared{two};
    shared.proof = crypto::passcode_proof(link_secret(), link_id, secret_text("123456"));
    RedeemOptions options;
    options.passcode = secret_text("654321");
    const auto answer = shared.open(options);
    REQUIRE(answer.has_value());
    CHECK_FALSE(answer->redeemed.has_value());
    CHECK(answer->remaining_attempts == 4);
  }

  TEST_CASE("a link that ended opens nothing") {
    Shared shared{two};
    shared.serve();
    shared.server.forget("GET " + base);
    const auto opening = "POST " + base + "/open";
    shared.server.on(opening, LinkServer::answer(404, R"({"error":{"code":"link_not_active"}})"));
    const auto environment = shared.server.environment(shared.machine.clock, shared.machine.random);
    CHECK(redeem::redeem(shared.link(), {}, environment).error() == errc::link_not_active);
    // Asked for all the same: only so does the patient learn that somebody tried.
    CHECK(shared.server.was_asked(opening));
    // What becomes of the asking changes nothing in what is told.
    shared.server.on(opening, LinkServer::answer(403, protocol::error_body(errc::clock_refused)));
    CHECK(redeem::redeem(shared.link(), {}, environment).error() == errc::link_not_active);
    // Of a passcode that it may have nothing is known, and nobody is asked for one.
    shared.server.on(opening,
                     LinkServer::answer(401, protocol::error_body(errc::wrong_passcode, 4)));
    CHECK(redeem::redeem(shared.link(), {}, environment).error() == errc::link_not_active);

    // A server that goes on answering after the end that the patient signed.
    Shared late{two};
    late.server_time = now + 3600;
    CHECK(late.open().error() == errc::link_not_active);
    CHECK_FALSE(late.read_proof.has_value());
  }

  TEST_CASE("a connection that breaks after the opening does not cost it") {
    Shared shared{two};
    shared.serve();
    const std::string path = "GET " + base + "/files/" + shared.files[1].first.text();
    int tries = 0;
    errc first = errc::server_unreachable;
    shared.server.on(path, [&](const http::Request&) -> Result<http::Response> {
      if (++tries == 1) return first;
      return LinkServer::answer(200, shared.files[1].second);
    });
    const auto environment = shared.server.environment(shared.machine.clock, shared.machine.random);
    CHECK(redeem::redeem(shared.link(), {}, environment).has_value());
    CHECK(tries == 2);

    // An answer, even a bad one, is an answer; only silence is asked again.
    tries = 0;
    first = errc::malformed;
    CHECK(redeem::redeem(shared.link(), {}, environment).error() == errc::malformed);
    CHECK(tries == 1);
  }

  TEST_CASE("what is no link is malformed, another form unsupported") {
    Shared shared{two};
    const auto environment = shared.server.environment(shared.machine.clock, shared.machine.random);
    struct Case {
      std::string text;
      errc error;
    };
    const std::vector<Case> cases{{"", errc::malformed},
                                  {"bonjour", errc::malformed},
                                  {"https://coffret.example/v#c1.AAAA", errc::malformed},
                                  {"https://coffret.example/v#c2.AAAA", errc::unsupported},
                                  {"shlink:/e30", errc::malformed}};
    for (const auto& one : cases) {
      CAPTURE(one.text);
      CHECK(redeem::redeem(secret_text(one.text), {}, environment).error() == one.error);
    }
  }
}
