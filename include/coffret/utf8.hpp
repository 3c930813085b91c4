// SPDX-License-Identifier: EUPL-1.2
//
// utf8.hpp: UTF-8 as RFC 3629 has it: shortest form, no surrogates, nothing above U+10FFFF.
//
// Units: bytes.
#ifndef COFFRET_UTF8_HPP
#define COFFRET_UTF8_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace coffret {

struct NextCharacter {
  char32_t value = 0;
  std::size_t length = 0;  // 0: not UTF-8 here
};

// The first character of a text that is not empty.
inline NextCharacter next_character(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || length > text.size()) return {};
  char32_t value = first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3f);
  }
  const char32_t least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
  if (value < least || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return {};
  return {value, length};
}

// The text with U+FFFD for each byte that belongs to no character.
inline std::string well_formed_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = next_character(text).length;
    result += length == 0 ? std::string_view{"\xEF\xBF\xBD"} : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

}  // namespace coffret

#endif  // COFFRET_UTF8_HPP
