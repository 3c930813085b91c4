// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/shares.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/keys.hpp"
#include "vault/crypto/recovery_slip.hpp"

namespace coffret::crypto {
namespace {

using test::counting_id;
using test::counting_key;
using test::secret_text;
using test::shown;
using test::shown_text;

RecoveryFacts facts() {
  RecoveryFacts told;
  told.vault = counting_id<VaultId>(3);
  told.server_url = "https://coffret.example";
  told.seq = 7;
  told.head = counting_id<EntryHash>(80);
  told.date = "2026-11-28T16:00:00Z";
  return told;
}

std::string key_of(const std::string& file) {
  const auto at = file.find("key: ") + 5;
  return file.substr(at, file.find('\n', at) - at);
}

// Multiplication from the text of FIPS 197, 4.2: shift and add, reduce at the end.
unsigned slow_multiply(unsigned a, unsigned b) {
  unsigned product = 0;
  for (unsigned i = 0; i < 8; ++i)
    if (((b >> i) & 1U) != 0) product ^= a << i;
  for (unsigned i = 15; i >= 8; --i)
    if (((product >> i) & 1U) != 0) product ^= 0x11bU << (i - 8);
  return product;
}

TEST_SUITE("vault/crypto/shares") {
  TEST_CASE("the field is that of FIPS 197, product by product, and every element has an inverse") {
    CHECK(gf256::multiply(0x57, 0x83) == 0xc1);  // its own example
    unsigned wrong = 0;
    for (unsigned a = 0; a < 256; ++a)
      for (unsigned b = 0; b < 256; ++b)
        if (gf256::multiply(static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b)) !=
            slow_multiply(a, b))
          ++wrong;
    CHECK(wrong == 0);
    for (unsigned a = 1; a < 256; ++a)
      CHECK(gf256::multiply(static_cast<std::uint8_t>(a),
                            gf256::inverse(static_cast<std::uint8_t>(a))) == 1);
  }

  TEST_CASE("any two shares give the key and its facts, in either order, as file or as typed") {
    test::CountingRandom random{11};
    for (unsigned round = 0; round < 8; ++round) {
      const auto seed = counting_key<RecoverySeed>(static_cast<std::uint8_t>(round * 31));
      const auto shares = split_recovery(seed, facts(), random);
      for (std::size_t a = 0; a < 3; ++a)
        for (std::size_t b = 0; b < 3; ++b) {
          CAPTURE(a);
          CAPTURE(b);
          const auto combined = combine_shares(shares[a], shares[b]);
          if (a == b) {
            REQUIRE(combined.has_error());
            CHECK(combined.error() == errc::conflict);
            continue;
          }
          REQUIRE(combined.has_value());
          CHECK(shown(combined->seed) == shown(seed));
          CHECK(combined->facts == facts());
          const auto typed = combine_shares(secret_text(key_of(shown_text(shares[a]))),
                                            secret_text(key_of(shown_text(shares[b]))));
          REQUIRE(typed.has_value());
          CHECK(shown(typed->seed) == shown(seed));
          CHECK_FALSE(typed->facts.has_value());
        }
    }
  }

  TEST_CASE("one share alone fits every key: whatever the secret, some slope gives it") {
    // Of one byte: for each value of the share and of the secret there is exactly one slope.
    for (unsigned number = 1; number <= 3; ++number)
      for (unsigned secret = 0; secret < 256; ++secret) {
        std::array<bool, 256> seen{};
        for (unsigned slope = 0; slope < 256; ++slope)
          seen[secret ^ gf256::multiply(static_cast<std::uint8_t>(slope),
                                        static_cast<std::uint8_t>(number))] = true;
        CHECK(std::count(seen.begin(), seen.end(), true) == 256);
      }
  }

  TEST_CASE("a mistake in a share, or shares of two splits, are told before anything is tried") {
    test::CountingRandom random{11};
    const auto seed = counting_key<RecoverySeed>(64);
    const auto shares = split_recovery(seed, facts(), random);
    const auto others = split_recovery(seed, facts(), random);
    CHECK(combine_shares(shares[0], others[1]).error() == errc::wrong_recovery_key);
    const auto good = key_of(shown_text(shares[0]));
    for (std::size_t at = 0; at < good.size(); ++at) {
      if (good[at] == '-') continue;
      CAPTURE(at);
      auto bad = good;
      bad[at] = bad[at] == 'Q' ? 'R' : 'Q';
      CHECK(combine_shares(secret_text(bad), shares[1]).has_error());
    }
    auto words = shown_text(shares[0]);
    words.replace(words.find("check: ") + 7, 3, "zzz");
    CHECK(combine_shares(secret_text(words), shares[1]).error() == errc::wrong_recovery_key);
    CHECK(combine_shares(secret_text("coffret-share: 2\n"), shares[1]).error() ==
          errc::other_version);
  }

  TEST_CASE("a slip of the pen in a key is told with its group") {
    const auto seed = counting_key<RecoverySeed>(64);
    const auto good = shown_text(recovery_text(seed));
    const auto bare = good.substr(0, good.find(' '));
    CHECK(find_slip(secret_text(good)).kind == SlipKind::none);
    CHECK(find_slip(secret_text(bare.substr(0, 40))).kind == SlipKind::too_short);
    for (std::size_t at = 0; at < bare.size(); ++at) {
      if (bare[at] == '-') continue;
      CAPTURE(at);
      auto bad = good;
      bad[at] = bad[at] == 'Q' ? 'R' : 'Q';
      const auto slip = find_slip(secret_text(bad));
      CHECK(slip.kind == SlipKind::group);
      CHECK(slip.group == at / 5 + 1);
      bad[at] = '9';
      CHECK(find_slip(secret_text(bad)).kind == SlipKind::character);
    }
    auto swapped = bare;
    std::swap(swapped[10], swapped[11]);
    CHECK(find_slip(secret_text(swapped)).group == 3);
    auto twice = good;
    twice[0] = twice[0] == 'Q' ? 'R' : 'Q';
    twice[20] = twice[20] == 'Q' ? 'R' : 'Q';
    CHECK(find_slip(secret_text(twice)).kind == SlipKind::unknown);
    CHECK(find_slip(secret_text(bare + " archet escalier buisson clavier")).kind ==
          SlipKind::words);
    CHECK(find_slip(recovery_file(seed, facts())).kind == SlipKind::none);
  }
}

}  // namespace
}  // namespace coffret::crypto
