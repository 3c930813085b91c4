// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/gcm.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <memory>
#include <new>

namespace coffret::crypto {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { ::EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

// Only a lack of memory, or an OpenSSL without AES, makes a call with good arguments fail.
void must(int done) {
  if (done != 1) throw std::bad_alloc{};
}

Context start(KeyView key, GcmNonce nonce, bool encrypting) {
  Context context{::EVP_CIPHER_CTX_new()};
  if (!context) throw std::bad_alloc{};
  must(::EVP_CipherInit_ex(context.get(), ::EVP_aes_256_gcm(), nullptr, key.data(), nonce.data(),
                           encrypting ? 1 : 0));
  return context;
}

// OpenSSL counts in int: long inputs go in pieces. A null out is additional data.
void update(EVP_CIPHER_CTX* context, std::uint8_t* out, ByteView in) {
  constexpr std::size_t piece = std::size_t{1} << 30;
  while (!in.empty()) {
    const std::size_t size = std::min(piece, in.size());
    int written = 0;
    must(::EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(size)));
    if (out != nullptr) out += written;
    in = in.subspan(size);
  }
}

}  // namespace

void gcm_encrypt(MutableByteView out, KeyView key, GcmNonce nonce, ByteView aad,
                 ByteView plaintext) {
  const Context context = start(key, nonce, true);
  update(context.get(), nullptr, aad);
  update(context.get(), out.data(), plaintext);
  int written = 0;
  must(::EVP_CipherFinal_ex(context.get(), out.data() + plaintext.size(), &written));
  must(::EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, gcm_tag_size,
                             out.data() + plaintext.size()));
}

bool gcm_decrypt(MutableByteView out, KeyView key, GcmNonce nonce, ByteView aad, ByteView sealed) {
  const Context context = start(key, nonce, false);
  update(context.get(), nullptr, aad);
  update(context.get(), out.data(), sealed.first(sealed.size() - gcm_tag_size));
  Bytes tag = to_bytes(sealed.last(gcm_tag_size));
  must(::EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, gcm_tag_size, tag.data()));
  std::uint8_t none = 0;
  int written = 0;
  if (::EVP_CipherFinal_ex(context.get(), &none, &written) == 1) return true;
  ::sodium_memzero(out.data(), out.size());  // the cipher ran before the tag was known
  return false;
}

}  // namespace coffret::crypto
