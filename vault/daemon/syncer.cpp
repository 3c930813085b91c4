// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/syncer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "coffret/time.hpp"
#include "sync/client/account.hpp"
#include "sync/client/grants.hpp"
#include "sync/client/log.hpp"
#include "sync/client/objects.hpp"
#include "sync/protocol/card.hpp"
#include "vault/daemon/access_heads.hpp"
#include "vault/daemon/cards.hpp"
#include "vault/daemon/deposits.hpp"
#include "vault/daemon/evidence.hpp"
#include "vault/daemon/grant_life.hpp"
#include "vault/daemon/healing.hpp"
#include "vault/daemon/introduction.hpp"
#include "vault/daemon/receiving.hpp"
#include "vault/daemon/replies.hpp"
#include "vault/daemon/sending.hpp"
#include "vault/daemon/unread.hpp"
#include "vault/daemon/without_body.hpp"
#include "vault/store/checkpoints.hpp"
#include "vault/store/history.hpp"

namespace coffret::daemon {
namespace {

// A conflict means that another device appended between our pull and our push; each round makes
// progress for someone, so a few rounds are enough and a hostile server cannot hold us for ever.
constexpr unsigned max_rounds = 20;

constexpr std::uint64_t room_for_checkpoints = 4;  // of what is left, the fourth part

constexpr std::uint64_t everything = ~std::uint64_t{0};  // a number that no entry has
constexpr std::size_t batches_ahead = 8;  // of entries whose objects are on their way
constexpr std::size_t worth_asking =
    16;  // objects to send; what the server has of fewer is not asked

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

client::SignerChanges changes_of(const store::Pending& pending) {
  client::SignerChanges changes{.added = pending.added, .removed = pending.removed, .root = {}};
  if (pending.recovery)
    changes.root = protocol::RootChange{.root = pending.recovery->root,
                                        .certificate = pending.recovery->certificate};
  return changes;
}

Result<void> send_revocation(Call& call, client::Server& server, const store::GrantView& grant) {
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_TRY(const auto vault_id,
              call.with([](store::Vault& vault) -> Result<VaultId> { return vault.id(); }));
  COFFRET_TRY(const auto acknowledged,
              client::revoke(server, *signer, vault_id, grant.decision.link));
  // Before the log says that it is over: what fails is done again by the next sync.
  COFFRET_CHECK(close_replies(call, server, grant.decision.grant));
  const store::GrantAcknowledged kept{.grant = grant.decision.grant,
                                      .at = acknowledged.time,
                                      .acknowledgement = wire::encode(acknowledged)};
  COFFRET_CHECK(
      call.with([&](store::Vault& vault) { return vault.append(store::make_operation(kept)); }));
  return {};
}

Syncer::Syncer(Call& call, Session::Hold& hold, client::Server& server)
    : call_(call), server_(server), line_(call, hold) {
  server_.give_up_when(line_.give_up());
}

Syncer::~Syncer() {
  server_.give_up_when({});
}

Result<void> Syncer::begin() {
  if (signer_ != nullptr) return {};
  COFFRET_TRY(signer_, device_signer(call_));
  COFFRET_TRY(vault_,
              call_.with([](store::Vault& vault) -> Result<VaultId> { return vault.id(); }));
  return {};
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
  const auto ends_of = [](store::Vault& vault) -> Result<store::LogEnds> { return vault.ends(); };
  std::uint64_t pulled = 0;
  for (;;) {
    COFFRET_CHECK(line_.go_on());
    COFFRET_TRY(const auto known, call_.with(ends_of));
    COFFRET_TRY(const auto page, client::pull(server_, *signer_, vault_, known.server.seq));
    const auto accepted =
        call_.with([&](store::Vault& vault) { return vault.accept_remote(page); });
    if (accepted.has_error())
      return keep_evidence(call_, server_, to_errc(accepted.error()), known.server, page);
    pulled += accepted->entries;
    COFFRET_TRY(const auto after, call_.with(ends_of));
    if (after.server != page.head && !page.entries.empty()) continue;
    if (pulled > 0) COFFRET_CHECK(settle_doubles(call_));
    return pulled;
  }
}

Result<void> Syncer::fetch_bodies() {
  COFFRET_CHECK(begin());
  COFFRET_TRY(const auto missing,
              call_.with([](store::Vault& vault) { return vault.missing_objects(); }));
  if (missing.empty()) return {};
  std::vector<client::WantedObject> wanted;
  for (const auto& one : missing) wanted.push_back({one.object, one.size});
  Receiving receiving{call_, line_, server_, *signer_, vault_};
  const auto received = receiving.run(std::move(wanted));
  if (fault_.has_value() && receiving.fault().has_error()) {
    fault_ = receiving.fault();
    fault_of_ = name_of_missing(call_, receiving.faulty());
  }
  return received;
}

Result<void> Syncer::take_fault() {
  if (fault_.has_error() && !fault_of_.empty()) call_.detail = fault_of_;
  return std::exchange(fault_, Result<void>{});
}

// Only behind a pull: what another device restored meanwhile is not removed any more. What cannot
// be erased now (a full disk) must not keep back what is to be sent: the next sync tries again.
void Syncer::purge() {
  const auto server_time = server_.last_server_time();
  if (!server_time) return;
  (void)call_.with([&](store::Vault& vault) { return vault.purge(to_unix(*server_time)); });
}

Result<void> Syncer::read_again() {
  COFFRET_CHECK(read_unread(call_.service, call_.quiet, [&] { return line_.go_on().has_error(); }));
  return line_.go_on();
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

// Whom the log lets in, only the log says. A server cannot read it: a device that was stolen can
// have it take a second key in with an ordinary entry, which would go on reading there after the
// first is removed. So every device compares whom the server has with its own fold of the same log.
Result<void> Syncer::judge_roster() {
  COFFRET_TRY(const auto state, client::vault_state(server_, *signer_, vault_));
  if (!state.devices) return {};  // a server of before
  COFFRET_TRY(const auto planted,
              call_.with([&](store::Vault& vault) -> Result<std::vector<DeviceId>> {
                std::vector<DeviceId> unknown;
                // Of another log than ours it says nothing: the next sync sees that one. Nor do we
                // withdraw anybody on the word of a checkpoint, before all of the log is read.
                if (vault.ends().server != state.head || store::History{vault}.progress())
                  return unknown;
                for (const auto& id : *state.devices)
                  if (const auto known = vault.device(id); !known || known->removed)
                    unknown.push_back(id);
                return unknown;
              }));
  for (const auto& id : planted) {
    const auto withdrawn = client::remove_device(server_, *signer_, vault_, id);
    // A server that says it has somebody, and that it has nobody of that name: told all the same.
    if (withdrawn.has_error() && withdrawn.error() != errc::not_found) return withdrawn.error();
  }
  if (planted.empty()) return {};
  if (fault_.has_value()) fault_ = errc::key_planted;
  return {};
}

// What a sync that was cut left on the server: among the first objects that are due, since no more
// than batches_ahead were under way. Sorted.
Result<std::vector<ObjectId>> Syncer::held_already() {
  COFFRET_TRY(const auto first, call_.with([](store::Vault& vault) {
    return vault.pending((batches_ahead + 1) * client::max_append);
  }));
  std::vector<ObjectId> held;
  if (first.objects.size() <= worth_asking) return held;
  COFFRET_TRY(auto lacking, client::missing(server_, *signer_, vault_, first.objects));
  std::sort(lacking.begin(), lacking.end());
  for (const auto& object : first.objects)
    if (!std::binary_search(lacking.begin(), lacking.end(), object)) held.push_back(object);
  std::sort(held.begin(), held.end());
  return held;
}

// Who may sign changes at the server with the very entries that say so.
Result<client::Appended> Syncer::append(const store::Pending& pending) {
  const auto& base = pending.base.hash;
  signers_changed_ = signers_changed_ || pending.changes_signers();
  if (!pending.changes_signers())
    return client::append(server_, *signer_, vault_, base, pending.entries);
  return client::append(server_, *signer_, vault_, base, pending.entries, changes_of(pending));
}

// The objects of the next batches of entries travel while those of the batch before are appended.
Result<bool> Syncer::push_all(std::uint64_t& pushed, std::uint64_t last) {
  Sending sending{call_, line_, server_, *signer_, vault_};
  std::deque<store::Pending> batches;
  COFFRET_TRY(const auto held, held_already());
  COFFRET_TRY(const auto ends, call_.with([](store::Vault& vault) -> Result<store::LogEnds> {
    return vault.ends();
  }));
  protocol::Head end = ends.server;
  std::uint64_t first = 0;  // number of the oldest batch
  for (bool more = true;;) {
    while (more && batches.size() < batches_ahead) {
      const auto limit =
          std::min<std::uint64_t>(client::max_append, last - std::min(last, end.seq));
      if (limit == 0) break;
      COFFRET_TRY(auto next, call_.with([&](store::Vault& vault) {
        return vault.pending_after(end, static_cast<std::size_t>(limit));
      }));
      more = !next.entries.empty();
      if (!more) break;
      end = {end.seq + next.entries.size(), protocol::entry_hash(next.entries.back().body)};
      std::erase_if(next.objects, [&](const ObjectId& object) {
        return std::binary_search(held.begin(), held.end(), object);
      });
      sending.add(first + batches.size(), next.objects);
      batches.push_back(std::move(next));
    }
    if (batches.empty()) return true;
    COFFRET_CHECK(sending.finish(first++));
    COFFRET_CHECK(line_.go_on());
    const auto& batch = batches.front();
    COFFRET_TRY(const auto appended, append(batch));
    if (!appended.accepted) return false;
    COFFRET_CHECK(
        call_.with([&](store::Vault& vault) { return vault.mark_pushed(appended.head); }));
    pushed += batch.entries.size();
    batches.pop_front();
  }
}

// The objects that are due for which the server has no room: the entries themselves come first,
// then each object in its turn that still fits.
Result<std::vector<ObjectId>> Syncer::without_room() {
  COFFRET_TRY(const auto there, client::vault_state(server_, *signer_, vault_));
  auto room = there.quota - std::min(there.quota, there.used);
  std::vector<ObjectId> due;
  COFFRET_TRY(const auto ends, call_.with([](store::Vault& vault) -> Result<store::LogEnds> {
    return vault.ends();
  }));
  for (auto end = ends.server; end.seq < ends.head.seq;) {
    COFFRET_TRY(const auto next, call_.with([&](store::Vault& vault) {
      return vault.pending_after(end, client::max_append);
    }));
    if (next.entries.empty()) break;
    end = {end.seq + next.entries.size(), protocol::entry_hash(next.entries.back().body)};
    for (const auto& entry : next.entries)
      room -= std::min<std::uint64_t>(room, entry.body.size() + entry.operation.size());
    due.insert(due.end(), next.objects.begin(), next.objects.end());
  }
  std::vector<ObjectId> refused;
  for (const auto& object : due) {
    COFFRET_TRY(const auto size,
                call_.with([&](store::Vault& vault) { return vault.sealed_size(object); }));
    if (size > room)
      refused.push_back(object);
    else
      room -= size;
  }
  return refused;
}

// One document too large for the room that is left keeps nothing else back: not a note, not the end
// of a device.
Result<bool> Syncer::push_what_fits(std::uint64_t& pushed) {
  COFFRET_TRY(const auto refused, without_room());
  if (refused.empty()) return true;
  COFFRET_TRY(const auto last,
              call_.with([&](store::Vault& vault) { return vault.set_back(refused); }));
  COFFRET_TRY(const bool accepted, push_all(pushed, last.seq));
  if (!accepted) return false;
  const bool french = call_.language == Language::french;
  call_.detail =
      french
          ? fmt::format(
                "Ce qui n'a pas eu la place attend ici, sans rien retenir d'autre : {}. "
                "Demandez plus de place à l'association (« coffret server card »).",
                refused.size() == 1 ? "1 document" : fmt::format("{} documents", refused.size()))
          : fmt::format(
                "What had no room waits here and keeps nothing else back: {}. Ask the "
                "association for more room (\"coffret server card\").",
                refused.size() == 1 ? "1 document" : fmt::format("{} documents", refused.size()));
  return true;
}

Result<std::uint64_t> Syncer::push() {
  COFFRET_CHECK(begin());
  COFFRET_TRY(const auto bytes,
              call_.with([](store::Vault& vault) { return vault.pending_bytes(); }));
  line_.expect(bytes);
  std::uint64_t pushed = 0;
  for (unsigned conflicts = 0; conflicts < max_rounds; ++conflicts) {
    const auto all = push_all(pushed, everything);
    bool accepted = all.has_value() && *all;
    if (all.has_error() && all.error() == errc::over_quota) {
      COFFRET_TRY(accepted, push_what_fits(pushed));
      if (accepted) return all.error();
    } else {
      COFFRET_CHECK(all);
    }
    if (accepted) return pushed;
    COFFRET_TRY([[maybe_unused]] const auto pulled, pull());
  }
  return errc::conflict;
}

// Where the log has become long against what it says, so that the next device starts from the
// state. Only where there is room for it: an entry that could not be sent would keep back all that
// is written behind it.
Result<void> Syncer::write_checkpoint(SyncCount& count) {
  COFFRET_TRY(const bool due,
              call_.with([](store::Vault& vault) { return store::Checkpoints{vault}.due(); }));
  if (!due) return {};
  COFFRET_TRY(const auto there, client::vault_state(server_, *signer_, vault_));
  const auto room = there.quota - std::min(there.quota, there.used);
  const auto written = call_.with([&](store::Vault& vault) {
    return store::Checkpoints{vault}.write(room / room_for_checkpoints);
  });
  // Something is pending again, or there is no room for all that the vault holds: another time.
  if (written.has_error() &&
      (written.error() == errc::conflict || written.error() == errc::too_large))
    return {};
  COFFRET_CHECK(written);
  COFFRET_TRY(const auto pushed, push());
  count.pushed += pushed;
  return {};
}

Result<void> Syncer::exchange(SyncCount& count) {
  COFFRET_CHECK(begin());
  COFFRET_CHECK(introduce_device(call_, server_));
  COFFRET_CHECK(revoke_pending());
  COFFRET_TRY(count.pulled, pull());
  settle_evidence(call_);
  purge();
  COFFRET_CHECK(keep_newer_card());
  COFFRET_CHECK(fetch_bodies());
  COFFRET_TRY(count.pushed, push());
  if (count.pulled + count.pushed > 0) COFFRET_CHECK(write_checkpoint(count));
  if (count.pulled > 0 || signers_changed_) COFFRET_CHECK(judge_roster());
  // What others sent in keeps nothing else back; it is told behind all else.
  const auto deposits = exchange_deposits(call_, server_);
  COFFRET_CHECK(read_again());
  COFFRET_CHECK(evolve(count));
  return deposits;
}

// Behind all else: whether a rule of a grant names a document may depend on what was read of it.
Result<void> Syncer::evolve(SyncCount& count) {
  // A grant that a restoration closed stays so until its owner was told.
  if (tell_restored(call_, server_).has_error()) return {};
  const auto evolved = publish_evolving(call_, {server_, *signer_, vault_});
  count.grants_updated = evolved.updated;
  count.grants_waiting = evolved.waiting;
  const bool pinned = look_at_access();
  if (evolved.updated == 0 && !pinned) return {};
  COFFRET_TRY(const auto pushed, push());
  count.pushed += pushed;
  return {};
}

// A log that cannot be had today keeps nothing else back, and is told when it stays away; one that
// was altered is an alarm.
bool Syncer::look_at_access() {
  const Sender to{server_, *signer_, vault_};
  bool written = false;
  for (auto* look : {&look_at_cards, &daemon::look_at_access}) {
    const auto told = look(call_, to);
    written = written || (told.has_value() && *told);
    if (told.has_value()) continue;
    const errc error = to_errc(told.error());
    if (row(error).exit_status == row(errc::fork_detected).exit_status && fault_.has_value()) {
      fault_ = error;
      fault_of_ = call_.language == Language::french ? "journal des ouvertures" : "access log";
    }
  }
  return written;
}

Result<SyncCount> Syncer::run() {
  SyncCount count;
  auto exchanged = exchange(count);
  // A request that was given up for the pause says only that it was given up.
  if (exchanged.has_error() && exchanged.error() == errc::stopping) {
    if (const auto why = line_.go_on(); why.has_error()) return why.error();
  }
  if (exchanged.has_error()) return exchanged.error();
  COFFRET_CHECK(take_fault());
  line_.add(server_.counters());
  count.counters = line_.counters();
  return count;
}

}  // namespace coffret::daemon
