// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/server_log.hpp"

#include <utility>

#include "sync/client/log.hpp"
#include "sync/client/objects.hpp"

namespace coffret::daemon {

Result<protocol::EntryPage> ServerLog::page(std::uint64_t after, std::uint32_t limit) {
  return client::pull(server_, signer_, vault_, after, limit);
}

Result<ReceivedObject> ServerLog::object(const ObjectId& id, std::uint64_t size) {
  return client::download(server_, signer_, vault_, id, size);
}

Result<store::LogStart> start_of_log(const Call& call, client::Server& server, const Signer& signer,
                                     store::Keyring keyring, const protocol::Head& remembered) {
  const VaultId vault = keyring.vault();
  if (call.flag("whole_history")) {
    COFFRET_TRY(auto log, client::pull_whole(server, signer, vault));
    return store::LogStart{std::move(log), {}};
  }
  ServerLog source{server, signer, vault};
  return store::read_log_start(source, keyring, remembered);
}

}  // namespace coffret::daemon
