// SPDX-License-Identifier: EUPL-1.2
//
// exclusive.hpp: one thread at a time per key. Waits; the holder's guard lets the next one in.
#ifndef COFFRET_SYNC_SERVER_EXCLUSIVE_HPP
#define COFFRET_SYNC_SERVER_EXCLUSIVE_HPP

#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

namespace coffret::server {

template <class Key>
class Exclusive {
 public:
  class Guard {
   public:
    Guard(Exclusive& of, Key key) : of_(of), key_(std::move(key)) {}
    ~Guard() {
      {
        const std::lock_guard lock{of_.mutex_};
        of_.held_.erase(key_);
      }
      of_.freed_.notify_all();
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Exclusive& of_;
    Key key_;
  };

  // Use as: const auto guard = locks.hold(key);
  Guard hold(const Key& key) {
    std::unique_lock lock{mutex_};
    freed_.wait(lock, [&] { return !held_.contains(key); });
    held_.insert(key);
    return Guard{*this, key};
  }

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  std::set<Key> held_;
};

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_EXCLUSIVE_HPP
