// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/syncer.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "coffret/time.hpp"
#include "sync/client/grants.hpp"
#include "sync/client/log.hpp"
#include "sync/client/objects.hpp"
#include "sync/protocol/card.hpp"
#include "vault/daemon/evidence.hpp"
#include "vault/daemon/reader_process.hpp"

namespace coffret::daemon {
namespace {

// A conflict means that another device appended between our pull and our push; each round makes
// progress for someone, so a few rounds are enough and a hostile server cannot hold us for ever.
constexpr unsigned max_rounds = 20;

// What says that one object is not what it has to be, and nothing about the next one.
bool is_fault_of_one(errc error) noexcept {
  return error == errc::unauthenticated || error == errc::malformed || error == errc::too_large;
}

}  // namespace

client::ServerIdentity identity_of(const store::ServerPinned& pinned) {
  client::ServerIdentity identity{.url = pinned.url,
                                  .fingerprint = pinned.fingerprint,
                                  .key = pinned.identity,
                                  .serial = 0,
                                  .spki = pinned.spki};
  if (const auto card = protocol::verify_card(pinned.card, pinned.fingerprint); card.has_value())
    identity.serial = card->card.serial;
  return identity;
}

Result<client::Server> pinned_server(Call& call, Unsettled unsettled) {
  if (unsettled == Unsettled::refuse) COFFRET_CHECK(refuse_unsettled(call));
  COFFRET_TRY(const auto pinned, call.with([](store::Vault& vault) -> Result<store::ServerPinned> {
    auto server = vault.server();
    if (!server) return errc::not_joined;
    return std::move(*server);
  }));
  return client::Server{call.service.network(), identity_of(pinned)};
}

Result<const Signer*> device_signer(Call& call) {
  return call.with([](store::Vault& vault) -> Result<const Signer*> { return &vault.signer(); });
}

Result<void> send_revocation(Call& call, client::Server& server, const store::GrantView& grant) {
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_TRY(const auto vault_id,
              call.with([](store::Vault& vault) -> Result<VaultId> { return vault.id(); }));
  COFFRET_TRY(const auto acknowledged,
              client::revoke(server, *signer, vault_id, grant.decision.link));
  const store::GrantAcknowledged kept{.grant = grant.decision.grant,
                                      .at = acknowledged.time,
                                      .acknowledgement = wire::encode(acknowledged)};
  COFFRET_CHECK(
      call.with([&](store::Vault& vault) { return vault.append(store::make_operation(kept)); }));
  return {};
}

Syncer::Syncer(Call& call, Session::Hold& hold, client::Server& server)
    : call_(call), hold_(hold), server_(server) {}

Result<void> Syncer::go_on() const {
  return hold_.asked_to_stop() ? Result<void>{errc::stopping} : Result<void>{};
}

void Syncer::add(const client::Counters& counters) {
  counters_.requests += counters.requests;
  counters_.bytes_up += counters.bytes_up;
  counters_.bytes_down += counters.bytes_down;
}

Result<void> Syncer::each(std::size_t count, const Move& move) {
  const std::size_t lanes = std::clamp<std::size_t>(count / objects_per_lane, 1, max_lanes);
  std::atomic<std::size_t> next{0};
  std::uint64_t done = 0;
  Result<void> outcome;
  const auto run = [&](client::Server& server) {
    for (;;) {
      const std::size_t at = next++;
      if (at >= count) return;
      auto moved = go_on();
      if (moved.has_value()) moved = move(server, at);
      const std::lock_guard guard{mutex_};
      if (moved.has_error()) {
        if (outcome.has_value()) outcome = moved;
        next = count;
        return;
      }
      (void)call_.answer.progress(Object{{"done", ++done}, {"total", count}});
    }
  };
  // Copies: this thread goes on using its own server, which learns from every answer.
  const auto environment = server_.environment();
  const auto identity = server_.identity();
  const Seconds offset = server_.clock_offset();
  std::vector<std::thread> others;
  for (std::size_t lane = 1; lane < lanes; ++lane)
    others.emplace_back([&] {
      client::Server server{environment, identity};
      server.assume_clock_offset(offset);
      run(server);
      const std::lock_guard guard{mutex_};
      add(server.counters());
    });
  run(server_);
  for (auto& other : others) other.join();
  return outcome;
}

Result<void> Syncer::revoke_pending() {
  COFFRET_TRY(const auto grants,
              call_.with([](store::Vault& vault) -> Result<std::vector<store::GrantView>> {
                return vault.grants();
              }));
  for (const auto& grant : grants)
    if (grant.revoked_at && !grant.acknowledged_at)
      COFFRET_CHECK(send_revocation(call_, server_, grant));
  return {};
}

Result<std::uint64_t> Syncer::pull() {
  std::uint64_t pulled = 0;
  for (;;) {
    COFFRET_CHECK(go_on());
    COFFRET_TRY(const auto status, call_.with([](store::Vault& vault) { return vault.status(); }));
    COFFRET_TRY(const auto page, client::pull(server_, *signer_, vault_, status.server_head.seq));
    const auto accepted =
        call_.with([&](store::Vault& vault) { return vault.accept_remote(page); });
    if (accepted.has_error())
      return keep_evidence(call_, server_, to_errc(accepted.error()), status.server_head, page);
    pulled += accepted->entries;
    COFFRET_TRY(const auto after, call_.with([](store::Vault& vault) { return vault.status(); }));
    if (after.server_head == page.head || page.entries.empty()) return pulled;
  }
}

Result<void> Syncer::fetch_bodies() {
  if (signer_ == nullptr) {
    COFFRET_TRY(signer_, device_signer(call_));
    COFFRET_TRY(vault_,
                call_.with([](store::Vault& vault) -> Result<VaultId> { return vault.id(); }));
  }
  COFFRET_TRY(const auto missing,
              call_.with([](store::Vault& vault) { return vault.missing_objects(); }));
  const Move fetch = [&](client::Server& server, std::size_t at) -> Result<void> {
    const auto& wanted = missing[at];
    const auto received = client::download(server, *signer_, vault_, wanted.object, wanted.size);
    // What the server lost must not keep it from getting what is new here; status counts it.
    if (received.has_error() && received.error() == errc::not_found) return {};
    const auto stored = received.has_error()
                            ? Result<DocumentId>{received.error()}
                            : call_.with([&](store::Vault& vault) {
                                return vault.store_object(wanted.object, *received);
                              });
    if (stored.has_value()) return {};
    if (!is_fault_of_one(to_errc(stored.error()))) return stored.error();
    const std::lock_guard guard{mutex_};
    if (fault_.has_value()) fault_ = stored.error();
    return {};
  };
  COFFRET_CHECK(each(missing.size(), fetch));
  return read_again();  // also what a cut left unread the last time
}

Result<void> Syncer::take_fault() {
  return std::exchange(fault_, Result<void>{});
}

// Only behind a pull: what another device restored meanwhile is not removed any more. What cannot
// be erased now (a full disk) must not keep back what is to be sent: the next sync tries again.
void Syncer::purge() {
  const auto server_time = server_.last_server_time();
  if (!server_time) return;
  (void)call_.with([&](store::Vault& vault) { return vault.purge(to_unix(*server_time)); });
}

// Bodies that came from elsewhere are read here: text is never synced.
Result<void> Syncer::read_again() {
  COFFRET_TRY(const auto unread,
              call_.with([](store::Vault& vault) { return vault.without_text(); }));
  Reader reader{call_.service.config().reader_program};
  for (const auto& id : unread) {
    COFFRET_CHECK(go_on());
    auto document = call_.with([&](store::Vault& vault) { return vault.document(id.text()); });
    auto body = call_.with([&](store::Vault& vault) { return vault.body(id); });
    if (document.has_error() || body.has_error()) continue;  // not here yet: another sync
    auto read = reader.describe(*body, document->entry.file_name);
    std::string text;
    std::vector<Bytes> attachments;
    std::vector<Fact> facts;
    if (read.has_value()) {
      text = std::move(read->text);
      facts = std::move(read->facts);
      for (auto& content : read->contents) attachments.push_back(std::move(content.bytes));
      if (attachments.size() != document->entry.attachments.size()) attachments.clear();
    }
    COFFRET_CHECK(call_.with(
        [&](store::Vault& vault) { return vault.set_derived(id, text, attachments, facts); }));
  }
  return {};
}

// A card that names a new TLS key outdates the one before: who once saw it takes no older one.
Result<void> Syncer::keep_newer_card() {
  const auto& met = server_.identity();
  return call_.with([&](store::Vault& vault) -> Result<void> {
    auto pinned = vault.server();
    if (!pinned || server_.signed_card().empty() || met.serial <= identity_of(*pinned).serial)
      return {};
    pinned->card = server_.signed_card();
    pinned->spki = met.spki;
    COFFRET_CHECK(vault.append(store::make_operation(*pinned)));
    return {};
  });
}

Result<void> Syncer::upload_missing(const std::vector<ObjectId>& objects) {
  if (objects.empty()) return {};
  COFFRET_TRY(const auto wanted, client::missing(server_, *signer_, vault_, objects));
  return each(wanted.size(), [&](client::Server& server, std::size_t at) -> Result<void> {
    COFFRET_TRY(const auto sealed,
                call_.with([&](store::Vault& vault) { return vault.object(wanted[at]); }));
    return client::upload(server, *signer_, vault_, sealed);
  });
}

// True when everything is acknowledged or a batch was; false when another device was first.
Result<bool> Syncer::push_once(std::uint64_t& pushed) {
  COFFRET_TRY(const auto pending, call_.with([](store::Vault& vault) { return vault.pending(); }));
  if (pending.entries.empty()) return true;
  COFFRET_CHECK(upload_missing(pending.objects));
  COFFRET_CHECK(go_on());
  COFFRET_TRY(const auto appended,
              client::append(server_, *signer_, vault_, pending.base.hash, pending.entries));
  if (!appended.accepted) return false;
  COFFRET_CHECK(call_.with([&](store::Vault& vault) { return vault.mark_pushed(appended.head); }));
  pushed += pending.entries.size();
  (void)call_.answer.progress(Object{{"done", pushed}, {"total", pushed}});
  return true;
}

Result<std::uint64_t> Syncer::push() {
  if (signer_ == nullptr) {
    COFFRET_TRY(signer_, device_signer(call_));
    COFFRET_TRY(vault_,
                call_.with([](store::Vault& vault) -> Result<VaultId> { return vault.id(); }));
  }
  std::uint64_t pushed = 0;
  for (unsigned conflicts = 0; conflicts < max_rounds;) {
    COFFRET_TRY(const auto status, call_.with([](store::Vault& vault) { return vault.status(); }));
    if (status.pending == 0) return pushed;
    COFFRET_TRY(const bool accepted, push_once(pushed));
    if (accepted) continue;
    ++conflicts;
    COFFRET_TRY([[maybe_unused]] const auto pulled, pull());
  }
  return errc::conflict;
}

Result<SyncCount> Syncer::run() {
  COFFRET_TRY(signer_, device_signer(call_));
  COFFRET_TRY(vault_,
              call_.with([](store::Vault& vault) -> Result<VaultId> { return vault.id(); }));
  COFFRET_CHECK(revoke_pending());
  SyncCount count;
  COFFRET_TRY(count.pulled, pull());
  settle_evidence(call_);
  purge();
  COFFRET_CHECK(keep_newer_card());
  COFFRET_CHECK(fetch_bodies());
  COFFRET_TRY(count.pushed, push());
  COFFRET_CHECK(take_fault());
  add(server_.counters());
  count.counters = counters_;
  return count;
}

}  // namespace coffret::daemon
