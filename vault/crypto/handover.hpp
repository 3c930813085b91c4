// SPDX-License-Identifier: EUPL-1.2
//
// handover.hpp: the door by which a secret text takes another form: a link becomes the picture of a
// QR code, an invite its parts. Through a descriptor it goes by secret_io.hpp instead.
// Search for hand_over to see every such place.
//
// What `use` makes of it is no longer wiped by us.
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

// The same of a key that another party is to hold, as S_n is the server's.
template <std::size_t N, class Tag, class Use>
decltype(auto) hand_over(const Secret<N, Tag>& key, Use&& use) {
  return std::forward<Use>(use)(ByteView{key.expose()});
}

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_HANDOVER_HPP
