// SPDX-License-Identifier: EUPL-1.2
//
// deposit.hpp: sending documents through a deposit link, without a vault (PROTOCOL.md §14).
//
// The link names its server by half of its fingerprint and the key by its hash: both are compared
// before a document is sealed, and nothing leaves this machine that is not.
//
// Errors: malformed (no deposit link, no file), unsupported; unpinned (another server);
// key_changed (the server shows another key than the link names); link_not_active; too_large (more
// than the link takes now, or than a deposit may hold); and those of sync/client/server.hpp.
// Units: bytes. Threads: one call, one thread.
#ifndef COFFRET_VAULT_REDEEM_DEPOSIT_HPP
#define COFFRET_VAULT_REDEEM_DEPOSIT_HPP

#include <optional>
#include <vector>

#include "coffret/deposit.hpp"
#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/secret.hpp"
#include "sync/client/server.hpp"
#include "vault/crypto/deposit.hpp"

namespace coffret::redeem {

bool is_deposit_link(const SecretText& text);

struct Deposited {
  DepositId deposit;
  std::uint64_t size = 0;       // sealed, as sent
  std::int64_t expires_at = 0;  // of the link
};

// Whole and durable at the server when it returns; else nothing of it will ever be shown.
Result<Deposited> deposit(const SecretText& link, const crypto::Depositor& from,
                          const std::vector<crypto::DepositedFile>& files,
                          const std::optional<Fingerprint>& pin,
                          const client::Environment& environment);

}  // namespace coffret::redeem

#endif  // COFFRET_VAULT_REDEEM_DEPOSIT_HPP
