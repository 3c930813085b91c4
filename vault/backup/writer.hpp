// SPDX-License-Identifier: EUPL-1.2
//
// writer.hpp: the next file of a backup set.
//
// It is written under a hidden name beside its place, made durable, read back in full, and only
// then given its name: a stop, a full disk or a bad medium leaves the set as it was.
//
// Errors: file_exists (somebody took the place meanwhile), conflict (the log was rewritten
// meanwhile: try again), backup_damaged (what was read back is not what was written), disk_full,
// io, those of the source.
// Ownership: everything in a Source outlives the call. Threads: the caller's.
#ifndef COFFRET_VAULT_BACKUP_WRITER_HPP
#define COFFRET_VAULT_BACKUP_WRITER_HPP

#include <functional>
#include <string>
#include <vector>

#include "coffret/random.hpp"
#include "coffret/sealed.hpp"
#include "vault/backup/part.hpp"

namespace coffret::backup {

// What is kept, at one moment.
struct Source {
  // Entries (after, after + limit], oldest first.
  std::function<Result<std::vector<protocol::SignedEntry>>(std::uint64_t after, std::size_t limit)>
      entries;
  // The very bytes of its name. Errors: not_found.
  std::function<Result<SealedObject>(const ObjectId&)> object;
  std::function<Result<void>(std::uint64_t done, std::uint64_t total)> go_on;  // objects
  const Signer* signer = nullptr;  // of Manifest::device
};

struct Target {
  Disk* disk = nullptr;
  Random* random = nullptr;
  std::string path;
  std::vector<crypto::AgeRecipient> recipients;
  Opener opener;  // to read it back
  std::string read_me;
};

// `manifest` has everything but its pages and the length of the README.
Result<std::uint64_t> write_part(Manifest manifest, const Source& source, const Target& target);

}  // namespace coffret::backup

#endif  // COFFRET_VAULT_BACKUP_WRITER_HPP
