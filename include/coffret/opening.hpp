// SPDX-License-Identifier: EUPL-1.2
//
// opening.hpp: what a line of the access log says happened.
//
// Values are hashed into Merkle leaves: never renumber, never reuse.
#ifndef COFFRET_OPENING_HPP
#define COFFRET_OPENING_HPP

#include <cstdint>
#include <string_view>

namespace coffret {

enum class OpeningOutcome : std::uint8_t {
  delivered = 1,  // the server's half (or the files) left
  read = 2,       // the reader proved that it decrypted
  wrong_passcode = 3,
  not_active = 4,     // asked for after its end, or before its start
  many_attempts = 5,  // one line for more than 20 attempts of a link and day, with their count
  daily_head = 6,     // nothing happened; the tree still grows once a day
  refused = 7,        // asked for without the signature of the key that it was granted to
  asked = 8,          // an emergency card with a delay: readable later, unless its owner refuses
};

constexpr std::string_view name(OpeningOutcome outcome) noexcept {
  switch (outcome) {
    case OpeningOutcome::delivered:
      return "delivered";
    case OpeningOutcome::read:
      return "read";
    case OpeningOutcome::wrong_passcode:
      return "wrong_passcode";
    case OpeningOutcome::not_active:
      return "not_active";
    case OpeningOutcome::many_attempts:
      return "many_attempts";
    case OpeningOutcome::daily_head:
      return "daily_head";
    case OpeningOutcome::refused:
      return "refused";
    case OpeningOutcome::asked:
      return "asked";
  }
  return "";
}

}  // namespace coffret

#endif  // COFFRET_OPENING_HPP
