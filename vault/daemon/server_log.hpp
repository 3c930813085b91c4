// SPDX-License-Identifier: EUPL-1.2
//
// server_log.hpp: the log at a server, as a new device reads its start (store/log_start.hpp).
//
// Errors: those of client::Server. Ownership: borrows all of it. Threads: one.
#ifndef COFFRET_VAULT_DAEMON_SERVER_LOG_HPP
#define COFFRET_VAULT_DAEMON_SERVER_LOG_HPP

#include "sync/client/server.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/store/log_start.hpp"

namespace coffret::daemon {

class ServerLog final : public store::LogSource {
 public:
  // `signer`: the recovery sheet's root, or a device that the server knows.
  ServerLog(client::Server& server, const Signer& signer, const VaultId& vault) noexcept
      : server_(server), signer_(signer), vault_(vault) {}

  Result<protocol::EntryPage> page(std::uint64_t after, std::uint32_t limit) override;
  Result<ReceivedObject> object(const ObjectId& id, std::uint64_t size) override;

 private:
  client::Server& server_;
  const Signer& signer_;
  const VaultId& vault_;
};

// From the newest checkpoint that may be believed, or all of it; the argument "whole_history" asks
// for all of it. `keyring` and `remembered` as read_log_start has them.
Result<store::LogStart> start_of_log(const Call& call, client::Server& server, const Signer& signer,
                                     store::Keyring keyring, const protocol::Head& remembered);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SERVER_LOG_HPP
