// SPDX-License-Identifier: EUPL-1.2
//
// card.hpp: the emergency card: a few documents that the person chose, behind a protected link that
// is printed and carried, and that nobody opens without a name and a reason (PROTOCOL.md §15).
//
// What is masked, of a sensitive kind, or not read yet is on no card, chosen or not: whoever finds
// the paper reads it. Threads: as the vault.
#ifndef COFFRET_VAULT_GRANTS_CARD_HPP
#define COFFRET_VAULT_GRANTS_CARD_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/secret.hpp"
#include "vault/grants/grants.hpp"
#include "vault/grants/scope.hpp"
#include "vault/store/vault.hpp"

namespace coffret::grants {

inline constexpr std::size_t max_card_documents = 10;  // what a rescuer reads in two minutes
inline constexpr std::string_view card_form = "coffret-emergency-1";  // the consent's template

// By its policy, which the device signed.
bool is_card(const store::GrantDecided& decision);

// Seconds between the asking and the reading; 0: none, or no card.
std::uint32_t card_delay(const store::GrantDecided& decision);

// Those that may not be on a card, and why. Empty: all may.
Result<std::vector<LeftOut>> barred_from_card(store::Vault& vault,
                                              const std::vector<store::DocumentView>& documents);

// Its link once more, for the printer. Errors: denied (no card), and those of Vault::unwrap.
Result<SecretText> card_link(const store::Vault& vault, const store::GrantView& card,
                             const ServerPlace& server);

}  // namespace coffret::grants

#endif  // COFFRET_VAULT_GRANTS_CARD_HPP
