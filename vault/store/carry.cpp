// SPDX-License-Identifier: EUPL-1.2
//
// What a retired device still held: its entries that no server has, taken into a vault that was
// rebuilt beside it, as new entries of the new device. The old directory stays as it is.
#include <utility>

#include "vault/crypto/parcel.hpp"
#include "vault/store/checkpoints.hpp"
#include "vault/store/follower.hpp"
#include "vault/store/state.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::store {
namespace {

class Carrying {
 public:
  Carrying(Vault::State& from, Vault::State& into, Act& act)
      : from_(from), into_(into), act_(act), follower_(into) {}

  Result<void> take(const protocol::SignedEntry& entry, Followed& told) {
    COFFRET_TRY(const auto opened, from_.keyring.open(entry));
    if (is_for_signers(opened.payload)) return take_signers(opened, told);
    if (!is_new(opened)) return {};
    if (const auto* put = std::get_if<DocumentPut>(&opened.payload))
      return take_document(opened, *put, told);
    COFFRET_TRY(const auto again, act_.append(under_our_epoch(opened)));
    ++told.carried;
    return follower_.take(again);
  }
  Result<void> finish() { return follower_.finish(act_.folded()); }

 private:
  static bool is_for_signers(const Payload& payload) {
    return std::holds_alternative<DeviceAdded>(payload) ||
           std::holds_alternative<DeviceRemoved>(payload) ||
           std::holds_alternative<RecoveryReplaced>(payload);
  }

  // Who was removed there is removed. Whom it let in it vouched for itself, and a sheet that it
  // made is its word: both are told, to be done again.
  Result<void> take_signers(const Opened& opened, Followed& told) {
    const auto* removed = std::get_if<DeviceRemoved>(&opened.payload);
    if (removed == nullptr || removed->replacement) {
      leave_out(opened, {}, told);
      return {};
    }
    const auto& devices = act_.folded().devices();
    const auto known = devices.find(removed->device);
    if (known == devices.end() || known->second.removed || removed->device == into_.owner.device)
      return {};
    COFFRET_TRY(
        [[maybe_unused]] const auto again,
        act_.start_epoch(DeviceRemoved{.device = removed->device, .replacement = {}, .epoch = {}}));
    ++told.carried;
    return {};
  }

  // What it wraps was wrapped under the key of an epoch there.
  Operation under_our_epoch(const Opened& opened) const {
    return into_.rewrapped(opened.operation, from_.keyring, act_.folded().epoch());
  }

  static void leave_out(const Opened& opened, std::string title, Followed& told) {
    told.left_out.push_back({.seq = opened.entry.seq,
                             .time = opened.entry.time,
                             .device = opened.entry.device,
                             .type = opened.operation.type,
                             .title = std::move(title)});
  }

  // Of what a device alone can have written while it was off line; the rest belongs to its history.
  bool is_new(const Opened& opened) const {
    const auto& folded = act_.folded();
    const auto& payload = opened.payload;
    if (const auto* put = std::get_if<DocumentPut>(&payload))
      return into_.documents.by_prefix(put->document.text()).has_error();
    if (const auto* removed = std::get_if<DocumentRemoved>(&payload))
      return opened.entry.drops.empty() && !folded.removed_at(removed->document);
    if (const auto* restored = std::get_if<DocumentRestored>(&payload))
      return folded.removed_at(restored->document).has_value();
    if (const auto* assigned = std::get_if<DocumentAssigned>(&payload))
      return folded.persons().contains(assigned->person);
    if (const auto* identified = std::get_if<PersonIdentified>(&payload))
      return folded.persons().contains(identified->person);
    if (const auto* revoked = std::get_if<GrantRevoked>(&payload)) {
      for (const auto& grant : folded.grants())
        if (grant.decision.grant == revoked->grant) return !grant.revoked_at;
      return false;
    }
    if (const auto* decided = std::get_if<GrantDecided>(&payload)) {
      for (const auto& grant : folded.grants())
        if (grant.decision.grant == decided->grant) return false;
      return true;
    }
    if (const auto* made = std::get_if<DepositLinkMade>(&payload)) {
      const auto& links = folded.deposit_links();
      return std::none_of(links.begin(), links.end(),
                          [&](const DepositLinkView& one) { return one.made.link == made->link; });
    }
    if (const auto* published = std::get_if<GrantPublished>(&payload)) {
      for (const auto& grant : folded.grants())
        if (grant.decision.grant == published->grant) return grant.version < published->version;
      return false;
    }
    return std::holds_alternative<DocumentAmended>(payload) ||
           std::holds_alternative<PersonNamed>(payload) ||
           std::holds_alternative<CaregiverPaired>(payload) ||
           std::holds_alternative<CaregiverRemoved>(payload) ||
           std::holds_alternative<DepositLinkClosed>(payload) ||
           std::holds_alternative<DepositSettled>(payload) ||
           std::holds_alternative<CardNoted>(payload) ||
           (std::holds_alternative<std::monostate>(payload) && !announces_checkpoint(opened));
  }

  Result<void> take_document(const Opened& opened, const DocumentPut& put, Followed& told) {
    COFFRET_TRY(const auto row, from_.documents.by_object(put.locator.object));
    COFFRET_TRY(const auto document, from_.stored(row));
    const auto body = from_.body(document);
    if (body.has_error()) {
      leave_out(opened, put.entry.title.empty() ? put.entry.file_name : put.entry.title, told);
      const auto why = to_errc(body.error());
      const bool nowhere =
          why == errc::body_missing || why == errc::not_found || why == errc::damaged;
      return nowhere ? Result<void>{} : Result<void>{why};
    }
    COFFRET_TRY(const auto again, act_.append(under_our_epoch(opened), {put.locator.object}));
    COFFRET_CHECK(follower_.take(again));
    COFFRET_TRY(const auto here, into_.documents.by_object(put.locator.object));
    if (body->size() > max_row_body) {
      COFFRET_TRY(const auto key, from_.document_key(document));
      const auto sealed =
          crypto::Sealer::seal(key, {into_.owner.vault, put.document, put.version}, *body);
      COFFRET_CHECK(
          into_.env.disk.replace(into_.directory.object(put.locator.object), sealed.view()));
      COFFRET_CHECK(into_.documents.set_place(here.row, Place::file));
    } else {
      COFFRET_CHECK(into_.documents.add_body(here.row, *body));
      COFFRET_CHECK(into_.documents.set_place(here.row, Place::row));
    }
    ++told.carried;
    return {};
  }

  Vault::State& from_;
  Vault::State& into_;
  Act& act_;
  Follower follower_;
};

// As a sealed file, whatever its size: the page that held it may be one that cannot be written.
Result<void> keep_sealed(Vault::State& state, const DocumentRow& row, const ObjectId& object,
                         ByteView sealed) {
  COFFRET_CHECK(state.env.disk.replace(state.directory.object(object), sealed));
  COFFRET_TRY(auto transaction, Transaction::begin(state.db));
  COFFRET_CHECK(state.documents.set_place(row.row, Place::file));
  return transaction.commit();
}

}  // namespace

Result<Followed> WaysOut::carry_from(Vault& old) {
  auto& from = *old.state_;
  auto& into = *vault_->state_;
  if (from.owner.vault != into.owner.vault) return errc::unauthenticated;
  Followed told;
  COFFRET_TRY(const auto entries,
              from.log.after(from.server.seq, static_cast<std::size_t>(from.head.seq)));
  COFFRET_TRY(auto act, Act::begin(into));
  Carrying carrying{from, into, act};
  for (const auto& entry : entries) COFFRET_CHECK(carrying.take(entry, told));
  COFFRET_CHECK(carrying.finish());
  if (told.carried > 0) COFFRET_CHECK(act.commit());
  return told;
}

Result<void> WaysOut::repair_body(const ObjectId& id, const ReceivedObject& object) {
  auto& state = *vault_->state_;
  COFFRET_TRY(const auto row, state.documents.by_object(id));
  COFFRET_TRY(const auto document, state.stored(row));
  const auto& put = document.put();
  if (row.place == Place::purged) return errc::not_found;
  if (protocol::object_id(object.bytes) != id) return errc::unauthenticated;
  COFFRET_TRY(const auto key, state.document_key(document));
  COFFRET_TRY(
      const auto body,
      crypto::Sealer::open(key, {state.owner.vault, put.document, put.version}, object, put.size));
  if (crypto::sha256(body) != put.sha256) return errc::unauthenticated;
  return keep_sealed(state, row, id, object.bytes);
}

Result<void> WaysOut::restore_body(const DocumentId& id, ByteView original) {
  auto& state = *vault_->state_;
  COFFRET_TRY(const auto row, state.find(id));
  COFFRET_TRY(const auto document, state.stored(row));
  const auto& put = document.put();
  if (original.size() != put.size || crypto::sha256(original) != put.sha256)
    return errc::unauthenticated;
  COFFRET_TRY(const auto key, state.document_key(document));
  const auto sealed =
      crypto::Sealer::seal(key, {state.owner.vault, put.document, put.version}, original);
  if (protocol::object_id(sealed.view()) != put.locator.object) return errc::unauthenticated;
  return keep_sealed(state, row, put.locator.object, sealed.view());
}

}  // namespace coffret::store
