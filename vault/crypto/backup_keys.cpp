// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/backup_keys.hpp"

#include <sodium.h>

#include <algorithm>

#include "vault/crypto/age_bech32.hpp"
#include "vault/crypto/kdf.hpp"

namespace coffret::crypto {

AgeIdentity recovery_identity(const RecoverySeed& seed) {
  const auto key = recovery_agreement_key(seed);
  return AgeIdentity::make([&](auto out) {
    const auto from = key.expose();
    std::copy(from.begin(), from.end(), out.begin());
  });
}

AgeIdentity export_identity(const VaultKey& key, const VaultId& vault, std::uint32_t epoch) {
  return derive<AgeIdentity>(key.expose(), "coffret.export.1", {vault.view(), le32(epoch)});
}

AgeRecipient age_recipient(const AgreementPublicKey& key) {
  AgeRecipient recipient;
  recipient.bytes = key.bytes;
  return recipient;
}

AgeRecipient age_recipient(const AgeIdentity& identity) {
  AgeRecipient recipient;
  (void)::crypto_scalarmult_curve25519_base(recipient.bytes.data(), identity.expose().data());
  return recipient;
}

SecretText age_identity_text(const AgeIdentity& identity) {
  return make_secret_text([&](SecretWriter& out) {
    Wiped<bech32_length> text;
    write_bech32(text.space(), "age-secret-key-", identity.expose());
    for (auto& c : text.space())
      if (c >= 'a' && c <= 'z') c = static_cast<std::uint8_t>(c - 'a' + 'A');
    out << "AGE-SECRET-KEY-1" << as_text(text.view());
  });
}

}  // namespace coffret::crypto
