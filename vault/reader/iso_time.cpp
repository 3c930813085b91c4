// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/iso_time.hpp"

#include <algorithm>
#include <chrono>

namespace coffret::reader {
namespace {

bool digits(std::string_view text) {
  for (const char c : text)
    if (c < '0' || c > '9') return false;
  return !text.empty();
}

int number(std::string_view text) {
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}

// "+0100", "-08:30", "+02", "Z" in the form "+01:00" or "Z"; null-like "x" when it is none of them.
std::string offset(std::string_view text) {
  if (text == "Z" || text.empty()) return std::string{text};
  if (text[0] != '+' && text[0] != '-') return "x";
  const char sign = text[0];
  std::string rest{text.substr(1)};
  if (rest.size() == 5 && rest[2] == ':') rest.erase(2, 1);
  if (rest.size() == 2) rest += "00";
  if (rest.size() != 4 || !digits(rest) || number(rest.substr(0, 2)) > 14 ||
      number(rest.substr(2)) > 59)
    return "x";
  return sign + rest.substr(0, 2) + ":" + rest.substr(2);
}

bool is_date(std::string_view year, std::string_view month, std::string_view day) {
  const std::chrono::year_month_day date{
      std::chrono::year{number(year)},
      std::chrono::month{month.empty() ? 1U : static_cast<unsigned>(number(month))},
      std::chrono::day{day.empty() ? 1U : static_cast<unsigned>(number(day))}};
  return number(year) > 0 && date.ok();
}

bool is_clock(std::string_view hms) {
  for (const int most : {23, 59, 60}) {  // 60: a leap second
    if (hms.empty()) return true;
    if (number(hms.substr(0, 2)) > most) return false;
    hms.remove_prefix(std::min<std::size_t>(2, hms.size()));
  }
  return hms.empty();
}

}  // namespace

std::string from_hl7(std::string_view ts) {
  std::size_t n = 0;
  while (n < ts.size() && ts[n] >= '0' && ts[n] <= '9') ++n;
  const std::string_view d = ts.substr(0, n);
  std::string_view rest = ts.substr(n);
  if (n < 4 || n > 14 || n % 2 != 0) return {};
  const auto part = [&](std::size_t at, std::size_t size) {
    return at + size <= n ? d.substr(at, size) : std::string_view{};
  };
  if (!is_date(part(0, 4), part(4, 2), part(6, 2))) return {};
  std::string_view fraction;
  if (rest.starts_with('.')) {
    const auto end = rest.find_first_not_of("0123456789", 1);
    fraction = rest.substr(0, end);
    rest.remove_prefix(fraction.size());
    if (n != 14 || fraction.size() < 2 || fraction.size() > 10) return {};
  }
  const std::string zone = offset(rest);
  if (zone == "x") return {};
  std::string iso{d.substr(0, 4)};
  for (std::size_t at = 4; at < 8 && at < n; at += 2) iso.append("-").append(d.substr(at, 2));
  if (n <= 8) return iso;
  if (!is_clock(d.substr(8))) return {};
  for (std::size_t at = 8; at < n; at += 2) iso.append(at == 8 ? "T" : ":").append(d.substr(at, 2));
  return iso.append(fraction).append(zone);
}

std::string from_iso(std::string_view date) {
  // Back to the compact form, which from_hl7 checks: one set of rules.
  if (date.size() > 40) return {};
  const auto t = date.find_first_of("T ");
  const std::string_view day = date.substr(0, t);
  if (day.size() != 4 && day.size() != 7 && day.size() != 10) return {};
  std::string compact{day.substr(0, 4)};
  for (std::size_t at = 4; at < day.size(); at += 3) {
    if (day[at] != '-') return {};
    compact.append(day.substr(at + 1, 2));
  }
  if (t == std::string_view::npos) return from_hl7(compact);
  std::string_view clock = date.substr(t + 1);
  const auto zone = clock.find_first_of("+-Z");
  const std::string_view zone_text =
      zone == std::string_view::npos ? std::string_view{} : clock.substr(zone);
  for (const char c : clock.substr(0, zone))
    if (c != ':') compact.push_back(c);
  return day.size() == 10 ? from_hl7(compact.append(zone_text)) : std::string{};
}

namespace {

// Minutes since the epoch, and how many characters of the date are meant.
struct Moment {
  long long minutes = 0;
  std::size_t precision = 0;
  bool has_offset = false;
};

Moment moment_of(std::string_view iso) {
  Moment moment;
  const auto part = [&](std::size_t at, int otherwise) {
    return iso.size() >= at + 2 && digits(iso.substr(at, 2)) ? number(iso.substr(at, 2))
                                                             : otherwise;
  };
  const auto t = iso.find('T');
  const auto zone = t == std::string_view::npos ? t : iso.find_first_of("Z+-", t);
  const std::string_view offset_text =
      zone == std::string_view::npos ? std::string_view{} : iso.substr(zone);
  iso = iso.substr(0, zone);
  if (iso.size() < 4 || !digits(iso.substr(0, 4))) return moment;
  const std::chrono::year_month_day day{std::chrono::year{number(iso.substr(0, 4))},
                                        std::chrono::month{static_cast<unsigned>(part(5, 1))},
                                        std::chrono::day{static_cast<unsigned>(part(8, 1))}};
  if (!day.ok()) return moment;
  moment.minutes = std::chrono::sys_days{day}.time_since_epoch().count() * 1440LL +
                   part(11, 0) * 60 + part(14, 0);
  moment.precision = std::min<std::size_t>(iso.size(), 16);
  moment.has_offset = !offset_text.empty();
  if (offset_text.size() == 6) {
    const int shift = number(offset_text.substr(1, 2)) * 60 + number(offset_text.substr(4, 2));
    moment.minutes -= offset_text[0] == '-' ? -shift : shift;
  }
  return moment;
}

}  // namespace

bool same_moment(std::string_view a, std::string_view b) {
  const Moment x = moment_of(a);
  const Moment y = moment_of(b);
  if (x.precision == 0 || y.precision == 0) return a == b;
  const std::size_t precision = std::min(x.precision, y.precision);
  const long long apart = x.minutes > y.minutes ? x.minutes - y.minutes : y.minutes - x.minutes;
  if (precision >= 16 && x.has_offset && y.has_offset) return apart == 0;
  if (precision > 10) return apart <= 1440;
  // A day is a day where it was written: a time elsewhere may fall on the next.
  if (precision == 10) return x.precision == y.precision ? apart == 0 : apart < 2 * 1440;
  return a.substr(0, precision) == b.substr(0, precision);
}

}  // namespace coffret::reader
