// SPDX-License-Identifier: EUPL-1.2
//
// inflate.hpp: raw DEFLATE (RFC 1951) with an end to how much may come out. Only vault/crypto
// includes this.
#ifndef COFFRET_VAULT_CRYPTO_INFLATE_HPP
#define COFFRET_VAULT_CRYPTO_INFLATE_HPP

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"

namespace coffret::crypto {

// Exactly one stream. Memory grows with what came out, never past limit.
// Errors: too_large, malformed (cut short, followed by more, or not DEFLATE).
Result<Bytes> inflate_raw(ByteView deflated, std::size_t limit);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_INFLATE_HPP
