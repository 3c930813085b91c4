// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/words.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <ctime>

namespace coffret::cli {
namespace {

constexpr std::array<std::string_view, 12> french_months{
    "janvier", "février", "mars",      "avril",   "mai",      "juin",
    "juillet", "août",    "septembre", "octobre", "novembre", "décembre"};
constexpr std::array<std::string_view, 12> english_months{
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

std::string spelled_day(int year, int month, int day, Language language) {
  const auto m = static_cast<std::size_t>(month - 1);
  if (language == Language::french)
    return fmt::format("{}{} {} {}", day, day == 1 ? "er" : "", french_months.at(m), year);
  return fmt::format("{} {} {}", day, english_months.at(m), year);
}

// The code point at `at` and its length; length 0 when the bytes there are not UTF-8.
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;
};
CodePoint code_point(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(at);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > text.size()) return {};
  char32_t value = first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte(at + i) & 0x3f);
  }
  const char32_t least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
  if (value < least || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return {};
  return {value, length};
}

bool harmless(char32_t c) {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return false;          // C0, DEL, C1
  if (c == 0x061c || (c >= 0x200b && c <= 0x200f)) return false;  // marks, zero width
  if ((c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)) return false;
  return c != 0xfeff;
}

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

Language language_of_locale() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    // Read once at start, before any thread.
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr || *value == '\0') continue;
    return std::string_view{value}.starts_with("fr") ? Language::french : Language::english;
  }
  return Language::english;
}

std::string printable(std::string_view text) {
  std::string clean;
  for (std::size_t at = 0; at < text.size();) {
    const auto c = code_point(text, at);
    if (c.length == 0) {
      clean += "\xef\xbf\xbd";
      ++at;
      continue;
    }
    if (harmless(c.value))
      clean += text.substr(at, c.length);
    else if (c.value == '\n' || c.value == '\t')
      clean += ' ';
    at += c.length;
  }
  return clean;
}

std::string spelled(Timestamp time, Language language) {
  const std::time_t seconds = to_unix(time);
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return to_rfc3339(time);
  return fmt::format("{} {} {:02}:{:02}",
                     spelled_day(local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, language),
                     language == Language::french ? "à" : "at", local.tm_hour, local.tm_min);
}

std::string spelled_date(std::string_view iso, Language language) {
  const int year = iso.size() >= 4 ? number(iso.substr(0, 4)) : -1;
  const int month = iso.size() >= 7 ? number(iso.substr(5, 2)) : -1;
  const int day = iso.size() >= 10 ? number(iso.substr(8, 2)) : -1;
  if (year < 0) return printable(iso);
  if (month < 1 || month > 12) return fmt::format("{}", year);
  const auto m = static_cast<std::size_t>(month - 1);
  if (day < 1 || day > 31)
    return fmt::format(
        "{} {}", language == Language::french ? french_months.at(m) : english_months.at(m), year);
  return spelled_day(year, month, day, language);
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
