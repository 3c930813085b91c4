// SPDX-License-Identifier: EUPL-1.2
//
// passcode_gate.hpp: Argon2id for the passcodes of SMART Health Links: few at a time, and no queue
// that strangers could make long.
//
// Threads: any; verify() blocks.
#ifndef COFFRET_SYNC_SERVER_PASSCODE_GATE_HPP
#define COFFRET_SYNC_SERVER_PASSCODE_GATE_HPP

#include <condition_variable>
#include <mutex>
#include <string_view>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"

namespace coffret::server {

class PasscodeGate {
 public:
  static constexpr unsigned at_once = 2;   // evaluations: 64 MiB each
  static constexpr unsigned waiting = 16;  // requests beyond that are refused

  // A place in the gate, held until destroyed.
  class Place {
   public:
    explicit Place(PasscodeGate& gate) noexcept : gate_(&gate) {}
    Place(Place&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place();
    // Whether `passcode` is the one whose PHC text is `verifier`.
    bool verify(ByteView verifier, std::string_view passcode) const;

   private:
    PasscodeGate* gate_;
  };
  // Errors: rate_limited.
  Result<Place> enter();

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  unsigned inside_ = 0;
  unsigned queue_ = 0;
};

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_PASSCODE_GATE_HPP
