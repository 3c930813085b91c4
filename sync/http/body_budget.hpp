// SPDX-License-Identifier: EUPL-1.2
//
// body_budget.hpp: how many bytes of request bodies all connections of a listener hold together,
// and those of one subscriber (subscriber.hpp).
//
// A body is read before anybody knows who signed it: without one bound for all, a thousand
// strangers could each have their own limit's worth of memory. What a body reserves it has
// received; its first bytes are free, so that a small request (the end of a grant) is heard
// whatever the rest.
//
// Units: bytes. Errors: none; false means that there is no room now.
// Ownership: a BodyShare borrows its budget and gives back all it took. Threads: a budget any, a
// share one at a time.
#ifndef COFFRET_SYNC_HTTP_BODY_BUDGET_HPP
#define COFFRET_SYNC_HTTP_BODY_BUDGET_HPP

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace coffret::http {

inline constexpr std::size_t free_body = 64 * 1024;  // bytes of each body that are not counted

class BodyBudget {
 public:
  BodyBudget(std::size_t all, std::size_t each) noexcept : all_(all), each_(each) {}

  bool take(const std::string& subscriber, std::size_t bytes);
  void give_back(const std::string& subscriber, std::size_t bytes) noexcept;
  std::size_t held() const;

 private:
  const std::size_t all_;
  const std::size_t each_;
  mutable std::mutex mutex_;  // guards what follows
  std::size_t held_ = 0;
  std::map<std::string, std::size_t> per_subscriber_;
};

// What one connection's body holds of it.
class BodyShare {
 public:
  BodyShare(BodyBudget& budget, std::string subscriber)
      : budget_(budget), subscriber_(std::move(subscriber)) {}
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;
  ~BodyShare() { release(); }

  bool grow_to(std::size_t body);
  void release() noexcept;

 private:
  BodyBudget& budget_;
  const std::string subscriber_;
  std::size_t taken_ = 0;
};

}  // namespace coffret::http

#endif  // COFFRET_SYNC_HTTP_BODY_BUDGET_HPP
