// SPDX-License-Identifier: EUPL-1.2
//
// session.hpp: the daemon's vault while it may be locked and unlocked under running commands.
//
// A command that needs the vault for longer than one touch takes a Hold: while one lives, the vault
// is not destroyed, so its Signer may be used beside the network. with() touches the vault under
// the lock: keep it short, never across a network exchange.
//
// What runs on its own in the background holds and touches quietly: it does not count as use, so
// that an unattended vault locks on time, and it stops within a moment when asked to.
// Errors: locked (no vault, or it is being locked).
// Threads: all calls from any thread.
#ifndef COFFRET_VAULT_DAEMON_SESSION_HPP
#define COFFRET_VAULT_DAEMON_SESSION_HPP

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "coffret/error.hpp"
#include "vault/store/vault.hpp"

namespace coffret::daemon {

class Session {
 public:
  class Hold {
   public:
    Hold(Session& session, bool quiet) noexcept : session_(&session), quiet_(quiet) {}
    Hold(Hold&& other) noexcept
        : session_(std::exchange(other.session_, nullptr)), quiet_(other.quiet_) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (session_ != nullptr) session_->release(quiet_);
    }
    // Whether someone waits to lock: a long command stops at its next safe point.
    bool asked_to_stop() const { return session_->closing(); }

   private:
    Session* session_;
    bool quiet_;
  };

  Result<Hold> hold();
  Result<Hold> hold_quietly();

  template <class F>
  auto with(F&& touch) -> std::invoke_result_t<F, store::Vault&> {
    const std::lock_guard guard{mutex_};
    last_used_ = std::chrono::steady_clock::now();
    if (!vault_) return errc::locked;
    return touch(*vault_);
  }
  template <class F>
  auto with_quietly(F&& touch) -> std::invoke_result_t<F, store::Vault&> {
    const std::lock_guard guard{mutex_};
    if (!vault_) return errc::locked;
    return touch(*vault_);
  }

  // Waits for nobody, not even for a long touch.
  bool locked() const noexcept { return !open_; }
  void adopt(store::Vault vault);  // unlocked from here on
  void lock();                     // waits for the holds to end
  void lock_if_idle(std::chrono::steady_clock::duration idle);

 private:
  Result<Hold> take_hold(bool quiet);
  void release(bool quiet);
  bool closing() const;

  mutable std::mutex mutex_;
  std::condition_variable released_;
  std::optional<store::Vault> vault_;
  std::atomic<bool> open_{false};  // whether vault_ is there
  unsigned holds_ = 0;
  unsigned quiet_holds_ = 0;
  bool closing_ = false;
  std::chrono::steady_clock::time_point last_used_ = std::chrono::steady_clock::now();
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SESSION_HPP
