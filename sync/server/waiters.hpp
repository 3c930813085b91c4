// SPDX-License-Identifier: EUPL-1.2
//
// waiters.hpp: requests that wait for a vault's log to grow (PROTOCOL.md §4, long poll). A waiting
// request holds its connection and a few words of memory, and no thread.
//
// Bounds: one of a device (a newer one ends the older), max_of_vault, max_of_address, max_in_all.
// Units: entries (seq). Ownership: a Wake is called once, or dropped with the Waiters.
// Threads: any; one of its own ends waits on time. Wakes run outside the lock, on the thread that
// ended the wait.
#ifndef COFFRET_SYNC_SERVER_WAITERS_HPP
#define COFFRET_SYNC_SERVER_WAITERS_HPP

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "coffret/ids.hpp"
#include "sync/protocol/entry.hpp"

namespace coffret::server {

struct Wait {
  VaultId vault;
  DeviceId device;
  std::uint64_t after = 0;  // seq: a later head ends it
  std::chrono::milliseconds time{0};
};

class Waiters {
 public:
  static constexpr std::size_t max_of_vault = 16;
  static constexpr std::size_t max_of_address = 64;
  static constexpr std::size_t max_in_all = 500;

  // The head that ended the wait; none: nothing came in time.
  using Wake = std::function<void(const std::optional<protocol::Head>&)>;

  Waiters();
  ~Waiters();  // drops who still waits
  Waiters(const Waiters&) = delete;
  Waiters& operator=(const Waiters&) = delete;

  // False: over a bound, or closed; `wake` was not kept.
  bool park(const Wait& wait, std::string address, Wake wake);
  void moved(const VaultId& vault, const protocol::Head& head);
  // Ends every wait, and takes no more.
  void close();
  std::size_t count() const;

 private:
  using SteadyClock = std::chrono::steady_clock;
  struct Parked {
    Wait wait;
    std::string address;
    SteadyClock::time_point until;
    Wake wake;
  };
  template <class Which>
  std::list<Parked> take(Which which);  // under mutex_
  void run();

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::list<Parked> parked_;
  bool closed_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_WAITERS_HPP
