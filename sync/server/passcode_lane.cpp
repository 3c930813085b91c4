// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/passcode_lane.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace coffret::server {
namespace {

// A tenth of a core where another thread wants all of it: who opens a link does not wait for who
// guesses, and a right passcode is still judged on a busy machine.
constexpr int niceness = 10;

// The calling thread's alone: on Linux that is what PRIO_PROCESS and 0 mean.
void lower_priority() {
  (void)::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) + niceness);
}

}  // namespace

std::size_t PasscodeLane::threads_here() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 2);
}

PasscodeLane::PasscodeLane(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

void PasscodeLane::end() {
  std::deque<Turn> left;
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
    left.swap(queue_);
  }
  changed_.notify_all();
  for (const auto& turn : left) turn.judge(false);
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

bool PasscodeLane::add(const std::string& address, Judge judge) {
  {
    const std::lock_guard lock{mutex_};
    if (ending_ || total_ >= max_in_all) return false;
    auto& count = of_address_[address];
    if (count >= max_of_address) return false;
    ++count;
    ++total_;
    queue_.push_back({address, std::move(judge)});
  }
  changed_.notify_one();
  return true;
}

std::size_t PasscodeLane::count() const {
  const std::lock_guard lock{mutex_};
  return total_;
}

void PasscodeLane::run() {
  lower_priority();
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [&] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Turn turn = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    turn.judge(true);
    turn.judge = nullptr;  // what it holds goes outside the lock
    lock.lock();
    --total_;
    if (const auto it = of_address_.find(turn.address); --it->second == 0) of_address_.erase(it);
  }
}

}  // namespace coffret::server
