// SPDX-License-Identifier: EUPL-1.2
//
// migration.hpp: a store of an older format, brought to this build's on a copy.
//
// The copy is migrated step by step, compared with the original (chain, entries, operations,
// documents, bodies), and only then put in its place; store.json is written last. A crash at any
// point is taken up by the next unlock. The old database stays beside it for thirty days
// (coffret/file_upgrade.hpp names it), under the same key.
//
// Errors: damaged (the original, or what a step made of it), other_version (no step begins at this
// format), disk_full, io. After an error the original is in its place and unchanged.
#ifndef COFFRET_VAULT_STORE_MIGRATION_HPP
#define COFFRET_VAULT_STORE_MIGRATION_HPP

#include <cstdint>
#include <span>

#include "coffret/error.hpp"
#include "vault/store/directory.hpp"
#include "vault/store/sqlite.hpp"
#include "vault/store/vault.hpp"

namespace coffret::store {

// From one format to the next. It may change every table but `entries` and `operations`.
struct Migration {
  std::int64_t from = 0;
  Result<void> (*run)(Connection& copy);
};

// Those of this build, oldest first: none yet. Format 2 is the first that was released; format 1
// was never, and its documents' entries lack what the record needs.
std::span<const Migration> migrations() noexcept;

struct FormatChange {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

Result<void> migrate(const Directory& place, const crypto::StoreKey& key, FormatChange change,
                     std::span<const Migration> steps, Environment environment);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_MIGRATION_HPP
