// SPDX-License-Identifier: EUPL-1.2
//
// rebuild.hpp: a second machine from the recovery key and the server; and the comparison of a vault
// with its server.
//
// The recovery file's head must lie on the server's history: an older history is
// server_rolled_back, another one fork_detected; the card must not be older than the one the log
// remembers (key_changed), nor of another identity (unpinned). A cut after the log was taken in
// leaves a vault whose bodies the next sync fetches.
#ifndef COFFRET_VAULT_DAEMON_REBUILD_HPP
#define COFFRET_VAULT_DAEMON_REBUILD_HPP

#include "vault/daemon/recovery_input.hpp"

namespace coffret::daemon {

// Result: documents, verified (bodies compared with their SHA-256), missing, date.
// Errors: wrong_recovery_key, unpinned (no fingerprint in the file nor typed), not_found (no vault
// of this key there), those of client::Server and store::Vault::rebuild.
Result<Object> rebuild_from_server(Call& call, const store::VaultConfig& config,
                                   const RecoveryInput& input, const SecretText& passphrase);

// Adds a problem for each object the server lacks, and one when its head is not on our history.
// Returns how many objects the server has to have ("of"), and of how many it was asked to prove it
// ("asked"): a few, by 64 KiB each; with --read-data or --repair all, in full.
Result<Object> check_against_server(Call& call, boost::json::array& problems);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_REBUILD_HPP
