// SPDX-License-Identifier: EUPL-1.2
//
// kdf.hpp: one key from another (vault/DESIGN.md §1). Only vault/crypto includes this.
//
// derive and CommittedKey are BLAKE2b keyed with the parent, personal = label, message = each part
// behind its length. hkdf32 is HKDF-SHA256 (RFC 5869), for what a browser must compute too.
// Threads: pure functions.
#ifndef COFFRET_VAULT_CRYPTO_KDF_HPP
#define COFFRET_VAULT_CRYPTO_KDF_HPP

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "coffret/bytes.hpp"
#include "coffret/secret.hpp"
#include "vault/crypto/wiped.hpp"

namespace coffret::crypto {

using KeyView = std::span<const std::uint8_t, 32>;
using KeySpace = std::span<std::uint8_t, 32>;
using Parts = std::initializer_list<ByteView>;

// Exactly 16 ASCII characters, checked when it is compiled.
class Label {
 public:
  template <std::size_t N>
  consteval Label(const char (&text)[N]) {  // NOLINT: a literal is a label
    static_assert(N == 17, "a label has 16 characters");
    for (std::size_t i = 0; i < 16; ++i) bytes_[i] = static_cast<std::uint8_t>(text[i]);
  }
  ByteView view() const noexcept { return bytes_; }

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

// An integer as derivation and context parts hold it: 4 bytes, little-endian.
constexpr std::array<std::uint8_t, 4> le32(std::uint32_t value) noexcept {
  return {static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(value >> 8),
          static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 24)};
}

void derive(KeySpace out, KeyView key, Label label, Parts parts);

template <class Key>
Key derive(KeyView key, Label label, Parts parts) {
  return Key::make([&](auto out) { derive(out, key, label, parts); });
}

// A key and the commitment that is stored beside what the key seals: XChaCha20-Poly1305 alone
// opens one ciphertext under many keys, a commitment does not.
class CommittedKey {
 public:
  CommittedKey(KeyView parent, Label label, Parts parts);  // derive64 of vault/DESIGN.md §1

  KeyView key() const noexcept { return bytes_.view().first<32>(); }
  KeyView commitment() const noexcept { return bytes_.view().last<32>(); }

 private:
  Wiped<64> bytes_;
};

// Whether both are equal, in a time that says nothing about where they differ.
bool equal(KeyView a, KeyView b) noexcept;

// label ‖ lp(part)…: the authenticated context of a seal.
Bytes context(Label label, Parts parts);

void hmac_sha256(KeySpace out, ByteView key, Parts message);
// The first 32 bytes of output keying material.
void hkdf32(KeySpace out, ByteView input, ByteView salt, Parts info);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_KDF_HPP
