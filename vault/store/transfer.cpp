// SPDX-License-Identifier: EUPL-1.2
//
// Bodies between the vault and the server; the vault's own part of it.
#include "vault/store/transfer.hpp"

#include "vault/crypto/parcel.hpp"
#include "vault/store/checkpoints.hpp"
#include "vault/store/state.hpp"

namespace coffret::store {

Result<SealedObject> seal(Unsealed body) {
  auto sealed =
      body.sealed ? crypto::Sealer::stored(body.key, body.context, std::move(body.bytes))
                  : Result<SealedObject>{crypto::Sealer::seal(body.key, body.context, body.bytes)};
  if (sealed.has_error() || protocol::object_id(sealed->view()) != body.object)
    return errc::damaged;
  return sealed;
}

std::string arriving_name(const ObjectId& object) {
  return object.text() + ".part";
}

Result<ReadyBody> open(const Unopened& wanted, ReceivedObject received) {
  if (protocol::object_id(received.bytes) != wanted.object) return errc::unauthenticated;
  COFFRET_TRY(auto body, crypto::Sealer::open(wanted.key, wanted.context, received, wanted.size));
  if (crypto::sha256(body) != wanted.sha256) return errc::unauthenticated;
  ReadyBody ready{.row = wanted.row, .file = wanted.file, .bytes = std::move(body)};
  if (!ready.file.empty()) ready.bytes = std::move(received.bytes);
  return ready;
}

Result<void> keep_file(Disk& disk, const ReadyBody& body) {
  return body.file.empty() ? Result<void>{} : disk.replace(body.file, body.bytes);
}

namespace {

Result<Unsealed> unsealed_of(Vault::State& state, const Stored& document) {
  const auto& put = document.put();
  COFFRET_TRY(auto key, state.document_key(document));
  Unsealed body{.object = put.locator.object,
                .context = {state.owner.vault, put.document, put.version},
                .key = std::move(key),
                .bytes = {},
                .sealed = document.row.place == Place::file};
  if (body.sealed) {
    auto file = state.env.disk.read(state.directory.object(body.object), put.locator.length);
    if (file.has_error()) return errc::damaged;
    body.bytes = std::move(*file);
    return body;
  }
  if (document.row.place == Place::missing) return errc::body_missing;
  if (document.row.place != Place::row) return errc::not_found;
  COFFRET_TRY(body.bytes, state.documents.body(document.row.row));
  return body;
}

}  // namespace

Result<std::vector<Unsealed>> Vault::unsealed(std::span<const ObjectId> objects,
                                              std::size_t bytes) const {
  std::vector<Unsealed> bodies;
  std::uint64_t size = 0;
  for (const auto& object : objects) {
    const auto row = state_->documents.by_object(object);
    // No document's: a part of a checkpoint, which goes alone.
    if (row.has_error() && row.error() == errc::not_found && bodies.empty()) {
      COFFRET_TRY(auto part, unsealed_part(*state_, object));
      bodies.push_back(std::move(part));
      return bodies;
    }
    if (row.has_error() && row.error() == errc::not_found) break;
    if (row.has_error()) return row.error();
    size += crypto::object_size(row->size);
    if (size > bytes && !bodies.empty()) break;
    COFFRET_TRY(const auto document, state_->stored(*row));
    COFFRET_TRY(auto body, unsealed_of(*state_, document));
    bodies.push_back(std::move(body));
  }
  return bodies;
}

Result<std::uint64_t> Vault::sealed_size(const ObjectId& object) const {
  const auto row = state_->documents.by_object(object);
  // No document's: a part of a checkpoint.
  if (row.has_error() && row.error() == errc::not_found) return part_size(*state_, object);
  if (row.has_error()) return row.error();
  return crypto::object_size(row->size);
}

Result<std::vector<Unopened>> Vault::unopened(std::span<const ObjectId> objects) const {
  std::vector<Unopened> wanted;
  for (const auto& object : objects) {
    COFFRET_TRY(const auto row, state_->documents.by_object(object));
    if (row.place != Place::missing) continue;
    COFFRET_TRY(const auto document, state_->stored(row));
    COFFRET_TRY(auto key, state_->document_key(document));
    const auto& put = document.put();
    const bool large = put.size > max_row_body;
    wanted.push_back({.object = object,
                      .row = row.row,
                      .context = {state_->owner.vault, put.document, put.version},
                      .key = std::move(key),
                      .size = put.size,
                      .sha256 = put.sha256,
                      .file = large ? state_->directory.object(object) : std::string{}});
  }
  return wanted;
}

Result<void> Vault::store_bodies(const std::vector<ReadyBody>& bodies) {
  auto& state = *state_;
  COFFRET_TRY(auto transaction, Transaction::begin(state.db));
  for (const auto& body : bodies) {
    COFFRET_TRY(const auto row, state.documents.at(body.row));
    if (row.place != Place::missing) continue;  // here already, or purged meanwhile
    const bool large = !body.file.empty();
    if (!large) COFFRET_CHECK(state.documents.add_body(body.row, body.bytes));
    COFFRET_CHECK(state.documents.set_place(body.row, large ? Place::file : Place::row));
  }
  return transaction.commit();
}

LogEnds Vault::ends() const noexcept {
  return {.head = state_->head, .server = state_->server};
}

Result<std::uint64_t> Vault::pending_bytes() const {
  return state_->documents.sealed_after(state_->server.seq);
}

}  // namespace coffret::store
