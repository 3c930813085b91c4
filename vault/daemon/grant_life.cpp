// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/grant_life.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "vault/daemon/evidence.hpp"
#include "vault/daemon/grant_versions.hpp"
#include "vault/daemon/healing.hpp"
#include "vault/daemon/patient_match.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/grants/card.hpp"
#include "vault/grants/scope.hpp"

namespace coffret::daemon {
namespace {

// What a grant should hold now, and whether this device can publish it.
struct Due {
  std::vector<store::DocumentView> documents;
  bool changed = false;
  bool blocked = false;  // what it holds already is not on this device
};

// Documents chosen one by one that are no longer there fall out of it; a grant holds on to what
// this device has not read or fetched, which another device judged.
Result<Due> due_of(store::Vault& vault, const store::GrantView& grant) {
  auto terms = *grant.terms;
  std::erase_if(terms.chosen, [&](const DocumentId& id) {
    const auto document = vault.document(id.text());
    return document.has_error() || document->removed_at || document->quarantined;
  });
  COFFRET_TRY(auto scope, grants::evaluate(vault, terms));
  const std::set<DocumentId> held{grant.decision.documents.begin(), grant.decision.documents.end()};
  Due due;
  due.documents = std::move(scope.documents);
  for (auto& left : scope.left_out) {
    if (!held.contains(left.document.id)) continue;
    if (left.other == "body_missing") due.blocked = true;
    if (left.other == "body_missing" || left.other == "unread")
      due.documents.push_back(std::move(left.document));
  }
  due.changed = due.documents.size() != held.size() ||
                !std::all_of(due.documents.begin(), due.documents.end(),
                             [&](const auto& document) { return held.contains(document.id); });
  return due;
}

bool may_evolve(const store::GrantView& grant, std::int64_t now) {
  if (!grant.terms || !grant.terms->evolving || grant.decision.delivery == Delivery::key)
    return false;
  const auto state = grants::state_of(grant, now);
  return !grant.revoked_at && (state == GrantState::live || state == GrantState::scheduled);
}

Result<std::vector<store::GrantView>> evolving_grants(Call& call, std::int64_t now) {
  return call.with([&](store::Vault& vault) -> Result<std::vector<store::GrantView>> {
    auto all = vault.grants();
    std::erase_if(all, [&](const auto& grant) { return !may_evolve(grant, now); });
    return all;
  });
}

// Nothing: it is up to date, or the server says that it is over.
enum class Step : std::uint8_t { nothing, updated, waiting };

Result<Step> evolve_one(Call& call, const Sender& to, const store::GrantView& grant) {
  COFFRET_TRY(const auto due, call.with([&](store::Vault& vault) { return due_of(vault, grant); }));
  if (!due.changed) return Step::nothing;
  if (due.blocked) return Step::waiting;
  COFFRET_TRY(const auto there,
              client::link_state(to.server, to.signer, to.vault, grant.decision.link));
  if (there.state != GrantState::live && there.state != GrantState::scheduled) return Step::nothing;
  grants::NextRequest request{.version = 0,
                              .change = store::GrantChange::documents,
                              .documents = {},
                              .not_before = grant.decision.not_before,
                              .expires_at = grant.decision.expires_at,
                              .openings = grant.decision.openings,
                              .several_persons = are_several(due.documents)};
  for (const auto& document : due.documents) request.documents.push_back(document.id);
  const auto done = publish_next(call, to, grant, std::move(request));
  if (done.has_error() && done.error() == errc::link_not_active) return Step::nothing;
  if (done.has_error()) return done.error();
  return Step::updated;
}

// What a grant holds that is still in the vault.
Result<std::vector<store::DocumentView>> still_here(store::Vault& vault,
                                                    const store::GrantView& grant) {
  std::vector<store::DocumentView> documents;
  for (const auto& id : grant.decision.documents) {
    auto document = vault.document(id.text());
    if (document.has_error() && document.error() == errc::not_found) continue;
    if (document.has_error()) return document.error();
    if (!document->removed_at && !document->quarantined) documents.push_back(std::move(*document));
  }
  return documents;
}

Result<grants::NextRequest> extension_of(Call& call, const store::GrantView& grant, Timestamp now) {
  COFFRET_TRY(const auto openings, call.number("openings"));
  auto expires_at = grant.decision.expires_at;
  if (!call.text("for").empty()) {
    COFFRET_TRY(const auto duration, parse_duration(call.text("for")));
    expires_at = to_unix(now + duration);
  } else if (openings == 0) {
    return refused(call, errc::usage,
                   "Dites combien de temps, à compter de maintenant (--for 7d, par exemple), ou "
                   "combien d'ouvertures en tout (--openings 5).",
                   "Say for how long from now on (--for 7d, for example), or how many openings in "
                   "all (--openings 5).");
  }
  COFFRET_TRY(const auto documents,
              call.with([&](store::Vault& vault) { return still_here(vault, grant); }));
  grants::NextRequest request{.version = 0,
                              .change = store::GrantChange::terms,
                              .documents = {},
                              .not_before = grant.decision.not_before,
                              .expires_at = expires_at,
                              .openings = openings == 0 ? grant.decision.openings : openings,
                              .several_persons = are_several(documents)};
  // A grant lasts a year at most, from its beginning: what goes on begins anew.
  if (request.expires_at - request.not_before > protocol::max_validity)
    request.not_before = std::max(request.not_before, to_unix(now));
  for (const auto& document : documents) request.documents.push_back(document.id);
  return request;
}

// Said before the server is asked for anything.
Result<void> check_may_extend(Call& call, const store::GrantView& grant) {
  if (grant.decision.delivery == Delivery::key)
    return refused(call, errc::unsupported,
                   "Un partage à une clé ne se prolonge pas encore : faites-en un nouveau.",
                   "A grant to a key cannot be prolonged yet: make a new one.");
  COFFRET_TRY(const auto openings, call.number("openings"));
  if (openings != 0 && grants::is_card(grant.decision))
    return refused(call, errc::unsupported, "Une carte d'urgence ne compte pas ses ouvertures.",
                   "An emergency card does not count its openings.");
  if (openings == 0 || grant.decision.delivery != Delivery::shl) return {};
  COFFRET_TRY(const auto decided, wire::decode<protocol::SignedPolicy>(grant.decision.policy));
  COFFRET_TRY(const auto policy, protocol::decode_policy(decided.body));
  if (!policy.shl_direct) return {};
  return refused(
      call, errc::unsupported,
      "Les ouvertures de ce lien ne peuvent pas être comptées : prolongez-le sans "
      "--openings, ou faites-en un nouveau.",
      "The openings of this link cannot be counted: prolong it without --openings, or make "
      "a new one.");
}

// A version published behind the last opening, or behind the last wrong passcode, would be a parcel
// that nobody can open and that lies there until its end.
Result<void> check_open(Call& call, const Sender& to, const store::GrantView& grant,
                        const grants::NextRequest& request) {
  COFFRET_TRY(const auto there,
              client::link_state(to.server, to.signer, to.vault, grant.decision.link));
  const bool used_up = request.openings != 0 && there.openings >= request.openings;
  if (used_up)
    return refused(
        call, errc::denied,
        "Toutes les ouvertures permises ont servi : permettez-en d'autres avec --openings.",
        "All openings allowed were used: allow more with --openings.");
  if (there.state == GrantState::locked)
    return refused(call, errc::denied, "Trop de codes faux l'ont fermé : faites-en un nouveau.",
                   "Too many wrong codes closed it: make a new one.");
  return {};
}

}  // namespace

Evolved publish_evolving(Call& call, const Sender& to) {
  Evolved evolved;
  const auto grants = evolving_grants(call, to_unix(to.server.server_now()));
  if (grants.has_error()) return evolved;
  for (const auto& grant : *grants) {
    const auto step = evolve_one(call, to, grant);
    if (step.has_error() || *step == Step::waiting) ++evolved.waiting;
    if (step.has_value() && *step == Step::updated) ++evolved.updated;
  }
  return evolved;
}

Evolved evolve_now(Call& call) {
  const auto now = to_unix(call.service.environment().clock.now());
  const auto grants = evolving_grants(call, now);
  Evolved evolved;
  if (grants.has_error()) return evolved;
  for (const auto& grant : *grants) {
    const auto due = call.with([&](store::Vault& vault) { return due_of(vault, grant); });
    if (due.has_value() && due->changed) ++evolved.waiting;
  }
  // A sync that is under way, or paused, does it, or leaves it.
  std::unique_lock<std::mutex> alone{call.service.syncing(), std::try_to_lock};
  if (evolved.waiting == 0 || !alone || call.service.sync_state().paused()) return evolved;
  const auto detail = std::exchange(call.detail, {});
  const auto done = [&]() -> Result<Evolved> {
    COFFRET_TRY(auto server, pinned_server(call));
    COFFRET_TRY([[maybe_unused]] const auto card, server.contact());
    COFFRET_TRY(const auto* signer, device_signer(call));
    COFFRET_CHECK(check_head(call, server, *signer));
    COFFRET_CHECK(check_restored(call, server));
    COFFRET_TRY(const auto vault,
                call.with([](store::Vault& open) -> Result<VaultId> { return open.id(); }));
    return publish_evolving(call, {server, *signer, vault});
  }();
  call.detail = detail;
  return done.has_value() ? *done : evolved;
}

void tell_evolved(const Evolved& evolved, Object& into) {
  if (evolved.updated != 0) into["grants_updated"] = evolved.updated;
  if (evolved.waiting != 0) into["grants_waiting"] = evolved.waiting;
}

Result<Object> grant_extend(Call& call) {
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_TRY(auto grant, find_grant(call, call.text("id")));
  COFFRET_CHECK(check_may_extend(call, grant));
  COFFRET_TRY(auto server, pinned_server(call));
  COFFRET_TRY([[maybe_unused]] const auto card, server.contact());
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_CHECK(check_head(call, server, *signer));
  COFFRET_CHECK(check_restored(call, server));
  const auto now = server.server_now();
  COFFRET_TRY(auto request, extension_of(call, grant, now));
  COFFRET_TRY(const auto vault,
              call.with([](store::Vault& open) -> Result<VaultId> { return open.id(); }));
  const auto state = grants::state_of(grant, to_unix(now));
  const bool over = grant.revoked_at || state == GrantState::expired;
  if (!over) COFFRET_CHECK(check_open(call, {server, *signer, vault}, grant, request));
  auto next = over ? Result<grants::NextVersion>{errc::link_not_active}
                   : publish_moved(call, hold, {server, *signer, vault}, grant, std::move(request));
  if (next.has_error() && next.error() == errc::link_not_active)
    return refused(call, errc::denied, "Il est fini : faites-en un nouveau.",
                   "It is over: make a new one.");
  if (next.has_error()) return next.error();
  if (next->shl_link) COFFRET_CHECK(call.answer.secret(*next->shl_link));
  COFFRET_TRY(grant, find_grant(call, grant.decision.grant.text()));
  return grant_json(grant, grants::state_of(grant, to_unix(now)), call.language);
}

}  // namespace coffret::daemon
