// SPDX-License-Identifier: EUPL-1.2
//
// judged_log.hpp: a whole log, judged before anything is made of it (this room's own).
//
// Errors: those of Control::admit; fork_detected (does not chain); of a sheet also
// wrong_recovery_key, recovery_replaced.
#ifndef COFFRET_VAULT_STORE_JUDGED_LOG_HPP
#define COFFRET_VAULT_STORE_JUDGED_LOG_HPP

#include <span>
#include <vector>

#include "vault/store/control.hpp"
#include "vault/store/keyring.hpp"

namespace coffret::store {

// The entries that begin epochs, as their bodies say; the first of all begins the first.
Result<std::vector<protocol::SignedEntry>> starts_of(std::span<const protocol::SignedEntry> log);

// Keys come first, newest to oldest, and on trust: a log that fails the judgement takes them with
// it.
Result<Control> judge(const std::vector<protocol::SignedEntry>& log, Keyring& keyring);

// Whether it is this sheet's vault. Errors: wrong_recovery_key, recovery_replaced.
Result<void> judge_root(const Control& control, const crypto::RecoverySeed& seed);

// The same for whoever holds a sheet.
Result<Control> judge_by_sheet(const std::vector<protocol::SignedEntry>& log, Keyring& keyring,
                               const crypto::RecoverySeed& seed);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_JUDGED_LOG_HPP
