// SPDX-License-Identifier: EUPL-1.2
//
// http_signature.hpp: HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530), in the one
// form of PROTOCOL.md §2.
//
// Errors of verify_request: unauthenticated (missing, another form, wrong signature, wrong digest,
// another server), clock_refused (created more than signature_window away). Whether the nonce was
// used is the caller's to judge.
#ifndef COFFRET_SYNC_PROTOCOL_HTTP_SIGNATURE_HPP
#define COFFRET_SYNC_PROTOCOL_HTTP_SIGNATURE_HPP

#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/signer.hpp"
#include "coffret/time.hpp"

namespace coffret::protocol {

using Nonce = Id<16, struct NonceTag>;

inline constexpr Seconds signature_window{300};

struct SignedParts {
  std::string_view method;
  std::string_view target;  // origin-form: path and query
  ByteView body;
  Fingerprint server;
};

struct SignatureFields {
  std::string content_digest;   // Content-Digest
  std::string server;           // Coffret-Server
  std::string signature_input;  // Signature-Input
  std::string signature;        // Signature
};

SignatureFields sign_request(const SignedParts& parts, Timestamp created, const Nonce& nonce,
                             const Signer& signer);

struct RequestSignature {
  SigningPublicKey key;
  Nonce nonce;
  Timestamp created;
};
Result<RequestSignature> verify_request(const SignedParts& parts, const SignatureFields& fields,
                                        Timestamp now);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_HTTP_SIGNATURE_HPP
