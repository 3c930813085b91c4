// SPDX-License-Identifier: EUPL-1.2
#include "vault/grants/reply.hpp"

#include "tests/support/grant_home.hpp"
#include "vault/crypto/deposit.hpp"

using namespace coffret;
using namespace coffret::test;

namespace {

const auto replied_grant = counting_id<GrantId>(50);

// A reply link in the log, as the daemon writes it.
store::DepositLinkMade make_reply(Home& home, std::uint32_t number) {
  const auto key = crypto::make_deposit_key(home.machine.random);
  store::DepositLinkMade made;
  made.link = grants::reply_link(replied_grant, number);
  made.from = "Dr Alice Martin";
  made.key = crypto::public_key(key);
  made.wrapped_key = home.vault.wrap(crypto::WrapPurpose::deposit, made.link.view(),
                                     store::deposit_key_version, key);
  made.created_at = home.machine.clock.time;
  made.expires_at = home.machine.clock.time + 86400;
  made.deposits = 5;
  made.bytes = 1 << 20;
  auto operation = store::make_operation(made);
  operation.ignorable = true;
  REQUIRE(home.vault.append(operation).has_value());
  return made;
}

void close_reply(Home& home, const LinkId& link) {
  auto operation = store::make_operation(store::DepositLinkClosed{link, home.machine.clock.time});
  operation.ignorable = true;
  REQUIRE(home.vault.append(operation).has_value());
}

std::string reply_named_by(Home& home) {
  auto request = home.request();
  request.grant = replied_grant;
  request.deposit = true;
  const auto parcel = home.prepare(std::move(request));
  REQUIRE(parcel.has_value());
  CHECK(parcel->grant == replied_grant);
  CHECK(parcel->terms.rights == 5);
  const Reader reader{*parcel};
  CHECK(reader.said().rights == 1);  // what readers of before know
  return reader.said().reply;
}

}  // namespace

TEST_SUITE("vault/grants replies") {
  TEST_CASE("the manifest names the newest reply link that is open") {
    Home home;
    CHECK(reply_named_by(home).empty());
    const auto first = make_reply(home, 1);
    const auto fragment = reply_named_by(home);
    const auto link = crypto::parse_deposit_link(secret_text(place.url + "/v#" + fragment));
    REQUIRE(link.has_value());
    CHECK(link->id == first.link);
    CHECK(link->key == crypto::key_hash(first.key));
    CHECK(std::equal(link->server.begin(), link->server.end(), place.fingerprint.bytes.begin()));
    const auto second = make_reply(home, 2);
    const auto later = reply_named_by(home);
    CHECK(later != fragment);
    close_reply(home, second.link);
    CHECK(reply_named_by(home) == fragment);
    close_reply(home, first.link);
    CHECK(reply_named_by(home).empty());
    CHECK(grants::reply_links(home.vault.deposit_links(), replied_grant).size() == 2);
  }

  TEST_CASE("a grant's reply links are nobody else's") {
    CHECK(grants::reply_link(replied_grant, 1) != grants::reply_link(replied_grant, 2));
    CHECK(grants::reply_link(replied_grant, 1) != grants::reply_link(counting_id<GrantId>(51), 1));
  }

  TEST_CASE("a SMART Health Link has no place for an answer") {
    Home home;
    auto request = home.request();
    request.delivery = Delivery::shl;
    request.deposit = true;
    CHECK(home.prepare(std::move(request)).error() == errc::unsupported);
  }
}
