// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/identity.hpp"

#include <sodium.h>

#include <array>
#include <new>

#include "sync/protocol/signature.hpp"

namespace coffret::server {

Result<void> Identity::create(const std::string& path, Disk& disk, Random& random) {
  if (disk.size(path).has_value()) return errc::already_initialised;
  std::array<std::uint8_t, crypto_sign_SEEDBYTES> seed{};
  random.fill(seed);
  auto written = disk.replace(path, seed);
  ::sodium_memzero(seed.data(), seed.size());
  return written;
}

Result<std::unique_ptr<Identity>> Identity::load(const std::string& path, const Disk& disk) {
  if (::sodium_init() < 0) return errc::internal;
  auto seed = disk.read(path, crypto_sign_SEEDBYTES);
  if (seed.has_error()) {
    if (seed.error() == errc::not_found) return errc::never_initialised;
    return seed.error() == errc::too_large ? errc::damaged : to_errc(seed.error());
  }
  if (seed->size() != crypto_sign_SEEDBYTES) return errc::damaged;
  std::unique_ptr<Identity> identity{new Identity{*seed}};
  ::sodium_memzero(seed->data(), seed->size());
  return identity;
}

Identity::Identity(ByteView seed)
    : secret_(static_cast<std::uint8_t*>(::sodium_malloc(crypto_sign_SECRETKEYBYTES))) {
  if (secret_ == nullptr) throw std::bad_alloc{};
  (void)::crypto_sign_seed_keypair(public_key_.bytes.data(), secret_, seed.data());
  (void)::sodium_mprotect_readonly(secret_);
  fingerprint_ = protocol::fingerprint(public_key_);
}

Identity::~Identity() {
  ::sodium_free(secret_);
}

Signature Identity::sign(SignatureLabel label, ByteView message) const {
  Bytes labelled = to_bytes(as_bytes(text(label)));
  append(labelled, message);
  Signature signature;
  (void)::crypto_sign_detached(signature.bytes.data(), nullptr, labelled.data(), labelled.size(),
                               secret_);
  return signature;
}

}  // namespace coffret::server
