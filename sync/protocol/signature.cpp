// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/signature.hpp"

#include <sodium.h>

namespace coffret::protocol {
namespace {

// One header, byte for byte: no algorithm is negotiated and no member is ignored.
std::string jws_header(std::string_view typ, const SigningPublicKey& key) {
  return R"({"alg":"EdDSA","typ":")" + std::string{typ} +
         R"(","jwk":{"kty":"OKP","crv":"Ed25519","x":")" + to_base64url(key.bytes) + R"("}})";
}

// The key of a header that is exactly ours.
Result<SigningPublicKey> key_of_header(std::string_view header, std::string_view typ) {
  constexpr std::string_view tail = R"("}})";
  constexpr std::size_t key_text = 43;  // base64url of 32 bytes
  if (header.size() < key_text + tail.size()) return errc::malformed;
  const auto x = header.substr(header.size() - tail.size() - key_text, key_text);
  COFFRET_TRY(const auto raw, from_base64url(x));
  COFFRET_TRY(const auto key, SigningPublicKey::from(raw));
  if (header != jws_header(typ, key)) return errc::malformed;
  return key;
}

}  // namespace

bool verify(const SigningPublicKey& key, SignatureLabel label, ByteView message,
            const Signature& signature) {
  Bytes labelled = to_bytes(as_bytes(text(label)));
  append(labelled, message);
  // libsodium refuses S not below the group order and keys or R of small order.
  return crypto_sign_verify_detached(signature.bytes.data(), labelled.data(), labelled.size(),
                                     key.bytes.data()) == 0;
}

Fingerprint fingerprint(const SigningPublicKey& key) {
  // RFC 7638 §3: the required members in lexicographic order, without white space.
  const std::string jwk =
      R"({"crv":"Ed25519","kty":"OKP","x":")" + to_base64url(key.bytes) + R"("})";
  return {sha256(as_bytes(jwk)).bytes};
}

std::string sign_jws(std::string_view typ, std::string_view payload, const Signer& signer) {
  std::string input = to_base64url(as_bytes(jws_header(typ, signer.public_key()))) + "." +
                      to_base64url(as_bytes(payload));
  const Signature signature = signer.sign(SignatureLabel::jws, as_bytes(input));
  return input + "." + to_base64url(signature.bytes);
}

Result<VerifiedJws> verify_jws(std::string_view compact, std::string_view typ, std::size_t limit) {
  if (compact.size() > limit) return errc::too_large;
  const auto first = compact.find('.');
  const auto last = compact.rfind('.');
  if (first == std::string_view::npos || first == last) return errc::malformed;

  COFFRET_TRY(const auto header, from_base64url(compact.substr(0, first)));
  COFFRET_TRY(const auto payload, from_base64url(compact.substr(first + 1, last - first - 1)));
  COFFRET_TRY(const auto raw, from_base64url(compact.substr(last + 1)));
  COFFRET_TRY(const auto signature, Signature::from(raw));
  COFFRET_TRY(const auto key, key_of_header(as_text(header), typ));
  if (!verify(key, SignatureLabel::jws, as_bytes(compact.substr(0, last)), signature))
    return errc::unauthenticated;
  return VerifiedJws{key, to_text(payload)};
}

}  // namespace coffret::protocol
