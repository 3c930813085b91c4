// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/kdf.hpp"

#include <sodium.h>

namespace coffret::crypto {
namespace {

void blake2b(MutableByteView out, KeyView key, Label label, Parts parts) {
  crypto_generichash_blake2b_state state;
  (void)::crypto_generichash_blake2b_init_salt_personal(&state, key.data(), key.size(), out.size(),
                                                        nullptr, label.view().data());
  for (const ByteView part : parts) {
    const auto size = le32(static_cast<std::uint32_t>(part.size()));
    (void)::crypto_generichash_blake2b_update(&state, size.data(), size.size());
    (void)::crypto_generichash_blake2b_update(&state, part.data(), part.size());
  }
  (void)::crypto_generichash_blake2b_final(&state, out.data(), out.size());
  ::sodium_memzero(&state, sizeof state);
}

}  // namespace

void derive(KeySpace out, KeyView key, Label label, Parts parts) {
  blake2b(out, key, label, parts);
}

CommittedKey::CommittedKey(KeyView parent, Label label, Parts parts) {
  blake2b(bytes_.space(), parent, label, parts);
}

bool equal(KeyView a, KeyView b) noexcept {
  return ::sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Bytes context(Label label, Parts parts) {
  Bytes out = to_bytes(label.view());
  for (const ByteView part : parts) {
    append_le(out, static_cast<std::uint32_t>(part.size()));
    append(out, part);
  }
  return out;
}

void hmac_sha256(KeySpace out, ByteView key, Parts message) {
  constexpr std::uint8_t none = 0;  // an empty view may be null, which libsodium does not take
  crypto_auth_hmacsha256_state state;
  (void)::crypto_auth_hmacsha256_init(&state, key.empty() ? &none : key.data(), key.size());
  for (const ByteView part : message)
    (void)::crypto_auth_hmacsha256_update(&state, part.data(), part.size());
  (void)::crypto_auth_hmacsha256_final(&state, out.data());
  ::sodium_memzero(&state, sizeof state);
}

void hkdf32(KeySpace out, ByteView input, ByteView salt, Parts info) {
  Wiped<32> extracted;
  hmac_sha256(extracted.space(), salt, {input});

  // Expand, first block: HMAC(extracted, info ‖ 1).
  constexpr std::uint8_t block = 1;
  crypto_auth_hmacsha256_state state;
  (void)::crypto_auth_hmacsha256_init(&state, extracted.data(), 32);
  for (const ByteView part : info)
    (void)::crypto_auth_hmacsha256_update(&state, part.data(), part.size());
  (void)::crypto_auth_hmacsha256_update(&state, &block, 1);
  (void)::crypto_auth_hmacsha256_final(&state, out.data());
  ::sodium_memzero(&state, sizeof state);
}

}  // namespace coffret::crypto
