// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include <random>

#include "coffret/document.hpp"
#include "tests/support/keys.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/sealer.hpp"

namespace coffret::crypto {
namespace {

using test::counting_id;
using test::counting_key;

const BodyContext context{counting_id<VaultId>(0x10), counting_id<DocumentId>(0x20), 2};
constexpr std::size_t sealed_chunk = chunk_size + 16;

Bytes body_of(std::size_t size) {
  Bytes body(size);
  for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<std::uint8_t>(i * 7);
  return body;
}

Bytes seal(const Bytes& body, const BodyContext& where = context) {
  return Sealer::seal(counting_key<DocumentKey>(0xa0), where, body).take();
}

Result<Bytes> open(Bytes sealed, std::uint64_t size, const BodyContext& where = context) {
  return Sealer::open(counting_key<DocumentKey>(0xa0), where, {std::move(sealed)}, size);
}

TEST_SUITE("vault/crypto/body") {
  // Made from DESIGN.md alone, as those of sealer_test.cpp.
  TEST_CASE("a sealed body is byte for byte what DESIGN.md describes") {
    struct {
      std::size_t size, sealed;
      const char* sha256;
    } const cases[] = {
        {0, 65536, "c53bd1e6a66172d7f1927c5262ea1dde75b11f6bfbc405b4c3091494f5d738c5"},
        {65488, 65536, "b5ed762bb821023b50a67384b9a2a76dde9b7bedcd5f70779e0e9c2bbd87974b"},
        {65489, 67584, "60c0a0d71cce6c1264bace9989d962550e98b0d389f11386dae2e6c53a919bbf"},
        {200000, 200704, "06917166ac6d4758825c5b2debdf3827b1e8c331b1cfc16064adfa32f3a2b873"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.size);
      const Bytes sealed = seal(body_of(c.size));
      CHECK(sealed.size() == c.sealed);
      CHECK(to_hex(sha256(sealed).view()) == c.sha256);
    }
  }

  TEST_CASE("a body comes back whole at every size around a chunk's end") {
    for (const std::size_t chunks : {0U, 1U, 2U, 3U})
      for (const int off : {-49, -48, -33, -32, -17, -16, -1, 0, 1, 16, 17}) {
        if (chunks == 0 && off < 0) continue;
        const auto size = static_cast<std::size_t>(static_cast<int>(chunks * chunk_size) + off);
        CAPTURE(size);
        const Bytes body = body_of(size);
        const Bytes sealed = seal(body);
        CHECK(sealed.size() == padme(sealed.size()));
        CHECK(sealed.size() >= smallest_object);
        CHECK(*open(sealed, size) == body);
      }
  }

  TEST_CASE("the ciphertext depends on key, place and body, and on nothing else") {
    const Bytes body = body_of(1000);
    CHECK(seal(body) == seal(body));
    CHECK(seal(body) != seal(body_of(1001)));
    CHECK(seal(body) != seal(body, {counting_id<VaultId>(0x11), context.document, 2}));
    CHECK(seal(body) != seal(body, {context.vault, counting_id<DocumentId>(0x21), 2}));
    CHECK(seal(body) != seal(body, {context.vault, context.document, 3}));
  }

  TEST_CASE("attack 39: sizes are Padmé's, and cost at most twelve percent") {
    // Nikitin et al., PETS 2019: of L keep the top ⌊log2 ⌊log2 L⌋⌋ + 1 bits, rounding up.
    struct {
      std::uint64_t size, padded;
    } const cases[] = {{0, 0},   {1, 1},   {2, 2},       {9, 10},        {15, 16},
                       {16, 16}, {33, 36}, {1000, 1024}, {65537, 67584}, {1048577, 1081344}};
    for (const auto& c : cases) {
      CAPTURE(c.size);
      CHECK(padme(c.size) == c.padded);
    }
    std::uint64_t size = 3;
    for (int i = 0; i < 2000; ++i, size += 1 + size / 97) {
      CAPTURE(size);
      const auto padded = padme(size);
      CHECK(padded >= size);
      CHECK(static_cast<double>(padded) <= 1.12 * static_cast<double>(size) + 1);
      CHECK(padme(padded) == padded);
    }
  }

  TEST_CASE("every Padmé size up to the largest file is reached by whole chunks") {
    for (std::uint64_t object = smallest_object; object <= padme(limits::file_size + (1U << 20));
         object = padme(object + 1)) {
      CAPTURE(object);
      const std::uint64_t chunks = (object - 32 + sealed_chunk - 1) / sealed_chunk;
      CHECK(object - 32 - (chunks - 1) * sealed_chunk > 16);
    }
  }

  TEST_CASE("attack 15: a bit flipped anywhere in a large object is detected") {
    const std::size_t size = 200000;
    Bytes sealed = seal(body_of(size));
    std::mt19937 pick{15};  // NOLINT: the same thousand places each time
    for (int i = 0; i < 1000; ++i) {
      const std::size_t at = pick() % sealed.size();
      const auto bit = static_cast<std::uint8_t>(1U << (pick() % 8));
      CAPTURE(at);
      sealed[at] ^= bit;
      CHECK(open(sealed, size).error() == errc::unauthenticated);
      sealed[at] ^= bit;
    }
    CHECK(open(sealed, size).has_value());
  }

  TEST_CASE("attack 16: an object cut at or beside any chunk's end is refused") {
    const std::size_t size = 200000;
    const Bytes sealed = seal(body_of(size));
    for (std::size_t end = 0; end < sealed.size(); end += end == 0 ? 32 : sealed_chunk)
      for (const int off : {-17, -16, -1, 0, 1, 16, 17}) {
        const auto cut = static_cast<std::ptrdiff_t>(end) + off;
        if (cut < 0 || cut >= static_cast<std::ptrdiff_t>(sealed.size())) continue;
        CAPTURE(cut);
        const Bytes part{sealed.begin(), sealed.begin() + cut};
        CHECK(open(part, size).has_error());
        CHECK(open(part, 0).has_error());
      }
    CHECK(open({sealed.begin(), sealed.end() - 1}, size).has_error());
  }

  TEST_CASE("attack 17: an object extended by bytes, or by chunks of its own, is refused") {
    const std::size_t size = 200000;
    const Bytes sealed = seal(body_of(size));
    for (const std::size_t more :
         {std::size_t{1}, std::size_t{16}, std::size_t{17}, sealed_chunk}) {
      CAPTURE(more);
      Bytes longer = sealed;
      longer.resize(sealed.size() + more);
      CHECK(open(longer, size).error() == errc::unauthenticated);
    }
    for (std::size_t chunk = 0; chunk < 4; ++chunk) {
      const auto begin = 32 + chunk * sealed_chunk;
      Bytes longer = sealed;
      append(longer,
             ByteView{sealed}.subspan(begin, std::min(sealed_chunk, sealed.size() - begin)));
      CHECK(open(longer, size).error() == errc::unauthenticated);
    }
  }

  TEST_CASE("attack 18: no two chunks can change places, and none can stand twice") {
    const std::size_t size = 4 * chunk_size + 100;
    const Bytes sealed = seal(body_of(size));
    const auto chunk_at = [&](std::size_t i) {
      return sealed.begin() + static_cast<std::ptrdiff_t>(32 + i * sealed_chunk);
    };
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = 0; j < 4; ++j) {
        if (i == j) continue;
        CAPTURE(i);
        CAPTURE(j);
        Bytes doubled = sealed;
        std::copy_n(chunk_at(i), sealed_chunk, doubled.begin() + (chunk_at(j) - sealed.begin()));
        CHECK(open(doubled, size).error() == errc::unauthenticated);
        std::copy_n(chunk_at(j), sealed_chunk, doubled.begin() + (chunk_at(i) - sealed.begin()));
        CHECK(open(doubled, size).error() == errc::unauthenticated);
      }
  }

  TEST_CASE("attacks 19, 20 and 23: chunks and whole objects of another document or version") {
    const std::size_t size = 200000;
    const Bytes mine = seal(body_of(size));
    for (const auto& where : {BodyContext{context.vault, counting_id<DocumentId>(0x21), 2},
                              BodyContext{context.vault, context.document, 1}}) {
      const Bytes theirs = seal(body_of(size), where);
      CHECK(open(theirs, size).error() == errc::unauthenticated);
      Bytes spliced = mine;
      std::copy_n(theirs.begin() + 32, sealed_chunk, spliced.begin() + 32);
      CHECK(open(spliced, size).error() == errc::unauthenticated);
      std::copy_n(theirs.begin(), 32, spliced.begin());
      CHECK(open(spliced, size).error() == errc::unauthenticated);
    }
  }

  TEST_CASE("a size that the signed operation does not state is refused") {
    const Bytes body(1000, 0x5a);
    const Bytes sealed = seal(body);
    CHECK(open(sealed, 999).error() == errc::malformed);  // "padding" that is not zero
    CHECK(open(sealed, 70000).error() == errc::unauthenticated);
    CHECK(*open(sealed, 1000) == body);
  }
}

}  // namespace
}  // namespace coffret::crypto
