// SPDX-License-Identifier: EUPL-1.2
//
// slot_content.hpp: a device's secrets as both of its slots seal them: epoch, then four keys. Only
// vault/crypto includes this.
#ifndef COFFRET_VAULT_CRYPTO_SLOT_CONTENT_HPP
#define COFFRET_VAULT_CRYPTO_SLOT_CONTENT_HPP

#include "vault/crypto/kdf.hpp"
#include "vault/crypto/keyslot.hpp"

namespace coffret::crypto {

inline constexpr std::size_t slot_content_size = 4 + 4 * 32;  // bytes

void write_slot_content(std::span<std::uint8_t, slot_content_size> out,
                        const LocalSecrets& secrets);
LocalSecrets read_slot_content(std::span<const std::uint8_t, slot_content_size> in);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_SLOT_CONTENT_HPP
