// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/pairing.hpp"

#include <algorithm>

#include "coffret/document.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t max_envelope = 256;  // bytes

void remember(Bytes& said, ByteView record) {
  append_le(said, static_cast<std::uint32_t>(record.size()));
  append(said, record);
}

// The version is judged before the rest: a later one may look otherwise.
template <class Record>
Result<Record> read(ByteView record) {
  if (record.empty()) return errc::malformed;
  if (record[0] != pairing_version) return errc::other_version;
  return wire::decode<Record>(record);
}

}  // namespace

Bytes Conversation::say(protocol::PairingStep step, ByteView record) {
  const auto mac = crypto::pairing_mac(secret_, static_cast<std::uint8_t>(step), said_, record);
  Bytes message = to_bytes(record);
  append(message, mac);
  remember(said_, record);
  return message;
}

Result<Bytes> Conversation::hear(protocol::PairingStep step, ByteView message) {
  crypto::PairingMac stated{};
  if (message.size() < stated.size() || message.size() > protocol::max_pairing_message)
    return errc::malformed;
  const ByteView record = message.first(message.size() - stated.size());
  std::ranges::copy(message.last(stated.size()), stated.begin());
  const auto mac = crypto::pairing_mac(secret_, static_cast<std::uint8_t>(step), said_, record);
  if (!crypto::same_mac(mac, stated)) return errc::unauthenticated;
  remember(said_, record);
  return to_bytes(record);
}

Result<PairingHello> decode_hello(ByteView record) {
  COFFRET_TRY(auto hello, read<PairingHello>(record));
  if (hello.device.is_zero() || hello.name.size() > limits::short_text) return errc::malformed;
  return hello;
}

Result<PairingState> decode_state(ByteView record) {
  COFFRET_TRY(auto state, read<PairingState>(record));
  if (state.device.is_zero() || state.vault.is_zero() || state.head.seq == 0)
    return errc::malformed;
  return state;
}

Result<PairingResult> decode_result(ByteView record) {
  COFFRET_TRY(auto result, read<PairingResult>(record));
  if (!result.admitted) return errc::pairing_refused;
  if (result.head.seq == 0 || result.epoch == 0 || result.envelope.size() > max_envelope)
    return errc::malformed;
  return result;
}

}  // namespace coffret::daemon
