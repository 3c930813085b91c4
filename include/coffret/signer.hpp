// SPDX-License-Identifier: EUPL-1.2
//
// signer.hpp: signing without holding the key. vault/crypto makes Signers; the sync side is handed
// one.
//
// A signature covers label ‖ bytes (Ed25519, RFC 8032). Labels are 16 ASCII bytes and begin with
// "coffret."; the two foreign forms sign the bytes alone, as their RFCs demand, and can never equal
// a labelled message: an RFC 9421 signature base begins with '"', a JWS signing input (RFC 7515)
// with "eyJ".
#ifndef COFFRET_SIGNER_HPP
#define COFFRET_SIGNER_HPP

#include <cstdint>
#include <string_view>

#include "coffret/ids.hpp"

namespace coffret {

enum class SignatureLabel : std::uint8_t {
  entry,        // a log entry, by a device
  device,       // a device certificate, by the vault's root (or, later, by an enrolled device)
  policy,       // a grant's policy, by a device
  card,         // the operator's card, by the association's identity key
  applied,      // the policy a server applied, by the identity key
  acknowledge,  // a revocation's acknowledgement, by the identity key
  epoch_note,   // that a server was put back to a backup, by the identity key
  checkpoint,   // C2SP signed note: label-free on the wire, see sync/protocol/checkpoint.hpp
  http,         // RFC 9421
  jws,          // RFC 7515
};

// The 16 bytes, or empty for the forms whose standard signs the bytes alone.
constexpr std::string_view text(SignatureLabel label) noexcept {
  switch (label) {
    case SignatureLabel::entry:
      return "coffret.entry..1";
    case SignatureLabel::device:
      return "coffret.device.1";
    case SignatureLabel::policy:
      return "coffret.policy.1";
    case SignatureLabel::card:
      return "coffret.card...1";
    case SignatureLabel::applied:
      return "coffret.applied1";
    case SignatureLabel::acknowledge:
      return "coffret.ack....1";
    case SignatureLabel::epoch_note:
      return "coffret.epoch..1";
    case SignatureLabel::checkpoint:
    case SignatureLabel::http:
    case SignatureLabel::jws:
      return "";
  }
  return "";
}

class Signer {
 public:
  virtual ~Signer() = default;
  virtual const SigningPublicKey& public_key() const noexcept = 0;
  virtual Signature sign(SignatureLabel label, ByteView message) const = 0;
};

}  // namespace coffret

#endif  // COFFRET_SIGNER_HPP
