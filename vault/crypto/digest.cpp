// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/digest.hpp"

#include <sodium.h>

namespace coffret::crypto {

std::array<std::uint8_t, 32> blake2b_256(ByteView bytes) noexcept {
  std::array<std::uint8_t, 32> digest{};
  (void)::crypto_generichash(digest.data(), digest.size(), bytes.data(), bytes.size(), nullptr, 0);
  return digest;
}

}  // namespace coffret::crypto
