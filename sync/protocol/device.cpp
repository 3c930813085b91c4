// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/device.hpp"

#include <algorithm>
#include <vector>

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

Result<DeviceCertificate> verify_chain(std::span<const SignedCertificate> chain,
                                       const VaultId& vault, const SigningPublicKey& root,
                                       const SigningPublicKey& key) {
  std::vector<DeviceCertificate> known;
  for (const auto& signed_one : chain) {
    COFFRET_TRY(known.emplace_back(), decode_certificate(signed_one.body));
  }
  const auto holder = std::find_if(known.begin(), known.end(),
                                   [&](const auto& one) { return one.signing_key == key; });
  auto at = holder;
  // A walk longer than the chain goes in a circle.
  for (std::size_t steps = 0; at != known.end() && steps < known.size(); ++steps) {
    const auto& signed_one = chain[static_cast<std::size_t>(at - known.begin())];
    if (at->vault != vault) return errc::unauthenticated;
    if (at->issuer == Issuer::root) {
      COFFRET_CHECK(verify_certificate(signed_one, root));
      return *holder;
    }
    const auto issuer = std::find_if(known.begin(), known.end(), [&](const auto& one) {
      return one.device == at->issuer_device;
    });
    if (issuer == known.end()) break;
    COFFRET_CHECK(verify_certificate(signed_one, issuer->signing_key));
    at = issuer;
  }
  return errc::unauthenticated;
}

AccountId account_id(const SigningPublicKey& root) {
  return {blake2b("coffret.account1", root.bytes)};
}

}  // namespace coffret::protocol
