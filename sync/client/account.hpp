// SPDX-License-Identifier: EUPL-1.2
//
// account.hpp: joining a server, enrolling and removing devices (PROTOCOL.md §3).
//
// All are harmless to repeat. Errors: those of server.hpp; invite_expired, unauthenticated,
// not_found, over_quota; of join also conflict (the vault has an account).
#ifndef COFFRET_SYNC_CLIENT_ACCOUNT_HPP
#define COFFRET_SYNC_CLIENT_ACCOUNT_HPP

#include <optional>

#include "sync/client/server.hpp"
#include "sync/protocol/device.hpp"
#include "sync/protocol/messages.hpp"

namespace coffret::client {

// Opens an account with an invitation. `first` is the certificate of the log's first device, by the
// root of then. Who gives a log that was written elsewhere brings its own certificate as `asking`,
// be it the same one: the server is of version 3 then.
Result<protocol::AccountAnswer> join(Server& server, const Signer& device,
                                     const protocol::InviteToken& token,
                                     const SigningPublicKey& root,
                                     const protocol::SignedCertificate& first,
                                     const std::optional<protocol::SignedCertificate>& asking = {});

// Signed by the vault's root (a rebuild) or by an enrolled device.
Result<void> enrol_device(Server& server, const Signer& issuer, const VaultId& vault,
                          const protocol::SignedCertificate& certificate);
Result<void> remove_device(Server& server, const Signer& signer, const VaultId& vault,
                           const DeviceId& device);

// The vault whose root key the signer holds.
Result<VaultId> find_vault(Server& server, const Signer& root);

Result<protocol::VaultStatus> vault_state(Server& server, const Signer& signer,
                                          const VaultId& vault);

}  // namespace coffret::client

#endif  // COFFRET_SYNC_CLIENT_ACCOUNT_HPP
