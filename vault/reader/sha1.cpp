// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/sha1.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "coffret/encoding.hpp"

namespace coffret::reader {
namespace {

constexpr std::size_t block_size = 64;  // bytes
using State = std::array<std::uint32_t, 5>;

std::uint32_t load_be(ByteView at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8) | at[i];
  return value;
}

// FIPS 180-4 §6.1.2, with a..e as v[0]..v[4].
void absorb(State& state, ByteView block) {
  std::array<std::uint32_t, 80> w{};
  for (std::size_t t = 0; t < 16; ++t) w[t] = load_be(block.subspan(4 * t, 4));
  for (std::size_t t = 16; t < 80; ++t)
    w[t] = std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
  State v = state;
  for (std::size_t t = 0; t < 80; ++t) {
    std::uint32_t f = v[1] ^ v[2] ^ v[3];
    std::uint32_t k = t < 40 ? 0x6ed9eba1U : 0xca62c1d6U;
    if (t < 20) {
      f = (v[1] & v[2]) | (~v[1] & v[3]);
      k = 0x5a827999U;
    } else if (t >= 40 && t < 60) {
      f = (v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3]);
      k = 0x8f1bbcdcU;
    }
    v = {std::rotl(v[0], 5) + f + v[4] + k + w[t], v[0], std::rotl(v[1], 30), v[2], v[3]};
  }
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += v[i];
}

}  // namespace

std::string sha1_hex(ByteView bytes) {
  State state = {0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U, 0xc3d2e1f0U};
  const std::uint64_t bits = static_cast<std::uint64_t>(bytes.size()) * 8;
  for (; bytes.size() >= block_size; bytes = bytes.subspan(block_size))
    absorb(state, bytes.first(block_size));
  // The rest, a one bit, zeros, and the length in the last eight bytes.
  std::array<std::uint8_t, 2 * block_size> tail{};
  std::copy(bytes.begin(), bytes.end(), tail.begin());
  tail[bytes.size()] = 0x80;
  const std::size_t size = bytes.size() + 9 <= block_size ? block_size : 2 * block_size;
  for (std::size_t i = 0; i < 8; ++i)
    tail[size - 1 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
  for (std::size_t at = 0; at < size; at += block_size)
    absorb(state, ByteView{tail}.subspan(at, block_size));
  std::array<std::uint8_t, 20> digest{};
  for (std::size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<std::uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)));
  return to_hex(digest);
}

}  // namespace coffret::reader
