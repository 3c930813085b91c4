// SPDX-License-Identifier: EUPL-1.2
//
// access_heads.hpp: reading the access log, and noticing that it no longer grows.
//
// The server lets the log of every vault grow once a day, by a line that says that nothing
// happened, and signs a head over it whenever it is asked. So a log that stays as it was for days
// is one whose lines are kept from us, or a server that does not do its work: either is said. Lines
// carry the server's own times, which prove nothing; what counts is that the tree was seen to be
// larger.
//
// File `access-heads` in the vault directory: JSON {"asked","grown","size"}: times of this machine
// in UTC seconds, and leaves. It is not authenticated: altered, it makes a false alarm or none, and
// the pin in the vault's log stands.
// Errors: those of client::access_log and of store::Vault.
#ifndef COFFRET_VAULT_DAEMON_ACCESS_HEADS_HPP
#define COFFRET_VAULT_DAEMON_ACCESS_HEADS_HPP

#include <cstdint>

#include "sync/client/grants.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/freshness.hpp"
#include "vault/daemon/grant_parts.hpp"

namespace coffret::daemon {

struct AccessHeads {
  static constexpr std::int64_t soonest_late = std::int64_t{2} * 86400;  // seconds

  std::int64_t asked = 0;  // when a signed head was last verified; 0: never
  std::int64_t grown = 0;  // when it was last over more lines than before; 0: nothing to watch yet
  std::uint64_t size = 0;  // lines under that head

  // Whether by the last sync no larger head had come for longer than the person chose to wait
  // (`server stale-after`), and never for less than two days: there is one head a day.
  bool late(const Freshness& fresh) const;
};

AccessHeads read_access_heads(Service& service);

// The whole log, proved by the server's signed head and judged by the pin that the vault's log
// holds; a longer one is pinned there, for every device. All lines each time: they are shown, and
// the root over all of them is what was signed.
// Errors: also server_rolled_back, fork_detected.
Result<client::AccessNews> read_access_log(Call& call, const Sender& from);

// Once a day, in a sync, where there is or was a grant. True: a pin was appended to the vault's
// log.
Result<bool> look_at_access(Call& call, const Sender& from);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_ACCESS_HEADS_HPP
