// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/line.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

namespace coffret::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto soon = 500ms;          // what a pack takes on a line that could carry more
constexpr auto long_time = 4s;        // and on one that should be given less
constexpr unsigned max_failures = 4;  // in a row
constexpr auto tell_every = 200ms;
constexpr auto retry_after = 1000ms;  // what a server says that has no room now

}  // namespace

Result<void> Line::go_on() const {
  if (hold_.asked_to_stop() || call_.service.stop_asked()) return errc::stopping;
  return call_.service.sync_state().paused() ? Result<void>{errc::sync_paused} : Result<void>{};
}

void Line::took(std::size_t bytes, SteadyClock::duration time) noexcept {
  failures_ = 0;
  const std::size_t now = budget_;
  if (time > long_time)
    budget_ = std::max(now / 2, least_budget);
  else if (time < soon && bytes >= now / 2)
    budget_ = std::min(now * 2, most_budget);
}

client::Parts Line::parts() {
  return {.size = [this] { return std::min(budget(), client::part_size); },
          .moved =
              [this, since = SteadyClock::now()](std::size_t bytes) mutable {
                const auto now = SteadyClock::now();
                if (bytes > 0) took(bytes, now - since);
                since = now;
                moved(bytes);
                return go_on();
              }};
}

bool Line::try_again(errc error) noexcept {
  const bool busy = error == errc::rate_limited;
  if (!busy && error != errc::server_unreachable && error != errc::timed_out) return false;
  budget_ = std::max(budget_ / 4, least_budget);
  if (++failures_ > max_failures) return false;
  // Who has no room now may have it in a second.
  for (auto waited = 0ms; busy && waited < retry_after && go_on().has_value(); waited += 100ms)
    std::this_thread::sleep_for(100ms);
  return true;
}

void Line::expect(std::uint64_t bytes) {
  const std::lock_guard guard{mutex_};
  if (total_ == 0) begun_ = SteadyClock::now();
  total_ += bytes;
}

void Line::moved(std::uint64_t bytes) {
  const std::lock_guard guard{mutex_};
  done_ = std::min(done_ + bytes, total_);
  const auto now = SteadyClock::now();
  if (done_ < total_ && now - told_ < tell_every) return;
  told_ = now;
  const double seconds = std::max(std::chrono::duration<double>(now - begun_).count(), 0.001);
  const double rate = std::max(static_cast<double>(done_) / seconds, 1.0);
  const auto left =
      static_cast<std::uint64_t>(std::llround(static_cast<double>(total_ - done_) / rate));
  (void)call_.answer.progress(Object{{"done", done_},
                                     {"total", total_},
                                     {"unit", "bytes"},
                                     {"rate", static_cast<std::uint64_t>(rate)},
                                     {"seconds_left", left}});
}

void Line::add(const client::Counters& counters) {
  const std::lock_guard guard{mutex_};
  counters_.requests += counters.requests;
  counters_.bytes_up += counters.bytes_up;
  counters_.bytes_down += counters.bytes_down;
}

client::Counters Line::counters() const {
  const std::lock_guard guard{mutex_};
  return counters_;
}

client::Server Line::another(const client::Server& model) const {
  auto environment = model.environment();
  environment.give_up = give_up();
  client::Server server{std::move(environment), model.identity()};
  server.assume_clock_offset(model.clock_offset());
  server.assume_version(model.version());
  return server;
}

}  // namespace coffret::daemon
