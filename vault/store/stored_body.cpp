// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/stored_body.hpp"

#include "coffret/sealed.hpp"
#include "vault/crypto/parcel.hpp"

namespace coffret::store {
namespace {

Result<Bytes> opened(const StoredBody::Sealed& file, std::uint64_t size) {
  auto sealed = file.disk->read(file.path, crypto::object_size(size));
  if (sealed.has_error()) return errc::damaged;
  auto body =
      crypto::Sealer::open(file.key, file.context, ReceivedObject{std::move(*sealed)}, size);
  if (body.has_error()) return errc::damaged;
  return body;
}

}  // namespace

Result<Bytes> StoredBody::read() && {
  Bytes body;
  if (const auto* file = std::get_if<Sealed>(&where_)) {
    COFFRET_TRY(body, opened(*file, size_));
  } else {
    body = std::move(std::get<Bytes>(where_));
  }
  if (body.size() != size_ || crypto::sha256(body) != sha256_) return errc::damaged;
  return body;
}

}  // namespace coffret::store
