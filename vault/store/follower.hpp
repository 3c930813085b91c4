// SPDX-License-Identifier: EUPL-1.2
//
// follower.hpp: what entries that were written elsewhere, or that moved in the log, mean for the
// tables: rows of documents and what the search index says of them.
//
// Errors: those of sqlite.hpp; local_state_tampered.
#ifndef COFFRET_VAULT_STORE_FOLLOWER_HPP
#define COFFRET_VAULT_STORE_FOLLOWER_HPP

#include <map>
#include <optional>
#include <set>

#include "vault/store/state.hpp"

namespace coffret::store {

// The titles of a document in the search index, as it is listed.
Result<void> index_title(Vault::State& state, const Control& control, const DocumentId& id);

// Within one Act: take() each entry, finish() before the commit.
class Follower {
 public:
  explicit Follower(Vault::State& state) noexcept : state_(&state) {}

  Result<void> take(const Opened& opened);
  // An own pending entry that must not be written again behind those taken: it purges what another
  // device has restored meanwhile (the document's body is to be fetched again), removes a device
  // that another one removed, announces a checkpoint, or joins two documents (they are looked for
  // again behind what came); or it removes a document of which another device found a living copy.
  Result<bool> outdated(const protocol::SignedEntry& entry, const Act& act);
  // What an own pending entry says of a copy, said of the document that it was found to be. Null:
  // it says nothing of one.
  Result<std::optional<Operation>> retold(const protocol::SignedEntry& entry, const Act& act);
  Result<void> finish(const Control& folded);

 private:
  Result<void> revive(const DocumentId& id);

  Vault::State* state_;
  std::set<DocumentId> amended_;
  std::map<DocumentId, DocumentId> joined_;  // by what was taken: copy, and the one kept
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_FOLLOWER_HPP
