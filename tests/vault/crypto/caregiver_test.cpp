// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/caregiver.hpp"

#include <doctest/doctest.h>

#include <string>

#include "coffret/encoding.hpp"
#include "tests/support/keys.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/sealer.hpp"

using namespace coffret;
using namespace coffret::crypto;
using namespace coffret::test;

namespace {

const auto link_id = counting_id<LinkId>(40);

ReceivedParcelFile sealed_to(const AgreementPublicKey& recipient) {
  CountingRandom random{9};
  const auto sealed = Sealer::seal_to(recipient, link_id, counting_key<ContentKey>(100), random);
  REQUIRE(sealed.has_value());
  return {to_bytes(sealed->view())};
}

ReceivedParcelFile with_header(const std::string& header) {
  const auto good = to_text(sealed_to(public_key(counting_key<AgreementKey>(1))).bytes);
  return {to_bytes(as_bytes(to_base64url(as_bytes(header)) + good.substr(good.find('.'))))};
}

CaregiverCode code() {
  return {"eyJhIjoxfQ.eyJiIjoyfQ.c2ln", counting_key<PairingSecret>(60)};
}

}  // namespace

TEST_SUITE("vault/crypto/caregiver") {
  TEST_CASE("the key derivation is that of RFC 7518, appendix C") {
    const std::array<std::uint8_t, 32> shared = {
        158, 86, 217, 29,  129, 113, 53,  211, 114, 131, 66,  131, 191, 132, 38,  156,
        251, 49, 110, 163, 218, 128, 106, 72,  246, 218, 167, 121, 140, 254, 144, 196};
    std::array<std::uint8_t, 32> key{};
    concat_kdf(key, shared, "A128GCM", as_bytes("Alice"), as_bytes("Bob"), 128);
    CHECK(to_base64url(ByteView{key}.first(16)) == "VqqN6vgjbSBcIijNcacQGg");
  }

  TEST_CASE("a key that is sealed to a caregiver is theirs, for that link") {
    const auto doctor = counting_key<AgreementKey>(1);
    const auto jwe = sealed_to(public_key(doctor));
    CHECK(jwe.bytes.size() <= max_key_jwe);
    const auto opened = open_key_jwe(doctor, link_id, jwe);
    REQUIRE(opened.has_value());
    CHECK(shown(*opened) == shown(counting_key<ContentKey>(100)));
    CHECK(open_key_jwe(counting_key<AgreementKey>(2), link_id, jwe).error() ==
          errc::unauthenticated);
    CHECK(open_key_jwe(doctor, counting_id<LinkId>(41), jwe).error() == errc::unauthenticated);
  }

  TEST_CASE("a sealed key with one bit changed opens nothing") {
    const auto doctor = counting_key<AgreementKey>(1);
    const auto good = sealed_to(public_key(doctor));
    for (std::size_t i = 0; i < good.bytes.size(); ++i) {
      CAPTURE(i);
      auto bad = good;
      bad.bytes[i] ^= 1;
      CHECK(open_key_jwe(doctor, link_id, bad).has_error());
      bad.bytes.resize(i);
      CHECK(open_key_jwe(doctor, link_id, bad).has_error());
    }
  }

  TEST_CASE("nothing is sealed to a key that anyone could open for") {
    CountingRandom random;
    CHECK(Sealer::seal_to({}, link_id, counting_key<ContentKey>(1), random).error() ==
          errc::malformed);
  }

  TEST_CASE("an algorithm that is not ours is not tried") {
    const auto doctor = counting_key<AgreementKey>(1);
    const std::string x = to_base64url(counting_id<AgreementPublicKey>(5).bytes);
    const std::string apv = to_base64url(link_id.bytes);
    const auto header = [&](const std::string& alg, const std::string& enc, const std::string& crv,
                            const std::string& more) {
      return R"({"alg":")" + alg + R"(","enc":")" + enc + R"(","epk":{"kty":"OKP","crv":")" + crv +
             R"(","x":")" + x + R"("},"apv":")" + apv + "\"" + more + "}";
    };
    const auto error = [&](const std::string& text) {
      return to_errc(open_key_jwe(doctor, link_id, with_header(text)).error());
    };
    CHECK(error(header("ECDH-ES", "A256GCM", "X25519", "")) == errc::unauthenticated);
    CHECK(error(header("dir", "A256GCM", "X25519", "")) == errc::unsupported);
    CHECK(error(header("ECDH-ES+A256KW", "A256GCM", "X25519", "")) == errc::unsupported);
    CHECK(error(header("ECDH-ES", "A128GCM", "X25519", "")) == errc::unsupported);
    CHECK(error(header("ECDH-ES", "A256GCM", "P-256", "")) == errc::unsupported);
    CHECK(error(header("ECDH-ES", "A256GCM", "X25519", R"(,"crit":["x"])")) == errc::unsupported);
    CHECK(error(header("ECDH-ES", "A256GCM", "X25519", R"(,"zip":"DEF")")) == errc::unsupported);
    CHECK(error("[]") == errc::malformed);
    CHECK(error("{}") == errc::unsupported);
  }

  TEST_CASE("each card has a pairing secret of its own") {
    const auto own = counting_key<VaultKey>(1);
    CHECK(shown(card_secret(own, 1)) == shown(card_secret(own, 1)));
    CHECK(shown(card_secret(own, 1)) != shown(card_secret(own, 2)));
    CHECK(shown(card_secret(own, 1)) != shown(card_secret(counting_key<VaultKey>(2), 1)));
  }

  TEST_CASE("an introduction is vouched for by one secret, to one caregiver") {
    const auto secret = counting_key<PairingSecret>(1);
    const Bytes keys(64, 1);
    const Bytes said(53, 2);
    const auto mac = introduction_mac(secret, keys, said);
    CHECK(same_mac(mac, introduction_mac(secret, keys, said)));
    CHECK_FALSE(same_mac(mac, introduction_mac(counting_key<PairingSecret>(2), keys, said)));
    CHECK_FALSE(same_mac(mac, introduction_mac(secret, Bytes(64, 3), said)));
    CHECK_FALSE(same_mac(mac, introduction_mac(secret, keys, Bytes(53, 3))));
  }

  TEST_CASE("a code is read as it was written, however it was copied") {
    const auto text = shown_text(caregiver_code(code()));
    auto copied = "  " + text + "\n";
    const auto groups = copied.rfind('.');
    for (auto i = groups; i < copied.size(); ++i)
      if (copied[i] >= 'A' && copied[i] <= 'Z') copied[i] = static_cast<char>(copied[i] + 32);
    auto looking = text;  // as digits that base32 lacks
    for (auto i = looking.rfind('.'); i < looking.size(); ++i)
      for (const auto& [letter, digit] : {std::pair{'O', '0'}, {'I', '1'}, {'B', '8'}})
        if (looking[i] == letter) looking[i] = digit;
    for (const auto& one : {text, copied, looking}) {
      CAPTURE(one);
      CHECK(is_caregiver_code(secret_text(one)));
      const auto read = parse_caregiver_code(secret_text(one));
      REQUIRE(read.has_value());
      CHECK(read->card == code().card);
      CHECK(shown(read->secret) == shown(code().secret));
    }
  }

  TEST_CASE("a slip anywhere in a code shows") {
    const auto text = shown_text(caregiver_code(code()));
    CHECK(parse_caregiver_code(secret_text("")).error() == errc::malformed);
    CHECK(parse_caregiver_code(secret_text("https://a/#p1.x.y")).error() == errc::malformed);
    auto later = text;
    later[std::string{"coffret-caregiver:"}.size()] = '2';
    CHECK(parse_caregiver_code(secret_text(later)).error() == errc::other_version);
    for (std::size_t i = std::string{"coffret-caregiver:1."}.size(); i < text.size(); ++i) {
      CAPTURE(i);
      if (text[i] == '-') continue;
      auto slip = text;
      slip[i] = slip[i] == 'A' ? 'B' : 'A';
      CHECK(parse_caregiver_code(secret_text(slip)).error() == errc::wrong_passcode);
      CHECK(parse_caregiver_code(secret_text(text.substr(0, i))).has_error());
    }
  }

  TEST_CASE("a key's link names its grant and its server, and is no protected link") {
    KeyLink said{"https://coffret.example", link_id, {}};
    said.server[15] = 9;
    const auto text = format_key_link(said);
    CHECK(shown_text(text) == "https://coffret.example/v#k1." + to_base64url(link_id.bytes) + "." +
                                  to_base64url(said.server));
    const auto read = parse_key_link(text);
    REQUIRE(read.has_value());
    CHECK(read->base_url == said.base_url);
    CHECK(read->id == link_id);
    CHECK(read->server == said.server);
    CHECK(parse_link(text).error() == errc::malformed);
    struct {
      const char* text;
      errc expected;
    } const cases[] = {
        {"https://coffret.example/v#k2.AAAA.BBBB", errc::unsupported},
        {"https://coffret.example/v#k1.AAAA", errc::malformed},
        {"http://coffret.example/v#k1.AAAA.BBBB", errc::malformed},
        {"https://coffret.example/v#k1.AAAA.BBBB.CCCC", errc::malformed},
        {"https://coffret.example/v#", errc::malformed},
        {"", errc::malformed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      CHECK(parse_key_link(secret_text(c.text)).error() == c.expected);
    }
  }
}
