// SPDX-License-Identifier: EUPL-1.2
//
// age_bech32.hpp: Bech32 (BIP 173) of 32 bytes, as age writes its keys. Only vault/crypto includes
// this. One case throughout; the checksum is verified; the trailing bits are zero.
#ifndef COFFRET_VAULT_CRYPTO_AGE_BECH32_HPP
#define COFFRET_VAULT_CRYPTO_AGE_BECH32_HPP

#include <span>
#include <string_view>

#include "coffret/bytes.hpp"

namespace coffret::crypto {

// `prefix`: the human-readable part in lower case, as "age". false: not the encoding of exactly 32
// bytes under it; out then holds nothing of use.
[[nodiscard]] bool read_bech32(std::span<std::uint8_t, 32> out, std::string_view prefix,
                               std::string_view text);

// What stands behind the prefix and the '1', in lower case: the data and the checksum.
inline constexpr std::size_t bech32_length = 58;  // characters, for 32 bytes
void write_bech32(std::span<std::uint8_t, bech32_length> out, std::string_view prefix,
                  std::span<const std::uint8_t, 32> bytes);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_AGE_BECH32_HPP
