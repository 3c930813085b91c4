// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/figures.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace coffret::server {
namespace {

constexpr double microseconds = 1e-6;  // of a second

void gauge(std::string& out, std::string_view name, std::string_view help, std::uint64_t value) {
  out += fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n{0} {2}\n", name, help, value);
}

}  // namespace

void Figures::answered(std::string_view route, unsigned status, std::chrono::microseconds took) {
  const std::lock_guard lock{mutex_};
  ++requests_[{std::string{route}, status}];
  auto& series = durations_[std::string{route}];
  for (std::size_t i = 0; i < bounds.size(); ++i)
    if (took.count() <= bounds[i]) ++series.buckets[i];
  ++series.count;
  series.sum += took.count();
}

std::string Figures::text(const Totals& totals, std::size_t in_flight) const {
  std::string out;
  gauge(out, "coffret_accounts", "Accounts.", totals.accounts);
  gauge(out, "coffret_stored_bytes", "Bytes that accounts use.", totals.bytes);
  gauge(out, "coffret_stored_objects", "Objects and parcel files kept.", totals.objects);
  gauge(out, "coffret_log_entries", "Log entries kept.", totals.entries);
  gauge(out, "coffret_grants", "Grants not yet destroyed.", totals.grants);
  gauge(out, "coffret_open_invites", "Invites not yet used.", totals.invites);
  gauge(out, "coffret_requests_in_flight", "Requests being answered.", in_flight);
  const std::lock_guard lock{mutex_};
  out +=
      "# HELP coffret_requests_total Requests answered.\n"
      "# TYPE coffret_requests_total counter\n";
  for (const auto& [key, count] : requests_)
    out += fmt::format("coffret_requests_total{{route=\"{}\",status=\"{}\"}} {}\n", key.first,
                       key.second, count);
  out +=
      "# HELP coffret_request_seconds Time to an answer.\n"
      "# TYPE coffret_request_seconds histogram\n";
  for (const auto& [route, series] : durations_) {
    for (std::size_t i = 0; i < bounds.size(); ++i)
      out += fmt::format("coffret_request_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}\n", route,
                         static_cast<double>(bounds[i]) * microseconds, series.buckets[i]);
    out += fmt::format(
        "coffret_request_seconds_bucket{{route=\"{0}\",le=\"+Inf\"}} {1}\n"
        "coffret_request_seconds_sum{{route=\"{0}\"}} {2}\n"
        "coffret_request_seconds_count{{route=\"{0}\"}} {1}\n",
        route, series.count, static_cast<double>(series.sum) * microseconds);
  }
  return out;
}

void Journal::request(std::string_view route, std::string_view method, unsigned status,
                      std::chrono::microseconds took, std::uint64_t bytes_in,
                      std::uint64_t bytes_out) {
  // A method is whatever a stranger sent: only the known ones are repeated.
  static constexpr std::array known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  const bool shown = std::find(known.begin(), known.end(), method) != known.end();
  const auto line = fmt::format(
      "{{\"time\":\"{}\",\"event\":\"request\",\"route\":\"{}\",\"method\":\"{}\",\"status\":{},"
      "\"microseconds\":{},\"bytes_in\":{},\"bytes_out\":{}}}\n",
      to_rfc3339(clock_.now()), route, shown ? method : "other", status, took.count(), bytes_in,
      bytes_out);
  const std::lock_guard lock{mutex_};
  write_(line);
}

void Journal::event(std::string_view name) {
  const auto line =
      fmt::format("{{\"time\":\"{}\",\"event\":\"{}\"}}\n", to_rfc3339(clock_.now()), name);
  const std::lock_guard lock{mutex_};
  write_(line);
}

void Journal::failure(std::string_view name, errc error) {
  const auto line = fmt::format("{{\"time\":\"{}\",\"event\":\"{}\",\"error\":\"{}\"}}\n",
                                to_rfc3339(clock_.now()), name, row(error).code);
  const std::lock_guard lock{mutex_};
  write_(line);
}

}  // namespace coffret::server
