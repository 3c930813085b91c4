// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/export_signature.hpp"

#include <algorithm>

#include "sync/protocol/device.hpp"
#include "sync/protocol/signature.hpp"
#include "vault/crypto/pairing.hpp"
#include "vault/daemon/export_manifest.hpp"

namespace coffret::daemon {
std::string_view name(ExportSigner signer) noexcept {
  switch (signer) {
    case ExportSigner::nobody:
      return "nobody";
    case ExportSigner::invalid:
      return "invalid";
    case ExportSigner::this_vault:
      return "this_vault";
    case ExportSigner::removed_device:
      return "removed_device";
    case ExportSigner::other_vault:
      return "other_vault";
  }
  return "";
}

std::string root_words(const SigningPublicKey& root) {
  return crypto::eight_words(root.bytes);
}

SignedExport judge_export(std::string_view list, const std::optional<std::string>& signature,
                          const VaultId& vault, const std::vector<store::DeviceView>& devices) {
  SignedExport judged;
  const auto authority = read_export_authority(list);
  if (authority.has_value()) {
    judged.made_at = authority->made_at;
    judged.owner = authority->owner;
  }
  if (!signature) return judged;
  judged.signer = ExportSigner::invalid;
  const auto verified =
      protocol::verify_jws(*signature, export_manifest_type, max_export_signature(list.size()));
  if (verified.has_error() || verified->payload != list || authority.has_error()) return judged;
  const auto device =
      protocol::verify_chain(authority->chain, authority->vault, authority->root, verified->key);
  if (device.has_error()) return judged;
  judged.vault = authority->vault.text();
  judged.words = root_words(authority->root);
  if (authority->vault != vault) {
    judged.signer = ExportSigner::other_vault;
    return judged;
  }
  // In this vault's name: its own log says who its devices are, whatever root the list leads to.
  const auto known =
      std::find_if(devices.begin(), devices.end(), [&](const store::DeviceView& one) {
        return one.id == device->device && one.signing_key == device->signing_key;
      });
  if (known != devices.end())
    judged.signer = known->removed ? ExportSigner::removed_device : ExportSigner::this_vault;
  return judged;
}

}  // namespace coffret::daemon
