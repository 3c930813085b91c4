// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/follower.hpp"

#include <algorithm>

#include "vault/store/checkpoints.hpp"

namespace coffret::store {

Result<void> index_title(Vault::State& state, const Control& control, const DocumentId& id) {
  const auto row = state.documents.by_prefix(id.text());
  if (row.has_error() && row.error() == errc::not_found) return {};  // amended, never put
  if (row.has_error()) return row.error();
  COFFRET_TRY(const auto document, state.stored(*row));
  auto entry = document.put().entry;
  const auto* amended = control.amended(id);
  apply(amended, entry);
  const bool noted = amended != nullptr && amended->note;
  return state.search.replace_title(row->row, entry,
                                    noted ? std::string_view{*amended->note} : std::string_view{});
}

Result<void> Follower::take(const Opened& opened) {
  if (const auto* put = std::get_if<DocumentPut>(&opened.payload)) {
    COFFRET_TRY(const auto row, state_->documents.add(opened, *put, Place::missing));
    return state_->search.add(row, put->entry, {});
  }
  if (const auto* amended = std::get_if<DocumentAmended>(&opened.payload))
    amended_.insert(amended->document);
  if (const auto same = same_document_of(opened.operation);
      same && opened.operation.type == OperationType::document_removed)
    joined_[same->copy] = same->kept;
  if (const auto* removed = std::get_if<DocumentRemoved>(&opened.payload);
      removed != nullptr && !opened.entry.drops.empty()) {
    const auto row = state_->documents.by_prefix(removed->document.text());
    if (row.has_value()) return state_->erase(*row);
    if (row.error() != errc::not_found) return row.error();
  }
  return {};
}

// One that a history left behind put is not here any more.
Result<void> Follower::revive(const DocumentId& id) {
  const auto row = state_->documents.by_prefix(id.text());
  if (row.has_error() && row.error() == errc::not_found) return {};
  if (row.has_error()) return row.error();
  if (row->place != Place::purged) return {};
  COFFRET_TRY(const auto document, state_->stored(*row));
  COFFRET_CHECK(state_->documents.revive(row->row));
  COFFRET_CHECK(state_->search.add(row->row, document.put().entry, {}));
  amended_.insert(id);
  return {};
}

Result<std::optional<Operation>> Follower::retold(const protocol::SignedEntry& entry,
                                                  const Act& act) {
  if (act.folded().copies().empty()) return std::optional<Operation>{};
  COFFRET_TRY(auto opened, act.keys_before().open(entry));
  const auto retell = [&](auto payload) -> std::optional<Operation> {
    const auto kept = act.folded().stands_for(payload.document);
    if (kept == payload.document) return std::nullopt;
    payload.document = kept;
    auto again = opened.operation;
    again.payload = make_operation(payload).payload;
    return again;
  };
  if (const auto* amended = std::get_if<DocumentAmended>(&opened.payload)) return retell(*amended);
  if (const auto* assigned = std::get_if<DocumentAssigned>(&opened.payload))
    return retell(*assigned);
  return std::optional<Operation>{};
}

Result<bool> Follower::outdated(const protocol::SignedEntry& entry, const Act& act) {
  const auto& folded = act.folded();
  COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
  COFFRET_TRY(const auto opened, act.keys_before().open(entry));
  if (announces_checkpoint(opened)) return true;
  if (!body.puts.empty()) return false;
  // Two devices removed a third one: once is enough.
  if (const auto* device = std::get_if<DeviceRemoved>(&opened.payload)) {
    const auto known = folded.devices().find(device->device);
    return known == folded.devices().end() || known->second.removed;
  }
  if (const auto same = same_document_of(opened.operation)) {
    // What was erased with it is still somewhere, unless another device found the same.
    if (!body.drops.empty() && !folded.purged(same->copy)) COFFRET_CHECK(revive(same->copy));
    amended_.insert(same->kept);
    return true;
  }
  if (const auto* restored = std::get_if<DocumentRestored>(&opened.payload))
    return joined_.contains(restored->document);
  const auto* removed = std::get_if<DocumentRemoved>(&opened.payload);
  if (removed == nullptr) return false;
  if (body.drops.empty()) {
    return std::any_of(joined_.begin(), joined_.end(), [&](const auto& pair) {
      return pair.first == removed->document || pair.second == removed->document;
    });
  }
  if (folded.removed_at(removed->document)) return false;
  COFFRET_CHECK(revive(removed->document));
  return true;
}

Result<void> Follower::finish(const Control& folded) {
  for (const auto& id : amended_)
    if (!folded.purged(id)) COFFRET_CHECK(index_title(*state_, folded, id));
  return {};
}

}  // namespace coffret::store
