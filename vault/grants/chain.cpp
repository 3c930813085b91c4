// SPDX-License-Identifier: EUPL-1.2
#include "vault/grants/chain.hpp"

#include "sync/protocol/manifest.hpp"

namespace coffret::grants {

Result<std::vector<protocol::SignedCertificate>> chain_to_root(const store::Vault& vault) {
  std::vector<protocol::SignedCertificate> chain;
  DeviceId at = vault.device();
  while (chain.size() < protocol::max_chain) {
    const auto device = vault.device(at);
    if (!device) return errc::damaged;
    chain.push_back(device->certificate);
    COFFRET_TRY(const auto certificate, protocol::decode_certificate(device->certificate.body));
    if (certificate.issuer == protocol::Issuer::root) return chain;
    at = certificate.issuer_device;
  }
  return errc::too_large;
}

}  // namespace coffret::grants
