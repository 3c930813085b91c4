// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/page_tokens.hpp"

#include <doctest/doctest.h>

#include "tests/support/vault_machine.hpp"

namespace coffret::daemon {
namespace {

struct Door {
  test::SetClock clock;
  test::SeededRandom random{1};
  PageTokens tokens{clock, random, Seconds{900}};

  Door() { tokens.see(false); }
  std::string enter() {
    const auto token = tokens.exchange(tokens.issue());
    REQUIRE(token.has_value());
    return *token;
  }
};

TEST_SUITE("vault/daemon/page_tokens") {
  TEST_CASE("a code is changed for a token once, and the newest code only") {
    Door door;
    const auto old = door.tokens.issue();
    const auto code = door.tokens.issue();
    CHECK(code.size() == 43);
    CHECK(door.tokens.exchange(old).has_error());
    const auto token = door.tokens.exchange(code);
    REQUIRE(token.has_value());
    CHECK(*token != code);
    CHECK(door.tokens.check(*token, true).has_value());
    CHECK(door.tokens.exchange(code).error() == errc::denied);
    CHECK(door.tokens.check(code, true).error() == errc::denied);
  }

  TEST_CASE("a code lives 30 seconds, also when the clock is put back") {
    for (const auto& [step, works] : {std::pair{29, true}, {30, false}, {-1, false}}) {
      CAPTURE(step);
      Door door;
      const auto code = door.tokens.issue();
      door.clock.time += step;
      CHECK(door.tokens.awaits_exchange() == works);
      CHECK(door.tokens.exchange(code).has_value() == works);
    }
  }

  TEST_CASE("a token ends when it is idle for too long; a look at the clock is no use of it") {
    Door door;
    const auto token = door.enter();
    door.clock.time += 899;
    CHECK(door.tokens.check(token, false).has_value());
    CHECK(door.tokens.left(token) == Seconds{1});
    CHECK(door.tokens.check(token, true).has_value());
    CHECK(door.tokens.left(token) == Seconds{900});
    door.clock.time += 900;
    CHECK(door.tokens.check(token, true).error() == errc::denied);
    CHECK_FALSE(door.tokens.left(token).has_value());
  }

  TEST_CASE("to lock ends every token and the code on its way; a locked vault may be entered") {
    Door door;
    const auto token = door.enter();
    const auto code = door.tokens.issue();
    door.tokens.see(true);
    CHECK(door.tokens.check(token, true).has_error());
    CHECK(door.tokens.exchange(code).has_error());
    const auto locked = door.enter();
    door.tokens.see(true);
    CHECK(door.tokens.check(locked, true).has_value());
    door.tokens.see(false);
    CHECK(door.tokens.check(locked, true).has_value());
  }

  TEST_CASE("of too many tokens the one that was not used for longest goes") {
    Door door;
    const auto first = door.enter();
    const auto second = door.enter();
    for (std::size_t i = 2; i < max_page_tokens; ++i) (void)door.enter();
    door.clock.time += 1;
    REQUIRE(door.tokens.check(first, true).has_value());
    (void)door.enter();
    CHECK(door.tokens.check(first, true).has_value());
    CHECK(door.tokens.check(second, true).has_error());
  }

  TEST_CASE("nothing is no token") {
    Door door;
    (void)door.enter();
    CHECK(door.tokens.check("", true).error() == errc::denied);
    CHECK(door.tokens.exchange("").error() == errc::denied);
  }
}

}  // namespace
}  // namespace coffret::daemon
