// SPDX-License-Identifier: EUPL-1.2
//
// challenge.hpp: whether a server still holds what it acknowledged: it is asked for bytes of an
// object that only whoever kept it can give (attack 33). What it says of itself is not asked.
//
// Units: bytes. Errors: those of server.hpp; not of an object that is gone or altered: that is the
// answer.
#ifndef COFFRET_SYNC_CLIENT_CHALLENGE_HPP
#define COFFRET_SYNC_CLIENT_CHALLENGE_HPP

#include "coffret/sealed.hpp"
#include "sync/client/server.hpp"

namespace coffret::client {

inline constexpr std::size_t challenge_size = 64 * 1024;  // bytes asked for, at most

// Asks for challenge_size bytes of `object` from `offset` on, which is inside it.
Result<bool> still_holds(Server& server, const Signer& signer, const VaultId& vault,
                         const SealedObject& object, std::size_t offset);
// The same of all its bytes.
Result<bool> still_holds_all(Server& server, const Signer& signer, const VaultId& vault,
                             const SealedObject& object);

}  // namespace coffret::client

#endif  // COFFRET_SYNC_CLIENT_CHALLENGE_HPP
