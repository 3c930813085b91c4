// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include "tests/support/keys.hpp"
#include "vault/crypto/parcel.hpp"

namespace coffret::crypto {
namespace {

using test::counting_id;
using test::counting_key;
using test::secret_text;

constexpr std::string_view id_text = "cHFyc3R1dnd4eXp7fH1-fw";
constexpr std::string_view secret_part = "MDEyMzQ1Njc4OTo7PD0-P0BBQkNERUZHSElKS0xNTk8";
constexpr std::string_view server_text = "4OHi4-Tl5ufo6err7O3u7w";

std::string link_with(std::string_view base, std::string_view form = "c1") {
  std::string text{base};
  text.append("/v#").append(form).append(".").append(id_text).append(".").append(secret_part);
  return text.append(".").append(server_text);
}

errc parsing_link(std::string_view text) {
  const auto link = parse_link(secret_text(text));
  return link.has_error() ? to_errc(link.error()) : errc::ok;
}

TEST_SUITE("vault/crypto/link") {
  TEST_CASE("a protected link goes both ways") {
    ProtectedLink link{"https://vault.example:8443",
                       counting_id<LinkId>(0x70),
                       counting_key<LinkSecret>(0x30),
                       {}};
    std::iota(link.server.begin(), link.server.end(), std::uint8_t{0xe0});
    const auto text = format_link(link);
    CHECK(test::shown_text(text) == link_with("https://vault.example:8443"));
    const auto back = parse_link(text);
    REQUIRE(back.has_value());
    CHECK(back->base_url == link.base_url);
    CHECK(back->id == link.id);
    CHECK(back->server == link.server);
    CHECK(test::shown(back->secret) == test::shown(link.secret));
  }

  TEST_CASE("hosts that exist are read, white space around the link is not part of it") {
    for (const std::string_view base :
         {"https://a", "https://vault.example", "https://vault.example:1",
          "https://Vault-2.example:65535", "https://192.0.2.7:8443", "https://[2001:db8::1]",
          "https://[::1]:8443"}) {
      CAPTURE(base);
      CHECK(parsing_link(link_with(base)) == errc::ok);
      CHECK(parsing_link(" \t" + link_with(base) + "\r\n") == errc::ok);
    }
  }

  TEST_CASE("a link that could lead elsewhere, or is not one, is malformed") {
    for (const std::string_view base :
         {"http://vault.example", "https://", "https://:8443", "https://user@vault.example",
          "https://vault.example/path", "https://vault.example?x", "https://vault.example:0",
          "https://vault.example:08", "https://vault.example:65536", "https://vault.example:",
          "https://vault example", "https://[2001:db8::1", "https://[g::1]", "https://[]",
          "https://a:1:2", "shlink:", "", "https://vault.example\\", "https://v\xc3\xa9.example"}) {
      CAPTURE(base);
      CHECK(parsing_link(link_with(base)) == errc::malformed);
    }
    const std::string good = link_with("https://vault.example");
    for (std::size_t n = 0; n < good.size(); ++n) {
      CAPTURE(n);
      CHECK(parsing_link(good.substr(0, n)) == errc::malformed);
    }
    CHECK(parsing_link(good + "A") == errc::malformed);
    CHECK(parsing_link(good + "=") == errc::malformed);
    std::string trailing_bits = good;
    trailing_bits.back() = 'x';
    CHECK(parsing_link(trailing_bits) == errc::malformed);
    for (std::size_t at = good.find('.'); at < good.size(); ++at) {
      CAPTURE(at);
      std::string not_ascii = good;
      not_ascii[at] = '\x8c';
      CHECK(parsing_link(not_ascii) == errc::malformed);
    }
  }

  TEST_CASE("a form of another version is said to be one") {
    CHECK(parsing_link(link_with("https://vault.example", "c2")) == errc::unsupported);
    CHECK(parsing_link(link_with("https://vault.example") + ".files.example") == errc::unsupported);
    CHECK(parsing_link(link_with("https://vault.example", "d1")) == errc::malformed);
    CHECK(parsing_link(link_with("https://vault.example", "c")) == errc::malformed);
  }
}

// {"url":"https://vault.example/shl/mmm…","key":"MDEy…","exp":1893456000,"flag":"P",
// "label":"Résumé \"Camille\""}: encoded with Node, read back with kill-the-clipboard 1.1.0.
constexpr std::string_view shl =
    "shlink:/"
    "eyJ1cmwiOiJodHRwczovL3ZhdWx0LmV4YW1wbGUvc2hsL21tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1"
    "tbW1tbW1tbW1tbW0iLCJrZXkiOiJNREV5TXpRMU5qYzRPVG83UEQwLVAwQkJRa05FUlVaSFNFbEtTMHhOVGs4IiwiZXhwI"
    "joxODkzNDU2MDAwLCJmbGFnIjoiUCIsImxhYmVsIjoiUsOpc3Vtw6kgXCJDYW1pbGxlXCIifQ";
// Made by kill-the-clipboard 1.1.0.
constexpr std::string_view foreign =
    "shlink:/"
    "eyJ1cmwiOiJodHRwczovL3ZhdWx0LmV4YW1wbGUvbFZGd3gtdkRvQkxxdnM3UEFESXhTNlkzeC1QYl9XVW9KTjB"
    "MSE1IYWVlUS9tYW5pZmVzdC5qc29uIiwia2V5IjoiR25BMFNETEVOcHNfdGJFNkRJT2hXbkFRQ0NnWndVVXpWTTI4NlhKd"
    "E"
    "EwcyIsInYiOjEsImV4cCI6MTg5MzQ1NjAwMCwiZmxhZyI6IkxQIiwibGFiZWwiOiJCaWxhbiBkZSBzYW50w6kg4oCUIENh"
    "b"
    "WlsbGUifQ";

std::string shl_of(std::string_view payload) {
  return "shlink:/" + to_base64url(as_bytes(payload));
}

// A payload with these members after url and key.
std::string shl_with(const std::string& members) {
  return shl_of(R"({"url":"https://vault.example/m","key":")" + std::string{secret_part} + "\"" +
                members + "}");
}

errc parsing_shl(std::string_view text) {
  const auto link = parse_shl(secret_text(text));
  return link.has_error() ? to_errc(link.error()) : errc::ok;
}

TEST_SUITE("vault/crypto/shl") {
  TEST_CASE("a SMART Health Link is the text that others make, with a viewer or bare") {
    const SmartHealthLink link{"https://vault.example/shl/" + std::string(43, 'm'),
                               counting_key<ContentKey>(0x30),
                               1893456000,
                               "P",
                               "R\xc3\xa9sum\xc3\xa9 \"Camille\"",
                               1};
    CHECK(test::shown_text(format_shl(link, "")) == shl);
    const auto with_viewer = format_shl(link, "https://viewer.example/#");
    CHECK(test::shown_text(with_viewer) == "https://viewer.example/#" + std::string{shl});
    const auto back = parse_shl(with_viewer);
    REQUIRE(back.has_value());
    CHECK(back->url == link.url);
    CHECK(back->expires_at == link.expires_at);
    CHECK(back->flag == link.flag);
    CHECK(back->label == link.label);
    CHECK(test::shown(back->key) == test::shown(link.key));
  }

  TEST_CASE("a link made by another library is read") {
    const auto link = parse_shl(secret_text(foreign));
    REQUIRE(link.has_value());
    CHECK(link->url ==
          "https://vault.example/lVFwx-vDoBLqvs7PADIxS6Y3x-Pb_WUoJN0LHMHaeeQ/manifest.json");
    CHECK(to_base64url(test::shown(link->key)) == "GnA0SDLENps_tbE6DIOhWnAQCCgZwUUzVM286XJtA0s");
    CHECK(link->expires_at == 1893456000);
    CHECK(link->flag == "LP");
    CHECK(link->label == "Bilan de sant\xc3\xa9 \xe2\x80\x94 Camille");
  }

  TEST_CASE("what the standard lets a reader ignore is ignored") {
    CHECK(parsing_shl(shl_with("")) == errc::ok);
    CHECK(parsing_shl(shl_with(R"(,"extension":{"a":[1]},"_own":null)")) == errc::ok);
    CHECK(parsing_shl(shl_with(R"(,"exp":1.893456e9)")) == errc::ok);
    const auto link = parse_shl(secret_text(shl_with(R"(,"flag":"XPLZ","v":1)")));
    REQUIRE(link.has_value());
    CHECK(link->flag == "LP");
  }

  TEST_CASE("a newer version is unsupported, anything else of another shape is malformed") {
    CHECK(parsing_shl(shl_with(R"(,"v":2)")) == errc::unsupported);
    for (const std::string_view members :
         {R"(,"v":0)", R"(,"v":"1")", R"(,"v":1.5)", R"(,"exp":"1893456000000")", R"(,"exp":1e300)",
          R"(,"exp":18446744073709551615)", R"(,"flag":"PU")", R"(,"flag":1)", R"(,"label":1)",
          R"(,"url":"https://vault.example/n")"}) {
      CAPTURE(members);
      CHECK(parsing_shl(shl_with(std::string{members})) == errc::malformed);
    }
    const std::string eighty(80, 'l');
    CHECK(parsing_shl(shl_with(",\"label\":\"" + eighty + "\"")) == errc::ok);
    CHECK(parsing_shl(shl_with(",\"label\":\"" + eighty + "l\"")) == errc::malformed);
    const std::string key{secret_part};
    for (const std::string& payload :
         {std::string{"[]"}, std::string{"{}"}, std::string{"{"}, R"({"key":")" + key + "\"}",
          std::string{R"({"url":"https://vault.example/m"})"},
          R"({"url":"http://vault.example/m","key":")" + key + "\"}",
          R"({"url":"https://v/)" + std::string(119, 'x') + R"(","key":")" + key + "\"}",
          R"({"url":"https://vault.example/ m","key":")" + key + "\"}",
          R"({"url":"https://vault.example/m","key":")" + key + "A\"}",
          R"({"url":"https://vault.example/m","key":")" + key.substr(1) + "\"}"}) {
      CAPTURE(payload);
      CHECK(parsing_shl(shl_of(payload)) == errc::malformed);
    }
    for (const std::string& text :
         {std::string{}, std::string{"shlink:/"}, std::string{"shlink:"}, "x" + std::string{shl},
          std::string{shl} + "=", std::string{shl} + "\nx",
          "https://viewer.example/?" + std::string{shl}, std::string{shl.substr(8)}}) {
      CAPTURE(text);
      CHECK(parsing_shl(text) == errc::malformed);
    }
  }
}

}  // namespace
}  // namespace coffret::crypto
