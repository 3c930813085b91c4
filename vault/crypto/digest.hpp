// SPDX-License-Identifier: EUPL-1.2
//
// digest.hpp: digests without a key, for what foreign programs compute too: BLAKE2b-256 without
// personalisation (RFC 7693), and SHA-1 (FIPS 180-4). What is keyed or sealed uses kdf.hpp.
//
// SHA-1 proves nothing any more: it is here because FHIR R4 defines Attachment.hash by it.
#ifndef COFFRET_VAULT_CRYPTO_DIGEST_HPP
#define COFFRET_VAULT_CRYPTO_DIGEST_HPP

#include <array>

#include "coffret/bytes.hpp"

namespace coffret::crypto {

std::array<std::uint8_t, 32> blake2b_256(ByteView bytes) noexcept;
std::array<std::uint8_t, 20> sha1(ByteView bytes) noexcept;

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_DIGEST_HPP
