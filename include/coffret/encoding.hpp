// SPDX-License-Identifier: EUPL-1.2
//
// encoding.hpp: text forms of bytes (RFC 4648): hex, base32 (lower case, no padding), base64
// (padded) and base64url (no padding).
//
// Decoding is strict: one encoding per byte string. Other alphabets, padding where none belongs,
// white space and non-zero trailing bits are `malformed`. Not constant-time: keys are encoded in
// vault/crypto.
#ifndef COFFRET_ENCODING_HPP
#define COFFRET_ENCODING_HPP

#include <array>
#include <string>
#include <string_view>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"

namespace coffret {
namespace detail {

inline constexpr std::string_view base16_alphabet = "0123456789abcdef";
inline constexpr std::string_view base32_alphabet = "abcdefghijklmnopqrstuvwxyz234567";
inline constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline constexpr std::string_view base64url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> inverse(std::string_view alphabet) {
  std::array<std::int8_t, 256> table{};
  for (auto& value : table) value = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
  return table;
}

template <unsigned Bits>
std::string encode_bits(std::string_view alphabet, ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() * 8 + Bits - 1) / Bits);
  std::uint32_t buffer = 0;
  unsigned held = 0;
  for (const std::uint8_t byte : bytes) {
    buffer = (buffer << 8) | byte;
    held += 8;
    while (held >= Bits) {
      held -= Bits;
      text.push_back(alphabet[(buffer >> held) & ((1U << Bits) - 1)]);
    }
  }
  if (held > 0) text.push_back(alphabet[(buffer << (Bits - held)) & ((1U << Bits) - 1)]);
  return text;
}

template <unsigned Bits>
Result<Bytes> decode_bits(const std::array<std::int8_t, 256>& table, std::string_view text) {
  Bytes bytes;
  bytes.reserve(text.size() * Bits / 8);
  std::uint32_t buffer = 0;
  unsigned held = 0;
  for (const char c : text) {
    const auto value = table[static_cast<std::uint8_t>(c)];
    if (value < 0) return errc::malformed;
    buffer = (buffer << Bits) | static_cast<std::uint32_t>(value);
    held += Bits;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<std::uint8_t>(buffer >> held));
    }
  }
  // What is left must be the zero bits of a last, partly filled character, and no whole one.
  if (held >= Bits || (buffer & ((1U << held) - 1)) != 0) return errc::malformed;
  return bytes;
}

}  // namespace detail

inline std::string to_hex(ByteView bytes) {
  return detail::encode_bits<4>(detail::base16_alphabet, bytes);
}
inline std::string to_base32(ByteView bytes) {
  return detail::encode_bits<5>(detail::base32_alphabet, bytes);
}
inline std::string to_base64url(ByteView bytes) {
  return detail::encode_bits<6>(detail::base64url_alphabet, bytes);
}
inline std::string to_base64(ByteView bytes) {
  std::string text = detail::encode_bits<6>(detail::base64_alphabet, bytes);
  while (text.size() % 4 != 0) text.push_back('=');
  return text;
}

inline Result<Bytes> from_hex(std::string_view text) {
  static constexpr auto table = detail::inverse(detail::base16_alphabet);
  return detail::decode_bits<4>(table, text);
}
inline Result<Bytes> from_base32(std::string_view text) {
  static constexpr auto table = detail::inverse(detail::base32_alphabet);
  return detail::decode_bits<5>(table, text);
}
inline Result<Bytes> from_base64url(std::string_view text) {
  static constexpr auto table = detail::inverse(detail::base64url_alphabet);
  return detail::decode_bits<6>(table, text);
}
inline Result<Bytes> from_base64(std::string_view text) {
  static constexpr auto table = detail::inverse(detail::base64_alphabet);
  if (text.size() % 4 != 0) return errc::malformed;
  std::size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  if (padding != (4 - text.size() % 4) % 4) return errc::malformed;
  return detail::decode_bits<6>(table, text);
}

}  // namespace coffret

#endif  // COFFRET_ENCODING_HPP
