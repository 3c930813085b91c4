// SPDX-License-Identifier: EUPL-1.2
//
// passphrase.hpp: what a person types, made the same bytes on every machine, and Argon2id over it.
// Only vault/crypto includes this.
#ifndef COFFRET_VAULT_CRYPTO_PASSPHRASE_HPP
#define COFFRET_VAULT_CRYPTO_PASSPHRASE_HPP

#include <cstdint>
#include <span>
#include <vector>

#include "vault/crypto/keyslot.hpp"
#include "vault/crypto/wiped.hpp"

namespace coffret::crypto {

// The text in Unicode NFC; bytes that are not UTF-8 as they are (no NFC text equals them, so two
// passphrases never fall together).
class NfcText {
 public:
  explicit NfcText(ByteView text);
  ByteView view() const noexcept {
    return {reinterpret_cast<const std::uint8_t*>(space_.data()), size_};
  }

 private:
  WipedVector<std::int32_t> space_;  // code points, then the bytes they give
  std::size_t size_ = 0;
};

using Salt = std::span<const std::uint8_t, 16>;

// Argon2id v1.3, one lane. false: the machine has not that much memory now.
[[nodiscard]] bool argon2id(std::span<std::uint8_t, 64> out, ByteView text, Salt salt,
                            const Argon2Cost& cost);

// The costs to try in turn for a new keyslot: the stated one, then half the memory and twice the
// passes each time (about the same seconds), down to the floor and up to the ceiling.
std::vector<Argon2Cost> cost_ladder(const CostPolicy& policy);

// Whether the policy accepts the cost of a keyslot that was found.
bool accepts(const CostPolicy& policy, const Argon2Cost& cost) noexcept;

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_PASSPHRASE_HPP
