// SPDX-License-Identifier: EUPL-1.2
//
// front.hpp: the counter between the listener and the service: how many requests may be in flight,
// on which threads they are answered, and what the journal says of them.
//
// Units: requests. Ownership: borrows the service, the figures and the journal.
// Threads: handle() from any thread, never blocks; Respond is called on a storage
// thread, or on one of the passcodes'.
#ifndef COFFRET_SYNC_SERVER_FRONT_HPP
#define COFFRET_SYNC_SERVER_FRONT_HPP

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "sync/http/listener.hpp"
#include "sync/server/figures.hpp"
#include "sync/server/passcode_lane.hpp"
#include "sync/server/service.hpp"
#include "sync/server/waiters.hpp"

namespace coffret::server {

struct FrontLimits {
  std::size_t threads = 32;      // that may block on storage; commits are shared among them
  std::size_t queue = 2000;      // waiting for a thread
  std::size_t per_address = 20;  // in flight
};

class Front {
 public:
  // `proxies`: addresses whose X-Forwarded-For is believed.
  Front(Service& service, Figures& figures, Journal& journal, FrontLimits limits,
        std::set<std::string> proxies);
  ~Front();  // answers what is queued, then stops

  void handle(http::Request request, http::Respond respond);
  std::size_t in_flight() const;
  // Answers who waits for a log to grow; nobody waits any more.
  void end_waits() { waiters_.close(); }
  std::size_t waiting() const { return waiters_.count(); }
  std::size_t passcodes() const { return lane_.count(); }

 private:
  struct Job {
    http::Request request;
    http::Respond respond;
    std::string address;
    std::chrono::steady_clock::time_point begun;
  };
  std::string address_of(const http::Request& request) const;
  bool admit(const std::string& address);  // under mutex_
  void run();
  void answer(Job job);
  void give(Job& job, Answer answer);
  void park(Job job, Answer answer);
  void put_off(Job job, std::string_view route);
  Answer asked(const http::Request& request, Passcodes passcodes);

  Service& service_;
  Figures& figures_;
  Journal& journal_;
  const FrontLimits limits_;
  const std::set<std::string> proxies_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable queued_;
  std::deque<Job> queue_;
  std::map<std::string, std::size_t> in_flight_;  // by address
  std::size_t total_ = 0;
  bool stopping_ = false;
  Waiters waiters_;
  PasscodeLane lane_;
  std::vector<std::thread> threads_;
};

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_FRONT_HPP
