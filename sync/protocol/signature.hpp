// SPDX-License-Identifier: EUPL-1.2
//
// signature.hpp: verifying what a Signer signed (Ed25519, RFC 8032, strict: non-canonical S and
// small-order keys are refused), fingerprints, and JWS compact with EdDSA (RFC 7515, RFC 8037).
//
// Errors: unauthenticated; malformed (JWS form, or a header that is not exactly ours); too_large.
#ifndef COFFRET_SYNC_PROTOCOL_SIGNATURE_HPP
#define COFFRET_SYNC_PROTOCOL_SIGNATURE_HPP

#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/signer.hpp"

namespace coffret::protocol {

bool verify(const SigningPublicKey& key, SignatureLabel label, ByteView message,
            const Signature& signature);

// RFC 7638 SHA-256 thumbprint of {"crv":"Ed25519","kty":"OKP","x":…}. In text: base64url.
Fingerprint fingerprint(const SigningPublicKey& key);

Sha256 sha256(ByteView bytes);

// JWS compact over `payload` (JSON text), header
// {"alg":"EdDSA","typ":typ,"jwk":{"kty":"OKP","crv":"Ed25519","x":…}}, byte for byte.
// `typ` needs no JSON escape.
std::string sign_jws(std::string_view typ, std::string_view payload, const Signer& signer);

struct VerifiedJws {
  SigningPublicKey key;  // the header's jwk: trusted only if the caller knows it
  std::string payload;
};
// `limit` bounds the whole compact text, in bytes.
Result<VerifiedJws> verify_jws(std::string_view compact, std::string_view typ, std::size_t limit);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_SIGNATURE_HPP
