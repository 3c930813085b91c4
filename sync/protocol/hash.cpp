// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/hash.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <cassert>
#include <memory>
#include <new>

#include "sync/protocol/signature.hpp"

namespace coffret::protocol {
namespace {

constexpr std::string_view object_label = "coffret.object.1";

const std::uint8_t* personal_bytes(std::string_view personal) {
  assert(personal.size() == crypto_generichash_blake2b_PERSONALBYTES);
  return as_bytes(personal).data();
}

}  // namespace

std::array<std::uint8_t, 32> blake2b(std::string_view personal, ByteView bytes) {
  std::array<std::uint8_t, 32> out{};
  // Fails only for lengths outside the algorithm's, which are constants here.
  (void)crypto_generichash_blake2b_salt_personal(out.data(), out.size(), bytes.data(), bytes.size(),
                                                 nullptr, 0, nullptr, personal_bytes(personal));
  return out;
}

struct ObjectHasher::State {
  crypto_generichash_blake2b_state blake;
};

ObjectHasher::ObjectHasher() : state_(std::make_unique<State>()) {
  (void)crypto_generichash_blake2b_init_salt_personal(&state_->blake, nullptr, 0, ObjectId::size,
                                                      nullptr, personal_bytes(object_label));
}
ObjectHasher::~ObjectHasher() = default;
ObjectHasher::ObjectHasher(ObjectHasher&&) noexcept = default;
ObjectHasher& ObjectHasher::operator=(ObjectHasher&&) noexcept = default;

void ObjectHasher::update(ByteView bytes) {
  (void)crypto_generichash_blake2b_update(&state_->blake, bytes.data(), bytes.size());
}

ObjectId ObjectHasher::finish() {
  ObjectId id;
  (void)crypto_generichash_blake2b_final(&state_->blake, id.bytes.data(), id.bytes.size());
  return id;
}

// SHA-256 is OpenSSL's, which uses the processor's own instructions for it: five times libsodium's
// speed, and every byte of a sync is hashed by it on both sides.
struct Sha256Hasher::State {
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> sha{::EVP_MD_CTX_new(), ::EVP_MD_CTX_free};
};

Sha256Hasher::Sha256Hasher() : state_(std::make_unique<State>()) {
  if (!state_->sha || ::EVP_DigestInit_ex(state_->sha.get(), ::EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc{};
}
Sha256Hasher::~Sha256Hasher() = default;
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;
Sha256Hasher& Sha256Hasher::operator=(Sha256Hasher&&) noexcept = default;

void Sha256Hasher::update(ByteView bytes) {
  (void)::EVP_DigestUpdate(state_->sha.get(), bytes.data(), bytes.size());
}

Sha256 Sha256Hasher::finish() {
  Sha256 hash;
  (void)::EVP_DigestFinal_ex(state_->sha.get(), hash.bytes.data(), nullptr);
  return hash;
}

Sha256 sha256(ByteView bytes) {
  Sha256 hash;
  (void)::EVP_Digest(bytes.data(), bytes.size(), hash.bytes.data(), nullptr, ::EVP_sha256(),
                     nullptr);
  return hash;
}

}  // namespace coffret::protocol
