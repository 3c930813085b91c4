// SPDX-License-Identifier: EUPL-1.2
//
// restore.hpp: a vault made again from a backup set and the recovery key, without a server.
//
// Everything is verified before anything is made: every file, the whole log up to the root, each
// file's signer, and that the sheet's head lies on the log.
// Errors: those of chain.hpp and of store::Vault::restore; fork_detected (the sheet remembers
// another history), backup_damaged also when the sheet is younger than the backup.
#ifndef COFFRET_VAULT_DAEMON_RESTORE_HPP
#define COFFRET_VAULT_DAEMON_RESTORE_HPP

#include <string>
#include <vector>

#include "vault/daemon/backup_access.hpp"
#include "vault/store/log_pins.hpp"

namespace coffret::daemon {

struct ReadBackup {
  backup::Chain chain;
  backup::Verified verified;
  std::vector<protocol::SignedEntry> log;
  store::LogPins pins;
};
Result<ReadBackup> read_backup(Call& call, const RecoveryInput& input, const std::string& base,
                               backup::Damage& damage);

// Gives each object of the set to `take`, which may say not_found of one that it has no use for.
using TakeObject = std::function<Result<DocumentId>(const ObjectId&, const ReceivedObject&)>;
Result<void> give_objects(Call& call, const backup::Chain& chain, const RecoveryInput& input,
                          const TakeObject& take, backup::Damage& damage);

// Result: documents, verified, missing, date (of the backup), files, and of the server that the log
// pins, where there is one: server ("synced", "unreachable", or the code of what went wrong).
Result<Object> rebuild_from_backup(Call& call, const store::VaultConfig& config,
                                   const RecoveryInput& input, const SecretText& passphrase);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_RESTORE_HPP
