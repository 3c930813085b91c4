// SPDX-License-Identifier: EUPL-1.2
//
// What was removed is restorable for thirty days, and then gone: body, text, facts, search rows and
// sealed file here, the object on the server. Its entry in the log stays, as the chain needs it.
//
// Nothing takes a purge back, so no single clock decides it. Three must agree: the removal's age is
// counted from the latest time in the log up to it (control.hpp), and up to the earlier of this
// machine's time and the server's. A laptop that starts in 2030, or a server that says it is 2030,
// erases nothing. A log that once bore a time in the future keeps removed documents until then.
#include <algorithm>
#include <utility>

#include "vault/store/state.hpp"

namespace coffret::store {
namespace {

constexpr std::int64_t restorable = std::int64_t{30} * 24 * 3600;  // seconds
constexpr std::size_t max_purge = 256;                             // documents in one act

}  // namespace

Result<void> Vault::purge(std::int64_t server_time) {
  return state_->purge_expired(server_time);
}

Result<void> Vault::State::purge_expired(std::int64_t server_time) {
  // Nothing takes a purge back, and a checkpoint may have left a restoration out: not before all of
  // the log says so.
  if (read_only || gap) return {};
  const auto expired = control.removed_until(std::min(now(), server_time) - restorable);
  std::vector<DocumentRow> rows;
  for (const auto& id : expired) {
    auto row = find(id);
    if (row.has_error() && row.error() == errc::not_found) continue;  // removed, never put
    if (row.has_error()) return row.error();
    if (row->seq <= server.seq) rows.push_back(std::move(*row));
    if (rows.size() == max_purge) break;
  }
  if (rows.empty()) return {};
  COFFRET_TRY(auto act, Act::begin(*this));
  for (const auto& row : rows) {
    COFFRET_TRY(const auto document, stored(row));
    const auto& put = document.put();
    const auto* kept = control.copy_of(put.document);
    const DocumentRemoved gone{put.document};
    const auto removal =
        kept == nullptr ? make_operation(gone)
                        : make_operation(gone, SameDocument{.kept = *kept, .copy = put.document});
    COFFRET_TRY([[maybe_unused]] const auto opened, act.append(removal, {}, {put.locator.object}));
    COFFRET_CHECK(erase(row));
  }
  COFFRET_CHECK(act.commit());
  return finish_erasing();
}

Result<void> Vault::State::erase(const DocumentRow& row) {
  if (row.place == Place::purged) return {};
  COFFRET_CHECK(search.erase_for_good(true));
  erasing_ = true;
  COFFRET_CHECK(search.remove(row.row));
  COFFRET_CHECK(facts.remove(row.row));
  if (row.place == Place::file) erased_.push_back(row.object);
  return documents.purge(row.row);
}

// The pages were overwritten when they were written (secure_delete); the write-ahead log still
// holds what they said before. A reader of an older state cannot be: one process per vault.
Result<void> Vault::State::finish_erasing() {
  if (!erasing_) return {};
  erasing_ = false;
  for (const auto& object : std::exchange(erased_, {})) {
    // An act that was undone erased nothing.
    COFFRET_TRY(const auto row, documents.by_object(object));
    if (row.place == Place::purged) COFFRET_CHECK(env.disk.remove(directory.object(object)));
  }
  COFFRET_CHECK(search.erase_for_good(false));
  return db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace coffret::store
