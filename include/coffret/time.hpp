// SPDX-License-Identifier: EUPL-1.2
//
// time.hpp: UTC seconds, the injected clock, RFC 3339 text and the durations of cli.md.
//
// Threads: a Clock may be called from any thread.
#ifndef COFFRET_TIME_HPP
#define COFFRET_TIME_HPP

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "coffret/error.hpp"

namespace coffret {

// Seconds since 1970-01-01T00:00:00Z, 64 bit.
using Timestamp = std::chrono::sys_seconds;
using Seconds = std::chrono::seconds;

inline Timestamp from_unix(std::int64_t seconds) noexcept {
  return Timestamp{Seconds{seconds}};
}
inline std::int64_t to_unix(Timestamp time) noexcept {
  return time.time_since_epoch().count();
}

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
};

// "2026-11-23T16:55:53Z". Years outside 0..9999 are clamped to them.
inline std::string to_rfc3339(Timestamp time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  const int year = std::clamp(static_cast<int>(date.year()), 0, 9999);
  char text[32];
  (void)std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", year,
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                      static_cast<int>(clock.hours().count()),
                      static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()));
  return text;
}

// Exactly the form that to_rfc3339 writes. Errors: malformed.
inline Result<Timestamp> from_rfc3339(std::string_view text) {
  using namespace std::chrono;
  if (text.size() != 20) return errc::malformed;
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd:ddZ";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == 'd' ? !digit : text[i] != shape[i]) return errc::malformed;
  }
  const auto number = [&](std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  const year_month_day date{year{number(0, 4)}, month{static_cast<unsigned>(number(5, 2))},
                            day{static_cast<unsigned>(number(8, 2))}};
  const int h = number(11, 2);
  const int m = number(14, 2);
  const int s = number(17, 2);
  if (!date.ok() || h > 23 || m > 59 || s > 59) return errc::malformed;
  return Timestamp{sys_days{date} + hours{h} + minutes{m} + seconds{s}};
}

// "90s", "15m", "48h", "7d": a whole number above zero and one unit, at most 10 years.
// Errors: malformed.
inline Result<Seconds> parse_duration(std::string_view text) {
  if (text.size() < 2 || text.size() > 10) return errc::malformed;
  std::int64_t unit = 0;
  switch (text.back()) {
    case 's':
      unit = 1;
      break;
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = 3600;
      break;
    case 'd':
      unit = 86400;
      break;
    default:
      return errc::malformed;
  }
  std::int64_t count = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return errc::malformed;
    count = count * 10 + (c - '0');
  }
  constexpr std::int64_t ten_years = std::int64_t{3653} * 86400;
  if (count == 0 || count > ten_years / unit) return errc::malformed;
  return Seconds{count * unit};
}

}  // namespace coffret

#endif  // COFFRET_TIME_HPP
