// SPDX-License-Identifier: EUPL-1.2
//
// pairing.hpp: the rendezvous at which two devices of one person exchange three messages through
// the server (PROTOCOL.md §11). What they say is authenticated end to end and opaque here: the
// server keeps bytes, each once, for ten minutes.
#ifndef COFFRET_SYNC_PROTOCOL_PAIRING_HPP
#define COFFRET_SYNC_PROTOCOL_PAIRING_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "coffret/ids.hpp"
#include "coffret/time.hpp"

namespace coffret::protocol {

using PairingId = Id<16, struct PairingTag>;  // derived from the secret that both devices know

// On the wire: never renumber, never reuse.
enum class PairingStep : std::uint8_t {
  hello = 0,   // the new device: its keys
  state = 1,   // the old one: the vault, and its own keys
  result = 2,  // the old one, after its person compared the words: let in, or refused
};
inline constexpr std::array<std::string_view, 3> pairing_steps{"hello", "state", "result"};

inline constexpr Seconds pairing_time{600};
inline constexpr std::size_t max_pairing_message = 4096;  // bytes

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_PAIRING_HPP
