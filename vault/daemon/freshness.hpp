// SPDX-License-Identifier: EUPL-1.2
//
// freshness.hpp: since when the server has not stated the vault's head anew, and from when on that
// is said.
//
// What is authenticated: the head is what devices signed; that it is the newest is only the
// server's word, given inside TLS. A server that is cut off, or whose clock stands still, is found
// by this; a server that lies about being up to date is not: for that two devices compare (`device
// compare`). So the age is counted from the earlier of two times, both of the last sync: this
// machine's, and the server's as it told it. File `freshness` in the vault directory: JSON
// {"here","there","stale_after"}, times in seconds. Errors: malformed (a duration under an hour or
// over a year).
#ifndef COFFRET_VAULT_DAEMON_FRESHNESS_HPP
#define COFFRET_VAULT_DAEMON_FRESHNESS_HPP

#include <optional>

#include "vault/daemon/commands.hpp"

namespace coffret::daemon {

inline constexpr std::int64_t standard_stale_after = std::int64_t{3} * 86400;  // seconds

struct Freshness {
  std::int64_t here = 0;   // this machine's clock at the last sync; 0: never
  std::int64_t there = 0;  // the server's, as it told it; 0: it told none
  std::int64_t stale_after = standard_stale_after;

  // Since when the head was not stated anew; none before the first sync.
  std::optional<std::int64_t> since() const;
  bool stale(std::int64_t now) const;
};

Freshness read_freshness(Service& service);
// After a sync that went well.
void keep_freshness(Service& service, std::optional<Timestamp> server_time);
// "server stale-after": with no duration it tells the one that holds.
Result<Object> server_stale_after(Call& call);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_FRESHNESS_HPP
