// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/pairing.hpp"

#include "sync/client/request.hpp"

namespace coffret::client {

using protocol::Endpoint;
using protocol::Target;

Result<void> open_pairing(Server& server, const Signer& signer, const VaultId& vault,
                          const protocol::PairingId& id) {
  const Target target{.endpoint = Endpoint::open_pairing, .vault = vault, .pairing = id};
  COFFRET_CHECK(server.ask(request_to(target), &signer));
  return {};
}

Result<void> put_pairing(Server& server, const protocol::PairingId& id, protocol::PairingStep step,
                         ByteView message) {
  const Target target{.endpoint = Endpoint::put_pairing, .pairing = id, .step = step};
  COFFRET_CHECK(server.ask(request_to(target, record_type, to_bytes(message)), nullptr));
  return {};
}

Result<std::optional<Bytes>> get_pairing(Server& server, const protocol::PairingId& id,
                                         protocol::PairingStep step) {
  const Target target{.endpoint = Endpoint::get_pairing, .pairing = id, .step = step};
  const auto answer = server.ask(request_to(target), nullptr);
  if (answer.has_error() && answer.error() == errc::not_found) return std::optional<Bytes>{};
  if (answer.has_error()) return answer.error();
  if (answer->body.size() > protocol::max_pairing_message) return errc::too_large;
  return std::optional<Bytes>{to_bytes(answer->body)};
}

}  // namespace coffret::client
