// SPDX-License-Identifier: EUPL-1.2
//
// joining.hpp: after a sync, one document that two devices imported while apart is one again
// (store/copies.hpp), by the rules that `import` follows on one device: the same bytes, or the same
// own id with the same words, payloads and facts (same_document.hpp).
//
// Errors: locked; those of the vault.
// Threads: as a sync. The vault is touched in short turns.
#ifndef COFFRET_VAULT_DAEMON_JOINING_HPP
#define COFFRET_VAULT_DAEMON_JOINING_HPP

#include <cstdint>
#include <functional>

#include "vault/daemon/commands.hpp"

namespace coffret::daemon {

// How many were joined: their entries are pending. Looks at nothing when nothing came since the
// last time. `stop`: leave the rest for the next time.
Result<std::uint64_t> join_copies(Call& call, const std::function<bool()>& stop);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_JOINING_HPP
