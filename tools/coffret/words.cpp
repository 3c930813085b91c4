// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "coffret/harmless.hpp"
#include "coffret/utf8.hpp"

namespace coffret::cli {
namespace {

// Nor what is of no width, and what ends a line or a paragraph.
bool shows(char32_t c) {
  return !is_control(c) && !turns_direction(c) && !(c >= 0x200b && c <= 0x200d) && c != 0x2028 &&
         c != 0x2029 && c != 0xfeff;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const auto c = next_character(text);
    const auto length = std::max<std::size_t>(c.length, 1);
    if (c.length == 0)
      clean += "\xef\xbf\xbd";
    else if (shows(c.value))
      clean += text.substr(0, length);
    else if (c.value == '\n' || c.value == '\t')
      clean += ' ';
    text.remove_prefix(length);
  }
  return clean;
}

std::string spelled_date(std::string_view iso, Language language) {
  return printable(daemon::spelled_date(iso, language));
}

std::string spelled_size(std::uint64_t bytes, Language language) {
  const bool french = language == Language::french;
  if (bytes < 1000) return fmt::format("{} {}", bytes, french ? "octets" : "bytes");
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (value >= 1000 && unit < 2) {
    value /= 1000;
    ++unit;
  }
  constexpr std::array<std::string_view, 3> french_units{"ko", "Mo", "Go"};
  constexpr std::array<std::string_view, 3> english_units{"kB", "MB", "GB"};
  std::string text =
      fmt::format("{:.1f} {}", value, french ? french_units.at(unit) : english_units.at(unit));
  if (french)
    if (const auto point = text.find('.'); point != std::string::npos) text[point] = ',';
  return text;
}

}  // namespace coffret::cli
