// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/parcel.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include "vault/crypto/kdf.hpp"
#include "vault/crypto/passphrase.hpp"

namespace coffret::crypto {

ContentKey parcel_key(const LinkSecret& link, const ServerHalf& half, const LinkId& id,
                      std::uint32_t version) {
  Wiped<64> halves;
  const auto first = link.expose();
  std::copy(first.begin(), first.end(), halves.space().begin());
  std::copy(half.bytes.begin(), half.bytes.end(), halves.space().begin() + first.size());
  return ContentKey::make([&](auto out) {
    hkdf32(out, halves.view(), id.view(), {as_bytes("coffret parcel 1"), le32(version)});
  });
}

Sha256 read_proof(const ContentKey& key, const LinkId& id) {
  Sha256 proof;
  hkdf32(proof.bytes, key.expose(), id.view(), {as_bytes("coffret proof 1")});
  return proof;
}

Sha256 passcode_proof(const LinkSecret& link, const LinkId& id, const SecretText& passcode) {
  Wiped<32> key;
  hkdf32(key.space(), link.expose(), id.view(), {as_bytes("coffret passcode 1")});
  const NfcText text{passcode.expose()};
  Sha256 proof;
  hmac_sha256(proof.bytes, key.view(), {text.view()});
  return proof;
}

Sha256 sha256(ByteView bytes) {
  Sha256 hash;
  // OpenSSL's uses the processor's own instructions: five times libsodium's speed.
  (void)::EVP_Digest(bytes.data(), bytes.size(), hash.bytes.data(), nullptr, ::EVP_sha256(),
                     nullptr);
  return hash;
}

ContentKey recipient_key(const LinkSecret& link, const LinkId& id) {
  return ContentKey::make(
      [&](auto out) { hkdf32(out, link.expose(), id.view(), {as_bytes("coffret recipient 1")}); });
}

ContentKey reason_key(const LinkSecret& link, const LinkId& id) {
  return ContentKey::make(
      [&](auto out) { hkdf32(out, link.expose(), id.view(), {as_bytes("coffret reason 1")}); });
}

}  // namespace coffret::crypto
