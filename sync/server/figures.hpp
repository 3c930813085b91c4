// SPDX-License-Identifier: EUPL-1.2
//
// figures.hpp: counts of what the server does, in the Prometheus text format 0.0.4, and its log
// lines. Neither ever holds an address, an identifier, a token or a path: routes by name only.
//
// Threads: any.
#ifndef COFFRET_SYNC_SERVER_FIGURES_HPP
#define COFFRET_SYNC_SERVER_FIGURES_HPP

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "coffret/time.hpp"
#include "sync/server/records.hpp"

namespace coffret::server {

class Figures {
 public:
  void answered(std::string_view route, unsigned status, std::chrono::microseconds took);
  // The text; totals of the storage stand beside the counts of this run.
  std::string text(const Totals& totals, std::size_t in_flight) const;

 private:
  static constexpr std::array<std::int64_t, 8> bounds = {1'000,   5'000,   25'000,    100'000,
                                                         250'000, 500'000, 1'000'000, 5'000'000};
  struct Series {
    std::array<std::uint64_t, bounds.size()> buckets{};  // requests of at most that long, in µs
    std::uint64_t count = 0;
    std::int64_t sum = 0;  // µs
  };
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, unsigned>, std::uint64_t> requests_;
  std::map<std::string, Series> durations_;
};

// Structured log: one JSON object a line, handed to `write` with its newline.
class Journal {
 public:
  Journal(const Clock& clock, std::function<void(std::string_view)> write)
      : clock_(clock), write_(std::move(write)) {}
  void request(std::string_view route, std::string_view method, unsigned status,
               std::chrono::microseconds took, std::uint64_t bytes_in, std::uint64_t bytes_out);
  void event(std::string_view name);
  void failure(std::string_view name, errc error);

 private:
  const Clock& clock_;
  const std::function<void(std::string_view)> write_;
  std::mutex mutex_;
};

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_FIGURES_HPP
