// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/account.hpp"

#include "sync/client/request.hpp"

namespace coffret::client {

using protocol::Endpoint;
using protocol::Target;

Result<protocol::AccountAnswer> join(Server& server, const Signer& device,
                                     const protocol::InviteToken& token,
                                     const SigningPublicKey& root,
                                     const protocol::SignedCertificate& first,
                                     const std::optional<protocol::SignedCertificate>& asking) {
  const Target target{.endpoint = Endpoint::open_account};
  const auto body = protocol::to_json(protocol::AccountRequest{token, root, first, asking});
  COFFRET_TRY(auto answer,
              ask_json<protocol::AccountAnswer>(server, request_to(target, body), &device));
  if (answer.account != protocol::account_id(root)) return errc::malformed;
  return answer;
}

Result<void> enrol_device(Server& server, const Signer& issuer, const VaultId& vault,
                          const protocol::SignedCertificate& certificate) {
  const Target target{.endpoint = Endpoint::enrol_device, .vault = vault};
  const auto body = protocol::to_json(protocol::DeviceRequest{certificate});
  COFFRET_CHECK(server.ask(request_to(target, body), &issuer));
  return {};
}

Result<void> remove_device(Server& server, const Signer& signer, const VaultId& vault,
                           const DeviceId& device) {
  const Target target{.endpoint = Endpoint::remove_device, .vault = vault, .device = device};
  COFFRET_CHECK(server.ask(request_to(target), &signer));
  return {};
}

Result<VaultId> find_vault(Server& server, const Signer& root) {
  const Target target{.endpoint = Endpoint::vault_by_root};
  COFFRET_TRY(const auto answer,
              ask_json<protocol::VaultAnswer>(server, request_to(target), &root));
  return answer.vault;
}

Result<protocol::VaultStatus> vault_state(Server& server, const Signer& signer,
                                          const VaultId& vault) {
  const Target target{.endpoint = Endpoint::vault_status, .vault = vault};
  return ask_json<protocol::VaultStatus>(server, request_to(target), &signer);
}

}  // namespace coffret::client
