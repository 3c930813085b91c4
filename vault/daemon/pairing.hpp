// SPDX-License-Identifier: EUPL-1.2
//
// pairing.hpp: the conversation by which one device of a person lets in another (security.md §2):
// what is said, and how it is judged. No network: messages go through whatever the caller has.
//
//   new → old  hello   who it is: identifier, public keys, name
//   old → new  state   the vault, its root, the old device's own keys, where the log ends
//   both       eight words over both messages, for the person to compare
//   old → new  result  let in (where the log ends now, the epoch and its key, sealed), or refused
//
// Each message carries a MAC under a key that both derive from the code's secret, over all that was
// said before: who does not know the secret cannot say, alter, drop into another conversation or
// leave out a word of it.
// Errors: unauthenticated (a MAC), malformed, other_version, pairing_refused.
// Threads: pure functions.
#ifndef COFFRET_VAULT_DAEMON_PAIRING_HPP
#define COFFRET_VAULT_DAEMON_PAIRING_HPP

#include <string>

#include "coffret/ids.hpp"
#include "coffret/wire.hpp"
#include "sync/protocol/entry.hpp"
#include "sync/protocol/pairing.hpp"
#include "vault/crypto/pairing.hpp"

namespace coffret::daemon {

inline constexpr std::uint8_t pairing_version = 1;

struct PairingHello {
  std::uint8_t version = pairing_version;
  DeviceId device;
  SigningPublicKey signing_key;
  AgreementPublicKey agreement_key;
  std::string name;

  template <class A>
  void serialize(A& a) {
    a(version, device, signing_key, agreement_key, name);
  }
  bool operator==(const PairingHello&) const = default;
};

struct PairingState {
  std::uint8_t version = pairing_version;
  VaultId vault;
  SigningPublicKey root;
  DeviceId device;
  SigningPublicKey signing_key;
  AgreementPublicKey agreement_key;
  Fingerprint server;
  protocol::Head head;

  template <class A>
  void serialize(A& a) {
    a(version, vault, root, device, signing_key, agreement_key, server, head);
  }
  bool operator==(const PairingState&) const = default;
};

struct PairingResult {
  std::uint8_t version = pairing_version;
  bool admitted = false;
  protocol::Head head;      // the log's, the new device's entry in it
  std::uint32_t epoch = 0;  // of the key that follows
  Bytes envelope;           // the vault key of that epoch, sealed to the new device

  template <class A>
  void serialize(A& a) {
    a(version, admitted, head, epoch, envelope);
  }
  bool operator==(const PairingResult&) const = default;
};

// One side of it. Messages are said and heard in their order.
class Conversation {
 public:
  explicit Conversation(crypto::PairingSecret secret) : secret_(std::move(secret)) {}

  protocol::PairingId id() const { return {crypto::pairing_id(secret_)}; }

  // The bytes to send, and what they said is remembered.
  Bytes say(protocol::PairingStep step, ByteView record);
  // The record in them.
  Result<Bytes> hear(protocol::PairingStep step, ByteView message);

  // After hello and state, on both sides the same.
  std::string words() const { return crypto::eight_words(said_); }

 private:
  crypto::PairingSecret secret_;
  Bytes said_;  // each message behind its length
};

Result<PairingHello> decode_hello(ByteView record);
Result<PairingState> decode_state(ByteView record);
Result<PairingResult> decode_result(ByteView record);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_PAIRING_HPP
