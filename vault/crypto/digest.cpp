// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/digest.hpp"

#include <openssl/evp.h>
#include <sodium.h>

namespace coffret::crypto {

std::array<std::uint8_t, 32> blake2b_256(ByteView bytes) noexcept {
  std::array<std::uint8_t, 32> digest{};
  (void)::crypto_generichash(digest.data(), digest.size(), bytes.data(), bytes.size(), nullptr, 0);
  return digest;
}

std::array<std::uint8_t, 20> sha1(ByteView bytes) noexcept {
  std::array<std::uint8_t, 20> digest{};
  (void)::EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, ::EVP_sha1(), nullptr);
  return digest;
}

}  // namespace coffret::crypto
