// SPDX-License-Identifier: EUPL-1.2
#include "sync/http/body_budget.hpp"

#include <utility>

namespace coffret::http {

bool BodyBudget::take(const std::string& subscriber, std::size_t bytes) {
  const std::lock_guard lock{mutex_};
  if (bytes > all_ - held_) return false;
  auto& theirs = per_subscriber_[subscriber];
  if (bytes > each_ - theirs) {
    if (theirs == 0) per_subscriber_.erase(subscriber);
    return false;
  }
  theirs += bytes;
  held_ += bytes;
  return true;
}

void BodyBudget::give_back(const std::string& subscriber, std::size_t bytes) noexcept {
  const std::lock_guard lock{mutex_};
  held_ -= bytes;
  const auto theirs = per_subscriber_.find(subscriber);
  theirs->second -= bytes;
  if (theirs->second == 0) per_subscriber_.erase(theirs);
}

std::size_t BodyBudget::held() const {
  const std::lock_guard lock{mutex_};
  return held_;
}

bool BodyShare::grow_to(std::size_t body) {
  const std::size_t counted = body > free_body ? body - free_body : 0;
  if (counted <= taken_) return true;
  if (!budget_.take(subscriber_, counted - taken_)) return false;
  taken_ = counted;
  return true;
}

void BodyShare::release() noexcept {
  if (const auto taken = std::exchange(taken_, 0); taken > 0) budget_.give_back(subscriber_, taken);
}

}  // namespace coffret::http
