// SPDX-License-Identifier: EUPL-1.2
//
// pairing_desk.hpp: where the person's answer to "are the eight words the same?" reaches the
// command that waits for it (`device invite`), from whichever command brings it.
//
// Errors: in_use (an invitation is open), pairing_expired (none asks), pairing_refused (other
// words were given).
// Threads: any.
#ifndef COFFRET_VAULT_DAEMON_PAIRING_DESK_HPP
#define COFFRET_VAULT_DAEMON_PAIRING_DESK_HPP

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "coffret/error.hpp"

namespace coffret::daemon {

class PairingDesk {
 public:
  // One invitation at a time, from here to the destruction of this.
  class Turn {
   public:
    explicit Turn(PairingDesk& desk) noexcept : desk_(&desk) {}
    Turn(Turn&& other) noexcept : desk_(std::exchange(other.desk_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (desk_ != nullptr) desk_->leave();
    }

   private:
    PairingDesk* desk_;
  };
  Result<Turn> take_turn();

  void ask(std::string words);
  // True: the same. None: not answered within `wait`.
  std::optional<bool> answer(std::chrono::milliseconds wait);

  // The person saw these words on the other device; empty: they say that they are the same.
  Result<void> say_same(std::string_view words);
  Result<void> say_other();

 private:
  void leave();

  std::mutex mutex_;  // guards all below
  std::condition_variable answered_;
  bool taken_ = false;
  std::optional<std::string> words_;
  std::optional<bool> answer_;
};

// The same words, whatever the case and the spaces between them.
bool same_spoken(std::string_view a, std::string_view b);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_PAIRING_DESK_HPP
