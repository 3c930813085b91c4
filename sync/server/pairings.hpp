// SPDX-License-Identifier: EUPL-1.2
//
// pairings.hpp: the rendezvous of PROTOCOL.md §11, in memory: a server that starts anew has
// forgotten them, and the person asks for another code.
//
// Errors: pairing_expired (unknown, or its time is over: the same answer), conflict (that step was
// written otherwise), not_found (not written yet), rate_limited (too many at once).
// Threads: any.
#ifndef COFFRET_SYNC_SERVER_PAIRINGS_HPP
#define COFFRET_SYNC_SERVER_PAIRINGS_HPP

#include <array>
#include <map>
#include <mutex>
#include <optional>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/time.hpp"
#include "sync/protocol/pairing.hpp"

namespace coffret::server {

class Pairings {
 public:
  static constexpr std::size_t most_of_a_vault = 4;
  static constexpr std::size_t most = 4096;

  // Again by the same vault while it lives: nothing changes.
  Result<void> open(const VaultId& vault, const protocol::PairingId& id, Timestamp now);
  // Once; the same bytes again are a repeat.
  Result<void> put(const protocol::PairingId& id, protocol::PairingStep step, ByteView message,
                   Timestamp now);
  Result<Bytes> get(const protocol::PairingId& id, protocol::PairingStep step, Timestamp now);

 private:
  struct Rendezvous {
    VaultId vault;
    Timestamp until;
    std::array<std::optional<Bytes>, protocol::pairing_steps.size()> messages;
  };
  Result<Rendezvous*> find(const protocol::PairingId& id, Timestamp now);
  void forget_old(Timestamp now);

  std::mutex mutex_;  // guards open_
  std::map<protocol::PairingId, Rendezvous> open_;
};

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_PAIRINGS_HPP
