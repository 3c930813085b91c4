// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/session.hpp"

namespace coffret::daemon {

Result<Session::Hold> Session::hold() {
  const std::lock_guard guard{mutex_};
  if (!vault_ || closing_) return errc::locked;
  ++holds_;
  return Hold{*this};
}

void Session::release() {
  {
    const std::lock_guard guard{mutex_};
    --holds_;
    last_used_ = std::chrono::steady_clock::now();
  }
  released_.notify_all();
}

bool Session::closing() const {
  const std::lock_guard guard{mutex_};
  return closing_;
}

bool Session::locked() const {
  const std::lock_guard guard{mutex_};
  return !vault_;
}

void Session::adopt(store::Vault vault) {
  const std::lock_guard guard{mutex_};
  vault_.emplace(std::move(vault));
  last_used_ = std::chrono::steady_clock::now();
}

void Session::lock() {
  std::unique_lock guard{mutex_};
  closing_ = true;
  released_.wait(guard, [this] { return holds_ == 0; });
  vault_.reset();
  closing_ = false;
}

void Session::lock_if_idle(std::chrono::steady_clock::duration idle) {
  // Busy is not idle; and the one who asks must not wait for a long command.
  const std::unique_lock guard{mutex_, std::try_to_lock};
  if (guard && holds_ == 0 && std::chrono::steady_clock::now() - last_used_ >= idle) vault_.reset();
}

}  // namespace coffret::daemon
