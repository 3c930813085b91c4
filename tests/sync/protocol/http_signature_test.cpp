// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/http_signature.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "sync/protocol/signature.hpp"
#include "tests/support/flip.hpp"
#include "tests/support/test_signer.hpp"

namespace coffret::protocol {
namespace {

constexpr std::string_view body = "{\"hello\": \"world\"}\n";
constexpr std::string_view target = "/v1/vaults/aaaaaaaaaaaaaaaaaaaaaaaaaa/log?after=3&limit=10";
constexpr std::int64_t created = 1'764'000'000;

// RFC 8032 §7.1 test 1.
test::TestSigner rfc_signer() {
  test::TestSigner::Seed seed;
  const auto raw = *from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  std::copy(raw.begin(), raw.end(), seed.begin());
  return test::TestSigner{seed};
}

Nonce counting_nonce() {
  Nonce nonce;
  for (std::size_t i = 0; i < nonce.bytes.size(); ++i)
    nonce.bytes[i] = static_cast<std::uint8_t>(i);
  return nonce;
}

SignedParts parts_of(const test::TestSigner& signer) {
  return {"POST", target, as_bytes(body), fingerprint(signer.public_key())};
}

TEST_SUITE("sync/protocol/http_signature") {
  TEST_CASE("the signature of RFC 9421 B.2.6 verifies over its base") {
    const auto key =
        *SigningPublicKey::from(*from_base64url("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"));
    const auto signature =
        *Signature::from(*from_base64("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgw"
                                      "UPiu4A0w6vuQv5lIp5WPpBKRCw=="));
    CHECK(verify(key, SignatureLabel::http,
                 as_bytes("\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n"
                          "\"@method\": POST\n"
                          "\"@path\": /foo\n"
                          "\"@authority\": example.com\n"
                          "\"content-type\": application/json\n"
                          "\"content-length\": 18\n"
                          "\"@signature-params\": (\"date\" \"@method\" \"@path\" \"@authority\" "
                          "\"content-type\" \"content-length\");created=1618884473;"
                          "keyid=\"test-key-ed25519\""),
                 signature));
  }

  TEST_CASE("attack 12: no signed request verifies as anything else that is signed") {
    // A server chooses the time and the body's shape, at most: let the body be an entry.
    const auto signer = rfc_signer();
    const Bytes entry = to_bytes(as_bytes("coffret.entry..1 and what follows"));
    const SignedParts parts{"POST", target, entry, fingerprint(signer.public_key())};
    const auto fields = sign_request(parts, from_unix(created), counting_nonce(), signer);
    const auto begin = fields.signature.find(':') + 1;
    const auto signature = *Signature::from(
        *from_base64(fields.signature.substr(begin, fields.signature.rfind(':') - begin)));
    const std::vector<Bytes> messages{entry,
                                      to_bytes(ByteView{entry}.subspan(16)),
                                      to_bytes(as_bytes(fields.signature_input)),
                                      {}};
    for (const auto label :
         {SignatureLabel::entry, SignatureLabel::device, SignatureLabel::policy,
          SignatureLabel::card, SignatureLabel::applied, SignatureLabel::acknowledge,
          SignatureLabel::checkpoint, SignatureLabel::jws})
      for (const auto& message : messages)
        CHECK_FALSE(verify(signer.public_key(), label, message, signature));
    // What is signed for a request begins with a quotation mark; every label with a letter.
    for (const auto label :
         {SignatureLabel::entry, SignatureLabel::device, SignatureLabel::policy,
          SignatureLabel::card, SignatureLabel::applied, SignatureLabel::acknowledge})
      CHECK(text(label).starts_with("coffret."));
  }

  TEST_CASE("a request is signed as another implementation signs it") {
    // Computed with OpenSSL through node's crypto from the text of PROTOCOL.md §2.
    const auto signer = rfc_signer();
    const auto fields =
        sign_request(parts_of(signer), from_unix(created), counting_nonce(), signer);
    // The digest is the example of RFC 9530 appendix D.
    CHECK(fields.content_digest == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
    CHECK(fields.server == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    CHECK(fields.signature_input ==
          "sig1=(\"@method\" \"@path\" \"@query\" \"content-digest\" \"coffret-server\");"
          "created=1764000000;nonce=\"AAECAwQFBgcICQoLDA0ODw\";"
          "keyid=\"25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkena\";alg=\"ed25519\"");
    CHECK(
        fields.signature ==
        "sig1=:68JQ/Np7NmM8TbgmuGsIUks5aOhXRxQQLlkz0lbDm76h9bynpzrUKePIS1GLVsrFLl+faFex9fRtBVsvuTC0"
        "BA==:");

    SignedParts bare = parts_of(signer);
    bare.method = "GET";
    bare.target = target.substr(0, target.find('?'));
    bare.body = {};
    const auto empty = sign_request(bare, from_unix(created), counting_nonce(), signer);
    CHECK(empty.content_digest == "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
    CHECK(
        empty.signature ==
        "sig1=:ei7xzn0SA2ht+tCR3wykh2NC5uymKZogdLKHJzxJSJnQlK8omZaDdEioA/SCdlZlIDgwuQ5XoebgZMwI06d0"
        "Bg==:");
  }

  TEST_CASE("a signed request verifies and says who, when and with which nonce") {
    const auto signer = rfc_signer();
    const auto parts = parts_of(signer);
    const auto fields = sign_request(parts, from_unix(created), counting_nonce(), signer);
    const auto read = verify_request(parts, fields, from_unix(created));
    REQUIRE(read.has_value());
    CHECK(read->key == signer.public_key());
    CHECK(read->nonce == counting_nonce());
    CHECK(to_unix(read->created) == created);
  }

  TEST_CASE("no bit of a request or of its four fields may change") {
    const auto signer = rfc_signer();
    const auto parts = parts_of(signer);
    const auto fields = sign_request(parts, from_unix(created), counting_nonce(), signer);
    const auto refused = [](const SignedParts& p, const SignatureFields& f) {
      const auto result = verify_request(p, f, from_unix(created));
      REQUIRE(result.has_error());
      CHECK(result.error() == errc::unauthenticated);
    };
    for (const auto member : {&SignatureFields::content_digest, &SignatureFields::server,
                              &SignatureFields::signature_input, &SignatureFields::signature}) {
      test::for_each_flip(fields.*member, [&](const std::string& changed) {
        SignatureFields altered = fields;
        altered.*member = changed;
        refused(parts, altered);
      });
      SignatureFields without = fields;
      without.*member = {};
      refused(parts, without);
      SignatureFields twice = fields;
      twice.*member += ", " + twice.*member;
      refused(parts, twice);
    }
    test::for_each_flip(std::string{target}, [&](const std::string& changed) {
      refused({"POST", changed, parts.body, parts.server}, fields);
    });
    test::for_each_flip(std::string{body}, [&](const std::string& changed) {
      refused({"POST", target, as_bytes(changed), parts.server}, fields);
    });
    refused({"PUT", target, parts.body, parts.server}, fields);
    refused({"POST", target, {}, parts.server}, fields);
    refused({"POST", target, parts.body, Fingerprint{}}, fields);
  }

  TEST_CASE("a signature is taken within five minutes, either way") {
    const auto signer = rfc_signer();
    const auto parts = parts_of(signer);
    const auto fields = sign_request(parts, from_unix(created), counting_nonce(), signer);
    for (const std::int64_t away : {-300, -1, 0, 1, 300}) {
      CAPTURE(away);
      CHECK(verify_request(parts, fields, from_unix(created + away)).has_value());
    }
    for (const std::int64_t away : {-86400, -301, 301, 86400}) {
      CAPTURE(away);
      CHECK(verify_request(parts, fields, from_unix(created + away)).error() ==
            errc::clock_refused);
    }
  }

  TEST_CASE("a right signature over another form is refused") {
    const auto signer = rfc_signer();
    const auto parts = parts_of(signer);
    const auto good = sign_request(parts, from_unix(created), counting_nonce(), signer);
    struct {
      std::string_view from, to;
    } const cases[] = {
        {" \"content-digest\"", ""},
        {"\"@query\" ", ""},
        {"created=1764000000", "created=01764000000"},
        {"created=1764000000", "created=+1764000000"},
        {"created=1764000000", "created=-1764000000"},
        {"created=1764000000", "created=999999999999"},
        {"created=1764000000;", ""},
        {";alg=\"ed25519\"", ""},
        {"alg=\"ed25519\"", "alg=\"hmac-sha256\""},
        {";alg=\"ed25519\"", ";alg=\"ed25519\";tag=\"x\""},
        {"AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0O"},
        {"sig1=", "sig2="},
    };
    for (const auto& c : cases) {
      CAPTURE(c.to);
      auto fields = good;
      const auto at = fields.signature_input.find(c.from);
      REQUIRE(at != std::string::npos);
      fields.signature_input.replace(at, c.from.size(), c.to);
      // Signed anew over the altered parameters, so that only the form can be at fault.
      const auto question = target.find('?');
      const std::string base =
          "\"@method\": POST\n\"@path\": " + std::string{target.substr(0, question)} +
          "\n\"@query\": " + std::string{target.substr(question)} +
          "\n\"content-digest\": " + fields.content_digest +
          "\n\"coffret-server\": " + fields.server +
          "\n\"@signature-params\": " + fields.signature_input.substr(5);
      const auto signature = signer.sign(SignatureLabel::http, as_bytes(base));
      fields.signature = "sig1=:" + to_base64(signature.bytes) + ":";
      CHECK(verify_request(parts, fields, from_unix(created)).error() == errc::unauthenticated);
    }
  }

  TEST_CASE("a target with a line break is refused even when signed") {
    const auto signer = rfc_signer();
    auto parts = parts_of(signer);
    for (const std::string_view wrong :
         {"/v1/card\n\"@query\": ?", "/v1/a b", "v1/card", "", "/v1/\xc3\xa9"}) {
      CAPTURE(wrong);
      parts.target = wrong;
      const auto fields = sign_request(parts, from_unix(created), counting_nonce(), signer);
      CHECK(verify_request(parts, fields, from_unix(created)).error() == errc::unauthenticated);
    }
  }
}

}  // namespace
}  // namespace coffret::protocol
