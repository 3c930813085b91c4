// SPDX-License-Identifier: EUPL-1.2
//
// left_branch.hpp: the history that is left when another one is followed: gathered before, kept as
// it was signed in `branch-<seq>-<hash>.entries`, and known again later (this room's own).
//
// Errors: those of log.hpp and disk.hpp; too_large (over 256 MiB: nothing is left then).
#ifndef COFFRET_VAULT_STORE_LEFT_BRANCH_HPP
#define COFFRET_VAULT_STORE_LEFT_BRANCH_HPP

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "vault/store/state.hpp"

namespace coffret::store {

// An entry of the history here since `base`.
struct Own {
  protocol::SignedEntry entry;
  Opened opened;
  EntryHash hash;
  std::optional<DocumentRow> row;  // of the document it puts
};

Result<std::vector<Own>> own_since(Vault::State& state, const protocol::Head& base);

// Written before the log changes: whatever comes, the entries of the history left are somewhere.
// Returns the file's name; empty: there are none.
Result<std::string> keep_left(const Vault::State& state, const protocol::Head& base,
                              const std::vector<Own>& own);

// All that was ever left here, as far as it can be read.
std::set<EntryHash> entries_left(const Vault::State& state);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_LEFT_BRANCH_HPP
