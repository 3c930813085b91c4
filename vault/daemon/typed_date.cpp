// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/typed_date.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <optional>

#include "coffret/time.hpp"
#include "vault/daemon/commands.hpp"

namespace coffret::daemon {
namespace {

struct Numbers {
  std::array<int, 3> value{};
  std::array<std::size_t, 3> digits{};
  std::size_t count = 0;
};

// Up to three numbers of at most four digits, with the separator between.
std::optional<Numbers> numbers(std::string_view text, char separator) {
  Numbers found;
  for (;;) {
    const auto end = std::min(text.find(separator), text.size());
    if (found.count == 3 || end == 0 || end > 4) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(0, end)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    found.value.at(found.count) = value;
    found.digits.at(found.count++) = end;
    if (end == text.size()) return found;
    text.remove_prefix(end + 1);
  }
}

// A month or day of 0 is one that was not given.
Result<std::string> iso(int year, int month, int day) {
  using namespace std::chrono;
  if (year < 1800 || year > 2999) return errc::usage;
  std::array<char, 16> text{};
  const year_month_day date{std::chrono::year{year},
                            std::chrono::month{static_cast<unsigned>(month == 0 ? 1 : month)},
                            std::chrono::day{static_cast<unsigned>(day == 0 ? 1 : day)}};
  if (!date.ok()) return errc::usage;
  (void)std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", year,
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  const std::string_view whole{text.data()};
  return std::string{whole.substr(0, month == 0 ? 4 : day == 0 ? 7 : 10)};
}

}  // namespace

Result<std::string> typed_date(std::string_view text) {
  if (from_rfc3339(text).has_value()) return std::string{text};
  if (const auto n = numbers(text, '-'); n && n->digits[0] == 4) {
    const bool two_digits =
        (n->count < 2 || n->digits[1] == 2) && (n->count < 3 || n->digits[2] == 2);
    const bool given = (n->count < 2 || n->value[1] > 0) && (n->count < 3 || n->value[2] > 0);
    if (two_digits && given) return iso(n->value[0], n->value[1], n->value[2]);
  }
  if (const auto n = numbers(text, '/')) {
    if (n->count == 3 && n->digits[2] == 4 && n->value[0] > 0 && n->value[1] > 0)
      return iso(n->value[2], n->value[1], n->value[0]);
    if (n->count == 2 && n->digits[1] == 4 && n->value[0] > 0)
      return iso(n->value[1], n->value[0], 0);
  }
  return errc::usage;
}

Result<std::string> day_of(Call& call, const std::string& flag) {
  const auto typed = call.text(flag);
  if (typed.empty() && !call.request.arguments.contains(flag)) return typed;
  auto day = typed_date(typed);
  if (day.has_error()) call.detail = std::string{"--"}.append(flag).append(" ").append(typed);
  return day;
}

}  // namespace coffret::daemon
