// SPDX-License-Identifier: EUPL-1.2
//
// backup_access.hpp: a backup set as a command names it: where it lies, who can open it, who may
// have signed it, and what is told of one that is damaged.
#ifndef COFFRET_VAULT_DAEMON_BACKUP_ACCESS_HPP
#define COFFRET_VAULT_DAEMON_BACKUP_ACCESS_HPP

#include <string>
#include <vector>

#include "vault/backup/chain.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/recovery_input.hpp"

namespace coffret::daemon {

// An argument that is a path; `<name>_hex` where it is not UTF-8. Errors: usage (absent).
Result<std::string> path_argument(const Call& call, const std::string& name);

// The set's first file: for any of its files, or the folder it lies in.
// Errors: file_not_found (a folder without a backup), usage (with several: name one).
Result<std::string> existing_set(Call& call, const std::string& path);

// With the vault's own keys, of every epoch. Errors of the call: locked.
Result<backup::Opener> vault_opener(Call& call);
// `input` outlives the opener.
backup::Opener recovery_opener(const RecoveryInput& input);

// Every file of the set was signed by a device of the vault. Errors: unauthenticated.
Result<void> judge_signers(const backup::Chain& chain,
                           const std::vector<store::DeviceView>& devices, backup::Damage& damage);

// Says in call.detail what is wrong with which file. Returns the error.
error_code tell_damage(Call& call, const error_code& error, const backup::Damage& damage);

// What this vault remembers of its last backup: one line of text beside the store, so that newest
// files that went missing are noticed.
struct LastBackup {
  std::string date;
  backup::SetId set;
  std::uint32_t number = 0;
};
std::optional<LastBackup> read_last_backup(Service& service);
void keep_last_backup(Service& service, const LastBackup& last);  // best effort

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_BACKUP_ACCESS_HPP
