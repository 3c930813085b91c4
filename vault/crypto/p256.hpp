// SPDX-License-Identifier: EUPL-1.2
//
// p256.hpp: the curve P-256 (NIST SP 800-186), which every browser's WebCrypto has. Only
// vault/crypto includes this.
//
// From OpenSSL, whose scalar multiplication on this curve takes the same time for every scalar. A
// machine without memory throws std::bad_alloc.
#ifndef COFFRET_VAULT_CRYPTO_P256_HPP
#define COFFRET_VAULT_CRYPTO_P256_HPP

#include <cstdint>
#include <span>

#include "vault/crypto/deposit.hpp"

namespace coffret::crypto {

// Whether the 32 bytes, big-endian, are a private key: from 1 to the order less one.
[[nodiscard]] bool is_p256_scalar(std::span<const std::uint8_t, 32> scalar);
// Big-endian x of scalar · other. false: `other` is no point of the curve.
[[nodiscard]] bool p256_agree(std::span<std::uint8_t, 32> out, const DepositKey& key,
                              const DepositPublicKey& other);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_P256_HPP
