// SPDX-License-Identifier: EUPL-1.2
//
// small_seal.hpp: the seal of everything small (vault/DESIGN.md §2), and the cipher under all our
// own seals. Only vault/crypto includes this.
//
// Errors: those of sealer.hpp.
// Threads: pure functions.
#ifndef COFFRET_VAULT_CRYPTO_SMALL_SEAL_HPP
#define COFFRET_VAULT_CRYPTO_SMALL_SEAL_HPP

#include "coffret/error.hpp"
#include "coffret/random.hpp"
#include "vault/crypto/kdf.hpp"

namespace coffret::crypto {

inline constexpr std::size_t nonce_size = 24;  // bytes, XChaCha20
inline constexpr std::size_t tag_size = 16;    // bytes, Poly1305
inline constexpr std::size_t small_seal_overhead = 1 + nonce_size + 32 + tag_size;

using NonceView = std::span<const std::uint8_t, nonce_size>;

// XChaCha20-Poly1305 (IETF). out has tag_size bytes more than the plaintext when encrypting, as
// many fewer than the sealed bytes when decrypting; false: nothing was written.
void encrypt(MutableByteView out, KeyView key, NonceView nonce, ByteView aad, ByteView plaintext);
[[nodiscard]] bool decrypt(MutableByteView out, KeyView key, NonceView nonce, ByteView aad,
                           ByteView sealed);

// aad begins with the label of the role: context() of kdf.hpp.
Bytes small_seal(KeyView key, ByteView aad, ByteView plaintext, Random& random);

// out must have exactly sealed.size() - small_seal_overhead bytes, else malformed.
Result<void> small_open(MutableByteView out, KeyView key, ByteView aad, ByteView sealed);
Result<Bytes> small_open(KeyView key, ByteView aad, ByteView sealed);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_SMALL_SEAL_HPP
