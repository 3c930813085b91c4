// SPDX-License-Identifier: EUPL-1.2
//
// opening.hpp: the documents of a backup, taken out with the recovery key alone: no vault, no
// daemon, no network.
//
// Each document is opened, compared with the SHA-256 that its signed entry tells, and written under
// a safe name (coffret/file_name.hpp) to a new folder; removed ones to "removed" inside it;
// INDEX.txt says which is which.
// Errors: those of vault/backup and of the log; file_exists (the folder is there), disk_full, io.
#ifndef COFFRET_TOOLS_COFFRET_RECOVER_OPENING_HPP
#define COFFRET_TOOLS_COFFRET_RECOVER_OPENING_HPP

#include <string>

#include "vault/backup/chain.hpp"
#include "vault/crypto/recovery.hpp"

namespace coffret::recover {

struct Taken {
  std::uint64_t documents = 0;
  std::uint64_t missing = 0;  // in no file of the backup
  std::string date;           // of the backup
};
Result<Taken> open_backup(Disk& disk, const std::string& from, const std::string& out,
                          const crypto::RecoverySeed& seed, backup::Damage& damage);

}  // namespace coffret::recover

#endif  // COFFRET_TOOLS_COFFRET_RECOVER_OPENING_HPP
