// SPDX-License-Identifier: EUPL-1.2
//
// The rendezvous of two devices (PROTOCOL.md §11). Only a vault's device opens one; whoever knows
// its identifier, which is derived from a secret of 160 bits, may write and read there.
#include "sync/server/routes.hpp"

namespace coffret::server {

Reply open_pairing(const Call& call) {
  COFFRET_CHECK(call.service.pairings.open(call.target.vault, call.target.pairing, call.now));
  return empty_answer(201);
}

Reply put_pairing(const Call& call) {
  const auto& body = call.request.body;
  if (body.empty()) return errc::malformed;
  if (body.size() > protocol::max_pairing_message) return errc::too_large;
  COFFRET_CHECK(call.service.pairings.put(call.target.pairing, call.target.step, body, call.now));
  return empty_answer(204);
}

Reply get_pairing(const Call& call) {
  COFFRET_TRY(auto message,
              call.service.pairings.get(call.target.pairing, call.target.step, call.now));
  return record_answer(std::move(message));
}

}  // namespace coffret::server
