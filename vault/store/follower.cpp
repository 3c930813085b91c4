// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/follower.hpp"

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
  if (const auto* removed = std::get_if<DocumentRemoved>(&opened.payload);
      removed != nullptr && !opened.entry.drops.empty()) {
    const auto row = state_->documents.by_prefix(removed->document.text());
    if (row.has_value()) return state_->erase(*row);
    if (row.error() != errc::not_found) return row.error();
  }
  return {};
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
  if (body.drops.empty()) return false;
  const auto* removed = std::get_if<DocumentRemoved>(&opened.payload);
  if (removed == nullptr || folded.removed_at(removed->document)) return false;
  COFFRET_TRY(const auto row, state_->documents.by_prefix(removed->document.text()));
  COFFRET_TRY(const auto document, state_->stored(row));
  COFFRET_CHECK(state_->documents.revive(row.row));
  COFFRET_CHECK(state_->search.add(row.row, document.put().entry, {}));
  amended_.insert(removed->document);
  return true;
}

Result<void> Follower::finish(const Control& folded) {
  for (const auto& id : amended_) COFFRET_CHECK(index_title(*state_, folded, id));
  return {};
}

}  // namespace coffret::store
