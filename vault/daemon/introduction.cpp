// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/introduction.hpp"

#include <algorithm>

#include "sync/client/account.hpp"

namespace coffret::daemon {
namespace {

struct Strangers {
  VaultId vault;
  const Signer* signer = nullptr;
  std::vector<protocol::SignedCertificate> certificates;  // this device's first
};

Result<Strangers> strangers(store::Vault& vault) {
  Strangers found{vault.id(), &vault.signer(), {}};
  const auto own = vault.device(vault.device());
  // The first device of all joined with its account.
  if (!own || own->since <= 1) return found;
  COFFRET_TRY(const auto status, vault.status());
  if (own->since <= status.server_head.seq) return found;
  found.certificates.push_back(own->certificate);
  auto devices = vault.devices();
  std::sort(devices.begin(), devices.end(),
            [](const auto& a, const auto& b) { return a.since < b.since; });
  for (const auto& device : devices)
    if (device.id != own->id && device.since > status.server_head.seq && device.since < own->since)
      found.certificates.push_back(device.certificate);
  return found;
}

constexpr std::uint64_t tells_replaced = 3;  // version of the protocol

// A server of before version 3 says no more to a stranger than that it finds nothing: the
// certificate is of a root that is not the account's any more, or there is no account. The first is
// what happens.
errc tell_not_admitted(Call& call) {
  call.detail =
      call.language == Language::french
          ? "Le serveur n'admet pas cet appareil, refait d'une sauvegarde avec cette fiche. Sortie "
            ": "
            "coffret stop, puis coffret --vault NOUVEAU rebuild --from-server URL --recovery-file "
            "DERNIÈRE_FICHE --carry-from CE_DOSSIER. S'il n'y a pas de fiche plus récente, le "
            "compte a été effacé : demandez à l'association."
          : "The server does not admit this device, which was made again from a backup with this "
            "sheet. Way out: coffret stop, then coffret --vault NEW rebuild --from-server URL "
            "--recovery-file NEWEST_SHEET --carry-from THIS_FOLDER. If there is no newer sheet, "
            "the account was erased: ask the association.";
  return errc::recovery_replaced;
}

}  // namespace

Result<void> introduce_device(Call& call, client::Server& server) {
  COFFRET_TRY(const auto found, call.with(strangers));
  for (const auto& certificate : found.certificates) {
    const auto let_in = client::enrol_device(server, *found.signer, found.vault, certificate);
    const bool own = &certificate == &found.certificates.front();
    if (let_in.has_value()) continue;
    if (let_in.error() == errc::recovery_replaced) return tell_not_admitted(call);
    if (let_in.error() == errc::not_found)
      return server.version() < tells_replaced ? tell_not_admitted(call) : errc::account_unknown;
    // Of another device, by a sheet that the server hears of with the log: it comes with its entry.
    if (!own && let_in.error() == errc::unauthenticated) continue;
    return let_in.error();
  }
  return {};
}

}  // namespace coffret::daemon
