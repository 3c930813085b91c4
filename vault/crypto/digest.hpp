// SPDX-License-Identifier: EUPL-1.2
//
// digest.hpp: BLAKE2b-256 without key or personalisation (RFC 7693), for names that foreign
// programs compute too. What is keyed or sealed uses kdf.hpp.
#ifndef COFFRET_VAULT_CRYPTO_DIGEST_HPP
#define COFFRET_VAULT_CRYPTO_DIGEST_HPP

#include <array>

#include "coffret/bytes.hpp"

namespace coffret::crypto {

std::array<std::uint8_t, 32> blake2b_256(ByteView bytes) noexcept;

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_DIGEST_HPP
