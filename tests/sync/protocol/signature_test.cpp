// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/signature.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "sync/protocol/hash.hpp"
#include "tests/support/flip.hpp"
#include "tests/support/test_signer.hpp"

namespace coffret::protocol {
namespace {

template <class IdType>
IdType id_of_hex(std::string_view hex) {
  return *IdType::from(*from_hex(hex));
}

// The key of RFC 8037 appendix A, which is that of RFC 8032 §7.1 test 1.
test::TestSigner rfc_signer() {
  test::TestSigner::Seed seed;
  const auto raw = *from_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
  std::copy(raw.begin(), raw.end(), seed.begin());
  return test::TestSigner{seed};
}

// The label that adds nothing, as the RFCs' vectors need.
constexpr auto bare = SignatureLabel::http;

TEST_SUITE("sync/protocol/signature") {
  TEST_CASE("the signatures of RFC 8032 verify, and no altered one does") {
    struct {
      std::string_view key, message, signature;
    } const cases[] = {
        {"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
         "c"
         "f9b46bd25bf5f0595bbe24655141438e7a100b"},
        {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
         "0"
         "f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
        {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f7609"
         "8"
         "4dc6594a7c15e9716ed28dc027beceea1ec40a"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.key);
      const auto key = id_of_hex<SigningPublicKey>(c.key);
      const auto message = *from_hex(c.message);
      const auto signature = id_of_hex<Signature>(c.signature);
      CHECK(verify(key, bare, message, signature));
      test::for_each_flip(signature.bytes, [&](const auto& changed) {
        CHECK_FALSE(verify(key, bare, message, Signature{changed}));
      });
      test::for_each_flip(message, [&](const auto& changed) {
        CHECK_FALSE(verify(key, bare, changed, signature));
      });
    }
  }

  TEST_CASE("a signature made malleable by adding the group order to S is refused") {
    // L = 2^252 + 27742317777372353535851937790883648493, little-endian.
    const auto order =
        *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    const auto signer = rfc_signer();
    const Bytes message = {1, 2, 3};
    Signature signature = signer.sign(bare, message);
    REQUIRE(verify(signer.public_key(), bare, message, signature));
    unsigned carry = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const unsigned sum = signature.bytes[32 + i] + order[i] + carry;
      signature.bytes[32 + i] = static_cast<std::uint8_t>(sum);
      carry = sum >> 8;
    }
    REQUIRE(carry == 0);
    CHECK_FALSE(verify(signer.public_key(), bare, message, signature));
  }

  TEST_CASE("keys and commitments of small order are refused, whatever the message") {
    // The canonical and non-canonical encodings of the points of order 1, 2, 4 and 8.
    constexpr std::string_view points[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    for (const auto key_text : points) {
      for (const auto commitment : points) {
        CAPTURE(key_text);
        CAPTURE(commitment);
        const auto key = id_of_hex<SigningPublicKey>(key_text);
        Signature signature;  // R a small point, S zero: verifies where orders are not checked
        const auto r = *from_hex(commitment);
        std::copy(r.begin(), r.end(), signature.bytes.begin());
        for (std::uint8_t message = 0; message < 8; ++message)
          CHECK_FALSE(verify(key, bare, Bytes{message}, signature));
      }
    }
  }

  TEST_CASE("a signature counts under its own label only") {
    const auto signer = rfc_signer();
    const Bytes message = to_bytes(as_bytes("abc"));
    // "coffret.policy.1abc" signed by an independent implementation (OpenSSL through node).
    const auto signature = id_of_hex<Signature>(
        "9aa0cf6802a00015df34b0b0edbf4d4dd852f70cc6384e55abbb800e7b7ac05635b9cd578ecc3df8fe17eb7935"
        "0ccae54652365b34ec81798b13c4976ffe2c0e");
    CHECK(signer.sign(SignatureLabel::policy, message) == signature);
    CHECK(verify(signer.public_key(), SignatureLabel::policy, message, signature));
    for (const auto other : {SignatureLabel::entry, SignatureLabel::device, SignatureLabel::card,
                             SignatureLabel::applied, SignatureLabel::acknowledge,
                             SignatureLabel::checkpoint, SignatureLabel::http, SignatureLabel::jws})
      CHECK_FALSE(verify(signer.public_key(), other, message, signature));
  }

  TEST_CASE("the thumbprint is that of RFC 8037 A.3") {
    const auto key =
        *SigningPublicKey::from(*from_base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
    CHECK(to_base64url(fingerprint(key).bytes) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  }

  TEST_CASE("the JWS of RFC 8037 A.4 verifies as signed bytes") {
    const auto key =
        *SigningPublicKey::from(*from_base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
    const auto signature = *Signature::from(*from_base64url(
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"));
    CHECK(verify(key, SignatureLabel::jws,
                 as_bytes("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"), signature));
  }

  TEST_CASE("a JWS reads back, and no other header does") {
    const auto signer = rfc_signer();
    const std::string compact = sign_jws("coffret-test+jwt", R"({"a":1})", signer);
    const auto read = verify_jws(compact, "coffret-test+jwt", 4096);
    REQUIRE(read.has_value());
    CHECK(read->payload == R"({"a":1})");
    CHECK(read->key == signer.public_key());
    CHECK(verify_jws(compact, "coffret-other+jwt", 4096).error() == errc::malformed);
    CHECK(verify_jws(compact, "coffret-test+jwt", compact.size() - 1).error() == errc::too_large);

    const std::string x = to_base64url(signer.public_key().bytes);
    const std::string jwk = R"("jwk":{"kty":"OKP","crv":"Ed25519","x":")" + x + R"("})";
    const std::string headers[] = {
        R"({"alg":"none","typ":"coffret-test+jwt",)" + jwk + "}",
        R"({"alg":"HS256","typ":"coffret-test+jwt",)" + jwk + "}",
        R"({"alg":"EdDSA","typ":"coffret-test+jwt","crit":["b64"],)" + jwk + "}",
        R"({"alg":"EdDSA", "typ":"coffret-test+jwt",)" + jwk + "}",
        R"({"alg":"EdDSA",)" + jwk + R"(,"typ":"coffret-test+jwt"})",
        R"({"alg":"EdDSA","typ":"coffret-test+jwt",)" + jwk + " }",
        R"({"alg":"EdDSA"})",
        "",
    };
    for (const auto& header : headers) {
      CAPTURE(header);
      const std::string input =
          to_base64url(as_bytes(header)) + "." + to_base64url(as_bytes(R"({"a":1})"));
      const auto signature = signer.sign(SignatureLabel::jws, as_bytes(input));
      const auto refused =
          verify_jws(input + "." + to_base64url(signature.bytes), "coffret-test+jwt", 4096);
      CHECK(refused.error() == errc::malformed);
    }
  }

  TEST_CASE("no bit of a JWS may change") {
    const auto signer = rfc_signer();
    const std::string compact = sign_jws("coffret-test+jwt", R"({"a":1})", signer);
    test::for_each_flip(compact, [&](const std::string& changed) {
      CHECK(verify_jws(changed, "coffret-test+jwt", 4096).has_error());
    });
    for (const std::string_view wrong : {"", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d"})
      CHECK(verify_jws(wrong, "coffret-test+jwt", 4096).has_error());
    CHECK(verify_jws(compact + ".", "coffret-test+jwt", 4096).has_error());
    CHECK(verify_jws(compact + "=", "coffret-test+jwt", 4096).has_error());
  }

  TEST_CASE("names are BLAKE2b-256 with a personal label, whole and in pieces") {
    // From Python's hashlib.blake2b(b"abc", digest_size=32, person=label).
    const auto abc = as_bytes("abc");
    CHECK(to_hex(blake2b("coffret.account1", abc)) ==
          "f4adf8289e607f87687c41ec2cb77e8054da1604ff421ba19437a8b0e70e40bc");
    CHECK(to_hex(blake2b("coffret.object.1", abc)) ==
          "3facb8fa3e0a8ffffd3c697e0828b785a8fef2e210cada842bc0a0cb37b9a3ae");
    ObjectHasher object;
    object.update(abc.first(1));
    object.update(abc.subspan(1));
    CHECK(to_hex(object.finish().bytes) ==
          "3facb8fa3e0a8ffffd3c697e0828b785a8fef2e210cada842bc0a0cb37b9a3ae");
    // FIPS 180-4's example.
    Sha256Hasher sha;
    sha.update(abc.first(2));
    sha.update(abc.subspan(2));
    const auto hash = sha.finish();
    CHECK(hash == sha256(abc));
    CHECK(to_hex(hash.bytes) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
}

}  // namespace
}  // namespace coffret::protocol
