// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/small_seal.hpp"

#include <sodium.h>

#include "vault/crypto/sealer.hpp"

namespace coffret::crypto {
namespace {

CommittedKey seal_key(KeyView key, NonceView nonce, ByteView aad) {
  return CommittedKey{key, "coffret.seal...1", {ByteView{&suite, 1}, nonce, aad}};
}

}  // namespace

void encrypt(MutableByteView out, KeyView key, NonceView nonce, ByteView aad, ByteView plaintext) {
  (void)::crypto_aead_xchacha20poly1305_ietf_encrypt(out.data(), nullptr, plaintext.data(),
                                                     plaintext.size(), aad.data(), aad.size(),
                                                     nullptr, nonce.data(), key.data());
}

bool decrypt(MutableByteView out, KeyView key, NonceView nonce, ByteView aad, ByteView sealed) {
  return ::crypto_aead_xchacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, sealed.data(),
                                                      sealed.size(), aad.data(), aad.size(),
                                                      nonce.data(), key.data()) == 0;
}

Bytes small_seal(KeyView key, ByteView aad, ByteView plaintext, Random& random) {
  std::array<std::uint8_t, nonce_size> nonce{};
  random.fill(nonce);
  const CommittedKey committed = seal_key(key, nonce, aad);

  Bytes sealed{suite};
  sealed.reserve(plaintext.size() + small_seal_overhead);
  append(sealed, nonce);
  append(sealed, committed.commitment());
  const std::size_t head = sealed.size();
  sealed.resize(plaintext.size() + small_seal_overhead);
  encrypt(MutableByteView{sealed}.subspan(head), committed.key(), nonce, aad, plaintext);
  return sealed;
}

Result<void> small_open(MutableByteView out, KeyView key, ByteView aad, ByteView sealed) {
  if (sealed.empty()) return errc::malformed;
  if (sealed[0] != suite) return errc::other_version;
  if (sealed.size() < small_seal_overhead) return errc::malformed;
  if (sealed.size() - small_seal_overhead != out.size()) return errc::malformed;

  const auto nonce = sealed.subspan<1, nonce_size>();
  const auto commitment = sealed.subspan<1 + nonce_size, 32>();
  const CommittedKey committed = seal_key(key, nonce, aad);
  if (!equal(committed.commitment(), commitment)) return errc::unauthenticated;
  if (!decrypt(out, committed.key(), nonce, aad, sealed.subspan(1 + nonce_size + 32)))
    return errc::unauthenticated;
  return {};
}

Result<Bytes> small_open(KeyView key, ByteView aad, ByteView sealed) {
  Bytes out(sealed.size() < small_seal_overhead ? 0 : sealed.size() - small_seal_overhead);
  COFFRET_CHECK(small_open(out, key, aad, sealed));
  return out;
}

}  // namespace coffret::crypto
