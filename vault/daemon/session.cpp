// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/session.hpp"

namespace coffret::daemon {

Result<Session::Hold> Session::hold() {
  return take_hold(false);
}

Result<Session::Hold> Session::hold_quietly() {
  return take_hold(true);
}

Result<Session::Hold> Session::take_hold(bool quiet) {
  const std::lock_guard guard{mutex_};
  if (!vault_ || closing_) return errc::locked;
  ++(quiet ? quiet_holds_ : holds_);
  return Hold{*this, quiet};
}

void Session::release(bool quiet) {
  {
    const std::lock_guard guard{mutex_};
    --(quiet ? quiet_holds_ : holds_);
    if (!quiet) last_used_ = std::chrono::steady_clock::now();
  }
  released_.notify_all();
}

bool Session::closing() const {
  const std::lock_guard guard{mutex_};
  return closing_;
}

void Session::adopt(store::Vault vault) {
  const std::lock_guard guard{mutex_};
  vault_.emplace(std::move(vault));
  open_ = true;
  last_used_ = std::chrono::steady_clock::now();
}

void Session::lock() {
  std::unique_lock guard{mutex_};
  closing_ = true;
  released_.wait(guard, [this] { return holds_ == 0 && quiet_holds_ == 0; });
  open_ = false;
  vault_.reset();
  closing_ = false;
}

void Session::lock_if_idle(std::chrono::steady_clock::duration idle) {
  // Busy is not idle; and the one who asks must not wait for a long command.
  std::unique_lock guard{mutex_, std::try_to_lock};
  if (!guard || holds_ != 0 || closing_ || std::chrono::steady_clock::now() - last_used_ < idle)
    return;
  closing_ = true;
  released_.wait(guard, [this] { return quiet_holds_ == 0; });
  open_ = false;
  vault_.reset();
  closing_ = false;
}

}  // namespace coffret::daemon
