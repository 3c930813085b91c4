// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/nir.hpp"

#include <cstdint>
#include <string>

namespace coffret::daemon {
namespace {

constexpr std::size_t length = 15;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
// How many bytes of what may stand between two groups begin here; 0: none.
std::size_t gap(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == ' ' || text[0] == '.' || text[0] == '-') return 1;
  if (text.starts_with("\xC2\xA0")) return 2;
  return text.starts_with("\xE2\x80\xAF") ? 3 : 0;
}

// What would be the number that begins here, without its gaps; empty: none does. `end`: behind it.
std::string candidate(std::string_view text, std::size_t& end) {
  std::string number;
  std::size_t at = 0;
  while (at < text.size() && number.size() < length) {
    const char c = text[at];
    const bool corsica = number.size() == 6 && (c == 'A' || c == 'B' || c == 'a' || c == 'b');
    if (is_digit(c) || corsica) {
      number += corsica && c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
      ++at;
      continue;
    }
    const auto between = gap(text.substr(at));
    if (between == 0 || number.empty()) return {};
    at += between;
  }
  end = at;
  return number.size() == length ? number : std::string{};
}

unsigned number_at(std::string_view number, std::size_t at) {
  return static_cast<unsigned>((number[at] - '0') * 10 + (number[at + 1] - '0'));
}

}  // namespace

bool is_nir(std::string_view number) {
  if (number.size() != length) return false;
  const std::string_view sexes = "123478";
  if (sexes.find(number[0]) == std::string_view::npos) return false;
  std::string digits{number};
  std::uint64_t less = 0;
  if (digits[6] == 'A' || digits[6] == 'B') {
    if (digits[5] != '2') return false;
    less = digits[6] == 'A' ? 1'000'000 : 2'000'000;
    digits[6] = '0';
  }
  for (const char c : digits)
    if (!is_digit(c)) return false;
  const unsigned month = number_at(digits, 3);
  if (month == 0 || (month > 12 && month < 20) || (month > 42 && month < 50)) return false;
  const std::uint64_t first = std::stoull(digits.substr(0, 13)) - less;
  return number_at(digits, 13) == 97 - first % 97;
}

bool holds_nir(std::string_view text) {
  for (std::size_t i = 0; i + length <= text.size(); ++i) {
    if (!is_digit(text[i]) || (i > 0 && is_word(text[i - 1]))) continue;
    std::size_t end = 0;
    const auto number = candidate(text.substr(i), end);
    if (number.empty() || (i + end < text.size() && is_word(text[i + end]))) continue;
    if (is_nir(number)) return true;
  }
  return false;
}

}  // namespace coffret::daemon
