// SPDX-License-Identifier: EUPL-1.2
//
// reply.hpp: the deposit link through which the reader of a grant sends documents back
// (vault/DESIGN.md §19). Its name follows from the grant's, which the log alone knows: the log says
// of what comes through it which grant it answers, and no server or stranger can tell.
//
// Threads: as the vault.
#ifndef COFFRET_VAULT_GRANTS_REPLY_HPP
#define COFFRET_VAULT_GRANTS_REPLY_HPP

#include <cstdint>
#include <string>
#include <vector>

#include "vault/store/vault.hpp"

namespace coffret::grants {

// Whether its reader was allowed to answer.
bool may_answer(const store::GrantView& grant);

// A grant's first reply link has number 1; another end of the grant needs another one.
LinkId reply_link(const GrantId& grant, std::uint32_t number);
// Those of `all` that were made for this grant, oldest first.
std::vector<store::DepositLinkView> reply_links(const std::vector<store::DepositLinkView>& all,
                                                const GrantId& grant);

// What a manifest says: the newest one that is open, as it follows '#'. Empty where there is none.
std::string reply_fragment(const store::Vault& vault, const GrantId& grant,
                           const Fingerprint& server);

}  // namespace coffret::grants

#endif  // COFFRET_VAULT_GRANTS_REPLY_HPP
