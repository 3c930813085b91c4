// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/policy.hpp"

#include <doctest/doctest.h>

#include "tests/support/flip.hpp"
#include "tests/support/test_signer.hpp"

namespace coffret::protocol {
namespace {

constexpr std::string_view argon =
    "$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
    "aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";

FileId file_number(std::uint32_t number) {
  FileId id;
  for (std::size_t i = 0; i < 4; ++i) id.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

PolicyFile file(std::uint32_t number, std::string content_type = {}) {
  PolicyFile result;
  result.id = file_number(number);
  result.size = 1000;
  result.sha256.bytes.fill(4);
  result.content_type = std::move(content_type);
  return result;
}

Policy link_policy() {
  Policy policy;
  policy.vault.bytes.fill(1);
  policy.link.bytes.fill(2);
  policy.device.bytes.fill(3);
  policy.not_before = 1'764'000'000;
  policy.expires_at = policy.not_before + 86400;
  policy.openings = 1;
  policy.rights = 3;
  policy.passcode = Bytes(32, 5);
  policy.proof_hash.bytes.fill(6);
  policy.files = {file(1), file(2)};
  return policy;
}

Policy shl_policy() {
  Policy policy = link_policy();
  policy.delivery = Delivery::shl;
  policy.passcode = to_bytes(as_bytes(argon));
  policy.proof_hash = {};
  policy.shl.bytes.fill(7);
  policy.files = {file(1, "application/fhir+json")};
  return policy;
}

Policy direct_policy() {
  Policy policy = shl_policy();
  policy.shl_direct = true;
  policy.passcode.clear();
  policy.openings = 0;
  return policy;
}

using Change = void (*)(Policy&);

struct Case {
  std::string_view name;
  Policy (*base)();
  Change change;
};

Policy card_policy() {
  Policy policy = link_policy();
  policy.format = card_policy_format;
  policy.delay = 600;
  policy.openings = 0;
  policy.rights = 1;
  policy.passcode.clear();
  return policy;
}

TEST_SUITE("sync/protocol/policy") {
  TEST_CASE("what the patient may decide is understood") {
    const Case cases[] = {
        {"a link", link_policy, [](Policy&) {}},
        {"a link without passcode", link_policy, [](Policy& p) { p.passcode.clear(); }},
        {"a link to view only", link_policy, [](Policy& p) { p.rights = 1; }},
        {"a link without a count", link_policy, [](Policy& p) { p.openings = 0; }},
        {"a link for a year", link_policy,
         [](Policy& p) { p.expires_at = p.not_before + max_validity; }},
        {"the largest file", link_policy,
         [](Policy& p) { p.files[0].size = max_parcel_file_size; }},
        {"an SHL", shl_policy, [](Policy&) {}},
        {"an SHL without passcode", shl_policy, [](Policy& p) { p.passcode.clear(); }},
        {"a long-term SHL", shl_policy, [](Policy& p) { p.shl_long_term = true; }},
        {"an SHL with a health card", shl_policy,
         [](Policy& p) { p.files.push_back(file(2, "application/smart-health-card")); }},
        {"a direct SHL", direct_policy, [](Policy&) {}},
        {"a long-term direct SHL", direct_policy, [](Policy& p) { p.shl_long_term = true; }},
    };
    const test::TestSigner device{1};
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Policy policy = c.base();
      c.change(policy);
      CHECK(check_policy(policy).has_value());
      const auto read = verify_policy(sign_policy(policy, device), device.public_key());
      REQUIRE(read.has_value());
      CHECK(*read == policy);
    }
  }

  TEST_CASE("what is not understood is refused, even when signed") {
    const Case cases[] = {
        {"another format", link_policy, [](Policy& p) { p.format = 2; }},
        {"delivery 0", link_policy, [](Policy& p) { p.delivery = Delivery{0}; }},
        {"delivery to a key in the first format", link_policy,
         [](Policy& p) { p.delivery = Delivery::key; }},
        {"delivery 4", link_policy, [](Policy& p) { p.delivery = Delivery{4}; }},
        {"version 0", link_policy, [](Policy& p) { p.version = 0; }},
        {"no right", link_policy, [](Policy& p) { p.rights = 0; }},
        {"no right to view", link_policy, [](Policy& p) { p.rights = 2; }},
        {"a right to deposit, not served yet", link_policy, [](Policy& p) { p.rights = 5; }},
        {"an unknown right", link_policy, [](Policy& p) { p.rights = 9; }},
        {"every right", link_policy, [](Policy& p) { p.rights = 255; }},
        {"an empty interval", link_policy, [](Policy& p) { p.expires_at = p.not_before; }},
        {"an interval backwards", link_policy, [](Policy& p) { p.expires_at = p.not_before - 1; }},
        {"more than 366 days", link_policy,
         [](Policy& p) { p.expires_at = p.not_before + max_validity + 1; }},
        {"a start before 1970", link_policy, [](Policy& p) { p.not_before = -1; }},
        {"the widest interval", link_policy,
         [](Policy& p) {
           p.not_before = std::numeric_limits<std::int64_t>::min();
           p.expires_at = std::numeric_limits<std::int64_t>::max();
         }},
        {"no file", link_policy, [](Policy& p) { p.files.clear(); }},
        {"a file twice", link_policy, [](Policy& p) { p.files.push_back(p.files[0]); }},
        {"an empty file", link_policy, [](Policy& p) { p.files[1].size = 0; }},
        {"a file too large", link_policy,
         [](Policy& p) { p.files[1].size = max_parcel_file_size + 1; }},
        {"too many files", link_policy,
         [](Policy& p) {
           p.files.clear();
           for (std::uint32_t i = 0; i <= max_parcel_files; ++i) p.files.push_back(file(i));
         }},
        {"a link's file with a type", link_policy,
         [](Policy& p) { p.files[0].content_type = "application/fhir+json"; }},
        {"a link's passcode hash of 31 bytes", link_policy,
         [](Policy& p) { p.passcode.pop_back(); }},
        {"a link without proof", link_policy, [](Policy& p) { p.proof_hash = {}; }},
        {"a link with an SHL path", link_policy, [](Policy& p) { p.shl.bytes[0] = 1; }},
        {"a direct link", link_policy, [](Policy& p) { p.shl_direct = true; }},
        {"a long-term link", link_policy, [](Policy& p) { p.shl_long_term = true; }},
        {"an SHL without path", shl_policy, [](Policy& p) { p.shl = {}; }},
        {"an SHL with a proof", shl_policy, [](Policy& p) { p.proof_hash.bytes[0] = 1; }},
        {"an SHL with a link's passcode", shl_policy, [](Policy& p) { p.passcode = Bytes(32, 5); }},
        {"an SHL with a PDF", shl_policy,
         [](Policy& p) { p.files[0].content_type = "application/pdf"; }},
        {"an SHL file without type", shl_policy, [](Policy& p) { p.files[0].content_type = {}; }},
        {"a direct SHL with passcode", direct_policy,
         [](Policy& p) { p.passcode = to_bytes(as_bytes(argon)); }},
        {"a direct SHL with a count", direct_policy, [](Policy& p) { p.openings = 1; }},
        {"a direct SHL with two files", direct_policy,
         [](Policy& p) { p.files.push_back(file(2, "application/fhir+json")); }},
    };
    const test::TestSigner device{1};
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Policy policy = c.base();
      c.change(policy);
      CHECK(check_policy(policy).error() == errc::unknown_policy);
      CHECK(verify_policy(sign_policy(policy, device), device.public_key()).error() ==
            errc::unknown_policy);
    }
  }

  TEST_CASE("a passcode hash that costs the server too much, or is none, is refused") {
    const std::string salt = "$c2FsdHNhbHRzYWx0c2FsdA$";
    const std::string hash = "aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
    struct {
      std::string text;
      bool good;
    } const cases[] = {
        {"$argon2id$v=19$m=65536,t=10,p=1" + salt + hash, true},
        {"$argon2id$v=19$m=65537,t=3,p=1" + salt + hash, false},
        {"$argon2id$v=19$m=4294967296,t=3,p=1" + salt + hash, false},
        {"$argon2id$v=19$m=065536,t=3,p=1" + salt + hash, false},
        {"$argon2id$v=19$m=65536,t=11,p=1" + salt + hash, false},
        {"$argon2id$v=19$m=65536,t=0,p=1" + salt + hash, false},
        {"$argon2id$v=19$m=65536,t=3,p=2" + salt + hash, false},
        {"$argon2id$v=16$m=65536,t=3,p=1" + salt + hash, false},
        {"$argon2i$v=19$m=65536,t=3,p=1" + salt + hash, false},
        {"$argon2id$v=19$m=65536,t=3,p=1" + salt, false},
        {"$argon2id$v=19$m=65536,t=3,p=1$$" + hash, false},
        {"$argon2id$v=19$m=65536,t=3,p=1" + salt + hash + "$", false},
        {"$argon2id$v=19$m=65536,t=3,p=1" + salt + hash + "\n", false},
        {"$argon2id$v=19$m=65536,t=3,p=1" + salt + hash + hash + hash, false},
        {"$argon2id$v=19$m=65536,t=3,p=1", false},
        {"123456", false},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      Policy policy = shl_policy();
      policy.passcode = to_bytes(as_bytes(c.text));
      CHECK(check_policy(policy).has_value() == c.good);
    }
  }

  TEST_CASE("no bit of a policy or its signature may change") {
    const test::TestSigner device{1};
    const auto good = sign_policy(link_policy(), device);
    test::for_each_flip(good.body, [&](const Bytes& changed) {
      CHECK(verify_policy({changed, good.signature}, device.public_key()).error() ==
            errc::unauthenticated);
    });
    test::for_each_flip(good.signature.bytes, [&](const auto& changed) {
      CHECK(verify_policy({good.body, Signature{changed}}, device.public_key()).error() ==
            errc::unauthenticated);
    });
    CHECK(verify_policy(good, test::TestSigner{2}.public_key()).error() == errc::unauthenticated);
  }

  TEST_CASE("a policy has one encoding, and no field may follow") {
    const auto body = wire::encode(link_policy());
    CHECK(wire::encode(*decode_policy(body)) == body);
    Bytes longer = body;
    longer.push_back(0);
    CHECK(decode_policy(longer).error() == errc::malformed);
    for (std::size_t n = 0; n < body.size(); ++n)
      CHECK(decode_policy(ByteView{body}.first(n)).has_error());
    CHECK(decode_policy(Bytes(max_policy_size + 1, 1)).error() == errc::too_large);
  }

  TEST_CASE("the largest policy fits its limit") {
    Policy policy = shl_policy();
    policy.files.clear();
    for (std::uint32_t i = 0; i < max_parcel_files; ++i)
      policy.files.push_back(file(i, "application/smart-health-card"));
    CHECK(decode_policy(wire::encode(policy)).has_value());
  }

  TEST_CASE("a publication reads back") {
    const test::TestSigner device{1};
    Publication publication;
    publication.policy = sign_policy(link_policy(), device);
    publication.server_half.bytes.fill(8);
    const auto bytes = wire::encode(publication);
    CHECK(*decode_publication(bytes) == publication);
    CHECK(decode_publication(ByteView{bytes}.first(bytes.size() - 1)).error() == errc::malformed);
    CHECK(decode_publication(Bytes(2 * max_policy_size)).error() == errc::too_large);
  }

  TEST_CASE("the server signs back the very policy it applies") {
    const test::TestSigner identity{9};
    const auto body = wire::encode(link_policy());
    const auto applied = sign_applied(body, identity);
    CHECK(verify_applied(applied, body, identity.public_key()));
    CHECK_FALSE(verify_applied(applied, body, test::TestSigner{8}.public_key()));
    test::for_each_flip(body, [&](const Bytes& changed) {
      CHECK_FALSE(verify_applied(applied, changed, identity.public_key()));
    });
  }

  TEST_CASE("an acknowledgement holds for its link and time only") {
    const test::TestSigner identity{9};
    LinkId link;
    link.bytes.fill(2);
    const auto good = sign_acknowledgement(link, from_unix(1'764'000'000), identity);
    CHECK(verify_acknowledgement(good, identity.public_key()));
    CHECK_FALSE(verify_acknowledgement(good, test::TestSigner{8}.public_key()));
    auto other_link = good;
    other_link.link.bytes[0] ^= 1;
    CHECK_FALSE(verify_acknowledgement(other_link, identity.public_key()));
    auto other_time = good;
    other_time.time += 1;
    CHECK_FALSE(verify_acknowledgement(other_time, identity.public_key()));
    test::for_each_flip(good.signature.bytes, [&](const auto& changed) {
      CHECK_FALSE(verify_acknowledgement({good.link, good.time, Signature{changed}},
                                         identity.public_key()));
    });
  }

  TEST_CASE("an emergency card is a link in a format of its own, without what a paper cannot ask") {
    const test::TestSigner device{std::uint8_t{3}};
    const auto read = verify_policy(sign_policy(card_policy(), device), device.public_key());
    REQUIRE(read.has_value());
    CHECK(*read == card_policy());
    CHECK(asks_reason(*read));
    CHECK_FALSE(asks_reason(link_policy()));
    const struct {
      std::string_view name;
      Change change;
    } cases[] = {
        {"a passcode", [](Policy& p) { p.passcode = Bytes(32, 5); }},
        {"counted openings", [](Policy& p) { p.openings = 1; }},
        {"a copy to keep", [](Policy& p) { p.rights = 3; }},
        {"a delay of more than a day", [](Policy& p) { p.delay = max_card_delay + 1; }},
        {"an SHL", [](Policy& p) { p.delivery = Delivery::shl; }},
        {"a delivery to a key", [](Policy& p) { p.delivery = Delivery::key; }},
        {"no proof", [](Policy& p) { p.proof_hash = {}; }},
        {"an unknown format", [](Policy& p) { p.format = 4; }},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto policy = card_policy();
      c.change(policy);
      CHECK(check_policy(policy).error() == errc::unknown_policy);
      CHECK(decode_policy(wire::encode(policy)).error() == errc::unknown_policy);
    }
  }
}

}  // namespace
}  // namespace coffret::protocol
