// SPDX-License-Identifier: EUPL-1.2
//
// migration.hpp: records of an older schema, brought to this build's on a copy.
//
// As in the vault: the copy is migrated step by step, compared table by table with the original,
// and then put in its place; the old file stays beside it for thirty days under a name that says so
// (coffret/file_upgrade.hpp). The schema's version stands in the file, so nothing is written after.
// Nobody else may have the records open: the caller holds the serve lock. Another program that
// reads them all the same keeps entries in the write-ahead log, which a copy of the file would
// lose.
//
// Errors: other_version (no step begins at this version), records_in_use (somebody reads them, and
// still does after ten seconds; nothing was changed), damaged, disk_full, io.
#ifndef COFFRET_SYNC_SERVER_MIGRATION_HPP
#define COFFRET_SYNC_SERVER_MIGRATION_HPP

#include <cstdint>
#include <span>
#include <string>

#include "sync/server/data_directory.hpp"
#include "sync/server/sqlite.hpp"

namespace coffret::server {

// From one version to the next. No table that was there may lose a row.
struct SchemaStep {
  std::int64_t from = 0;
  Result<void> (*run)(Connection& copy);
};

// Those of this build, oldest first; version 1 is the first release's.
std::span<const SchemaStep> schema_steps() noexcept;

// `directory`/records.db from the version in it to `to`. A file that is absent or not older is left
// as it is.
Result<void> migrate_records(const std::string& directory, std::int64_t to,
                             std::span<const SchemaStep> steps, const Machine& machine);

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_MIGRATION_HPP
