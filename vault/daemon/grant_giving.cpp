// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/grant_giving.hpp"

#include <utility>

#include "vault/daemon/grant_parts.hpp"
#include "vault/daemon/replies.hpp"

namespace coffret::daemon {
namespace {

// Prepared, published, and only then in the log. Published first: without the server nothing is
// made. A crash before the next step leaves a live link that nobody was given.
Result<grants::Parcel> give_alone(Call& call, client::Server& server, const Signer& signer,
                                  grants::GrantRequest request) {
  const grants::ServerPlace place{server.identity().url, server.identity().fingerprint};
  auto& environment = call.service.environment();
  COFFRET_TRY(auto parcel, call.with([&](store::Vault& vault) {
    return grants::prepare(vault, std::move(request), place, environment.clock, environment.random);
  }));
  COFFRET_TRY(const auto vault_id,
              call.with([](store::Vault& vault) -> Result<VaultId> { return vault.id(); }));
  COFFRET_CHECK(publish({server, signer, vault_id}, parcel.link, parcel.files, parcel.publication));
  COFFRET_CHECK(call.with([&](store::Vault& vault) {
    return vault.append(store::make_operation(parcel.decision, parcel.terms));
  }));
  return parcel;
}

// The same, after what its reader may answer through, which the manifest names.
Result<grants::Parcel> give_with_reply(Call& call, Session::Hold& hold, client::Server& server,
                                       const Signer& signer, grants::GrantRequest request) {
  const auto grant = call.service.environment().random.make<GrantId>();
  request.grant = grant;
  COFFRET_CHECK(
      open_reply(call, hold, server, signer, {grant, request.caregiver, request.expires_at}));
  auto parcel = give_alone(call, server, signer, std::move(request));
  // Nobody was told of it. Where it cannot be closed either it ends at its time.
  if (parcel.has_error()) {
    auto detail = std::exchange(call.detail, {});
    (void)close_replies(call, server, grant).has_error();
    call.detail = std::move(detail);
  }
  return parcel;
}

}  // namespace

Result<grants::Parcel> give(Call& call, Session::Hold& hold, client::Server& server,
                            const Signer& signer, grants::GrantRequest request) {
  return request.deposit ? give_with_reply(call, hold, server, signer, std::move(request))
                         : give_alone(call, server, signer, std::move(request));
}

}  // namespace coffret::daemon
