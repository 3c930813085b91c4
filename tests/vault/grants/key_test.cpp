// SPDX-License-Identifier: EUPL-1.2
//
// Parcels for a caregiver's own key.
#include "sync/protocol/caregiver.hpp"
#include "tests/support/grant_home.hpp"
#include "vault/crypto/caregiver.hpp"

using namespace coffret;
using namespace coffret::test;

namespace {

const auto agreement = counting_key<crypto::AgreementKey>(1);

grants::GrantRequest request_to_key(const Home& home) {
  auto request = home.request();
  request.delivery = Delivery::key;
  request.holder =
      grants::KeyHolder{{counting_id<SigningPublicKey>(9), crypto::public_key(agreement)},
                        Bytes(protocol::introduction_size, 1)};
  return request;
}

}  // namespace

TEST_SUITE("vault/grants parcels for a key") {
  TEST_CASE("K_n is sealed to the caregiver, and opens the manifest and every document") {
    Home home;
    const auto parcel = home.prepare(request_to_key(home));
    REQUIRE(parcel.has_value());
    const auto link = crypto::parse_key_link(parcel->link_text);
    REQUIRE(link.has_value());
    CHECK(link->id == parcel->link);
    CHECK(parcel->publication.server_half.is_zero());
    REQUIRE(parcel->files.size() == 4);
    const auto key = crypto::open_key_jwe(agreement, link->id, received(parcel->files[0].second));
    REQUIRE(key.has_value());
    const auto opened = crypto::open_jwe(*key, received(parcel->files[1].second), 4 << 20);
    REQUIRE(opened.has_value());
    const auto text = as_text(opened->content);
    const auto manifest = protocol::verify_manifest(text.substr(0, text.find('\0')), link->id, 1);
    REQUIRE(manifest.has_value());
    CHECK(manifest->manifest.introduction == Bytes(protocol::introduction_size, 1));
    CHECK(manifest->manifest.root == home.vault.root_key());
    CHECK(manifest->manifest.files.size() == 2);

    const auto policy =
        protocol::verify_policy(parcel->publication.policy, home.vault.signer().public_key());
    REQUIRE(policy.has_value());
    CHECK(policy->format == protocol::key_policy_format);
    CHECK(policy->delivery == Delivery::key);
    CHECK(policy->reader == counting_id<SigningPublicKey>(9));
    CHECK(policy->proof_hash == crypto::sha256(crypto::read_proof(*key, link->id).bytes));
    CHECK(policy->files[0].id == parcel->files[0].first);
    CHECK(policy->files[1].id == parcel->files[1].first);
  }

  TEST_CASE("the server's copy opens for no other key") {
    Home home;
    const auto one = home.prepare(request_to_key(home));
    const auto two = home.prepare(request_to_key(home));
    REQUIRE(one.has_value());
    REQUIRE(two.has_value());
    const auto sealed = received(one->files[0].second);
    CHECK(crypto::open_key_jwe(counting_key<crypto::AgreementKey>(2), one->link, sealed).error() ==
          errc::unauthenticated);
    CHECK(crypto::open_key_jwe(agreement, two->link, sealed).error() == errc::unauthenticated);
    const auto key = crypto::open_key_jwe(agreement, one->link, sealed);
    CHECK(crypto::open_jwe(*key, received(two->files[1].second), 4 << 20).error() ==
          errc::unauthenticated);
  }

  TEST_CASE("a request to a key that means nothing is refused") {
    Home home;
    const auto error = [&](auto change) {
      auto request = request_to_key(home);
      change(request);
      return to_errc(home.prepare(std::move(request)).error());
    };
    CHECK(error([](auto& r) { r.holder.reset(); }) == errc::denied);
    CHECK(error([](auto& r) { r.delivery = Delivery::link; }) == errc::denied);
    CHECK(error([](auto& r) { r.with_passcode = true; }) == errc::unsupported);
    CHECK(error([](auto& r) { r.passcode = secret_text("123456"); }) == errc::unsupported);
    // A key that anyone could open for.
    CHECK(error([](auto& r) { r.holder->keys.agreement = {}; }) == errc::malformed);
  }

  TEST_CASE("the decision keeps K_n wrapped, and no half") {
    Home home;
    const auto parcel = home.prepare(request_to_key(home));
    REQUIRE(parcel.has_value());
    CHECK(parcel->decision.delivery == Delivery::key);
    CHECK(parcel->decision.wrapped_server_half.empty());
    const auto kept = home.vault.unwrap<crypto::ContentKey>(
        home.vault.epoch(), crypto::WrapPurpose::link, parcel->link.view(), 1,
        parcel->decision.wrapped_link_secret);
    REQUIRE(kept.has_value());
    const auto key =
        crypto::open_key_jwe(agreement, parcel->link, received(parcel->files[0].second));
    CHECK(shown(*kept) == shown(*key));
  }
}
