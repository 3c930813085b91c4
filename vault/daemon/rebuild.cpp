// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/rebuild.hpp"

#include "coffret/time.hpp"
#include "sync/client/account.hpp"
#include "sync/client/log.hpp"
#include "sync/client/objects.hpp"
#include "vault/crypto/recovery.hpp"
#include "vault/daemon/evidence.hpp"
#include "vault/daemon/last_sync.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/store/log_pins.hpp"

namespace coffret::daemon {
namespace {

using Log = std::vector<protocol::SignedEntry>;

Result<client::Server> server_of_sheet(Call& call, const crypto::RecoveryFacts& facts) {
  client::ServerIdentity identity;
  identity.url = call.text("url");
  while (!identity.url.empty() && identity.url.back() == '/') identity.url.pop_back();
  if (const auto pin = call.text("pin"); !pin.empty()) {
    COFFRET_TRY(const auto raw, from_base64url(pin));
    COFFRET_TRY(identity.fingerprint, Fingerprint::from(raw));
  } else if (facts.server_fingerprint) {
    identity.fingerprint = *facts.server_fingerprint;
  } else {
    call.detail = call.language == Language::french
                      ? "La fiche de secours ne porte pas l'empreinte du serveur : donnez-la avec "
                        "--pin. « coffret server card » ou l'association la disent."
                      : "The recovery sheet does not carry the server's fingerprint: give it with "
                        "--pin. \"coffret server card\" or the association tell it.";
    return errc::unpinned;
  }
  client::Server server{call.service.network(), identity};
  COFFRET_TRY([[maybe_unused]] const auto card, server.contact());
  return server;
}

// The sheet remembers a head; a server that shows less, or something else there, is caught.
Result<void> judge_by_sheet(Call& call, const client::Server& server, const Log& log,
                            const crypto::RecoveryFacts& facts) {
  if (facts.seq == 0) return {};
  Showing showing{.remembered = {facts.seq, facts.head}, .shown = {}, .first = {}, .last = {}};
  if (!log.empty()) {
    showing.shown = {log.size(), protocol::entry_hash(log.back().body)};
    showing.last = &log.back();
  }
  if (facts.seq > log.size()) return keep_evidence(call, server, errc::server_rolled_back, showing);
  showing.first = &log[facts.seq - 1];
  if (protocol::entry_hash(showing.first->body) != facts.head)
    return keep_evidence(call, server, errc::fork_detected, showing);
  return {};
}

// The log remembers the newest card that a device of this vault has met: whoever brings an older
// one, or one of another identity, is not the server it was joined to.
Result<void> judge_by_log(const client::ServerIdentity& met,
                          const std::optional<store::ServerPinned>& pinned) {
  if (!pinned) return {};
  if (pinned->fingerprint != met.fingerprint) return errc::unpinned;
  if (!client::may_follow(identity_of(*pinned), met.serial, met.spki)) return errc::key_changed;
  return {};
}

}  // namespace

Result<Object> rebuild_from_server(Call& call, const store::VaultConfig& config,
                                   const SecretText& recovery, const SecretText& passphrase) {
  COFFRET_TRY(const auto sheet, crypto::parse_recovery_file(recovery));
  COFFRET_TRY(auto server, server_of_sheet(call, sheet.facts));
  const auto root = crypto::make_signer(crypto::root_seed(sheet.seed));
  COFFRET_TRY(const auto vault_id, client::find_vault(server, *root));
  COFFRET_TRY(const auto log, client::pull_whole(server, *root, vault_id));
  COFFRET_CHECK(judge_by_sheet(call, server, log, sheet.facts));
  COFFRET_TRY(const auto pinned, store::server_in_log(sheet.seed, log));
  COFFRET_CHECK(judge_by_log(server.identity(), pinned));

  const auto enrol = [&](const protocol::SignedCertificate& certificate) {
    return client::enrol_device(server, *root, vault_id, certificate);
  };
  COFFRET_TRY(auto rebuilt, store::Vault::rebuild(config, sheet.seed, log, passphrase,
                                                  call.service.environment(), enrol));
  call.service.session().adopt(std::move(rebuilt));

  const std::lock_guard one_at_a_time{call.service.syncing()};
  COFFRET_TRY(auto hold, call.service.session().hold());
  Syncer syncer{call, hold, server};
  COFFRET_TRY([[maybe_unused]] const auto pushed, syncer.push());
  settle_evidence(call);  // of an attempt before this one
  COFFRET_CHECK(syncer.fetch_bodies());
  COFFRET_CHECK(syncer.take_fault());
  const auto now = call.service.environment().clock.now();
  keep_last_sync(call.service, now);
  COFFRET_TRY(const auto status, call.with([](store::Vault& vault) { return vault.status(); }));
  return Object{{"vault", status.vault.text()},
                {"documents", status.documents},
                {"verified", status.documents - status.missing},
                {"missing", status.missing},
                {"date", to_rfc3339(now)}};
}

Result<void> check_against_server(Call& call, boost::json::array& problems) {
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_TRY(auto server, pinned_server(call, Unsettled::allow));
  COFFRET_TRY(const auto* signer, device_signer(call));
  struct Ours {
    VaultId vault;
    std::vector<ObjectId> objects;
  };
  COFFRET_TRY(const auto ours, call.with([](store::Vault& vault) -> Result<Ours> {
    COFFRET_TRY(const auto status, vault.status());
    Ours all{status.vault, {}};
    COFFRET_TRY(const auto documents, vault.documents());
    for (const auto& document : documents)
      if (document.seq <= status.server_head.seq) all.objects.push_back(document.locator.object);
    return all;
  }));
  if (const auto head = check_head(call, server, *signer); head.has_error()) {
    const errc kind = to_errc(head.error());
    if (!is_alarm(kind)) return kind;
    const auto code = row(kind).code;
    problems.push_back(Object{{"kind", boost::json::string_view{code.data(), code.size()}},
                              {"item", "log"},
                              {"evidence", call.detail}});
  }
  COFFRET_TRY(const auto lacking, client::missing(server, *signer, ours.vault, ours.objects));
  for (const auto& object : lacking)
    problems.push_back(Object{{"kind", "server_lacks_object"}, {"item", object.text()}});
  return {};
}

}  // namespace coffret::daemon
