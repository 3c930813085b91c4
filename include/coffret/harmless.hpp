// SPDX-License-Identifier: EUPL-1.2
//
// harmless.hpp: a stranger's words as they may be shown: none of their characters makes a terminal
// act, or turns the direction in which the words around it are read (Unicode TR36, 3.4).
#ifndef COFFRET_HARMLESS_HPP
#define COFFRET_HARMLESS_HPP

#include <string>
#include <string_view>

#include "coffret/utf8.hpp"

namespace coffret {

// Controls that a terminal obeys (U+0000 to U+001F, U+007F to U+009F).
inline bool is_control(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

// Those of the writing direction.
inline bool turns_direction(char32_t c) noexcept {
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
         c == 0x200f || c == 0x061c;
}

// The text with a space where a character could act; ends of lines stay where lines may be.
inline std::string harmless(std::string_view text, bool lines) {
  const std::string whole = well_formed_utf8(text);
  std::string kept;
  kept.reserve(whole.size());
  for (std::string_view rest{whole}; !rest.empty();) {
    const auto next = next_character(rest);
    const bool acts = is_control(next.value) || turns_direction(next.value);
    if (acts && !(lines && next.value == '\n'))
      kept += ' ';
    else
      kept += rest.substr(0, next.length);
    rest.remove_prefix(next.length);
  }
  return kept;
}

}  // namespace coffret

#endif  // COFFRET_HARMLESS_HPP
