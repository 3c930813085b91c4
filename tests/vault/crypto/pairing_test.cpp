// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/pairing.hpp"

#include <doctest/doctest.h>

#include <set>

#include "tests/support/keys.hpp"

namespace coffret::crypto {
namespace {

using test::counting_id;
using test::counting_key;
using test::secret_text;
using test::shown_text;

PairingCode sample(std::uint8_t first = 1) {
  return {"https://coffret.example:8443", counting_id<Fingerprint>(2),
          counting_key<PairingSecret>(first)};
}

TEST_SUITE("vault/crypto/pairing") {
  TEST_CASE("a code reads back, however the person wrote its groups") {
    const auto text = shown_text(pairing_code(sample()));
    CHECK(text.starts_with("https://coffret.example:8443/#p1."));
    const auto dot = text.rfind('.');
    std::string lower = text;
    std::string spaced = text;
    for (std::size_t i = dot; i < text.size(); ++i) {
      if (text[i] >= 'A' && text[i] <= 'Z') lower[i] = static_cast<char>(text[i] - 'A' + 'a');
      if (text[i] == '-') spaced[i] = ' ';
    }
    for (const auto& typed : {text, lower, spaced, text + "\n", "  " + text}) {
      CAPTURE(typed);
      const auto code = parse_pairing_code(secret_text(typed));
      REQUIRE(code.has_value());
      CHECK(code->url == sample().url);
      CHECK(code->server == sample().server);
      CHECK(test::shown(code->secret) == test::shown(sample().secret));
    }
  }

  TEST_CASE("a slip anywhere in a code is noticed before anything is asked of a server") {
    const auto text = shown_text(pairing_code(sample()));
    unsigned accepted = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      auto wrong = text;
      wrong[at] = wrong[at] == 'Z' ? 'Y' : 'Z';
      if (wrong[at] == text[at] || text[at] == '-') continue;
      if (parse_pairing_code(secret_text(wrong)).has_value()) ++accepted;
      wrong = text;
      wrong.erase(at, 1);
      if (text[at] != '-' && parse_pairing_code(secret_text(wrong)).has_value()) ++accepted;
    }
    CHECK(accepted == 0);
    for (const char* other : {"", "abc", "https://coffret.example/#i1.a.b", "/#p1.", "/#p1.."})
      CHECK(parse_pairing_code(secret_text(other)).error() == errc::wrong_passcode);
    CHECK(parse_pairing_code(secret_text("https://coffret.example/#p2.x.y")).error() ==
          errc::other_version);
  }

  TEST_CASE("the rendezvous, the messages' key and the words are not one another") {
    const auto secret = counting_key<PairingSecret>(1);
    const auto other = counting_key<PairingSecret>(2);
    CHECK(pairing_id(secret) != pairing_id(other));
    const Bytes said{1, 2, 3};
    std::set<PairingMac> macs;
    macs.insert(pairing_mac(secret, 0, {}, said));
    macs.insert(pairing_mac(secret, 1, {}, said));
    macs.insert(pairing_mac(secret, 0, said, {}));
    macs.insert(pairing_mac(secret, 0, said, said));
    macs.insert(pairing_mac(other, 0, {}, said));
    CHECK(macs.size() == 5);
    CHECK(same_mac(*macs.begin(), *macs.begin()));
    CHECK(!same_mac(*macs.begin(), *macs.rbegin()));
    CHECK(eight_words(said) == eight_words(said));
    CHECK(eight_words(said) != eight_words({}));
    const auto words = eight_words(said);
    CHECK(std::count(words.begin(), words.end(), ' ') == 7);
  }
}

}  // namespace
}  // namespace coffret::crypto
