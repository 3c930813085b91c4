// SPDX-License-Identifier: EUPL-1.2
//
// Emergency cards: a link in a format of its own, whose text can be printed again, and what may not
// be on one.
#include "vault/grants/card.hpp"

#include "tests/support/grant_home.hpp"

using namespace coffret;
using namespace coffret::test;

namespace {

grants::GrantRequest card_request(const Home& home) {
  auto request = home.request();
  request.emergency = true;
  return request;
}

store::GrantView decided_view(Home& home, const grants::Parcel& parcel) {
  REQUIRE(home.vault.append(store::make_operation(parcel.decision, parcel.terms)).has_value());
  return *home.vault.grant(parcel.grant);
}

}  // namespace

TEST_SUITE("vault/grants emergency card") {
  TEST_CASE("a card's policy is of its own format, and the same link comes out of the log again") {
    Home home;
    auto request = card_request(home);
    request.delay = 900;
    const auto parcel = home.prepare(std::move(request));
    REQUIRE(parcel.has_value());
    const auto policy =
        protocol::verify_policy(parcel->publication.policy, home.vault.signer().public_key());
    REQUIRE(policy.has_value());
    CHECK(protocol::asks_reason(*policy));
    CHECK(policy->delivery == Delivery::link);
    CHECK(policy->rights == 1);
    CHECK(Reader{*parcel}.said().files.size() == 2);
    const auto view = decided_view(home, *parcel);
    CHECK(grants::is_card(view.decision));
    CHECK(grants::card_delay(view.decision) == 900);
    const auto again = grants::card_link(home.vault, view, place);
    REQUIRE(again.has_value());
    CHECK(shown_text(*again) == shown_text(parcel->link_text));
  }

  TEST_CASE("a link is no card") {
    Home home;
    const auto parcel = home.prepare(home.request());
    REQUIRE(parcel.has_value());
    const auto view = decided_view(home, *parcel);
    CHECK_FALSE(grants::is_card(view.decision));
    CHECK(grants::card_link(home.vault, view, place).error() == errc::denied);
  }

  TEST_CASE("a card has no passcode, no counted openings, no copy to keep, and stays as it is") {
    Home home;
    struct {
      const char* name;
      void (*change)(grants::GrantRequest&);
    } const cases[] = {
        {"a passcode", [](auto& r) { r.with_passcode = true; }},
        {"openings", [](auto& r) { r.openings = 3; }},
        {"a copy", [](auto& r) { r.download = true; }},
        {"an SHL", [](auto& r) { r.delivery = Delivery::shl; }},
        {"evolving", [](auto& r) { r.terms.evolving = true; }},
        {"a delay of more than a day", [](auto& r) { r.delay = 86401; }},
        {"a delay without a card",
         [](auto& r) {
           r.emergency = false;
           r.delay = 60;
         }},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto request = card_request(home);
      c.change(request);
      CHECK(home.prepare(std::move(request)).error() == errc::denied);
    }
  }
}
