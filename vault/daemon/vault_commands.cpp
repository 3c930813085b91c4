// SPDX-License-Identifier: EUPL-1.2
#include <boost/json/array.hpp>

#include "coffret/file_upgrade.hpp"
#include "coffret/time.hpp"
#include "vault/crypto/passphrase_strength.hpp"
#include "vault/crypto/recovery.hpp"
#include "vault/daemon/access_heads.hpp"
#include "vault/daemon/cards.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/deposits.hpp"
#include "vault/daemon/freshness.hpp"
#include "vault/daemon/grant_parts.hpp"
#include "vault/daemon/history_reading.hpp"
#include "vault/daemon/last_sync.hpp"
#include "vault/daemon/new_passphrase.hpp"
#include "vault/daemon/rebuild.hpp"
#include "vault/daemon/rehearse.hpp"
#include "vault/daemon/repair.hpp"
#include "vault/daemon/restore.hpp"
#include "vault/daemon/restore_proof.hpp"
#include "vault/daemon/without_body.hpp"
#include "vault/store/recovery_slot.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;

Object head_json(const protocol::Head& head) {
  return {{"seq", head.seq}, {"hash", head.hash.text()}};
}

Result<store::VaultConfig> vault_config(Call& call) {
  const auto& config = call.service.config();
  COFFRET_TRY(auto name, device_name(call));
  return store::VaultConfig{.directory = config.directory,
                            .owner = call.text("owner"),
                            .device_name = std::move(name),
                            .cost = config.cost};
}

}  // namespace

Result<void> judge_new_passphrase(Call& call, const SecretText* passphrase) {
  if (passphrase == nullptr || passphrase->empty()) return errc::usage;
  if (crypto::strength_of(*passphrase) != crypto::PassphraseStrength::too_short) return {};
  const auto least = std::to_string(crypto::shortest_passphrase);
  call.detail = call.language == Language::french
                    ? "La phrase secrète a moins de " + least + " caractères."
                    : "The passphrase has fewer than " + least + " characters.";
  return errc::usage;
}

Result<Object> init(Call& call) {
  const auto* passphrase = call.secret("passphrase");
  COFFRET_CHECK(judge_new_passphrase(call, passphrase));
  const std::lock_guard one_at_a_time{call.service.opening()};
  if (!call.service.session().locked()) return errc::already_initialised;
  COFFRET_TRY(const auto place, vault_config(call));
  COFFRET_TRY(auto created, store::Vault::create(place, *passphrase, call.service.environment()));
  COFFRET_TRY(const auto status, created.vault.status());
  const crypto::RecoveryFacts facts{.vault = created.vault.id(),
                                    .server_url = {},
                                    .server_fingerprint = {},
                                    .seq = status.head.seq,
                                    .head = status.head.hash,
                                    .date = to_rfc3339(call.service.environment().clock.now())};
  COFFRET_CHECK(call.answer.secret(crypto::recovery_file(created.seed, facts)));
  Object result{
      {"vault", created.vault.id().text()},
      {"recovery_key_check", crypto::check_words(created.seed)},
      {"argon2", {{"memory_kib", created.cost.memory_kib}, {"passes", created.cost.passes}}}};
  call.service.session().adopt(std::move(created.vault));
  return result;
}

Result<Object> unlock(Call& call) {
  const auto* passphrase = call.secret("passphrase");
  if (passphrase == nullptr) return errc::usage;
  auto& session = call.service.session();
  {
    const std::lock_guard one_at_a_time{call.service.opening()};
    const auto& config = call.service.config();
    // Open already: a wrong passphrase is still wrong.
    if (!session.locked()) {
      COFFRET_CHECK(session.with(
          [&](store::Vault& vault) { return vault.check_passphrase(*passphrase, config.cost); }));
      return status(call);
    }
    COFFRET_TRY(auto vault, store::Vault::open(config.directory, *passphrase, config.cost,
                                               call.service.environment()));
    wipe_rehearsal(call.service);
    session.adopt(std::move(vault));
  }
  return status(call);
}

namespace {

// Beside an open vault: what is left is judged when it opens. Errors: those of store::judge_sheet;
// recovery_replaced.
Result<void> judge_beside(Call& call, const crypto::RecoverySeed& seed) {
  if (call.service.session().locked()) return {};
  COFFRET_CHECK(
      store::judge_sheet(call.service.config().directory, seed, call.service.environment().disk));
  const auto given = crypto::public_key(crypto::recovery_agreement_key(seed));
  const auto current = call.with(
      [](store::Vault& vault) -> Result<AgreementPublicKey> { return vault.recovery_key(); });
  if (current.has_value() && *current != given) return errc::recovery_replaced;
  return {};
}

errc tell_no_slot(Call& call, errc why) {
  if (why == errc::not_found)
    call.detail = call.language == Language::french
                      ? "Ce coffre n'a pas encore de serrure pour la fiche : reconstruisez-le à "
                        "côté avec « coffret rebuild »."
                      : "This vault has no lock for the sheet yet: rebuild it beside with "
                        "\"coffret rebuild\".";
  return why;
}

}  // namespace

Result<Object> passphrase_reset(Call& call) {
  const auto* passphrase = call.secret("passphrase");
  COFFRET_CHECK(judge_new_passphrase(call, passphrase));
  COFFRET_TRY(const auto input, recovery_input(call));
  const std::lock_guard one_at_a_time{call.service.opening()};
  auto& session = call.service.session();
  const auto& config = call.service.config();
  // A sheet that is refused closes nothing.
  if (const auto judged = judge_beside(call, input.seed); judged.has_error())
    return tell_no_slot(call, to_errc(judged.error()));
  session.lock();
  auto vault = store::reset_passphrase(config.directory, input.seed, *passphrase, config.cost,
                                       call.service.environment());
  if (vault.has_error()) return tell_no_slot(call, to_errc(vault.error()));
  session.adopt(std::move(*vault));
  return status(call);
}

Result<Object> unlocked(Call& call) {
  if (call.service.session().locked()) return errc::locked;
  return Object{{"locked", false}};
}

Result<Object> lock(Call& call) {
  call.service.session().lock();
  return Object{{"locked", true}};
}

Result<Object> stop(Call& call) {
  call.service.ask_stop();
  return Object{{"stopped", true}};
}

namespace {

constexpr std::size_t most_unread_told = 10'000;  // documents

void tell_freshness(const Call& call, Object& result) {
  const auto fresh = read_freshness(call.service);
  result["stale"] = fresh.stale(to_unix(call.service.environment().clock.now()));
  result["head_stated"] = nullptr;
  if (const auto since = fresh.since()) result["head_stated"] = to_rfc3339(from_unix(*since));
  const auto heads = read_access_heads(call.service);
  result["access_heads"] = nullptr;
  if (heads.grown != 0)
    result["access_heads"] =
        Object{{"grown", to_rfc3339(from_unix(heads.grown))}, {"late", heads.late(fresh)}};
}

void tell_proof(const Call& call, Object& result) {
  const auto proven = read_restore_proof(call.service);
  if (proven) result["last_proven_restore"] = to_rfc3339(*proven);
  result["restore_proof_due"] = proof_is_due(proven, call.service.environment().clock.now());
  if (const auto last = read_last_backup(call.service)) result["last_backup"] = last->date;
}

// The store as it was before this build migrated it (store/migration.hpp).
void tell_old_store(const Call& call, Object& result) {
  array kept;
  const auto all = FileUpgrade::kept(call.service.config().directory, "store.db",
                                     call.service.environment().disk);
  if (all.has_value())
    for (const auto& old : *all)
      kept.push_back(Object{{"path", old.path}, {"until", to_rfc3339(from_unix(old.end))}});
  result["old_store"] = std::move(kept);
}

void tell_sync(const Call& call, Object& result) {
  if (const auto time = read_last_sync(call.service)) result["last_sync"] = to_rfc3339(*time);
  auto& sync = call.service.sync_state();
  result["sync_paused"] = sync.paused();
  result["sync_stopped"] = nullptr;
  if (const auto stop = sync.last_stop()) {
    const auto code = row(stop->error).code;
    const auto why = row(stop->error).sentence(call.language);
    result["sync_stopped"] = Object{{"code", boost::json::string_view{code.data(), code.size()}},
                                    {"why", boost::json::string_view{why.data(), why.size()}},
                                    {"at", to_rfc3339(stop->at)}};
  }
}

// Grants that end within a day: time to prolong them, or to say so to whom they were given.
array grants_ending(const store::Vault& vault, std::int64_t now) {
  array ending;
  for (const auto& grant : vault.grants())
    if (ends_soon(grant, grants::state_of(grant, now), now))
      ending.push_back(Object{{"id", grant.decision.grant.text()},
                              {"to", grant.decision.caregiver},
                              {"expires_at", to_rfc3339(from_unix(grant.decision.expires_at))}});
  return ending;
}

}  // namespace

Result<Object> status(Call& call) {
  Object result{{"vault", nullptr},         {"locked", true},
                {"documents", nullptr},     {"head", nullptr},
                {"server", nullptr},        {"pending", nullptr},
                {"last_sync", nullptr},     {"last_proven_restore", nullptr},
                {"last_backup", nullptr},   {"history", nullptr},
                {"grants_ending", nullptr}, {"deposits", nullptr},
                {"quarantined", nullptr},   {"emergency", nullptr}};
  auto& ocr = call.service.ocr();
  result["ocr"] = Object{{"available", ocr.available.load()},
                         {"waiting", ocr.waiting.load()},
                         {"done", ocr.done.load()}};
  tell_freshness(call, result);
  tell_proof(call, result);
  tell_sync(call, result);
  tell_old_store(call, result);
  const auto told = call.with([&](store::Vault& vault) -> Result<void> {
    COFFRET_TRY(const auto state, vault.status());
    result["retired"] = store::WaysOut{vault}.retired();
    result["locked"] = false;
    result["vault"] = state.vault.text();
    result["device"] = state.device.text();
    result["owner"] = state.owner;
    result["documents"] = state.documents;
    result["quarantined"] = state.quarantined;
    result["missing"] = state.missing;
    if (state.missing > 0) COFFRET_CHECK(tell_missing(vault, result));
    result["pending"] = state.pending;
    COFFRET_TRY(const auto unread, vault.unread_after(0, most_unread_told));
    result["unread"] = unread.size();
    result["head"] = head_json(state.head);
    result["history"] = told_history(vault);
    if (const auto server = vault.server()) result["server"] = server->url;
    const auto now = to_unix(call.service.environment().clock.now());
    result["emergency"] = card_news(vault, now);
    result["grants_ending"] = grants_ending(vault, now);
    return {};
  });
  if (told.has_error() && told.error() != errc::locked) return told.error();
  if (told.has_value())
    if (const auto deposits = held_deposits(call); deposits.has_value())
      result["deposits"] = deposits->size();
  return result;
}

namespace {

// What a check finds is told in its answer, and leaves a line like a refusal: the code of a server
// that keeps to no history, or else that something is damaged, or not here.
void leave_lines(Call& call, const array& problems) {
  bool damaged = false;
  bool missing = false;
  for (const auto& problem : problems) {
    const auto& kind = problem.get_object().at("kind").get_string();
    const auto* known = row_of({kind.data(), kind.size()});
    if (known != nullptr)
      store::audit(call.service.config().directory, known->value, call.service.environment());
    const bool absent = kind == "missing_body";
    missing = missing || absent;
    damaged = damaged || (known == nullptr && !absent);
  }
  if (missing)
    store::audit(call.service.config().directory, errc::body_missing, call.service.environment());
  if (damaged)
    store::audit(call.service.config().directory, errc::damaged, call.service.environment());
}

}  // namespace

Result<Object> check(Call& call) {
  // What is to be put right has to be found first.
  const bool read_data = call.flag("read_data") || call.flag("repair");
  COFFRET_TRY(const auto problems,
              call.with([&](store::Vault& vault) { return vault.check(read_data); }));
  array named;
  for (const auto& problem : problems) {
    const auto kind = store::name(problem.kind);
    named.push_back(Object{{"kind", boost::json::string_view{kind.data(), kind.size()}},
                           {"item", problem.item}});
  }
  COFFRET_CHECK(report_missing(call, named));
  boost::json::value server;  // null: not asked
  if (call.flag("against_server")) {
    COFFRET_TRY(server, check_against_server(call, named));
  }
  array repaired;
  if (call.flag("repair")) COFFRET_CHECK(repair(call, named, repaired));
  explain_problems(call, named);
  const bool ok = named.empty();
  if (!ok) leave_lines(call, named);
  return Object{{"ok", ok},
                {"problems", std::move(named)},
                {"repaired", std::move(repaired)},
                {"server", std::move(server)}};
}

Result<Object> rebuild(Call& call) {
  const auto* passphrase = call.secret("passphrase");
  COFFRET_CHECK(judge_new_passphrase(call, passphrase));
  const std::lock_guard one_at_a_time{call.service.opening()};
  if (!call.service.session().locked()) return errc::already_initialised;
  COFFRET_TRY(const auto input, recovery_input(call));
  const bool backup = !call.text("from").empty() || !call.text("from_hex").empty();
  if (backup == !call.text("url").empty()) return errc::usage;  // one or the other
  // What a retired device holds follows what its server holds.
  if (backup && !call.text("carry_from").empty()) return errc::usage;
  COFFRET_TRY(const auto place, vault_config(call));
  return backup ? rebuild_from_backup(call, place, input, *passphrase)
                : rebuild_from_server(call, place, input, *passphrase);
}

}  // namespace coffret::daemon
