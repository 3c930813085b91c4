// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/secret_encoding.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace coffret::crypto {
namespace {

constexpr int base64url = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

// 0..25 to 'A'..'Z', 26..31 to '2'..'7'.
std::uint8_t base32_digit(std::uint32_t value) {
  const std::uint32_t is_number = (25U - value) >> 31;  // 1 when value > 25
  return static_cast<std::uint8_t>('A' + value - is_number * ('A' + 26U - '2'));
}

// The inverse; 255 for any other character.
std::uint8_t base32_value(std::uint8_t c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint8_t>(c - 'A');
  if (c >= '2' && c <= '7') return static_cast<std::uint8_t>(c - '2' + 26);
  return 255;
}

}  // namespace

void write_base64url(SecretWriter& out, ByteView secret) {
  const std::size_t with_zero = ::sodium_base64_encoded_len(secret.size(), base64url);
  WipedVector<char> text{with_zero};
  (void)::sodium_bin2base64(text.data(), with_zero, secret.data(), secret.size(), base64url);
  out << std::string_view{text.data(), with_zero - 1};
}

bool read_base64url(MutableByteView out, std::string_view text) {
  if (out.empty()) return false;  // one character is no byte; libsodium takes no null
  // libsodium 1.0.18 reads a byte above 127 as '-': a second spelling. No text that is one of ours
  // has such a byte, so that looking for it tells nothing of a secret.
  unsigned char seen = 0;
  for (const char c : text) seen |= static_cast<unsigned char>(c);
  if (seen > 127) return false;
  std::size_t size = 0;
  return ::sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size,
                             nullptr, base64url) == 0 &&
         size == out.size();
}

void write_base32(MutableByteView out, ByteView secret) {
  std::uint32_t buffer = 0;
  unsigned held = 0;
  std::size_t next = 0;
  for (const std::uint8_t byte : secret) {
    buffer = (buffer << 8) | byte;
    for (held += 8; held >= 5;) {
      held -= 5;
      out[next++] = base32_digit((buffer >> held) & 31U);
    }
  }
  if (held > 0) out[next] = base32_digit((buffer << (5 - held)) & 31U);
}

bool read_base32(MutableByteView out, ByteView text) {
  std::uint32_t buffer = 0;
  unsigned held = 0;
  std::size_t next = 0;
  for (const std::uint8_t c : text) {
    const std::uint8_t value = base32_value(c);
    if (value > 31) return false;
    buffer = (buffer << 5) | value;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    if (next == out.size()) return false;
    out[next++] = static_cast<std::uint8_t>(buffer >> held);
  }
  return next == out.size() && held < 5 && (buffer & ((1U << held) - 1)) == 0;
}

void write_code_check(MutableByteView out, std::string_view label, std::string_view before,
                      ByteView digits) {
  std::array<std::uint8_t, 32> hash{};
  crypto_generichash_state state;
  (void)::crypto_generichash_init(&state, nullptr, 0, hash.size());
  for (const ByteView part : {as_bytes(label), as_bytes(before), digits})
    (void)::crypto_generichash_update(&state, part.data(), part.size());
  (void)::crypto_generichash_final(&state, hash.data(), hash.size());
  ::sodium_memzero(&state, sizeof state);
  std::array<std::uint8_t, 5> five{};
  write_base32(five, ByteView{hash}.first(3));
  std::copy_n(five.begin(), code_check_digits, out.begin());
}

void write_groups(SecretWriter& out, ByteView digits) {
  constexpr std::size_t group = 4;
  for (std::size_t at = 0; at < digits.size(); at += group) {
    if (at > 0) out << "-";
    out << as_text(digits.subspan(at, std::min(group, digits.size() - at)));
  }
}

namespace {

// In capitals. 0: a separator.
std::uint8_t typed_digit(std::uint8_t c) {
  if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '-') return 0;
  if (c == '0') return 'O';
  if (c == '1') return 'I';
  if (c == '8') return 'B';
  return c >= 'a' && c <= 'z' ? static_cast<std::uint8_t>(c - 'a' + 'A') : c;
}

}  // namespace

bool read_groups(MutableByteView out, std::string_view groups) {
  std::size_t count = 0;
  for (const std::uint8_t c : as_bytes(groups)) {
    const std::uint8_t digit = typed_digit(c);
    if (digit == 0) continue;
    if (count == out.size()) return false;
    out[count++] = digit;
  }
  return count == out.size();
}

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view space = " \t\r\n";
  const auto begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

}  // namespace coffret::crypto
