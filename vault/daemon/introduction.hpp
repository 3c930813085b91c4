// SPDX-License-Identifier: EUPL-1.2
//
// introduction.hpp: a device that was made again from a backup off line tells the server of itself,
// with the root's certificate, before it asks for anything else; and of the devices whose entries
// it brings along, where the vault was never on a server. One look at the fold otherwise.
//
// Errors: those of the request; recovery_replaced (the server knows another root), and the way out
// in call.detail; locked.
#ifndef COFFRET_VAULT_DAEMON_INTRODUCTION_HPP
#define COFFRET_VAULT_DAEMON_INTRODUCTION_HPP

#include "sync/client/server.hpp"
#include "vault/daemon/commands.hpp"

namespace coffret::daemon {

Result<void> introduce_device(Call& call, client::Server& server);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_INTRODUCTION_HPP
