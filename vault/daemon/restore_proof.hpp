// SPDX-License-Identifier: EUPL-1.2
//
// restore_proof.hpp: when a restore was last proven by a rehearsal, kept as one line of text beside
// the store, and whether that was too long ago.
#ifndef COFFRET_VAULT_DAEMON_RESTORE_PROOF_HPP
#define COFFRET_VAULT_DAEMON_RESTORE_PROOF_HPP

#include <optional>

#include "coffret/time.hpp"
#include "vault/daemon/service.hpp"

namespace coffret::daemon {

inline constexpr Seconds proof_lasts = std::chrono::hours{24 * 90};

std::optional<Timestamp> read_restore_proof(Service& service);
Result<void> keep_restore_proof(Service& service, Timestamp time);
// Never proven, or longer ago than it lasts. A proof from the future proves nothing.
bool proof_is_due(const std::optional<Timestamp>& proven, Timestamp now);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_RESTORE_PROOF_HPP
