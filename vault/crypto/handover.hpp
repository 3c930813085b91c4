// SPDX-License-Identifier: EUPL-1.2
//
// handover.hpp: the door by which a secret text leaves to the person it belongs to: the recovery
// key on their terminal or in their file, a link or a passcode they asked for; and from one process
// of theirs to the other, over their own socket. Search for hand_over to see every such place.
//
// What `use` copies is no longer wiped by us: write it out, then wipe.
#ifndef COFFRET_VAULT_CRYPTO_HANDOVER_HPP
#define COFFRET_VAULT_CRYPTO_HANDOVER_HPP

#include <utility>

#include "coffret/secret.hpp"

namespace coffret::crypto {

// Calls use(ByteView) and returns what it returns. The view ends with the call.
template <class Use>
decltype(auto) hand_over(const SecretText& text, Use&& use) {
  return std::forward<Use>(use)(text.expose());
}

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_HANDOVER_HPP
