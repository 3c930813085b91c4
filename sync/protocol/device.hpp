// SPDX-License-Identifier: EUPL-1.2
//
// device.hpp: device certificates (PROTOCOL.md §1). No names: those are in sealed operations.
//
// Errors: malformed, other_version, unauthenticated.
#ifndef COFFRET_SYNC_PROTOCOL_DEVICE_HPP
#define COFFRET_SYNC_PROTOCOL_DEVICE_HPP

#include <cstdint>
#include <span>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/signer.hpp"
#include "coffret/wire.hpp"

namespace coffret::protocol {

inline constexpr std::uint8_t certificate_suite = 1;

enum class Issuer : std::uint8_t { root = 1, device = 2 };

struct DeviceCertificate {
  std::uint8_t suite = certificate_suite;
  VaultId vault;
  DeviceId device;
  SigningPublicKey signing_key;
  AgreementPublicKey agreement_key;
  std::int64_t enrolled_at = 0;
  Issuer issuer = Issuer::root;
  DeviceId issuer_device;  // zero when the root signed

  template <class A>
  void serialize(A& a) {
    a(suite, vault, device, signing_key, agreement_key, enrolled_at, issuer, issuer_device);
  }
  bool operator==(const DeviceCertificate&) const = default;
};

struct SignedCertificate {
  Bytes body;           // wire::encode(DeviceCertificate)
  Signature signature;  // label `device`

  template <class A>
  void serialize(A& a) {
    a(body, signature);
  }
  bool operator==(const SignedCertificate&) const = default;
};

SignedCertificate sign_certificate(const DeviceCertificate& certificate, const Signer& issuer);
// What a certificate says, before anything is known of its issuer's key.
Result<DeviceCertificate> decode_certificate(ByteView body);
Result<DeviceCertificate> verify_certificate(const SignedCertificate& certificate,
                                             const SigningPublicKey& issuer);
// The certificate of `key`, once the chain leads from it to the root: all of one vault, in any
// order. Errors: those of decode_certificate; unauthenticated.
Result<DeviceCertificate> verify_chain(std::span<const SignedCertificate> chain,
                                       const VaultId& vault, const SigningPublicKey& root,
                                       const SigningPublicKey& key);

using AccountId = Id<32, struct AccountTag>;
// BLAKE2b-256, personal "coffret.account1", of the vault's root public key.
AccountId account_id(const SigningPublicKey& root);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_DEVICE_HPP
