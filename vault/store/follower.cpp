// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/follower.hpp"

namespace coffret::store {

Result<void> index_title(Vault::State& state, const Control& control, const DocumentId& id) {
  const auto row = state.find(id);
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
  return {};
}

Result<void> Follower::finish(const Control& folded) {
  for (const auto& id : amended_) COFFRET_CHECK(index_title(*state_, folded, id));
  return {};
}

}  // namespace coffret::store
