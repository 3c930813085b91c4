// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/card.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "sync/protocol/signature.hpp"
#include "sync/protocol/url.hpp"
#include "tests/support/flip.hpp"
#include "tests/support/test_signer.hpp"

namespace coffret::protocol {
namespace {

// RFC 8032 §7.1 test 1.
test::TestSigner rfc_signer() {
  test::TestSigner::Seed seed;
  const auto raw = *from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  std::copy(raw.begin(), raw.end(), seed.begin());
  return test::TestSigner{seed};
}

OperatorCard some_card() {
  OperatorCard card;
  card.serial = 7;
  card.name = "Association d'entraide de Brumeval";
  card.country = "FR";
  card.law = "droit fran\u00e7ais";
  card.host = "coffre.example";
  card.contact = "contact@coffre.example";
  card.spki = {sha256(as_bytes("a")), sha256(as_bytes("b"))};
  card.issued_at = 1'764'000'000;
  return card;
}

// some_card() signed by another implementation (OpenSSL through node's crypto).
constexpr std::string_view foreign_card =
    "eyJhbGciOiJFZERTQSIsInR5cCI6ImNvZmZyZXQtY2FyZCtqd3QiLCJqd2siOnsia3R5IjoiT0tQIiwiY3J2IjoiRWQyNT"
    "U"
    "xOSIsIngiOiIxMXFZQVlLeENyZlZTXzdUeVdRSE9nN2hjdlBhcGlNbHJ3SWFhUGNIVVJvIn19."
    "eyJzZXJpYWwiOjcsIm5hbWUiOiJBc3NvY2lhdGlvbiBkJ2VudHJhaWRlIGRlIEJydW1ldmFsIiwiY291bnRyeSI6IkZSIi"
    "w"
    "ibGF3IjoiZHJvaXQgZnJhbsOnYWlzIiwiaG9zdCI6ImNvZmZyZS5leGFtcGxlIiwiY29udGFjdCI6ImNvbnRhY3RAY29mZ"
    "n"
    "JlLmV4YW1wbGUiLCJzcGtpIjpbInlwZUJFc29idmNyNndqR3ptaVBjVGFlRzdfZ1VmRTV5dVlCM2hhX3VTTHMiLCJQaVBv"
    "R"
    "mdBNVdVb3ppVTlsWk9HeE5JdTllZ0NJMUN4S3kzUHVydFdjQUowIl0sImlzc3VlZF9hdCI6MTc2NDAwMDAwMH0."
    "VJCqdGs0R5fxqCOZJ2LlIFVvd5cw5Q0X87sdVpnm68waSE9ZtbcLCTsJZxEtMb3lrv7QlKw0xq2LQJAsoZ-TBg";

TEST_SUITE("sync/protocol/card") {
  TEST_CASE("a card is written as another implementation writes it, and reads back") {
    const auto signer = rfc_signer();
    CHECK(sign_card(some_card(), signer) == foreign_card);
    const auto read = verify_card(foreign_card, fingerprint(signer.public_key()));
    REQUIRE(read.has_value());
    CHECK(read->card == some_card());
    CHECK(read->identity == signer.public_key());
  }

  TEST_CASE("no bit of a card may change") {
    const auto pinned = fingerprint(rfc_signer().public_key());
    test::for_each_flip(std::string{foreign_card}, [&](const std::string& changed) {
      CHECK(verify_card(changed, pinned).has_error());
    });
  }

  TEST_CASE("a card of another identity is unpinned") {
    const test::TestSigner other{3};
    CHECK(verify_card(sign_card(some_card(), other), fingerprint(rfc_signer().public_key()))
              .error() == errc::unpinned);
  }

  TEST_CASE("a signed card that says too little or too much is refused") {
    const auto signer = rfc_signer();
    struct {
      std::string_view name;
      void (*change)(OperatorCard&);
    } const cases[] = {
        {"serial 0", [](OperatorCard& c) { c.serial = 0; }},
        {"no country", [](OperatorCard& c) { c.country = ""; }},
        {"a country in small letters", [](OperatorCard& c) { c.country = "fr"; }},
        {"a country in words", [](OperatorCard& c) { c.country = "France"; }},
        {"a name too long", [](OperatorCard& c) { c.name.assign(257, 'a'); }},
        {"a line break in the law", [](OperatorCard& c) { c.law = "a\nb"; }},
        {"an escape sequence", [](OperatorCard& c) { c.contact = "\x1b[2J"; }},
        {"no key", [](OperatorCard& c) { c.spki.clear(); }},
        {"nine keys", [](OperatorCard& c) { c.spki.resize(9); }},
        {"a time before 1970", [](OperatorCard& c) { c.issued_at = -1; }},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto card = some_card();
      c.change(card);
      CHECK(verify_card(sign_card(card, signer), fingerprint(signer.public_key())).has_error());
    }
    for (const std::string_view payload : {"", "[]", "{}", "null", R"({"serial":1})"}) {
      CAPTURE(payload);
      CHECK(verify_card(sign_jws("coffret-card+jwt", payload, signer),
                        fingerprint(signer.public_key()))
                .error() == errc::malformed);
    }
    CHECK(verify_card(std::string(max_card_size + 1, 'a'), {}).error() == errc::too_large);
  }

  TEST_CASE("the Union's 27 and the EEA's three others are in, all else is out") {
    std::size_t count = 0;
    for (char a = 'A'; a <= 'Z'; ++a)
      for (char b = 'A'; b <= 'Z'; ++b)
        if (in_eea(std::string{a, b})) ++count;
    CHECK(count == 30);
    for (const std::string_view in : {"FR", "DE", "IE", "HR", "GR", "CY", "IS", "LI", "NO"}) {
      CAPTURE(in);
      CHECK(in_eea(in));
    }
    // The United Kingdom left, Switzerland never was, EL and EU are no ISO codes of states.
    for (const std::string_view out : {"GB", "UK", "CH", "US", "EL", "EU", "fr", "", "F", "FRA"}) {
      CAPTURE(out);
      CHECK_FALSE(in_eea(out));
    }
  }
}

TEST_SUITE("sync/protocol/invite") {
  const std::string server = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
  const std::string token = "aebagbafaydqqcikbmga2dqpcaireeyu";  // bytes 1 to 20

  TEST_CASE("an invite is one line, both ways") {
    for (const std::string url :
         {"https://coffre.example", "https://coffre.example:8443", "https://192.0.2.7:8443",
          "https://[2001:db8::1]", "http://127.0.0.1:8080", "http://[::1]:8080"}) {
      CAPTURE(url);
      const std::string line = url + "/#i1." + server + "." + token;
      const auto invite = parse_invite(line);
      REQUIRE(invite.has_value());
      CHECK(invite->url == url);
      CHECK(to_base64url(invite->server.bytes) == server);
      CHECK(invite->token.bytes[0] == 1);
      CHECK(invite->token.bytes[19] == 20);
      CHECK(format_invite(*invite) == line);
    }
  }

  TEST_CASE("whatever is not exactly an invite is refused") {
    const std::string url = "https://coffre.example";
    const std::string cases[] = {
        "",
        url,
        url + "/#i2." + server + "." + token,                       // another version
        url + "#i1." + server + "." + token,                        // no slash
        url + "/v#i1." + server + "." + token,                      // a path
        url + "/#i1." + server,                                     // no token
        url + "/#i1." + server + ".",                               // empty token
        url + "/#i1.." + token,                                     // no fingerprint
        url + "/#i1." + server + "." + token + " ",                 // something behind
        " " + url + "/#i1." + server + "." + token,                 // something before
        url + "/#i1." + server + "." + token + "a",                 // token too long
        url + "/#i1." + server.substr(1) + "." + token,             // fingerprint too short
        url + "/#i1." + server + "=." + token,                      // padded
        url + "/#i1." + server + "." + std::string(32, 'A'),        // upper case
        "http://coffre.example/#i1." + server + "." + token,        // in clear
        "ftp://coffre.example/#i1." + server + "." + token,         //
        "https://user@coffre.example/#i1." + server + "." + token,  //
        "https://" + std::string(500, 'a') + "/#i1." + server + "." + token,
    };
    for (const auto& line : cases) {
      CAPTURE(line);
      CHECK(parse_invite(line).has_error());
    }
  }
}

TEST_SUITE("sync/protocol/url") {
  TEST_CASE("a server's address reads into its parts and writes back the same") {
    struct {
      std::string_view text;
      ServerUrl url;
      std::string_view field;
    } const cases[] = {
        {"https://coffre.example", {true, "coffre.example", 443}, "coffre.example"},
        {"https://a-b.c1.example:80", {true, "a-b.c1.example", 80}, "a-b.c1.example:80"},
        {"https://localhost:8443", {true, "localhost", 8443}, "localhost:8443"},
        {"https://[2001:db8::1]:8443", {true, "2001:db8::1", 8443}, "[2001:db8::1]:8443"},
        {"http://127.0.0.1", {false, "127.0.0.1", 80}, "127.0.0.1"},
        {"http://127.8.0.1:1", {false, "127.8.0.1", 1}, "127.8.0.1:1"},
        {"http://[::1]:65535", {false, "::1", 65535}, "[::1]:65535"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      const auto url = parse_server_url(c.text);
      REQUIRE(url.has_value());
      CHECK(*url == c.url);
      CHECK(format_server_url(*url) == c.text);
      CHECK(host_field(*url) == c.field);
    }
  }

  TEST_CASE("another spelling of an address is refused") {
    for (const std::string_view wrong : {"",
                                         "https://",
                                         "http://",
                                         "https:///",
                                         "HTTPS://a.example",
                                         "https://A.example",
                                         "https://a.example/",
                                         "https://a.example/x",
                                         "https://a.example?x",
                                         "https://a.example#x",
                                         "https://a.example:443",
                                         "https://a.example:",
                                         "https://a.example:0",
                                         "https://a.example:08443",
                                         "https://a.example:65536",
                                         "https://a.example:1x",
                                         "https://a.example.",
                                         "https://.a",
                                         "https://a..b",
                                         "https://-a.example",
                                         "https://a-.example",
                                         "https://a_b.example",
                                         "https://user@a.example",
                                         "https://user:x@a.example",
                                         "https://a b",
                                         "https://1.2.3",
                                         "https://1.2.3.4.5",
                                         "https://256.1.1.1",
                                         "https://01.2.3.4",
                                         "https://0x7f.1",
                                         "https://[::1",
                                         "https://::1",
                                         "https://[]",
                                         "https://[2001:DB8::1]",
                                         "https://[2001:db8:0::1]",
                                         "https://[::1]x",
                                         "https://[127.0.0.1]",
                                         "http://127.0.0.1:80",
                                         "http://localhost",
                                         "http://128.0.0.1",
                                         "http://127.example",
                                         "http://127.0.0.1.example",
                                         "http://[::2]",
                                         "http://[::ffff:127.0.0.1]",
                                         "http://0.0.0.0",
                                         "//a.example",
                                         "a.example"}) {
      CAPTURE(wrong);
      CHECK(parse_server_url(wrong).has_error());
    }
    CHECK(parse_server_url("https://" + std::string(64, 'a') + ".example").has_error());
  }
}

}  // namespace
}  // namespace coffret::protocol
