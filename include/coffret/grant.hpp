// SPDX-License-Identifier: EUPL-1.2
//
// grant.hpp: the words of a grant that both wings speak. The decision is vault/grants', the policy
// is sync/protocol's.
//
// Enum values are signed and stored: never renumber, never reuse.
#ifndef COFFRET_GRANT_HPP
#define COFFRET_GRANT_HPP

#include <cstdint>
#include <string_view>

namespace coffret {

enum class Delivery : std::uint8_t {
  link = 1,  // protected link: half of the key stays on the server until a counted opening
  shl = 2,   // SMART Health Link, IG 1.0.0
  key = 3,   // a paired caregiver's X25519 key
};

// Bits of a policy's rights. Rights only ever shrink.
enum class Right : std::uint8_t { view = 1, download = 2, deposit = 4 };

enum class GrantState : std::uint8_t {
  scheduled = 1,
  live = 2,
  used_up = 3,
  expired = 4,
  revoking = 5,
  revoked = 6,
  locked = 7,  // too many wrong passcodes
};

constexpr std::string_view name(GrantState state) noexcept {
  switch (state) {
    case GrantState::scheduled:
      return "scheduled";
    case GrantState::live:
      return "live";
    case GrantState::used_up:
      return "used_up";
    case GrantState::expired:
      return "expired";
    case GrantState::revoking:
      return "revoking";
    case GrantState::revoked:
      return "revoked";
    case GrantState::locked:
      return "locked";
  }
  return "";
}

constexpr std::string_view name(Delivery delivery) noexcept {
  switch (delivery) {
    case Delivery::link:
      return "link";
    case Delivery::shl:
      return "shl";
    case Delivery::key:
      return "key";
  }
  return "";
}

}  // namespace coffret

#endif  // COFFRET_GRANT_HPP
