// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/keyslot.hpp"

#include <doctest/doctest.h>
#include <sodium.h>

#include <chrono>

#include "coffret/encoding.hpp"
#include "tests/support/keys.hpp"
#include "vault/crypto/kdf.hpp"
#include "vault/crypto/passphrase.hpp"
#include "vault/crypto/small_seal.hpp"

namespace coffret::crypto {
namespace {

using test::counting_id;
using test::counting_key;
using test::CountingRandom;
using test::secret_text;

constexpr CostPolicy cheap{.stated = {64, 3}, .floor = {64, 3}, .ceiling = {1024, 10}};
const KeyslotOwner owner{counting_id<VaultId>(0x10), counting_id<DeviceId>(0x20)};

// "pâté d’été", composed and with every accent as a character of its own.
constexpr std::string_view composed = "p\xc3\xa2t\xc3\xa9 d\xe2\x80\x99\xc3\xa9t\xc3\xa9";
constexpr std::string_view decomposed =
    "pa\xcc\x82te\xcc\x81 d\xe2\x80\x99"
    "e\xcc\x81te\xcc\x81";

LocalSecrets some_secrets() {
  return {3, counting_key<VaultKey>(0x80), counting_key<SigningSeed>(0x90),
          counting_key<AgreementKey>(0xb0), counting_key<StoreKey>(0xd0)};
}

Bytes some_keyslot() {
  CountingRandom random;
  return make_keyslot(owner, some_secrets(), secret_text(composed), cheap, random)->file;
}

error_code opening(const Bytes& file, std::string_view passphrase = composed,
                   const CostPolicy& policy = cheap) {
  const auto opened = open_keyslot(file, secret_text(passphrase), policy);
  return opened.has_error() ? opened.error() : error_code{};
}

// As somebody would who alters a slot and knows the format.
Bytes with_checksum(Bytes file) {
  (void)::crypto_generichash_blake2b(file.data() + file.size() - 32, 32, file.data(),
                                     file.size() - 32, nullptr, 0);
  return file;
}

void set_le32(Bytes& file, std::size_t at, std::uint32_t value) {
  const auto bytes = le32(value);
  std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
}

TEST_SUITE("vault/crypto/keyslot") {
  // Made from DESIGN.md alone, with the reference Argon2 (libargon2), hashlib and libsodium.
  TEST_CASE("a keyslot is byte for byte what DESIGN.md describes") {
    CHECK(to_hex(some_keyslot()) ==
          "434f46465245544b0101101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f4000"
          "000003000000000102030405060708090a0b0c0d0e0fdbc63a6ee0218d8f63d77e2e1c2a12729d542b8c251e"
          "360ca565221424e8bb20101112131415161718191a1b1c1d1e1f2021222324252627c35ffcdb556b5a1ba5e6"
          "0e65fd994fd4d210deeee4564bf9ad8fa1de2bd39d99837783279c1899ec6ba2ee627899999cff861444ceff"
          "636ec2ae8a7164b9c1d1748145c0fa1a2d590338563bf1b0aeb908fa22d0c5acc10e9cdaf0a211ae04cf77b5"
          "c2490acfd3ef31648b9fa5f3b2bd78722eb48e8cb549a32d937a452c6f8904afc7a402b769ed2d88de12e500"
          "7ea4676656582781af575cc7d5c025a89c0296c3a491447673ac5b5de332472fc382ff63d707");
  }

  TEST_CASE("a keyslot gives back its keys, and its owner without the passphrase") {
    const Bytes file = some_keyslot();
    CHECK(*keyslot_owner(file) == owner);
    const auto opened = open_keyslot(file, secret_text(composed), cheap);
    REQUIRE(opened.has_value());
    const auto expected = some_secrets();
    CHECK(opened->owner == owner);
    CHECK(opened->secrets.epoch == 3);
    CHECK(test::shown(opened->secrets.vault_key) == test::shown(expected.vault_key));
    CHECK(test::shown(opened->secrets.signing_seed) == test::shown(expected.signing_seed));
    CHECK(test::shown(opened->secrets.agreement_key) == test::shown(expected.agreement_key));
    CHECK(test::shown(opened->secrets.store_key) == test::shown(expected.store_key));
  }

  TEST_CASE("é typed as one character or as two opens the same slot; other letters do not") {
    const Bytes file = some_keyslot();
    CHECK(opening(file, decomposed) == error_code{});
    for (const std::string_view other : {"pate d'ete", "", "P\xc3\xa2t\xc3\xa9", "\xe9\xff"}) {
      CAPTURE(other);
      CHECK(opening(file, other) == errc::wrong_passphrase);
    }
    CountingRandom random;
    const auto latin = secret_text("\xe9t\xe9");  // not UTF-8: taken as it is
    const auto made = make_keyslot(owner, some_secrets(), latin, cheap, random);
    CHECK(opening(made->file, "\xe9t\xe9") == error_code{});
    CHECK(opening(made->file, "\xc3\xa9t\xc3\xa9") == errc::wrong_passphrase);
  }

  TEST_CASE("the longest passphrase is used to its last byte") {
    std::string longest(SecretText::max_size, 'a');
    CountingRandom random;
    const auto made = make_keyslot(owner, some_secrets(), secret_text(longest), cheap, random);
    CHECK(opening(made->file, longest) == error_code{});
    longest.back() = 'b';
    CHECK(opening(made->file, longest) == errc::wrong_passphrase);
  }

  TEST_CASE("any byte that rots makes the slot damaged, or of another version") {
    Bytes file = some_keyslot();
    for (std::size_t i = 0; i < file.size(); ++i) {
      CAPTURE(i);
      file[i] ^= 0x10;
      const errc expected = i == 8 || i == 9 ? errc::other_version : errc::keyslot_damaged;
      CHECK(opening(file) == expected);
      CHECK(keyslot_owner(file).error() == expected);
      file[i] ^= 0x10;
    }
  }

  TEST_CASE("a field altered by somebody who renews the checksum gives its documented error") {
    struct {
      const char* field;
      std::size_t begin, end;
      errc expected;
    } const cases[] = {
        {"magic", 0, 8, errc::keyslot_damaged},         {"version", 8, 9, errc::other_version},
        {"suite", 9, 10, errc::other_version},          {"vault", 10, 26, errc::keyslot_damaged},
        {"device", 26, 42, errc::keyslot_damaged},      {"salt", 50, 66, errc::wrong_passphrase},
        {"commitment", 66, 98, errc::wrong_passphrase}, {"nonce", 98, 122, errc::keyslot_damaged},
        {"sealed", 122, 270, errc::keyslot_damaged},
    };
    const Bytes file = some_keyslot();
    for (const auto& c : cases) {
      CAPTURE(c.field);
      for (std::size_t i = c.begin; i < c.end; ++i) {
        CAPTURE(i);
        Bytes altered = file;
        altered[i] ^= 0x10;
        CHECK(opening(with_checksum(altered)) == c.expected);
      }
    }
  }

  TEST_CASE("attacks 6 and 7: a cost below the floor or above the ceiling is refused at once") {
    struct {
      const char* name;
      std::uint32_t memory_kib, passes;
    } const cases[] = {
        {"8 KiB, one pass", 8, 1},
        {"one KiB under the floor", 64 * 1024 - 1, 3},
        {"one pass under the floor", 64 * 1024, 2},
        {"one KiB over the ceiling", 2 * 1024 * 1024 + 1, 3},
        {"64 GiB, 2^31 passes", 64 * 1024 * 1024, 0x80000000U},
        {"nothing", 0, 0},
        {"all bits", 0xffffffffU, 0xffffffffU},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Bytes file = some_keyslot();
      set_le32(file, 42, c.memory_kib);
      set_le32(file, 46, c.passes);
      const auto begin = std::chrono::steady_clock::now();
      CHECK(opening(with_checksum(file), composed, release_cost) == errc::weak_parameters);
      CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds{100});
    }
  }

  TEST_CASE("a slot of another length, or none at all, is damaged") {
    const Bytes file = some_keyslot();
    for (std::size_t n = 0; n < file.size(); ++n) {
      CAPTURE(n);
      CHECK(opening({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(n)}) ==
            errc::keyslot_damaged);
    }
    Bytes longer = file;
    longer.push_back(0);
    CHECK(opening(longer) == errc::keyslot_damaged);
  }

  // The file was made outside: two blocks of its ciphertext solve the two linear equations that
  // make one Poly1305 tag right under the keys of both passphrases.
  TEST_CASE("attack 10: a slot whose cipher opens under two passphrases opens for one only") {
    const Bytes file = *from_hex(
        "434f46465245544b0101101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f4000"
        "000003000000000102030405060708090a0b0c0d0e0f5464baca273d1cfdf31247a170a64a8a7f896bcfa5ec"
        "bc907f42444bad502f0f101112131415161718191a1b1c1d1e1f20212223242526271286ffd0c82ee50a98b6"
        "a437f1670aa19919f2d7a5618d5e1cf69e656857c9907bd5d47e446fcec2a3d811736110e5781bcccea69676"
        "2e6116c6e9c92d99bf358c2e0718822ce47ca8c74107e66cb0e4b2b3f4d58d82ca6386d2c96e760e819b85c9"
        "24c3597164c4a6058a00581a22b22de50472433d2e44fed8b6b8357e44cd3129903ac1d45597a242fdf11f8f"
        "2b1a39f3c3e6f1e8a9d6e9f6b0aeba2e9d5ce2c90145b3233854578fc1e353e20385decb36c2");
    const ByteView view = file;
    for (const std::string_view passphrase : {"first passphrase", "second passphrase"}) {
      Wiped<64> derived;
      REQUIRE(argon2id(derived.space(), as_bytes(passphrase), view.subspan<50, 16>(), {64, 3}));
      Bytes content(132);
      CHECK(decrypt(content, derived.view().first<32>(), view.subspan<98, 24>(), view.first(122),
                    view.subspan(122, 148)));
    }
    CHECK(opening(file, "first passphrase") == error_code{});
    CHECK(opening(file, "second passphrase") == errc::wrong_passphrase);
  }

  TEST_CASE("where memory lacks, a new slot takes half and twice the passes, within the limits") {
    CHECK(cost_ladder(release_cost) ==
          std::vector<Argon2Cost>{{256 * 1024, 3}, {128 * 1024, 6}, {64 * 1024, 10}});
    for (const auto& cost : cost_ladder(release_cost)) CHECK(accepts(release_cost, cost));
    CHECK(cost_ladder(cheap) == std::vector<Argon2Cost>{{64, 3}});
  }

  TEST_CASE("the stated cost of a release opens its own slots") {
    CountingRandom random;
    const auto made =
        make_keyslot(owner, some_secrets(), secret_text(composed), release_cost, random);
    REQUIRE(made.has_value());
    CHECK(made->cost == Argon2Cost{256 * 1024, 3});
    CHECK(opening(made->file, decomposed, release_cost) == error_code{});
    CHECK(opening(made->file, decomposed, cheap) == errc::weak_parameters);
  }

  TEST_CASE("each new slot has its own salt and nonce") {
    CountingRandom random;
    const auto passphrase = secret_text(composed);
    const auto first = make_keyslot(owner, some_secrets(), passphrase, cheap, random);
    const auto second = make_keyslot(owner, some_secrets(), passphrase, cheap, random);
    const auto part = [](const auto& made, std::size_t at, std::size_t size) {
      return to_bytes(ByteView{made->file}.subspan(at, size));
    };
    CHECK(part(first, 50, 16) != part(second, 50, 16));
    CHECK(part(first, 66, 32) != part(second, 66, 32));
    CHECK(part(first, 98, 24) != part(second, 98, 24));
  }
}

}  // namespace
}  // namespace coffret::crypto
