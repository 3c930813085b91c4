// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/age_bech32.hpp"

#include "vault/crypto/wiped.hpp"

namespace coffret::crypto {
namespace {

constexpr std::string_view alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t data_length = 52;  // characters of 5 bits for 32 bytes
constexpr std::size_t checksum_length = 6;

// The checksum's remainder after one more group of 5 bits.
std::uint32_t step(std::uint32_t remainder, std::uint32_t group) {
  constexpr std::uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                         0x2a1462b3};
  const std::uint32_t top = remainder >> 25;
  remainder = ((remainder & 0x1ffffff) << 5) ^ group;
  for (std::size_t i = 0; i < 5; ++i)
    if (((top >> i) & 1U) != 0) remainder ^= generator[i];
  return remainder;
}

std::uint32_t over_prefix(std::string_view prefix) {
  std::uint32_t remainder = 1;
  for (const char c : prefix) remainder = step(remainder, static_cast<std::uint32_t>(c) >> 5);
  remainder = step(remainder, 0);
  for (const char c : prefix) remainder = step(remainder, static_cast<std::uint32_t>(c) & 31U);
  return remainder;
}

char lowered(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// All letters of one case.
bool one_case(std::string_view text) {
  bool upper = false;
  bool lower = false;
  for (const char c : text) {
    upper = upper || (c >= 'A' && c <= 'Z');
    lower = lower || (c >= 'a' && c <= 'z');
  }
  return !(upper && lower);
}

}  // namespace

bool read_bech32(std::span<std::uint8_t, 32> out, std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + 1 + data_length + checksum_length || !one_case(text) ||
      text[prefix.size()] != '1')
    return false;
  for (std::size_t i = 0; i < prefix.size(); ++i)
    if (lowered(text[i]) != prefix[i]) return false;
  text.remove_prefix(prefix.size() + 1);

  std::uint32_t remainder = over_prefix(prefix);
  Wiped<data_length + checksum_length> groups;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto at = alphabet.find(lowered(text[i]));
    if (at == std::string_view::npos) return false;
    groups.space()[i] = static_cast<std::uint8_t>(at);
    remainder = step(remainder, static_cast<std::uint32_t>(at));
  }
  if (remainder != 1) return false;

  std::uint32_t buffer = 0;
  unsigned held = 0;
  std::size_t next = 0;
  for (const std::uint8_t group : groups.view().first<data_length>()) {
    buffer = ((buffer << 5) | group) & 0xfff;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    out[next++] = static_cast<std::uint8_t>(buffer >> held);
  }
  return (buffer & ((1U << held) - 1)) == 0;
}

void write_bech32(std::span<std::uint8_t, bech32_length> out, std::string_view prefix,
                  std::span<const std::uint8_t, 32> bytes) {
  std::uint32_t remainder = over_prefix(prefix);
  std::uint32_t buffer = 0;
  unsigned held = 0;
  std::size_t next = 0;
  const auto put = [&](std::uint32_t group) {
    remainder = step(remainder, group);
    out[next++] = static_cast<std::uint8_t>(alphabet[group]);
  };
  for (const std::uint8_t byte : bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    held += 8;
    for (; held >= 5; held -= 5) put((buffer >> (held - 5)) & 31U);
  }
  put((buffer << (5 - held)) & 31U);
  for (std::size_t i = 0; i < checksum_length; ++i) remainder = step(remainder, 0);
  remainder ^= 1;
  for (std::size_t i = 0; i < checksum_length; ++i)
    out[next++] = static_cast<std::uint8_t>(alphabet[(remainder >> (5 * (5 - i))) & 31U]);
}

}  // namespace coffret::crypto
