// SPDX-License-Identifier: EUPL-1.2
//
// gcm.hpp: AES-256-GCM (NIST SP 800-38D), for JWE only. Only vault/crypto includes this.
//
// From OpenSSL: libsodium has it only where the processor does.
// A machine without memory for a cipher throws std::bad_alloc.
#ifndef COFFRET_VAULT_CRYPTO_GCM_HPP
#define COFFRET_VAULT_CRYPTO_GCM_HPP

#include "vault/crypto/kdf.hpp"

namespace coffret::crypto {

inline constexpr std::size_t gcm_nonce_size = 12;  // bytes
inline constexpr std::size_t gcm_tag_size = 16;    // bytes, behind the ciphertext

using GcmNonce = std::span<const std::uint8_t, gcm_nonce_size>;

// out.size() is plaintext.size() + gcm_tag_size.
void gcm_encrypt(MutableByteView out, KeyView key, GcmNonce nonce, ByteView aad,
                 ByteView plaintext);
// out.size() is sealed.size() - gcm_tag_size. false: out holds nothing of use and is zeroed.
[[nodiscard]] bool gcm_decrypt(MutableByteView out, KeyView key, GcmNonce nonce, ByteView aad,
                               ByteView sealed);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_GCM_HPP
