// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/waiters.hpp"

#include <algorithm>

namespace coffret::server {

Waiters::Waiters() : thread_([this] { run(); }) {}

Waiters::~Waiters() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

template <class Which>
std::list<Waiters::Parked> Waiters::take(Which which) {
  std::list<Parked> taken;
  for (auto it = parked_.begin(); it != parked_.end();) {
    const auto next = std::next(it);
    if (which(*it)) taken.splice(taken.end(), parked_, it);
    it = next;
  }
  return taken;
}

bool Waiters::park(const Wait& wait, std::string address, Wake wake) {
  std::list<Parked> older;
  {
    const std::lock_guard lock{mutex_};
    if (closed_) return false;
    older = take([&](const Parked& p) {
      return p.wait.vault == wait.vault && p.wait.device == wait.device;
    });
    const auto of = [&](auto same) {
      return static_cast<std::size_t>(std::count_if(parked_.begin(), parked_.end(), same));
    };
    if (parked_.size() >= max_in_all ||
        of([&](const Parked& p) { return p.wait.vault == wait.vault; }) >= max_of_vault ||
        of([&](const Parked& p) { return p.address == address; }) >= max_of_address) {
      parked_.splice(parked_.end(), older);
      return false;
    }
    parked_.push_back({wait, std::move(address), SteadyClock::now() + wait.time, std::move(wake)});
  }
  changed_.notify_all();
  for (const auto& one : older) one.wake(std::nullopt);
  return true;
}

void Waiters::moved(const VaultId& vault, const protocol::Head& head) {
  std::list<Parked> ended;
  {
    const std::lock_guard lock{mutex_};
    ended = take([&](const Parked& p) { return p.wait.vault == vault && head.seq > p.wait.after; });
  }
  for (const auto& one : ended) one.wake(head);
}

void Waiters::close() {
  std::list<Parked> ended;
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    ended = take([](const Parked&) { return true; });
  }
  for (const auto& one : ended) one.wake(std::nullopt);
}

std::size_t Waiters::count() const {
  const std::lock_guard lock{mutex_};
  return parked_.size();
}

void Waiters::run() {
  std::unique_lock lock{mutex_};
  while (!ending_) {
    const auto first =
        std::min_element(parked_.begin(), parked_.end(),
                         [](const Parked& a, const Parked& b) { return a.until < b.until; });
    if (first == parked_.end()) {
      changed_.wait(lock);
      continue;
    }
    const auto until = first->until;
    if (SteadyClock::now() < until) {
      changed_.wait_until(lock, until);
      continue;
    }
    auto ended = take([now = SteadyClock::now()](const Parked& p) { return p.until <= now; });
    lock.unlock();
    for (const auto& one : ended) one.wake(std::nullopt);
    ended.clear();
    lock.lock();
  }
}

}  // namespace coffret::server
