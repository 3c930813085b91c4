// SPDX-License-Identifier: EUPL-1.2
//
// deposits.hpp: what others sent in through this vault's deposit links, until the person decides
// (vault/DESIGN.md §19).
//
// A deposit lies in the vault's directory as it came, sealed: `deposits/<link>.<deposit>`. The key
// that opens it is in the log, and it is opened only to be shown or taken in. Every device fetches
// it for itself; what was decided is an entry of the log, and the first one counts.
// Errors: locked, those of the disk and of sync/client/deposits.hpp.
// Threads: as Syncer.
#ifndef COFFRET_VAULT_DAEMON_DEPOSITS_HPP
#define COFFRET_VAULT_DAEMON_DEPOSITS_HPP

#include <string>
#include <vector>

#include "coffret/deposit.hpp"
#include "sync/client/server.hpp"
#include "vault/crypto/deposit.hpp"
#include "vault/daemon/commands.hpp"

namespace coffret::daemon {

struct HeldDeposit {
  DepositPlace place;
  store::DepositLinkView link;
  std::uint64_t size = 0;  // sealed
};

// Those on this device that nothing was decided about, in the order of their identifiers.
Result<std::vector<HeldDeposit>> held_deposits(Call& call);
// By a beginning of its identifier, of at least 4 characters. Errors: not_found (also of several).
Result<HeldDeposit> find_deposit(Call& call, const std::string& id);

// Errors: also damaged (what lies there is not what the link's key opens), other_version.
Result<crypto::Letter> letter_of(Call& call, const HeldDeposit& held);
Result<crypto::OpenedDeposit> open_held(Call& call, const HeldDeposit& held);

// Nothing to be asked of the server where no link may have anything.
// Fetches what is new, has what was decided erased there, and opens again what a restoration of the
// server held. What cannot be fetched is left for another time; it keeps nothing else from being.
Result<void> exchange_deposits(Call& call, client::Server& server);

// Documents that another device had taken in from the same deposit before are removed here.
Result<void> settle_doubles(Call& call);

// Writes down what was decided, and removes the sealed file.
Result<void> settle(Call& call, const HeldDeposit& held, bool accepted,
                    std::vector<DocumentId> documents);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_DEPOSITS_HPP
