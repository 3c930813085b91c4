// SPDX-License-Identifier: EUPL-1.2
//
// ascii.hpp: the letters A to Z made small, whatever the locale; all other bytes stay, so that
// UTF-8 stays UTF-8. What the formats compare without case (media types, schemes, field names, HTML
// tags) is ASCII; words of people are folded where they are searched (vault/store).
#ifndef COFFRET_ASCII_HPP
#define COFFRET_ASCII_HPP

#include <string>
#include <string_view>

namespace coffret {

constexpr char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string ascii_lower(std::string_view text) {
  std::string low{text};
  for (char& c : low) c = ascii_lower(c);
  return low;
}

}  // namespace coffret

#endif  // COFFRET_ASCII_HPP
