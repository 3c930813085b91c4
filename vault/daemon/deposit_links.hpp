// SPDX-License-Identifier: EUPL-1.2
//
// deposit_links.hpp: making and ending the links through which others send documents
// (vault/DESIGN.md §19): `inbox link`, and a grant whose reader may answer.
//
// Errors: those of the server and of the vault.
#ifndef COFFRET_VAULT_DAEMON_DEPOSIT_LINKS_HPP
#define COFFRET_VAULT_DAEMON_DEPOSIT_LINKS_HPP

#include "sync/client/server.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/session.hpp"
#include "vault/store/operation.hpp"

namespace coffret::daemon {

inline constexpr std::uint32_t usual_deposits = 20;                // of one link
inline constexpr std::uint64_t usual_deposit_bytes = 200'000'000;  // sealed

// `made` says what the link is to be; its keys are made here. Under Service::syncing().
Result<store::DepositLinkMade> open_deposit_link(Call& call, Session::Hold& hold,
                                                 client::Server& server, const Signer& signer,
                                                 store::DepositLinkMade made);
// At the server, then in the log. Repeatable until it is in the log.
Result<void> close_deposit_link(Call& call, client::Server& server, const Signer& signer,
                                const LinkId& link, std::int64_t now);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_DEPOSIT_LINKS_HPP
