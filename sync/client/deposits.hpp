// SPDX-License-Identifier: EUPL-1.2
//
// deposits.hpp: deposit links, from both sides (PROTOCOL.md §14): the owner's device, which makes
// them and takes what came; and whoever sends, without an account.
//
// Errors: those of server.hpp; link_not_active (unknown, over, closed or full: one answer).
// Units: bytes.
#ifndef COFFRET_SYNC_CLIENT_DEPOSITS_HPP
#define COFFRET_SYNC_CLIENT_DEPOSITS_HPP

#include "coffret/deposit.hpp"
#include "sync/client/server.hpp"
#include "sync/protocol/deposit.hpp"

namespace coffret::client {

// The owner's side. put_box: durable when it returns; the same again is a repeat. close_box: no
// deposit begins after it returns; repeatable.
Result<void> put_box(Server& server, const Signer& device, const VaultId& vault, const LinkId& link,
                     const protocol::BoxTerms& terms);
Result<void> close_box(Server& server, const Signer& device, const VaultId& vault,
                       const LinkId& link);
Result<protocol::DepositList> waiting_deposits(Server& server, const Signer& device,
                                               const VaultId& vault);
Result<ReceivedDeposit> fetch_deposit(Server& server, const Signer& device, const VaultId& vault,
                                      const protocol::WaitingDeposit& waiting);
Result<void> drop_deposit(Server& server, const Signer& device, const VaultId& vault,
                          const DepositPlace& place);

// The sender's side. send_deposit: the deposit is whole and durable at the server when it returns;
// a connection that breaks is made again a few times, and the upload goes on where it was.
Result<protocol::BoxInfo> box_info(Server& server, const LinkId& link);
Result<void> send_deposit(Server& server, const DepositPlace& place, const SealedDeposit& deposit);

}  // namespace coffret::client

#endif  // COFFRET_SYNC_CLIENT_DEPOSITS_HPP
