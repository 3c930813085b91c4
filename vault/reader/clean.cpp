// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/clean.hpp"

#include <utf8proc.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "coffret/document.hpp"
#include "coffret/harmless.hpp"

namespace coffret::reader {
namespace {

constexpr char32_t replacement = 0xFFFD;

void put(std::string& out, char32_t code) {
  std::array<utf8proc_uint8_t, 4> raw{};
  const auto n = ::utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), raw.data());
  out.append(reinterpret_cast<const char*>(raw.data()), static_cast<std::size_t>(n));
}

// The next code point; an invalid byte counts as one replacement character.
char32_t take(std::string_view& text) {
  utf8proc_int32_t code = 0;
  const auto n = ::utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                    static_cast<utf8proc_ssize_t>(text.size()), &code);
  text.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 1);
  return n > 0 ? static_cast<char32_t>(code) : replacement;
}

bool is_invisible(char32_t c) {
  return is_control(c) || c == 0xFEFF || c == 0x00AD || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF) || (c >= 0xE0000 && c <= 0xE0FFF);
}

// Harmless code points only; line ends as \n, other white space as a plain space.
std::string filter(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char32_t c = take(text);
    if (c == '\r') {
      if (!text.starts_with('\n')) out.push_back('\n');
    } else if (c == '\n' || c == '\f' || c == '\v' || c == 0x85 || c == 0x2028 || c == 0x2029) {
      out.push_back('\n');
    } else if (c == '\t' || c == ' ') {
      out.push_back(' ');
    } else if (!is_invisible(c) && !turns_direction(c)) {
      put(out, c);
    }
  }
  return out;
}

std::string compose(const std::string& text) {
  utf8proc_uint8_t* raw = nullptr;
  const auto n = ::utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                static_cast<utf8proc_ssize_t>(text.size()), &raw,
                                static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner{raw, &std::free};
  if (n < 0) return {};
  return {reinterpret_cast<const char*>(raw), static_cast<std::size_t>(n)};
}

void cut(std::string& text, std::size_t limit) {
  if (text.size() <= limit) return;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  text.resize(limit);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.pop_back();
}

std::string normalised(std::string_view text, std::size_t limit) {
  // Nothing beyond what can survive is worth composing; four bytes are one character's most.
  return compose(filter(text.substr(0, limit * 4)));
}

}  // namespace

std::string clean_text(std::string_view text) {
  const std::string normal = normalised(text, limits::text_size);
  std::string out;
  out.reserve(normal.size());
  for (const char c : normal) {
    if (c == '\n') {
      while (!out.empty() && out.back() == ' ') out.pop_back();
      if (out.empty() || out.ends_with("\n\n")) continue;
    }
    out.push_back(c);
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '\n')) out.pop_back();
  cut(out, limits::text_size);
  return out;
}

std::string clean_line(std::string_view text) {
  std::string out;
  for (const char c : normalised(text, limits::short_text)) {
    const bool space = c == ' ' || c == '\n';
    if (space && (out.empty() || out.back() == ' ')) continue;
    out.push_back(space ? ' ' : c);
  }
  if (out.ends_with(' ')) out.pop_back();
  cut(out, limits::short_text);
  return out;
}

std::string folded(std::string_view text) {
  utf8proc_uint8_t* raw = nullptr;
  const std::string line = clean_line(text);
  const auto n = ::utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(line.data()),
      static_cast<utf8proc_ssize_t>(line.size()), &raw,
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
                                     UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner{raw, &std::free};
  std::string_view rest{reinterpret_cast<const char*>(raw),
                        n < 0 ? 0 : static_cast<std::size_t>(n)};
  std::string out;
  while (!rest.empty()) {
    const char32_t c = take(rest);
    const auto category = ::utf8proc_category(static_cast<utf8proc_int32_t>(c));
    if ((category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
        (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO))
      put(out, c);
  }
  return out;
}

namespace {

// Windows-1252, 0x80 to 0x9F; zero: not assigned.
constexpr std::array<char16_t, 32> windows_1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

std::string from_windows_1252(ByteView bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const std::uint8_t b : bytes)
    put(out, b >= 0x80 && b < 0xA0 && windows_1252[b - 0x80U] != 0 ? windows_1252[b - 0x80U] : b);
  return out;
}

std::string from_utf16(ByteView bytes, bool big) {
  std::string out;
  const auto unit = [&](std::size_t i) {
    return static_cast<char32_t>(big ? (bytes[i] << 8) | bytes[i + 1]
                                     : (bytes[i + 1] << 8) | bytes[i]);
  };
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    char32_t c = unit(i);
    if (c >= 0xD800 && c < 0xDC00 && i + 3 < bytes.size()) {
      const char32_t low = unit(i + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        i += 2;
      }
    }
    put(out, c >= 0xD800 && c < 0xE000 ? replacement : c);
  }
  return out;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    utf8proc_int32_t code = 0;
    const auto n = ::utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                      static_cast<utf8proc_ssize_t>(text.size()), &code);
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

std::optional<std::string> decode_text(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  if (text.starts_with("\xFF\xFE")) return from_utf16(bytes.subspan(2), false);
  if (text.starts_with("\xFE\xFF")) return from_utf16(bytes.subspan(2), true);
  for (const std::uint8_t b : bytes)
    if (b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != '\f') return std::nullopt;
  if (is_utf8(text)) return std::string{text};
  return from_windows_1252(bytes);
}

}  // namespace coffret::reader
