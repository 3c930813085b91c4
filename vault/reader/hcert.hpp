// SPDX-License-Identifier: EUPL-1.2
//
// hcert.hpp: the EU digital COVID certificate (Regulation (EU) 2021/953), as the text of its QR
// code: "HC1:", base45 (RFC 9285), zlib, COSE_Sign1 (RFC 9052), CBOR Web Token, certificate.
//
// The signature is not verified, and the document's text says so: a certificate is here something
// that the person keeps, not a proof.
#ifndef COFFRET_VAULT_READER_HCERT_HPP
#define COFFRET_VAULT_READER_HCERT_HPP

#include <optional>
#include <string_view>

#include "coffret/document.hpp"

namespace coffret::reader {

namespace hcert_limits {
inline constexpr std::size_t encoded = 16'384;   // characters; a QR code holds 4,296
inline constexpr std::size_t unpacked = 65'536;  // bytes
inline constexpr unsigned shown = 64;            // of one picture or PDF, looked at
}  // namespace hcert_limits

// The certificate's characters, from "HC1:" on, in a text; empty when there is none.
std::string_view find_hcert(std::string_view text);

// False when these are not the characters of a certificate: nothing was described. The entry's
// format stays as it is.
bool describe_hcert(std::string_view certificate, DocumentDescription& into);

// Certificates among the words of a picture or a PDF. The first describes the document; those of
// the same holder add their words and facts; one of another holder is noted as a discrepancy, as
// it leaves open whose document this is. False when there is none.
bool describe_shown_hcerts(std::string_view words, DocumentDescription& into);

// RFC 9285; nothing when it is not base45.
std::optional<Bytes> from_base45(std::string_view text);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_HCERT_HPP
