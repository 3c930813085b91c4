// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/restore.hpp"

#include "sync/client/account.hpp"
#include "vault/daemon/freshness.hpp"
#include "vault/daemon/last_sync.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/daemon/unread.hpp"

namespace coffret::daemon {
namespace {

Result<void> judge_by_sheet(const RecoveryInput& input,
                            const std::vector<protocol::SignedEntry>& log) {
  if (!input.facts || input.facts->seq == 0) return {};
  const auto seq = static_cast<std::size_t>(input.facts->seq);
  if (seq > log.size()) return errc::backup_damaged;
  return protocol::entry_hash(log[seq - 1].body) == input.facts->head
             ? Result<void>{}
             : Result<void>{errc::fork_detected};
}

// While the root is at hand: later this device vouches for itself with the root's certificate.
Result<void> enrol(Call& call, client::Server& server, const RecoveryInput& input) {
  const auto root = crypto::make_signer(crypto::root_seed(input.seed));
  struct Own {
    VaultId vault;
    protocol::SignedCertificate certificate;
  };
  COFFRET_TRY(const auto own, call.with([](store::Vault& vault) -> Result<Own> {
    const auto device = vault.device(vault.device());
    if (!device) return errc::damaged;
    return Own{vault.id(), device->certificate};
  }));
  const auto let_in = client::enrol_device(server, *root, own.vault, own.certificate);
  // An account that had this root once would say that it was replaced.
  if (let_in.has_error() && let_in.error() == errc::not_found) return errc::account_unknown;
  return let_in;
}

// The documents are back whatever becomes of this: what the server says is told, not obeyed.
Result<void> continue_with_server(Call& call, const RecoveryInput& input) {
  COFFRET_TRY(auto server, pinned_server(call));
  COFFRET_CHECK(enrol(call, server, input));
  const std::lock_guard one_at_a_time{call.service.syncing()};
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_TRY([[maybe_unused]] const auto count, Syncer(call, hold, server).run());
  keep_last_sync(call.service, call.service.environment().clock.now());
  keep_freshness(call.service, server.last_server_time());
  return {};
}

boost::json::value server_outcome(Call& call, const RecoveryInput& input) {
  const auto done = continue_with_server(call, input);
  if (done.has_value()) return "synced";
  const errc error = to_errc(done.error());
  if (error == errc::not_joined) return nullptr;
  if (error == errc::server_unreachable || error == errc::timed_out) return "unreachable";
  const auto code = row(error).code;
  return boost::json::string_view{code.data(), code.size()};
}

// A restore that was stopped half-way left a vault that lacks bodies: it goes on where it stopped.
Result<store::Vault> restored_or_begun(Call& call, const store::VaultConfig& config,
                                       const RecoveryInput& input, const ReadBackup& read,
                                       const SecretText& passphrase) {
  auto environment = call.service.environment();
  auto restored = store::Vault::restore(config, input.seed, read.log,
                                        read.chain.last().acknowledged, passphrase, environment);
  if (restored.has_value() || restored.error() != errc::already_initialised) return restored;
  COFFRET_TRY(auto begun,
              store::Vault::open(config.directory, passphrase, config.cost, environment));
  COFFRET_TRY(const auto status, begun.status());
  if (begun.id() != read.chain.last().vault || status.missing == 0)
    return errc::already_initialised;
  return begun;
}

// Bodies, and what is read in them.
Result<void> fill(Call& call, const RecoveryInput& input, const backup::Chain& chain,
                  backup::Damage& damage) {
  COFFRET_TRY(const auto hold, call.service.session().hold());
  const auto go_on = [&hold]() -> Result<void> {
    return hold.asked_to_stop() ? Result<void>{errc::stopping} : Result<void>{};
  };
  const auto take = [&](const ObjectId& id, const ReceivedObject& object) -> Result<DocumentId> {
    COFFRET_CHECK(go_on());
    return call.with([&](store::Vault& vault) { return vault.store_object(id, object); });
  };
  COFFRET_CHECK(give_objects(call, chain, input, take, damage));
  COFFRET_CHECK(read_unread(call.service, false, [&hold] { return hold.asked_to_stop(); }));
  return go_on();
}

Result<Object> told(Call& call, const RecoveryInput& input, const backup::Chain& chain) {
  auto server = server_outcome(call, input);
  COFFRET_TRY(const auto status, call.with([](store::Vault& vault) { return vault.status(); }));
  return Object{{"vault", status.vault.text()},
                {"documents", status.documents},
                {"verified", status.documents - std::min(status.missing, status.documents)},
                {"missing", status.missing},
                {"files", chain.links.size()},
                {"date", chain.last().made_at},
                {"server", std::move(server)}};
}

}  // namespace

Result<ReadBackup> read_backup(Call& call, const RecoveryInput& input, const std::string& base,
                               backup::Damage& damage) {
  const auto& disk = call.service.environment().disk;
  const auto opener = recovery_opener(input);
  ReadBackup read;
  COFFRET_TRY(read.chain, backup::open_chain(disk, base, opener, damage));
  const auto take = [&](const backup::Entries& given) -> Result<void> {
    read.log.resize(static_cast<std::size_t>(given.after));
    read.log.insert(read.log.end(), given.entries.begin(), given.entries.end());
    return {};
  };
  COFFRET_TRY(read.verified,
              backup::read_chain(disk, read.chain, opener, {.entries = take}, damage));
  COFFRET_TRY(read.pins, store::pins_in_log(input.seed, read.log));
  COFFRET_CHECK(judge_signers(read.chain, read.pins.devices, damage));
  COFFRET_CHECK(judge_by_sheet(input, read.log));
  return read;
}

Result<void> give_objects(Call& call, const backup::Chain& chain, const RecoveryInput& input,
                          const TakeObject& take, backup::Damage& damage) {
  std::uint64_t total = 0;
  for (const auto& link : chain.links) total += link.manifest.manifest.objects.size();
  std::uint64_t done = 0;
  const auto object = [&](const ObjectId& id, Bytes&& bytes) -> Result<void> {
    const auto taken = take(id, ReceivedObject{std::move(bytes)});
    if (taken.has_error() && to_errc(taken.error()) != errc::not_found) return taken.error();
    (void)call.answer.progress(Object{{"done", ++done}, {"total", total}});
    return {};
  };
  COFFRET_TRY([[maybe_unused]] const auto verified,
              backup::read_chain(call.service.environment().disk, chain, recovery_opener(input),
                                 {.object = object}, damage));
  return {};
}

Result<Object> rebuild_from_backup(Call& call, const store::VaultConfig& config,
                                   const RecoveryInput& input, const SecretText& passphrase) {
  COFFRET_TRY(const auto path, path_argument(call, "from"));
  COFFRET_TRY(const auto base, existing_set(call, path));
  backup::Damage damage;
  auto read = read_backup(call, input, base, damage);
  if (read.has_error()) return tell_damage(call, read.error(), damage);
  COFFRET_TRY(auto restored, restored_or_begun(call, config, input, *read, passphrase));
  call.service.session().adopt(std::move(restored));
  read->log.clear();
  read->log.shrink_to_fit();
  if (auto filled = fill(call, input, read->chain, damage); filled.has_error()) {
    call.service.session().lock();  // the same command, once more, goes on
    return tell_damage(call, filled.error(), damage);
  }
  return told(call, input, read->chain);
}

}  // namespace coffret::daemon
