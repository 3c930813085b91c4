// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/body.hpp"

#include <algorithm>
#include <bit>

#include "vault/crypto/small_seal.hpp"

namespace coffret::crypto {
namespace {

constexpr std::size_t commitment_size = 32;
constexpr std::size_t sealed_chunk = chunk_size + tag_size;

struct BodyKeys {
  BodyKeys(KeyView key, const BodyContext& c)
      : chunk{key,
              "coffret.body...1",
              {ByteView{&suite, 1}, c.vault.view(), c.document.view(), le32(c.version)}} {
    Wiped<32> base;
    derive(base.space(), key, "coffret.bnonce.1",
           {ByteView{&suite, 1}, c.vault.view(), c.document.view(), le32(c.version)});
    std::copy_n(base.view().begin(), base_nonce.size(), base_nonce.begin());
  }

  // The place of a chunk and whether it is the last are in its nonce: a chunk opens nowhere else,
  // and a body cut at a chunk's end does not open.
  std::array<std::uint8_t, nonce_size> nonce(std::uint64_t counter, bool last) const {
    std::array<std::uint8_t, nonce_size> out{};
    std::copy(base_nonce.begin(), base_nonce.end(), out.begin());
    for (std::size_t i = 0; i < 7; ++i) out[16 + i] = static_cast<std::uint8_t>(counter >> (8 * i));
    out[23] = last ? 1 : 0;
    return out;
  }

  CommittedKey chunk;
  std::array<std::uint8_t, 16> base_nonce{};
};

constexpr std::uint64_t chunks_of(std::uint64_t sealed) {
  return (sealed - commitment_size + sealed_chunk - 1) / sealed_chunk;
}

constexpr std::uint64_t sealed_size(std::uint64_t plain) {
  return commitment_size + plain + (plain + chunk_size - 1) / chunk_size * tag_size;
}

// How much plaintext, zeros included, gives an object of a Padmé size. A few sizes just past a
// chunk's end cannot be reached, since a chunk holds at least one byte; then the next one is taken.
std::uint64_t padded_size(std::uint64_t body) {
  const std::uint64_t least = sealed_size(std::max<std::uint64_t>(body, 1));
  std::uint64_t target = padme(std::max<std::uint64_t>(least, smallest_object));
  for (;; target = padme(target + 1)) {
    const std::uint64_t plain = target - commitment_size - chunks_of(target) * tag_size;
    if (sealed_size(plain) == target) return plain;
  }
}

}  // namespace

std::uint64_t object_size(std::uint64_t body) noexcept {
  return sealed_size(padded_size(body));
}

bool is_body_under(KeyView key, const BodyContext& context, ByteView sealed) {
  return sealed.size() > commitment_size + tag_size &&
         equal(BodyKeys{key, context}.chunk.commitment(), sealed.first<commitment_size>());
}

std::uint64_t padme(std::uint64_t size) noexcept {
  if (size < 2) return size;
  const std::uint64_t exponent = std::bit_width(size) - 1U;
  const std::uint64_t significant = std::bit_width(exponent);
  const std::uint64_t mask = (std::uint64_t{1} << (exponent - significant)) - 1;
  return (size + mask) & ~mask;
}

Bytes seal_body(KeyView key, const BodyContext& context, ByteView body) {
  const BodyKeys keys{key, context};
  const std::uint64_t plain = padded_size(body.size());
  Bytes sealed = to_bytes(keys.chunk.commitment());
  sealed.resize(sealed_size(plain));

  Bytes padded;  // a chunk that holds padding
  const std::uint64_t count = chunks_of(sealed.size());
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t begin = i * chunk_size;
    const std::size_t size = std::min<std::uint64_t>(chunk_size, plain - begin);
    ByteView chunk;
    if (begin + size <= body.size()) {
      chunk = body.subspan(begin, size);
    } else {
      padded.assign(size, 0);
      if (begin < body.size())
        std::copy(body.begin() + static_cast<std::ptrdiff_t>(begin), body.end(), padded.begin());
      chunk = padded;
    }
    encrypt(MutableByteView{sealed}.subspan(commitment_size + i * sealed_chunk, size + tag_size),
            keys.chunk.key(), keys.nonce(i, i + 1 == count), {}, chunk);
  }
  return sealed;
}

Result<Bytes> open_body(KeyView key, const BodyContext& context, ByteView sealed,
                        std::uint64_t size) {
  if (sealed.size() <= commitment_size + tag_size) return errc::malformed;
  const BodyKeys keys{key, context};
  if (!equal(keys.chunk.commitment(), sealed.first<commitment_size>()))
    return errc::unauthenticated;

  const std::uint64_t count = chunks_of(sealed.size());
  const std::size_t last = sealed.size() - commitment_size - (count - 1) * sealed_chunk;
  if (last <= tag_size) return errc::unauthenticated;  // cut inside a tag
  Bytes body(sealed.size() - commitment_size - count * tag_size);
  if (size > body.size()) return errc::unauthenticated;

  for (std::uint64_t i = 0; i < count; ++i) {
    const bool is_last = i + 1 == count;
    const std::size_t length = is_last ? last : sealed_chunk;
    if (!decrypt(MutableByteView{body}.subspan(i * chunk_size, length - tag_size), keys.chunk.key(),
                 keys.nonce(i, is_last), {},
                 sealed.subspan(commitment_size + i * sealed_chunk, length)))
      return errc::unauthenticated;
  }
  const auto padding = ByteView{body}.subspan(size);
  if (std::any_of(padding.begin(), padding.end(), [](std::uint8_t b) { return b != 0; }))
    return errc::malformed;
  body.resize(size);
  return body;
}

}  // namespace coffret::crypto
