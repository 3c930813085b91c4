// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/signers.hpp"

#include "sync/client/log.hpp"
#include "vault/daemon/freshness.hpp"
#include "vault/daemon/healing.hpp"
#include "vault/daemon/last_sync.hpp"

namespace coffret::daemon {

Result<bool> is_joined(Call& call) {
  return call.with([](store::Vault& vault) -> Result<bool> { return vault.server().has_value(); });
}

Result<void> exchange_all(Call& call, Session::Hold& hold, client::Server& server) {
  const auto count = Syncer(call, hold, server).run();
  if (count.has_error()) return explained(call, server, to_errc(count.error()));
  keep_last_sync(call.service, call.service.environment().clock.now());
  keep_freshness(call.service, server.last_server_time());
  return {};
}

Result<bool> send_and_read_back(Call& call) {
  COFFRET_TRY(const bool joined, is_joined(call));
  if (!joined) return false;
  const std::lock_guard one_at_a_time{call.service.syncing()};
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_TRY(auto server, pinned_server(call));
  COFFRET_TRY(const auto before, call.with([](store::Vault& vault) { return vault.status(); }));
  const auto exchanged = exchange_all(call, hold, server);
  const bool full = exchanged.has_error() && to_errc(exchanged.error()) == errc::over_quota;
  if (exchanged.has_error() && !full) return exchanged.error();
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_TRY(const auto after, call.with([](store::Vault& vault) { return vault.status(); }));
  std::uint64_t seq = before.server_head.seq;
  while (seq < after.server_head.seq) {
    COFFRET_TRY(const auto page, client::pull(server, *signer, after.vault, seq));
    for (const auto& entry : page.entries) {
      const auto same = call.with([&](store::Vault& vault) -> Result<bool> {
        COFFRET_TRY(const auto ours, vault.head_at(++seq));
        COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
        return protocol::entry_hash(entry.body) == ours.hash &&
               protocol::operation_hash(entry.operation) == body.operation;
      });
      if (same.has_error() && same.error() != errc::not_found) return same.error();
      if (same.has_error() || !*same) return errc::fork_detected;
    }
  }
  if (!full) return true;
  // Something else had no room. Whether this has gone all the same:
  COFFRET_TRY(const auto pending, call.with([](store::Vault& vault) { return vault.pending(); }));
  if (pending.changes_signers()) return exchanged.error();
  call.detail.clear();
  return true;
}

}  // namespace coffret::daemon
