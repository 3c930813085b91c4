// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/parcel.hpp"

#include <doctest/doctest.h>

#include "tests/support/keys.hpp"
#include "vault/crypto/inflate.hpp"
#include "vault/crypto/sealer.hpp"

namespace coffret::crypto {
namespace {

using test::counting_id;
using test::counting_key;
using test::CountingRandom;
using test::secret_text;

Result<OpenedJwe> open(std::string_view jwe, std::size_t limit = 1 << 20) {
  return open_jwe(counting_key<ContentKey>(0x30), {to_bytes(as_bytes(jwe))}, limit);
}

// {"alg":"dir","enc":"A256GCM","cty":"text/plain"}, "bonjour", IV 00 … 0b: made with Python's
// cryptography 48 and opened with the npm package jose 6.2.18.
constexpr std::string_view bonjour =
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwiY3R5IjoidGV4dC9wbGFpbiJ9..AAECAwQFBgcICQoL."
    "DTp23nUv-Q.XQTX2kNreKY6Boiq4bVjcg";
// Made with jose 6.2.18; it has a `kid`.
constexpr std::string_view fhir =
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwiY3R5IjoiYXBwbGljYXRpb24vZmhpcitqc29uIiwia2lkIjoiYSJ9"
    "..BwcHBwcHBwcHBwcH.jTzln-oG4pEQAjPGoBoSTqK2MIfBZGziig.XnAv3zcm1FWSUxzbUlMasA";
// Made with jose 4.15.9 and zip=DEF: forty times "Le coffret est ouvert. ".
constexpr std::string_view deflated =
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwiY3R5IjoidGV4dC9wbGFpbiIsInppcCI6IkRFRiJ9.."
    "BwcHBwcHBwcHBwcH.BVfCslcm3Mg5Sjb3_VFhvK_ZDsSP2Vow7liQ5I7dDMvmHw.gkHIYAQ58MQ6wN6sYs9y0w";
// Made with jose 6.2.18: A128CBC-HS256.
constexpr std::string_view cbc =
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0..XQRiY45GGNe9JUZn7ZjqGg."
    "IxnUt7O-LV-bjpjnZDRptQ.5gTrqSMN4UHr3-tHnJts4Q";

std::string with_header(std::string_view header) {
  std::string jwe{bonjour};
  return jwe.replace(0, jwe.find('.'), to_base64url(as_bytes(header)));
}

TEST_SUITE("vault/crypto/jwe") {
  TEST_CASE("a sealed parcel file is the compact JWE that others make and open") {
    CountingRandom random;
    const auto sealed =
        Sealer::seal(counting_key<ContentKey>(0x30), "text/plain", as_bytes("bonjour"), random);
    CHECK(as_text(sealed.view()) == bonjour);
  }

  TEST_CASE("foreign JWEs open, deflated ones too") {
    const auto plain = open(fhir);
    REQUIRE(plain.has_value());
    CHECK(plain->content_type == "application/fhir+json");
    CHECK(as_text(plain->content) == R"({"resourceType":"Bundle"})");

    const auto inflated = open(deflated);
    REQUIRE(inflated.has_value());
    CHECK(inflated->content_type == "text/plain");
    CHECK(inflated->content.size() == 40 * 23);
    CHECK(as_text(inflated->content).ends_with("Le coffret est ouvert. "));
  }

  TEST_CASE("content over the limit is refused, before or after inflating") {
    CHECK(open(bonjour, 7).has_value());
    CHECK(open(bonjour, 6).error() == errc::too_large);
    CHECK(open(bonjour, 0).error() == errc::too_large);
    CHECK(open(deflated, 920).has_value());
    CHECK(open(deflated, 919).error() == errc::too_large);
    CHECK(open(deflated, 0).error() == errc::too_large);
  }

  TEST_CASE("what we do not speak is unsupported, what is not a JWE is malformed") {
    CHECK(open(cbc).error() == errc::unsupported);
    for (const std::string_view header :
         {R"({"alg":"A256KW","enc":"A256GCM"})", R"({"alg":"dir","enc":"A128GCM"})",
          R"({"alg":"none","enc":"A256GCM"})", R"({"alg":"dir","enc":"A256GCM","zip":"GZ"})",
          R"({"alg":"dir","enc":"A256GCM","zip":1})",
          R"({"alg":"dir","enc":"A256GCM","crit":["b64"]})"}) {
      CAPTURE(header);
      CHECK(open(with_header(header)).error() == errc::unsupported);
    }
    for (const std::string_view header :
         {"", "[]", "{", R"({"alg":"dir"})", R"({"enc":"A256GCM"})", R"({"alg":1,"enc":"A256GCM"})",
          R"({"alg":"dir","alg":"dir","enc":"A256GCM"})",
          R"({"alg":"dir","enc":"A256GCM","cty":1})"}) {
      CAPTURE(header);
      CHECK(open(with_header(header)).error() == errc::malformed);
    }
    for (const std::string_view text :
         {"", ".", "....", ".....", "a.b.c", "e30..AAAA.AAAA.AAAA.AAAA"}) {
      CAPTURE(text);
      CHECK(open(text).error() == errc::malformed);
    }
    CHECK(open(std::string{bonjour} + "\n").error() == errc::malformed);
    std::string with_key{bonjour};
    CHECK(open(with_key.insert(with_key.find("..") + 1, "AAAA")).error() == errc::malformed);
    CHECK(open(with_header(R"({"alg":"dir","enc":"A256GCM"})")).error() == errc::unauthenticated);
    CHECK(open(with_header(R"({"alg":"dir","enc":"A256GCM","zip":"DEF"})")).error() ==
          errc::unauthenticated);
  }

  TEST_CASE("any character altered is refused") {
    for (const std::string_view original : {bonjour, fhir, deflated})
      for (std::size_t i = 0; i < original.size(); ++i)
        for (const char c : {'A', 'B', '_', '.', '=', ' '}) {
          std::string altered{original};
          if (altered[i] == c) continue;
          altered[i] = c;
          CAPTURE(i);
          CHECK(open(altered).has_error());
        }
  }

  TEST_CASE("a deflated content that is cut, followed by more or not DEFLATE is malformed") {
    const Bytes good{0x01, 0x03, 0x00, 0xfc, 0xff, 'a', 'b', 'c'};  // one stored block
    CHECK(*inflate_raw(good, 3) == to_bytes(as_bytes("abc")));
    CHECK(inflate_raw(good, 2).error() == errc::too_large);
    for (std::size_t n = 0; n < good.size(); ++n)
      CHECK(inflate_raw(ByteView{good}.first(n), 3).error() == errc::malformed);
    Bytes more = good;
    more.push_back(0);
    CHECK(inflate_raw(more, 3).error() == errc::malformed);
    CHECK(inflate_raw(Bytes{0x07, 0x00}, 3).error() == errc::malformed);  // block type 3
    CHECK(inflate_raw(Bytes{0x78, 0x9c, 0x03, 0x00}, 3).error() == errc::malformed);  // zlib
  }

  TEST_CASE("all sizes come back, and the content type is quoted") {
    CountingRandom random;
    const auto key = counting_key<ContentKey>(0x30);
    for (const std::size_t size : {0U, 1U, 2U, 3U, 15U, 16U, 17U, 100000U}) {
      CAPTURE(size);
      const Bytes content(size, 0x5a);
      auto sealed = Sealer::seal(key, "a/b; c=\"d\"", content, random);
      const auto opened = open_jwe(key, {std::move(sealed).take()}, 100000);
      REQUIRE(opened.has_value());
      CHECK(opened->content == content);
      CHECK(opened->content_type == "a/b; c=\"d\"");
    }
  }
}

TEST_SUITE("vault/crypto/parcel") {
  // Made with CPython's hmac from DESIGN.md §9: L = 30…4f, S = 50…6f, link id 70…7f, version 2.
  TEST_CASE("keys and proofs of a parcel are what DESIGN.md describes") {
    const auto link = counting_key<LinkSecret>(0x30);
    const auto id = counting_id<LinkId>(0x70);
    const auto key = parcel_key(link, counting_id<ServerHalf>(0x50), id, 2);
    CHECK(to_hex(test::shown(key)) ==
          "d1dfc8d447429502063794f01b6e78da43cee0bf8699f56ccacca74e29b8763a");
    CHECK(to_hex(read_proof(key, id).view()) ==
          "f3a2eafc5b5221bc7b05b204e49c21a7fa562eb49eb8a226e7d1e48a6a8d444b");
    CHECK(to_hex(passcode_proof(link, id, secret_text("042137")).view()) ==
          "df8ce1e8d5e3e8a4772fd30895e4f82458036c60232ebc93450379f33d55afa3");
    CHECK(to_hex(test::shown(recipient_key(link, id))) ==
          "0b623e8f40df740dd4a42d66400cd25330712c478b6eaa1f758ffadd7ff7127a");
  }

  TEST_CASE("a passcode proves the same however its accents are typed, and on its own link only") {
    const auto link = counting_key<LinkSecret>(0x30);
    const auto id = counting_id<LinkId>(0x70);
    const auto proof = passcode_proof(link, id, secret_text("\xc3\xa9t\xc3\xa9"));
    CHECK(proof == passcode_proof(link, id, secret_text("e\xcc\x81te\xcc\x81")));
    CHECK(proof != passcode_proof(link, id, secret_text("ete")));
    CHECK(proof !=
          passcode_proof(link, counting_id<LinkId>(0x71), secret_text("\xc3\xa9t\xc3\xa9")));
    CHECK(proof !=
          passcode_proof(counting_key<LinkSecret>(0x31), id, secret_text("\xc3\xa9t\xc3\xa9")));
  }

  TEST_CASE("each half, link and version gives another parcel key") {
    const auto link = counting_key<LinkSecret>(0x30);
    const auto id = counting_id<LinkId>(0x70);
    const auto half = counting_id<ServerHalf>(0x50);
    const auto key = test::shown(parcel_key(link, half, id, 2));
    CHECK(key != test::shown(parcel_key(counting_key<LinkSecret>(0x31), half, id, 2)));
    CHECK(key != test::shown(parcel_key(link, counting_id<ServerHalf>(0x51), id, 2)));
    CHECK(key != test::shown(parcel_key(link, half, counting_id<LinkId>(0x71), 2)));
    CHECK(key != test::shown(parcel_key(link, half, id, 3)));
  }
}

}  // namespace
}  // namespace coffret::crypto
