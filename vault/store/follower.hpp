// SPDX-License-Identifier: EUPL-1.2
//
// follower.hpp: what entries that were written elsewhere, or that moved in the log, mean for the
// tables: rows of documents and what the search index says of them.
//
// Errors: those of sqlite.hpp; local_state_tampered.
#ifndef COFFRET_VAULT_STORE_FOLLOWER_HPP
#define COFFRET_VAULT_STORE_FOLLOWER_HPP

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
  // that another one removed, or announces a checkpoint.
  Result<bool> outdated(const protocol::SignedEntry& entry, const Act& act);
  Result<void> finish(const Control& folded);

 private:
  Vault::State* state_;
  std::set<DocumentId> amended_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_FOLLOWER_HPP
