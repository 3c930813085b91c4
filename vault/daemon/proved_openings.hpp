// SPDX-License-Identifier: EUPL-1.2
//
// proved_openings.hpp: which lines of the access log a caregiver's own key proves.
//
// The server writes the log, and could write what never happened. An opening of a grant to a key
// carries the caregiver's statement: it is judged here by the key that the decision names, so that
// a line without one, with another's, of another link or time, or with one that an earlier line
// already bears, is told as false. A statement is its signer, act, time and nonce: the server
// forgets a nonce when its statement is too old, and may take it again in another.
// What nobody signs (links, refusals) stays a claim.
// Ownership: the grant lives for the call. Threads: one at a time; lines in the log's order.
#ifndef COFFRET_VAULT_DAEMON_PROVED_OPENINGS_HPP
#define COFFRET_VAULT_DAEMON_PROVED_OPENINGS_HPP

#include <cstdint>
#include <set>
#include <tuple>

#include "sync/protocol/access_log.hpp"
#include "sync/protocol/caregiver.hpp"
#include "vault/store/views.hpp"

namespace coffret::daemon {

enum class OpeningProof : std::uint8_t { claimed, proved, forged };

class ProvedOpenings {
 public:
  explicit ProvedOpenings(const Fingerprint& server) noexcept : server_(server) {}
  OpeningProof judge(const protocol::AccessLine& line, const store::GrantView& grant);

 private:
  bool holds(const protocol::AccessLine& line, const store::GrantView& grant);

  Fingerprint server_;
  std::set<std::tuple<SigningPublicKey, protocol::OpeningAct, std::int64_t, protocol::Nonce>> used_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_PROVED_OPENINGS_HPP
