// SPDX-License-Identifier: EUPL-1.2
//
// archive.hpp: the operator's backup of a data directory, its return, and the check of what is
// kept.
//
// A backup is one directory, one unit: the database, every finished blob, the identity key, card,
// settings and certificate, and `manifest.json` (written last) with the SHA-256 of each file:
//
//   manifest.json  records.db  identity.key  card.jws  config.toml?  tls/?  objects/
//
// Server halves S are never in it (security.md §5): a backup that is stolen opens no link, and one
// that is put back opens none either until its owner's device confirms the grant. Uploads that were
// under way are left out; they begin again. Blobs are linked where the file system allows it,
// because they never change, and read and compared with their hash either way: a backup counts only
// when all of it was read.
//
// Units: bytes; UTC seconds. Ownership: borrows the machine. Threads: one.
// Errors: file_exists (the target holds something), file_not_found and backup_damaged (what is put
// back), damaged (what is backed up: named by `where`), disk_full, io, and those of
// data_directory.hpp.
#ifndef COFFRET_SYNC_SERVER_ARCHIVE_HPP
#define COFFRET_SYNC_SERVER_ARCHIVE_HPP

#include <cstdint>
#include <string>
#include <vector>

#include "sync/server/data_directory.hpp"

namespace coffret::server {

struct BackupCount {
  std::uint64_t accounts = 0;
  std::uint64_t entries = 0;
  std::uint64_t objects = 0;  // blobs: objects and files of parcels
  std::uint64_t bytes = 0;    // theirs
  std::int64_t backup_at = 0;
};

// Works beside a running `serve`. `where`: what an error is about.
Result<BackupCount> back_up(const std::string& directory, const std::string& to,
                            const Machine& machine, std::string& where);

// Puts a backup back into a fresh directory and begins a server epoch: what members sign in the
// very second of it is refused, so that `serve` had better begin in the next. All of it is verified
// before anything is written; the card is written last, so that a directory that was interrupted is
// none.
Result<BackupCount> put_back(const std::string& from, const std::string& directory,
                             const Machine& machine, std::string& where);

// What is wrong with what a server keeps.
struct StoredProblem {
  std::string kind;  // database, missing_blob, blob, orphan_blob, chain, entry
  std::string item;  // a vault's or a blob's identifier, a file
};
// Works beside a running `serve`. read_data: every blob is read and compared with its hash, and
// every entry with its device's signature. give_up_bad: a blob that is gone or altered counts as
// not here any more, so that a device that has it sends it again.
struct CheckOptions {
  bool read_data = false;
  bool give_up_bad = false;
};
Result<std::vector<StoredProblem>> check_stored(const std::string& directory,
                                                const CheckOptions& options,
                                                const Machine& machine);

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_ARCHIVE_HPP
