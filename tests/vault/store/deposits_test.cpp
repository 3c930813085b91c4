// SPDX-License-Identifier: EUPL-1.2
//
// What the log says of deposits, on two devices.
#include <doctest/doctest.h>

#include "tests/support/keys.hpp"
#include "tests/support/two_devices.hpp"
#include "tools/system/system.hpp"
#include "vault/crypto/deposit.hpp"

using namespace coffret;
using namespace coffret::store;
using namespace coffret::test;

namespace {

// Both know of each other.
struct DepositHomes : TwoDevices {
  DepositHomes() {
    REQUIRE(shelf.sync(*second));
    REQUIRE(shelf.sync(*first));
  }
};

const DepositPlace test_place{counting_id<LinkId>(1), counting_id<DepositId>(2)};

DepositLinkMade test_link(Vault& vault, const crypto::DepositKey& key) {
  DepositLinkMade made;
  made.link = test_place.link;
  made.from = "Laboratoire Exemple";
  made.key = crypto::public_key(key);
  made.wrapped_key =
      vault.wrap(crypto::WrapPurpose::deposit, made.link.view(), deposit_key_version, key);
  made.expires_at = 9;
  made.deposits = 2;
  made.bytes = 1000;
  return made;
}

Result<protocol::Head> append_ignorable(Vault& vault, Operation operation) {
  operation.ignorable = true;
  return vault.append(operation);
}

// Takes a document in from the deposit, as an acceptance does.
DocumentId accept(Vault& vault, std::string_view body) {
  const auto id = put(vault, prepared("Bilan", std::string{body}));
  REQUIRE(append_ignorable(vault, make_operation(DepositSettled{
                                      test_place.link, test_place.deposit, true, {id}, 7}))
              .has_value());
  return id;
}

Result<void> refuse(Vault& vault) {
  COFFRET_CHECK(append_ignorable(
      vault, make_operation(DepositSettled{test_place.link, test_place.deposit, false, {}, 7})));
  return {};
}

std::size_t listed(const Vault& vault) {
  return vault.documents()->size();
}

}  // namespace

TEST_SUITE("vault/store/deposits") {
  TEST_CASE(
      "every device opens what comes, under the key that the log wraps, in later epochs too") {
    DepositHomes two;
    SystemRandom random;
    const auto key = crypto::make_deposit_key(random);
    REQUIRE(append_ignorable(*two.first, make_operation(test_link(*two.first, key))).has_value());
    REQUIRE(two.first->start_epoch().has_value());
    REQUIRE(two.shelf.sync(*two.first));
    REQUIRE(two.shelf.sync(*two.second));
    const auto links = two.second->deposit_links();
    REQUIRE(links.size() == 1);
    const auto unwrapped = two.second->unwrap<crypto::DepositKey>(
        links[0].epoch, crypto::WrapPurpose::deposit, links[0].made.link.view(),
        deposit_key_version, links[0].made.wrapped_key);
    REQUIRE(unwrapped.has_value());
    CHECK(crypto::public_key(*unwrapped) == links[0].made.key);
  }

  TEST_CASE("a link that is pending while another device begins an epoch is wrapped anew") {
    DepositHomes two;
    SystemRandom random;
    const auto key = crypto::make_deposit_key(random);
    REQUIRE(append_ignorable(*two.second, make_operation(test_link(*two.second, key))).has_value());
    REQUIRE(two.first->start_epoch().has_value());
    REQUIRE(two.shelf.sync(*two.first));
    REQUIRE(two.shelf.sync(*two.second));
    REQUIRE(two.shelf.sync(*two.first));
    const auto link = two.first->deposit_links().at(0);
    CHECK(link.epoch == 2);
    CHECK(two.first
              ->unwrap<crypto::DepositKey>(link.epoch, crypto::WrapPurpose::deposit,
                                           link.made.link.view(), deposit_key_version,
                                           link.made.wrapped_key)
              .has_value());
  }

  TEST_CASE("a deposit that two devices accept is one document") {
    DepositHomes two;
    const auto before = listed(*two.first);
    accept(*two.first, "le même");
    const auto mine = accept(*two.second, "le même");
    REQUIRE(two.shelf.sync(*two.first));
    CHECK(two.second->accepted_twice().empty());
    REQUIRE(two.shelf.pull(*two.second).has_value());
    CHECK(two.second->accepted_twice() == std::vector{mine});
    REQUIRE(two.second->remove(mine).has_value());
    CHECK(two.second->accepted_twice().empty());
    REQUIRE(two.shelf.sync(*two.second));
    REQUIRE(two.shelf.sync(*two.first));
    CHECK(listed(*two.first) == before + 1);
    CHECK(listed(*two.second) == before + 1);
    // Whoever takes it out of the bin keeps it: what was sent is looked at no more.
    REQUIRE(two.second->restore(mine).has_value());
    CHECK(two.second->accepted_twice().empty());
  }

  TEST_CASE("what one device refused and another took in stays") {
    DepositHomes two;
    REQUIRE(refuse(*two.first).has_value());
    accept(*two.second, "gardé");
    REQUIRE(two.shelf.sync(*two.first));
    REQUIRE(two.shelf.pull(*two.second).has_value());
    CHECK(two.second->accepted_twice().empty());
    const auto settled = two.second->settled(test_place);
    REQUIRE(settled.has_value());
    CHECK(settled->accepted);
    CHECK_FALSE(two.second->settled({test_place.link, counting_id<DepositId>(9)}).has_value());
  }

  TEST_CASE("closing is told once, and a build that knows no deposits reads on") {
    DepositHomes two;
    SystemRandom random;
    const auto key = crypto::make_deposit_key(random);
    auto made = make_operation(test_link(*two.first, key));
    made.ignorable = true;
    REQUIRE(two.first->append(made).has_value());
    REQUIRE(append_ignorable(*two.first, make_operation(DepositLinkClosed{test_place.link, 5}))
                .has_value());
    REQUIRE(append_ignorable(*two.first, make_operation(DepositLinkClosed{test_place.link, 8}))
                .has_value());
    CHECK(two.first->deposit_links().at(0).closed_at == 5);
    made.type = static_cast<OperationType>(4000);
    const auto unknown = decode_payload(made);
    REQUIRE(unknown.has_value());
    CHECK(std::holds_alternative<std::monostate>(*unknown));
  }
}
