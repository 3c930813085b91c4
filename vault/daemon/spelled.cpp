// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/spelled.hpp"

#include <fmt/format.h>

#include <array>
#include <ctime>

namespace coffret::daemon {
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

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

std::string spelled(Timestamp time, Language language) {
  const std::time_t seconds = to_unix(time);
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return to_rfc3339(time);
  const auto day = spelled_day(local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, language);
  return language == Language::french
             ? fmt::format("{} à {} h {:02}", day, local.tm_hour, local.tm_min)
             : fmt::format("{} at {:02}:{:02}", day, local.tm_hour, local.tm_min);
}

std::string spelled_date(std::string_view iso, Language language) {
  const int year = iso.size() >= 4 ? number(iso.substr(0, 4)) : -1;
  const int month = iso.size() >= 7 ? number(iso.substr(5, 2)) : -1;
  const int day = iso.size() >= 10 ? number(iso.substr(8, 2)) : -1;
  if (year < 0) return std::string{iso};
  if (month < 1 || month > 12) return fmt::format("{}", year);
  const auto m = static_cast<std::size_t>(month - 1);
  if (day < 1 || day > 31)
    return fmt::format(
        "{} {}", language == Language::french ? french_months.at(m) : english_months.at(m), year);
  return spelled_day(year, month, day, language);
}

}  // namespace coffret::daemon
