// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/passcode_gate.hpp"

#include <sodium.h>

#include <string>

namespace coffret::server {

Result<PasscodeGate::Place> PasscodeGate::enter() {
  std::unique_lock lock{mutex_};
  if (inside_ >= at_once && queue_ >= waiting) return errc::rate_limited;
  ++queue_;
  left_.wait(lock, [&] { return inside_ < at_once; });
  --queue_;
  ++inside_;
  return Place{*this};
}

PasscodeGate::Place::~Place() {
  if (gate_ == nullptr) return;
  {
    const std::lock_guard lock{gate_->mutex_};
    --gate_->inside_;
  }
  gate_->left_.notify_one();
}

bool PasscodeGate::Place::verify(ByteView verifier, std::string_view passcode) const {
  if (verifier.size() >= crypto_pwhash_STRBYTES) return false;
  const std::string text = to_text(verifier);  // libsodium wants the terminating zero
  return ::crypto_pwhash_str_verify(text.c_str(), passcode.data(), passcode.size()) == 0;
}

}  // namespace coffret::server
