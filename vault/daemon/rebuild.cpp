// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/rebuild.hpp"

#include <algorithm>

#include "coffret/time.hpp"
#include "sync/client/account.hpp"
#include "sync/client/challenge.hpp"
#include "sync/client/log.hpp"
#include "sync/client/objects.hpp"
#include "vault/crypto/recovery.hpp"
#include "vault/daemon/branch_json.hpp"
#include "vault/daemon/evidence.hpp"
#include "vault/daemon/freshness.hpp"
#include "vault/daemon/healing.hpp"
#include "vault/daemon/history_reading.hpp"
#include "vault/daemon/last_sync.hpp"
#include "vault/daemon/server_log.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/store/log_pins.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::daemon {
namespace {

using Log = std::vector<protocol::SignedEntry>;

Result<client::Server> server_of_sheet(Call& call, const crypto::RecoveryFacts& facts) {
  client::ServerIdentity identity;
  identity.url = call.text("url");
  while (!identity.url.empty() && identity.url.back() == '/') identity.url.pop_back();
  if (const auto pin = call.text("pin"); !pin.empty()) {
    const auto typed = crypto::parse_fingerprint(pin);
    if (typed.has_error()) {
      call.detail =
          call.language == Language::french
              ? "--pin : ce n'est pas une empreinte de serveur, qui a 43 caractères ; "
                "recopiez-la de la fiche de secours ou de l'invitation."
              : "--pin: this is no server's fingerprint, which has 43 characters; copy it "
                "from the recovery sheet or the invitation.";
      return errc::usage;
    }
    identity.fingerprint = *typed;
  } else if (facts.server_fingerprint) {
    identity.fingerprint = *facts.server_fingerprint;
  } else {
    call.detail = call.language == Language::french
                      ? "La fiche de secours ne porte pas l'empreinte du serveur : donnez-la avec "
                        "--pin. « coffret server card » ou l'association la disent."
                      : "The recovery sheet does not carry the server's fingerprint: give it with "
                        "--pin. \"coffret server card\" or the association tell it.";
    return errc::usage;  // none was given: not another one than expected
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

// When the newest entry shown was written, as its device says. Whoever has no sheet with a head
// cannot prove that there is nothing behind it: they can only remember when they last wrote.
boost::json::value newest_of(const Log& log) {
  if (log.empty()) return nullptr;
  const auto entry = protocol::decode_entry(log.back().body);
  if (entry.has_error()) return nullptr;
  const boost::json::string text{to_rfc3339(from_unix(entry->time))};
  return text;
}

// From a checkpoint what the sheet remembers was not contradicted, or it was passed over; the
// history says the rest.
Result<void> judge_by_sheet(Call& call, const client::Server& server, const store::LogStart& start,
                            const crypto::RecoveryFacts& facts) {
  return start.checkpoint ? Result<void>{} : judge_by_sheet(call, server, start.entries, facts);
}

Result<std::optional<store::ServerPinned>> server_in(const store::LogStart& start,
                                                     const crypto::RecoverySeed& seed) {
  if (start.checkpoint) return start.checkpoint->control.server();
  return store::server_in_log(seed, start.entries);
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

// A device that was retired, whose entries no server has. Its vault has the passphrase that was
// typed for the new one, and is not open elsewhere. None: nothing is to be carried over.
Result<std::optional<store::Vault>> retired_vault(Call& call, const store::VaultConfig& config,
                                                  const SecretText& passphrase) {
  const auto from = call.text("carry_from");
  if (from.empty()) return std::optional<store::Vault>{};
  auto old = store::Vault::open(from, passphrase, config.cost, call.service.environment());
  if (old.has_error()) {
    call.detail = from;
    return old.error();
  }
  return std::optional<store::Vault>{std::move(*old)};
}

Result<store::Followed> carry_over(Call& call, std::optional<store::Vault>& old) {
  if (!old) return store::Followed{};
  return call.with([&](store::Vault& vault) { return store::WaysOut{vault}.carry_from(*old); });
}

}  // namespace

Result<Object> rebuild_from_server(Call& call, const store::VaultConfig& config,
                                   const RecoveryInput& input, const SecretText& passphrase) {
  COFFRET_TRY(auto old, retired_vault(call, config, passphrase));
  const auto& seed = input.seed;
  const auto facts = input.facts.value_or(crypto::RecoveryFacts{});
  COFFRET_TRY(auto server, server_of_sheet(call, facts));
  const auto root = crypto::make_signer(crypto::root_seed(seed));
  COFFRET_TRY(const auto vault_id, client::find_vault(server, *root));
  COFFRET_TRY(auto start,
              start_of_log(call, server, *root, {vault_id, crypto::recovery_agreement_key(seed)},
                           {facts.seq, facts.head}));
  COFFRET_CHECK(judge_by_sheet(call, server, start, facts));
  COFFRET_TRY(const auto pinned, server_in(start, seed));
  COFFRET_CHECK(judge_by_log(server.identity(), pinned));

  const auto enrol = [&](const protocol::SignedCertificate& certificate) {
    return client::enrol_device(server, *root, vault_id, certificate);
  };
  const SyncState::Running running{call.service.sync_state()};
  COFFRET_TRY(auto rebuilt, store::Vault::rebuild(config, seed, start, passphrase,
                                                  call.service.environment(), enrol));
  call.service.session().adopt(std::move(rebuilt));
  auto newest = newest_of(start.entries);
  start = {};  // as large as the log

  COFFRET_TRY(const auto carried, carry_over(call, old));
  const std::lock_guard one_at_a_time{call.service.syncing()};
  COFFRET_TRY(auto hold, call.service.session().hold());
  Syncer syncer{call, hold, server};
  COFFRET_TRY([[maybe_unused]] const auto pushed, syncer.push());
  settle_evidence(call);  // of an attempt before this one
  COFFRET_CHECK(syncer.fetch_bodies());
  COFFRET_CHECK(syncer.take_fault());
  const auto now = call.service.environment().clock.now();
  keep_last_sync(call.service, now);
  keep_freshness(call.service, server.last_server_time());
  COFFRET_TRY(const auto status, call.with([](store::Vault& vault) { return vault.status(); }));
  COFFRET_TRY(auto history,
              call.with([](store::Vault& vault) -> Result<Object> { return told_history(vault); }));
  return Object{{"vault", status.vault.text()},
                {"documents", status.documents},
                {"verified", status.documents - status.missing},
                {"missing", status.missing},
                {"carried", carried.carried},
                {"left_out", branch_json(call, carried.left_out)},
                {"newest", std::move(newest)},
                {"history", std::move(history)},
                {"date", to_rfc3339(now)}};
}

namespace {

constexpr std::size_t challenged = 8;  // objects at each check; all with --read-data or --repair

std::uint64_t random_below(Random& random, std::uint64_t bound) {
  const auto drawn = random.make<Id<8, struct DrawnTag>>();
  return load_le<std::uint64_t>(drawn.view()) % bound;
}

// What a server says that it has is asked for: bytes at a place it cannot foresee, of objects that
// it cannot foresee, compared with those that this device makes again. Where data is to be read or
// put right, all of the bytes of all of them. Returns how many were compared.
Result<std::uint64_t> challenge(Call& call, client::Server& server, const Signer& signer,
                                const VaultId& vault, std::vector<ObjectId> objects,
                                boost::json::array& problems) {
  auto& random = call.service.environment().random;
  const bool all = call.flag("read_data") || call.flag("repair");
  std::uint64_t compared = 0;
  std::size_t left = all ? objects.size() : std::min(challenged, objects.size());
  for (; left > 0; --left) {
    std::swap(objects[random_below(random, objects.size())], objects.back());
    const ObjectId object = objects.back();
    objects.pop_back();
    const auto sealed = call.with([&](store::Vault& open) { return open.object(object); });
    if (sealed.has_error()) continue;  // its body is not here: nothing to compare with
    const auto offset =
        static_cast<std::size_t>(all ? 0 : random_below(random, sealed->view().size()));
    COFFRET_TRY(const bool held, all ? client::still_holds_all(server, signer, vault, *sealed)
                                     : client::still_holds(server, signer, vault, *sealed, offset));
    ++compared;
    if (!held) problems.push_back(Object{{"kind", "server_lacks_object"}, {"item", object.text()}});
  }
  return compared;
}

}  // namespace

Result<Object> check_against_server(Call& call, boost::json::array& problems) {
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
    const errc kind = explained(call, server, to_errc(head.error()));
    if (!is_alarm(kind) && kind != errc::server_restored) return kind;
    const auto code = row(kind).code;
    problems.push_back(Object{{"kind", boost::json::string_view{code.data(), code.size()}},
                              {"item", "log"},
                              {"evidence", call.detail}});
  }
  COFFRET_TRY(const auto lacking, client::missing(server, *signer, ours.vault, ours.objects));
  for (const auto& object : lacking)
    problems.push_back(Object{{"kind", "server_lacks_object"}, {"item", object.text()}});
  auto claimed = ours.objects;
  std::erase_if(claimed, [&](const ObjectId& object) {
    return std::find(lacking.begin(), lacking.end(), object) != lacking.end();
  });
  const std::uint64_t held = claimed.size();
  COFFRET_TRY(const auto asked,
              challenge(call, server, *signer, ours.vault, std::move(claimed), problems));
  return Object{{"asked", asked}, {"of", held}};
}

}  // namespace coffret::daemon
