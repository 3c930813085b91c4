// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/device.hpp"

#include <doctest/doctest.h>

#include "tests/support/flip.hpp"
#include "tests/support/test_signer.hpp"

namespace coffret::protocol {
namespace {

DeviceCertificate some_certificate() {
  DeviceCertificate certificate;
  certificate.vault.bytes.fill(1);
  certificate.device.bytes.fill(2);
  certificate.signing_key.bytes.fill(3);
  certificate.agreement_key.bytes.fill(4);
  certificate.enrolled_at = 1'764'000'000;
  return certificate;
}

TEST_SUITE("sync/protocol/device") {
  TEST_CASE("a certificate reads back under its issuer's key and no other") {
    const test::TestSigner root{1};
    const auto certificate = sign_certificate(some_certificate(), root);
    CHECK(*verify_certificate(certificate, root.public_key()) == some_certificate());
    CHECK(verify_certificate(certificate, test::TestSigner{2}.public_key()).error() ==
          errc::unauthenticated);
  }

  TEST_CASE("no bit of a certificate may change") {
    const test::TestSigner root{1};
    const auto good = sign_certificate(some_certificate(), root);
    test::for_each_flip(good.body, [&](const Bytes& changed) {
      CHECK(verify_certificate({changed, good.signature}, root.public_key()).error() ==
            errc::unauthenticated);
    });
    test::for_each_flip(good.signature.bytes, [&](const auto& changed) {
      CHECK(verify_certificate({good.body, Signature{changed}}, root.public_key()).error() ==
            errc::unauthenticated);
    });
  }

  TEST_CASE("a signed certificate that contradicts itself is refused") {
    const test::TestSigner root{1};
    struct {
      std::string_view name;
      void (*change)(DeviceCertificate&);
      errc expected;
    } const cases[] = {
        {"another suite", [](DeviceCertificate& c) { c.suite = 2; }, errc::other_version},
        {"issuer 0", [](DeviceCertificate& c) { c.issuer = Issuer{0}; }, errc::malformed},
        {"issuer 3", [](DeviceCertificate& c) { c.issuer = Issuer{3}; }, errc::malformed},
        {"the root with a device's id", [](DeviceCertificate& c) { c.issuer_device.bytes.fill(5); },
         errc::malformed},
        {"a device without id", [](DeviceCertificate& c) { c.issuer = Issuer::device; },
         errc::malformed},
        {"no device", [](DeviceCertificate& c) { c.device = {}; }, errc::malformed},
        {"a time before 1970", [](DeviceCertificate& c) { c.enrolled_at = -1; }, errc::malformed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto certificate = some_certificate();
      c.change(certificate);
      const auto result =
          verify_certificate(sign_certificate(certificate, root), root.public_key());
      REQUIRE(result.has_error());
      CHECK(result.error() == c.expected);
    }
  }

  TEST_CASE("a certificate has one length") {
    const auto body = wire::encode(some_certificate());
    Bytes longer = body;
    longer.push_back(0);
    CHECK(decode_certificate(longer).error() == errc::malformed);
    for (std::size_t n = 0; n < body.size(); ++n)
      CHECK(decode_certificate(ByteView{body}.first(n)).error() == errc::malformed);
  }

  TEST_CASE("the account is named by the root's key") {
    // From Python's hashlib.blake2b(key, digest_size=32, person=b"coffret.account1").
    const auto root = *SigningPublicKey::from(
        *from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
    CHECK(to_hex(account_id(root).bytes) ==
          "c8d37efea459a6fcf0181e24f035a87ac23386a944f4204b50bbe7e0da7903d8");
  }
}

}  // namespace
}  // namespace coffret::protocol
