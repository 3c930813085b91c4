// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/keys.hpp"

#include <sodium.h>

#include "vault/crypto/kdf.hpp"

namespace coffret::crypto {
namespace {

class Ed25519Signer final : public Signer {
 public:
  explicit Ed25519Signer(const SigningSeed& seed)
      : key_(ExpandedKey::make([&](auto out) {
          (void)::crypto_sign_seed_keypair(public_.bytes.data(), out.data(), seed.expose().data());
        })) {}

  const SigningPublicKey& public_key() const noexcept override { return public_; }

  Signature sign(SignatureLabel label, ByteView message) const override {
    Bytes labelled = to_bytes(as_bytes(text(label)));
    append(labelled, message);
    Signature signature;
    (void)::crypto_sign_detached(signature.bytes.data(), nullptr, labelled.data(), labelled.size(),
                                 key_.expose().data());
    return signature;
  }

 private:
  using ExpandedKey = Secret<crypto_sign_SECRETKEYBYTES, struct ExpandedSigningTag>;
  SigningPublicKey public_;  // before key_: making the key fills it
  ExpandedKey key_;
};

template <class Key>
Key of_epoch(const VaultKey& key, Label label, const VaultId& vault, std::uint32_t epoch) {
  return derive<Key>(key.expose(), label, {vault.view(), le32(epoch)});
}

}  // namespace

LogKey log_key(const VaultKey& key, const VaultId& vault, std::uint32_t epoch) {
  return of_epoch<LogKey>(key, "coffret.logkey.1", vault, epoch);
}
HeadKey head_key(const VaultKey& key, const VaultId& vault, std::uint32_t epoch) {
  return of_epoch<HeadKey>(key, "coffret.headmac1", vault, epoch);
}
ConfigKey config_key(const VaultKey& key, const VaultId& vault, std::uint32_t epoch) {
  return of_epoch<ConfigKey>(key, "coffret.config.1", vault, epoch);
}

SigningSeed root_seed(const RecoverySeed& seed) {
  return derive<SigningSeed>(seed.expose(), "coffret.root...1", {});
}
AgreementKey recovery_agreement_key(const RecoverySeed& seed) {
  return derive<AgreementKey>(seed.expose(), "coffret.recovery", {});
}

SigningPublicKey public_key(const SigningSeed& seed) {
  return make_signer(seed)->public_key();
}

AgreementPublicKey public_key(const AgreementKey& key) {
  AgreementPublicKey result;
  (void)::crypto_scalarmult_base(result.bytes.data(), key.expose().data());
  return result;
}

std::unique_ptr<Signer> make_signer(const SigningSeed& seed) {
  return std::make_unique<Ed25519Signer>(seed);
}

HeadMac head_mac(const HeadKey& key, ByteView content) {
  HeadMac mac{};
  derive(mac, key.expose(), "coffret.head...1", {content});
  return mac;
}

bool same(const HeadMac& a, const HeadMac& b) noexcept {
  return equal(a, b);
}

bool same(const VaultKey& a, const VaultKey& b) noexcept {
  return equal(a.expose(), b.expose());
}

SecretText sqlcipher_key_literal(const StoreKey& key) {
  return make_secret_text([&](SecretWriter& out) {
    constexpr std::size_t digits = 2 * StoreKey::size;
    Wiped<digits + 1> hex;  // libsodium ends its text with a zero
    const auto bytes = key.expose();
    (void)::sodium_bin2hex(reinterpret_cast<char*>(hex.data()), digits + 1, bytes.data(),
                           bytes.size());
    out << "x'" << as_text(hex.view().first<digits>()) << "'";
  });
}

}  // namespace coffret::crypto
