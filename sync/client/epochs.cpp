// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/epochs.hpp"

#include "sync/client/account.hpp"
#include "sync/client/request.hpp"
#include "sync/protocol/policy.hpp"
#include "sync/protocol/status.hpp"

namespace coffret::client {

using protocol::Endpoint;
using protocol::Target;

Result<ShownNote> epoch_note(Server& server, const Signer& signer, const VaultId& vault) {
  const Target target{.endpoint = Endpoint::epoch_note, .vault = vault};
  COFFRET_TRY(auto response, server.ask(request_to(target), &signer));
  COFFRET_TRY(auto note, protocol::verify_epoch_note(response.body, server.identity().fingerprint,
                                                     vault, server.identity().key));
  return ShownNote{note, std::move(response.body)};
}

Result<Appended> append_again(Server& server, const Signer& signer, const VaultId& vault,
                              const EntryHash& expected,
                              std::span<const protocol::SignedEntry> entries,
                              const SignerChanges& changes) {
  if (entries.empty()) return errc::malformed;
  const bool plain = changes.added.empty() && changes.removed.empty() && !changes.root;
  const Target target{.endpoint = plain ? Endpoint::append_log : Endpoint::append_changes,
                      .vault = vault};
  const protocol::Changes asked{.append = {expected, {entries.begin(), entries.end()}},
                                .added = changes.added,
                                .removed = changes.removed,
                                .root = changes.root};
  auto request =
      request_to(target, record_type, plain ? wire::encode(asked.append) : wire::encode(asked));
  request.fields.set("Coffret-Again", "?1");
  COFFRET_TRY(const auto response, server.exchange(std::move(request), &signer));
  if (response.status == 200) {
    COFFRET_TRY(const auto answer, protocol::from_json<protocol::HeadAnswer>(response.body));
    if (answer.head.hash != protocol::entry_hash(entries.back().body)) return errc::malformed;
    return Appended{true, answer.head};
  }
  const errc error = protocol::error_of(response.status, response.body);
  if (error != errc::conflict) return error;
  COFFRET_TRY(const auto state, vault_state(server, signer, vault));
  return Appended{false, state.head};
}

Result<void> confirm_grant(Server& server, const Signer& device, const VaultId& vault,
                           const LinkId& link, const protocol::Confirmation& confirmation,
                           ByteView policy) {
  const Target target{.endpoint = Endpoint::confirm_grant, .vault = vault, .link = link};
  COFFRET_TRY(const auto response,
              server.ask(request_to(target, record_type, wire::encode(confirmation)), &device));
  COFFRET_TRY(const auto applied, wire::decode<protocol::Applied>(response.body));
  if (!protocol::verify_applied(applied, policy, server.identity().key))
    return errc::unauthenticated;
  return {};
}

}  // namespace coffret::client
