// SPDX-License-Identifier: EUPL-1.2
//
// watched_folders.hpp: the folders this device watches, kept in a sealed file of the vault's
// directory.
//
// A file and no operation of the log: a folder's path means something on this device alone, and the
// other devices need not learn it. Sealed, because it tells where a person keeps what. The file's
// key is fresh each time, and wrapped under the log key.
// Errors: those of the disk; too_large (over the limits below). A file that does not open (another
// vault's, damaged) counts as none.
#ifndef COFFRET_VAULT_DAEMON_WATCHED_FOLDERS_HPP
#define COFFRET_VAULT_DAEMON_WATCHED_FOLDERS_HPP

#include <string>
#include <vector>

#include "coffret/disk.hpp"
#include "coffret/ids.hpp"
#include "vault/store/vault.hpp"

namespace coffret::daemon {

inline constexpr std::size_t max_watched = 16;            // folders
inline constexpr std::size_t max_watched_path = 4096;     // bytes
inline constexpr std::size_t max_watched_file = 1 << 18;  // bytes

struct WatchedFolder {
  std::string directory;
  std::string move_to;  // where files go once they are in; empty: they stay
  PersonId person;      // into whose record; zero: the owner's

  template <class A>
  void serialize(A& a) {
    a(directory, move_to, person);
  }
  bool operator==(const WatchedFolder&) const = default;
};

// The two halves of the file's reading, for bytes from a disk. Errors: malformed.
struct SealedFolders {
  ObjectId id;
  Bytes wrapped_key;
  Bytes sealed;

  template <class A>
  void serialize(A& a) {
    a(id, wrapped_key, sealed);
  }
};
Result<SealedFolders> decode_sealed_folders(ByteView file);
Result<std::vector<WatchedFolder>> decode_folders(ByteView opened);

std::vector<WatchedFolder> read_watched(store::Vault& vault, const std::string& vault_directory,
                                        const Disk& disk);
Result<void> keep_watched(store::Vault& vault, const std::string& vault_directory,
                          store::Environment& environment,
                          const std::vector<WatchedFolder>& folders);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_WATCHED_FOLDERS_HPP
