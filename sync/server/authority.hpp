// SPDX-License-Identifier: EUPL-1.2
//
// authority.hpp: who signs a request, and whether they may (PROTOCOL.md §2).
#ifndef COFFRET_SYNC_SERVER_AUTHORITY_HPP
#define COFFRET_SYNC_SERVER_AUTHORITY_HPP

#include "sync/protocol/paths.hpp"
#include "sync/server/service.hpp"

namespace coffret::server {

// Whether the endpoint needs a signature at all.
bool is_signed(protocol::Endpoint endpoint) noexcept;

// The signatory, after the signature was verified, the vault compared and the nonce made durable.
// Errors: unauthenticated, clock_refused, replayed; not_found (an unknown key, another vault: the
// same answer for both); denied (the root where only a device may), account_suspended;
// device_removed, recovery_replaced: told to whoever has that device's, or that earlier sheet's
// key.
Result<Signatory> authorise(const Ports& ports, const http::Request& request,
                            const protocol::Target& target, Timestamp now);

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_AUTHORITY_HPP
