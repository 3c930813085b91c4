// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/pairing_desk.hpp"

#include "coffret/ascii.hpp"

namespace coffret::daemon {

bool same_spoken(std::string_view a, std::string_view b) {
  const auto plain = [](std::string_view text) {
    std::string letters;
    bool gap = false;
    for (const char c : text) {
      const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '-' || c == ',';
      if (space) {
        gap = !letters.empty();
        continue;
      }
      if (std::exchange(gap, false)) letters += ' ';
      letters += ascii_lower(c);
    }
    return letters;
  };
  return plain(a) == plain(b);
}

Result<PairingDesk::Turn> PairingDesk::take_turn() {
  const std::lock_guard guard{mutex_};
  if (taken_) return errc::in_use;
  taken_ = true;
  return Turn{*this};
}

void PairingDesk::leave() {
  const std::lock_guard guard{mutex_};
  taken_ = false;
  words_.reset();
  answer_.reset();
}

void PairingDesk::ask(std::string words) {
  const std::lock_guard guard{mutex_};
  words_ = std::move(words);
}

std::optional<bool> PairingDesk::answer(std::chrono::milliseconds wait) {
  std::unique_lock guard{mutex_};
  answered_.wait_for(guard, wait, [this] { return answer_.has_value(); });
  return answer_;
}

Result<void> PairingDesk::say_same(std::string_view words) {
  const std::lock_guard guard{mutex_};
  if (!words_ || answer_) return errc::pairing_expired;
  answer_ = words.empty() || same_spoken(words, *words_);
  answered_.notify_all();
  return *answer_ ? Result<void>{} : Result<void>{errc::pairing_refused};
}

Result<void> PairingDesk::say_other() {
  const std::lock_guard guard{mutex_};
  if (!words_ || answer_) return errc::pairing_expired;
  answer_ = false;
  answered_.notify_all();
  return {};
}

}  // namespace coffret::daemon
