// SPDX-License-Identifier: EUPL-1.2
//
// body.hpp: a document's body as a sealed object (vault/DESIGN.md §4). Only vault/crypto includes
// this.
//
// Errors: those of sealer.hpp.
// Threads: pure functions.
#ifndef COFFRET_VAULT_CRYPTO_BODY_HPP
#define COFFRET_VAULT_CRYPTO_BODY_HPP

#include "coffret/error.hpp"
#include "vault/crypto/kdf.hpp"
#include "vault/crypto/sealer.hpp"

namespace coffret::crypto {

// The whole object, padded.
Bytes seal_body(KeyView key, const BodyContext& context, ByteView body);
// sealed is exactly the located slice; size is the body's true size.
Result<Bytes> open_body(KeyView key, const BodyContext& context, ByteView sealed,
                        std::uint64_t size);

// Whether its commitment is that of this key and place.
bool is_body_under(KeyView key, const BodyContext& context, ByteView sealed);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_BODY_HPP
