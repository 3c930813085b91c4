// SPDX-License-Identifier: EUPL-1.2
//
// line.hpp: the line to the server during one sync: how much is worth sending at once, how far the
// sync is, and when it has to end (this room's own).
//
// A pack grows while the line carries it at once and shrinks when it takes long, so that a cut
// costs a few seconds of a slow line, and a fast one is not asked for every little thing. Units:
// bytes, seconds. Threads: any. Ownership: borrows the call and the hold.
#ifndef COFFRET_VAULT_DAEMON_LINE_HPP
#define COFFRET_VAULT_DAEMON_LINE_HPP

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>

#include "sync/client/objects.hpp"
#include "sync/client/server.hpp"
#include "vault/daemon/commands.hpp"

namespace coffret::daemon {

inline constexpr std::size_t max_lanes = 4;                          // connections
inline constexpr std::size_t least_budget = std::size_t{256} << 10;  // bytes of one pack
inline constexpr std::size_t most_budget =
    (std::size_t{4} << 20) + 65'536;  // any packed object fits

class Line {
 public:
  using SteadyClock = std::chrono::steady_clock;

  Line(Call& call, const Session::Hold& hold) : call_(call), hold_(hold) {}

  // Errors: stopping (asked to lock, or to stop), sync_paused.
  Result<void> go_on() const;

  std::size_t budget() const noexcept { return budget_; }
  // Parts of a large object, as large as the line carries, each told and timed.
  client::Parts parts();
  void took(std::size_t bytes, SteadyClock::duration time) noexcept;

  // Whether a request that failed so is worth asking again, for less; at most a few times in a row.
  bool try_again(errc error) noexcept;

  // Bytes to be moved are told before, and each time some were.
  void expect(std::uint64_t bytes);
  void moved(std::uint64_t bytes);

  void add(const client::Counters& counters);
  client::Counters counters() const;

  // A connection of its own, like `model`.
  client::Server another(const client::Server& model) const;
  std::function<bool()> give_up() const {
    return [this] { return go_on().has_error(); };
  }

 private:
  Call& call_;
  const Session::Hold& hold_;
  // Small first: what a line that is cut at once again has carried by then is whole packs.
  std::atomic<std::size_t> budget_{least_budget};
  std::atomic<unsigned> failures_{0};  // since something got through
  mutable std::mutex mutex_;           // guards what follows, and the answer
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
  SteadyClock::time_point begun_ = SteadyClock::now();
  SteadyClock::time_point told_{};
  client::Counters counters_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_LINE_HPP
