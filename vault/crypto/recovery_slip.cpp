// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/recovery_slip.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "vault/crypto/recovery_key.hpp"
#include "vault/crypto/secret_encoding.hpp"

namespace coffret::crypto {
namespace {

constexpr std::size_t digits = 56;  // of the seed and its check group
constexpr std::size_t per_group = 4;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view separators = " \t\r\n-";

unsigned group_of(std::size_t digit) {
  return static_cast<unsigned>(digit / per_group) + 1;
}

// The value of a line of a recovery file; the whole text where it is none.
std::string_view line_value(std::string_view text, std::string_view name) {
  for (auto rest = text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = trimmed(rest.substr(0, end));
    if (line.starts_with(name)) return trimmed(line.substr(name.size()));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

bool in_alphabet(std::uint8_t c) {
  if (c >= 'a' && c <= 'z') return true;
  return alphabet.find(static_cast<char>(c)) != std::string_view::npos || c == '0' || c == '1' ||
         c == '8';
}

// The digits as typed, and behind them the check words.
class Typed {
 public:
  explicit Typed(std::string_view key, std::string_view words)
      : text_(digits + 1 + key.size() + words.size()) {
    std::size_t at = 0;
    for (; at < key.size() && count_ < digits; ++at)
      if (separators.find(key[at]) == std::string_view::npos)
        text_.data()[count_++] = static_cast<std::uint8_t>(key[at]);
    size_ = count_;
    const auto put = [&](std::string_view more) {
      for (const char c : more) text_.data()[size_++] = static_cast<std::uint8_t>(c);
    };
    put(key.substr(at));
    put(words);
    worded_ = std::any_of(begin() + digits, begin() + size_, [](std::uint8_t c) {
      return separators.find(static_cast<char>(c)) == std::string_view::npos;
    });
  }
  std::size_t count() const noexcept { return count_; }
  std::uint8_t& digit(std::size_t at) { return text_.data()[at]; }
  bool fits() const { return read_key({text_.data(), size_}).has_value(); }
  bool fits_without_words() const { return read_key({text_.data(), digits}).has_value(); }
  bool worded() const noexcept { return count_ == digits && worded_; }

 private:
  const std::uint8_t* begin() const { return text_.data(); }

  WipedVector<std::uint8_t> text_;
  std::size_t count_ = 0;  // digits
  std::size_t size_ = 0;
  bool worded_ = false;
};

// The digit that another character, or its neighbour's place, would make right. `digits`: none.
std::size_t wrong_digit(Typed& typed) {
  for (std::size_t at = 0; at < digits; ++at) {
    const auto was = typed.digit(at);
    for (const char other : alphabet) {
      typed.digit(at) = static_cast<std::uint8_t>(other);
      if (typed.fits()) return at;
    }
    typed.digit(at) = was;
  }
  for (std::size_t at = 0; at + 1 < digits; ++at) {
    std::swap(typed.digit(at), typed.digit(at + 1));
    if (typed.fits()) return at;
    std::swap(typed.digit(at), typed.digit(at + 1));
  }
  return digits;
}

}  // namespace

Slip find_slip(const SecretText& text) {
  const auto whole = as_text(text.expose());
  const bool is_file = whole.starts_with("coffret-recovery:");
  const auto key = is_file ? line_value(whole, "key:") : whole;
  Typed typed{key, is_file ? line_value(whole, "check:") : std::string_view{}};
  if (typed.count() < digits) return {SlipKind::too_short, 0};
  if (typed.fits()) return {};
  for (std::size_t at = 0; at < digits; ++at)
    if (!in_alphabet(typed.digit(at))) return {SlipKind::character, group_of(at)};
  if (typed.worded() && typed.fits_without_words()) return {SlipKind::words, 0};
  const auto at = wrong_digit(typed);
  return at == digits ? Slip{SlipKind::unknown, 0} : Slip{SlipKind::group, group_of(at)};
}

}  // namespace coffret::crypto
