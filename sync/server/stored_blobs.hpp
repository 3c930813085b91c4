// SPDX-License-Identifier: EUPL-1.2
//
// stored_blobs.hpp: the finished blobs that a database names, and their files; this room's own.
//
// Errors: those of sqlite.hpp and disk.hpp; damaged (a blob that is not the named one).
// Threads: one.
#ifndef COFFRET_SYNC_SERVER_STORED_BLOBS_HPP
#define COFFRET_SYNC_SERVER_STORED_BLOBS_HPP

#include <functional>
#include <string>

#include "coffret/disk.hpp"
#include "sync/server/records.hpp"
#include "sync/server/sqlite_records.hpp"

namespace coffret::server {

struct StoredBlob {
  BlobRow row;
  bool named = false;  // by an entry or a policy: it must be there
};

// Every finished blob of the database, in the order of their keys, a page at a time, so that no
// cursor stays open over the visits.
Result<void> each_blob(Connection& db, const std::function<Result<void>(const StoredBlob&)>& visit);

// "o.….…": an object, "p.": a parcel's file, "d.": a deposit. A link's owner and whoever leaves
// something behind a link choose their ids themselves: no two kinds share a name.
std::string blob_name(const BlobKey& key);

// The file below a data directory in which a blob lies: "objects/ab/o.….…", or with others in
// "objects/packs/ab/…".
std::string blob_file(const BlobRow& row);

struct BlobHashes {
  std::uint64_t size = 0;
  Sha256 sha256;
};
// Reads its part of the file and compares it with what the row names. Errors: damaged.
Result<BlobHashes> verify_blob(const BlobRow& row, const std::string& path, const Disk& disk);

// A directory of an older build is brought to this one's format by its next `serve`.
// Errors: other_version.
Result<void> of_this_schema(const std::string& directory);

// Whether SQLite finds its structure sound. Errors: damaged.
Result<void> verify_database(Connection& db);

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_STORED_BLOBS_HPP
