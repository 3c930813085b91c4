// SPDX-License-Identifier: EUPL-1.2
//
// recovery_input.hpp: the recovery key as a command is given it: a recovery file, the bare key as
// it is typed, or two of three shares.
//
// Errors: usage (nothing given), wrong_recovery_key, malformed, other_version. A mistyped key is
// told from a foreign one without asking anybody: call.detail says which group is likely wrong.
#ifndef COFFRET_VAULT_DAEMON_RECOVERY_INPUT_HPP
#define COFFRET_VAULT_DAEMON_RECOVERY_INPUT_HPP

#include <optional>

#include "vault/crypto/recovery.hpp"
#include "vault/daemon/commands.hpp"

namespace coffret::daemon {

struct RecoveryInput {
  crypto::RecoverySeed seed;
  std::optional<crypto::RecoveryFacts> facts;  // none with a bare key
};

// Whether the call brings any of the three.
bool has_recovery(const Call& call);
Result<RecoveryInput> recovery_input(Call& call);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_RECOVERY_INPUT_HPP
