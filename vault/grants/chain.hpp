// SPDX-License-Identifier: EUPL-1.2
//
// chain.hpp: the certificates that lead from this device to the vault's root, as they travel with
// what the device signs for strangers.
//
// Errors: damaged (a link is missing); too_large (longer than protocol::max_chain).
#ifndef COFFRET_VAULT_GRANTS_CHAIN_HPP
#define COFFRET_VAULT_GRANTS_CHAIN_HPP

#include <vector>

#include "sync/protocol/device.hpp"
#include "vault/store/vault.hpp"

namespace coffret::grants {

// This device's certificate, its issuer's, and so on, up to one that the root signed.
Result<std::vector<protocol::SignedCertificate>> chain_to_root(const store::Vault& vault);

}  // namespace coffret::grants

#endif  // COFFRET_VAULT_GRANTS_CHAIN_HPP
