// SPDX-License-Identifier: EUPL-1.2
//
// grant_life.hpp: a grant after it was made: another end, and, where it evolves, other documents.
//
// Each is a further version that the server has to sign back before the log tells of it; so without
// the server nothing changes. A version that reached the server and not the log (a crash between)
// is passed over: its number is taken, the next one is tried. What was revoked, has expired or is
// used up is never published again: this device looks, and the server refuses.
#ifndef COFFRET_VAULT_DAEMON_GRANT_LIFE_HPP
#define COFFRET_VAULT_DAEMON_GRANT_LIFE_HPP

#include <cstdint>

#include "vault/daemon/grant_parts.hpp"

namespace coffret::daemon {

struct Evolved {
  std::uint64_t updated = 0;  // grants whose new version the server applies
  std::uint64_t waiting = 0;  // grants that are behind what they should hold
};

// Publishes every evolving grant whose rules name other documents than it holds. Never fails a
// sync: what could not be published waits for the next one.
Evolved publish_evolving(Call& call, const Sender& to);

// The same outside a sync, as soon as something was taken in. Nothing where no grant evolves.
Evolved evolve_now(Call& call);

// Adds `grants_updated` and `grants_waiting` where they are not 0.
void tell_evolved(const Evolved& evolved, Object& into);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_GRANT_LIFE_HPP
