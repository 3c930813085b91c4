// SPDX-License-Identifier: EUPL-1.2
#include <boost/json/array.hpp>

#include "coffret/time.hpp"
#include "vault/crypto/recovery.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/last_sync.hpp"
#include "vault/daemon/rebuild.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;

Object head_json(const protocol::Head& head) {
  return {{"seq", head.seq}, {"hash", head.hash.text()}};
}

store::VaultConfig vault_config(Call& call) {
  const auto& config = call.service.config();
  return {.directory = config.directory,
          .owner = call.text("owner"),
          .device_name = config.device_name,
          .cost = config.cost};
}

}  // namespace

Result<Object> init(Call& call) {
  const auto* passphrase = call.secret("passphrase");
  if (passphrase == nullptr || passphrase->empty()) return errc::usage;
  const std::lock_guard one_at_a_time{call.service.opening()};
  if (!call.service.session().locked()) return errc::already_initialised;
  COFFRET_TRY(auto created,
              store::Vault::create(vault_config(call), *passphrase, call.service.environment()));
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
    if (!session.locked()) return status(call);
    const auto& config = call.service.config();
    COFFRET_TRY(auto vault, store::Vault::open(config.directory, *passphrase, config.cost,
                                               call.service.environment()));
    session.adopt(std::move(vault));
  }
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

Result<Object> status(Call& call) {
  Object result{{"vault", nullptr},     {"locked", true},
                {"documents", nullptr}, {"head", nullptr},
                {"server", nullptr},    {"pending", nullptr},
                {"last_sync", nullptr}, {"last_proven_restore", nullptr}};
  auto& ocr = call.service.ocr();
  result["ocr"] = Object{{"available", ocr.available.load()},
                         {"waiting", ocr.waiting.load()},
                         {"done", ocr.done.load()}};
  if (const auto time = read_last_sync(call.service)) result["last_sync"] = to_rfc3339(*time);
  const auto told = call.with([&](store::Vault& vault) -> Result<void> {
    COFFRET_TRY(const auto state, vault.status());
    result["locked"] = false;
    result["vault"] = state.vault.text();
    result["device"] = state.device.text();
    result["owner"] = state.owner;
    result["documents"] = state.documents;
    result["missing"] = state.missing;
    result["pending"] = state.pending;
    result["head"] = head_json(state.head);
    if (const auto server = vault.server()) result["server"] = server->url;
    return {};
  });
  if (told.has_error() && told.error() != errc::locked) return told.error();
  return result;
}

Result<Object> check(Call& call) {
  COFFRET_TRY(const auto problems,
              call.with([&](store::Vault& vault) { return vault.check(call.flag("read_data")); }));
  array named;
  for (const auto& problem : problems) {
    const auto kind = store::name(problem.kind);
    named.push_back(Object{{"kind", boost::json::string_view{kind.data(), kind.size()}},
                           {"item", problem.item}});
  }
  if (call.flag("against_server")) COFFRET_CHECK(check_against_server(call, named));
  const bool ok = named.empty();
  return Object{{"ok", ok}, {"problems", std::move(named)}};
}

Result<Object> rebuild(Call& call) {
  const auto* recovery = call.secret("recovery");
  const auto* passphrase = call.secret("passphrase");
  if (recovery == nullptr || passphrase == nullptr || passphrase->empty()) return errc::usage;
  const std::lock_guard one_at_a_time{call.service.opening()};
  if (!call.service.session().locked()) return errc::already_initialised;
  return rebuild_from_server(call, vault_config(call), *recovery, *passphrase);
}

}  // namespace coffret::daemon
