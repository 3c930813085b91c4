// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/text.hpp"

#include <cstdint>

namespace coffret::protocol {
namespace {

// Takes one code point off the front; a value above U+10FFFF when the bytes are not UTF-8.
char32_t take_code_point(std::string_view& rest) noexcept {
  constexpr char32_t wrong = 0x110000;
  const auto lead = static_cast<std::uint8_t>(rest[0]);
  if (lead < 0x80) {
    rest.remove_prefix(1);
    return lead;
  }
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || rest.size() < length) return wrong;
  char32_t value = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<std::uint8_t>(rest[i]);
    if ((next & 0xc0) != 0x80) return wrong;
    value = (value << 6) | (next & 0x3fU);
  }
  // Overlong forms and surrogates are not characters.
  const char32_t least = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80;
  if (value < least || (value >= 0xd800 && value < 0xe000)) return wrong;
  rest.remove_prefix(length);
  return value;
}

}  // namespace

bool is_plain_text(std::string_view text) noexcept {
  while (!text.empty()) {
    const char32_t c = take_code_point(text);
    if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c > 0x10ffff) return false;
  }
  return true;
}

}  // namespace coffret::protocol
