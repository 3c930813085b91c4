// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/device.hpp"

#include "sync/protocol/hash.hpp"
#include "sync/protocol/signature.hpp"

namespace coffret::protocol {

SignedCertificate sign_certificate(const DeviceCertificate& certificate, const Signer& issuer) {
  SignedCertificate result;
  result.body = wire::encode(certificate);
  result.signature = issuer.sign(SignatureLabel::device, result.body);
  return result;
}

Result<DeviceCertificate> decode_certificate(ByteView body) {
  if (body.empty()) return errc::malformed;
  if (body[0] != certificate_suite) return errc::other_version;
  COFFRET_TRY(const auto certificate, wire::decode<DeviceCertificate>(body));
  const bool by_root = certificate.issuer == Issuer::root;
  if (!by_root && certificate.issuer != Issuer::device) return errc::malformed;
  if (by_root != certificate.issuer_device.is_zero()) return errc::malformed;
  if (certificate.device.is_zero() || certificate.enrolled_at < 0) return errc::malformed;
  return certificate;
}

Result<DeviceCertificate> verify_certificate(const SignedCertificate& certificate,
                                             const SigningPublicKey& issuer) {
  if (!verify(issuer, SignatureLabel::device, certificate.body, certificate.signature))
    return errc::unauthenticated;
  return decode_certificate(certificate.body);
}

AccountId account_id(const SigningPublicKey& root) {
  return {blake2b("coffret.account1", root.bytes)};
}

}  // namespace coffret::protocol
