// SPDX-License-Identifier: EUPL-1.2
//
// recovery_typed.hpp: a recovery key judged by itself, before anything else is asked for.
//
// It cannot tell whose key it is; that it is one, and typed well, it can.
#ifndef COFFRET_VAULT_DAEMON_RECOVERY_TYPED_HPP
#define COFFRET_VAULT_DAEMON_RECOVERY_TYPED_HPP

#include <string>

#include "coffret/error.hpp"
#include "coffret/secret.hpp"

namespace coffret::daemon {

// `text`: a recovery file, or the key as it is typed. Errors: wrong_recovery_key (`why` says which
// group is likely wrong), malformed, other_version.
Result<void> judge_typed_recovery(const SecretText& text, Language language, std::string& why);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_RECOVERY_TYPED_HPP
