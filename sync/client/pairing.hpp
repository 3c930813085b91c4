// SPDX-License-Identifier: EUPL-1.2
//
// pairing.hpp: the two ends of a rendezvous (PROTOCOL.md §11). What is exchanged is judged by the
// caller, who knows the secret; the server is a stranger to it.
//
// Errors: those of server.hpp; pairing_expired; conflict (another message is there already).
#ifndef COFFRET_SYNC_CLIENT_PAIRING_HPP
#define COFFRET_SYNC_CLIENT_PAIRING_HPP

#include <optional>

#include "sync/client/server.hpp"
#include "sync/protocol/pairing.hpp"

namespace coffret::client {

// By an enrolled device: the rendezvous lives for protocol::pairing_time from here.
Result<void> open_pairing(Server& server, const Signer& signer, const VaultId& vault,
                          const protocol::PairingId& id);
Result<void> put_pairing(Server& server, const protocol::PairingId& id, protocol::PairingStep step,
                         ByteView message);
// None: not written yet.
Result<std::optional<Bytes>> get_pairing(Server& server, const protocol::PairingId& id,
                                         protocol::PairingStep step);

}  // namespace coffret::client

#endif  // COFFRET_SYNC_CLIENT_PAIRING_HPP
