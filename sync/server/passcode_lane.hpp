// SPDX-License-Identifier: EUPL-1.2
//
// passcode_lane.hpp: where the passcodes of SMART Health Links are judged: on threads of their own,
// at a lower priority than all that answers others, with a queue that strangers cannot make long.
//
// An Argon2id costs a core for a tenth of a second. One that waits holds its connection and its
// request, and no storage thread.
//
// Units: tries, those being judged counted. Ownership: a Judge is called once, or dropped when
// add() says false.
// Threads: any; a Judge runs on a thread of the lane, outside its lock.
#ifndef COFFRET_SYNC_SERVER_PASSCODE_LANE_HPP
#define COFFRET_SYNC_SERVER_PASSCODE_LANE_HPP

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace coffret::server {

class PasscodeLane {
 public:
  static constexpr std::size_t max_in_all = 32;
  static constexpr std::size_t max_of_address = 4;
  // At most half of the cores, and two: 64 MiB each.
  static std::size_t threads_here();

  // `now`: false when the lane ends before the turn came: the answer is a refusal.
  using Judge = std::function<void(bool now)>;

  explicit PasscodeLane(std::size_t threads = threads_here());
  ~PasscodeLane() { end(); }
  PasscodeLane(const PasscodeLane&) = delete;
  PasscodeLane& operator=(const PasscodeLane&) = delete;

  // False: over a bound, or ended.
  bool add(const std::string& address, Judge judge);
  std::size_t count() const;
  // Finishes what is being judged and sends away who waits. For one thread, once or again.
  void end();

 private:
  struct Turn {
    std::string address;
    Judge judge;
  };
  void run();

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Turn> queue_;
  std::map<std::string, std::size_t> of_address_;
  std::size_t total_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_PASSCODE_LANE_HPP
