// SPDX-License-Identifier: EUPL-1.2
//
// test_signer.hpp: a Signer whose seed a test knows. For tests only: the seed lies in plain memory.
#ifndef COFFRET_TESTS_SUPPORT_TEST_SIGNER_HPP
#define COFFRET_TESTS_SUPPORT_TEST_SIGNER_HPP

#include <sodium.h>

#include <array>

#include "coffret/signer.hpp"

namespace coffret::test {

class TestSigner final : public Signer {
 public:
  using Seed = std::array<std::uint8_t, crypto_sign_SEEDBYTES>;

  explicit TestSigner(const Seed& seed) {
    (void)crypto_sign_seed_keypair(public_.bytes.data(), secret_.data(), seed.data());
  }
  // A seed of 32 equal bytes: as many identities as a test needs.
  explicit TestSigner(std::uint8_t who) : TestSigner(repeated(who)) {}

  const SigningPublicKey& public_key() const noexcept override { return public_; }

  Signature sign(SignatureLabel label, ByteView message) const override {
    Bytes labelled = to_bytes(as_bytes(text(label)));
    append(labelled, message);
    Signature signature;
    (void)crypto_sign_detached(signature.bytes.data(), nullptr, labelled.data(), labelled.size(),
                               secret_.data());
    return signature;
  }

 private:
  static Seed repeated(std::uint8_t value) {
    Seed seed;
    seed.fill(value);
    return seed;
  }

  SigningPublicKey public_;
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret_{};
};

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_TEST_SIGNER_HPP
