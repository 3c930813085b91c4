// SPDX-License-Identifier: EUPL-1.2
//
// archive_files.hpp: the files of a backup and its manifest; this room's own.
//
// Errors: malformed (a manifest that is none); those of disk.hpp.
#ifndef COFFRET_SYNC_SERVER_ARCHIVE_FILES_HPP
#define COFFRET_SYNC_SERVER_ARCHIVE_FILES_HPP

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/disk.hpp"
#include "sync/server/archive.hpp"

namespace coffret::server {

// What is copied beside the database and the blobs, in this order; the first two must be there.
inline constexpr std::string_view small_files[] = {"identity.key", "card.jws", "config.toml",
                                                   "tls/certificate.pem", "tls/key.pem"};
inline constexpr std::size_t needed_files = 2;
inline constexpr std::uint64_t max_small_file = 1u << 20;  // bytes

struct ArchivedFile {
  std::string name;
  std::uint64_t size = 0;
  Sha256 sha256;
};

struct Manifest {
  Fingerprint server;
  BackupCount count;
  std::vector<ArchivedFile> files;
};

std::string format_archive_manifest(const Manifest& manifest);
Result<Manifest> parse_archive_manifest(ByteView text);

Result<ArchivedFile> hash_file(const std::string& directory, std::string_view name,
                               const Disk& disk);

// The same bytes under another name, durable: a hard link where the file system allows it.
Result<void> link_or_copy(const std::string& from, const std::string& to, Disk& disk);
// What was made in it is there after a power cut.
Result<void> sync_directory(const std::string& path);

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_ARCHIVE_FILES_HPP
