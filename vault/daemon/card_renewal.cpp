// SPDX-License-Identifier: EUPL-1.2
//
// What follows an opening of an emergency card: it is noted in the vault's log, and when the
// reader's time is over the card is sealed anew.
#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "coffret/document.hpp"
#include "vault/daemon/access_heads.hpp"
#include "vault/daemon/cards.hpp"
#include "vault/daemon/patient_match.hpp"
#include "vault/daemon/reader_words.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/grants/card.hpp"

namespace coffret::daemon {
namespace {

// A rescuer and then a hospital read one card: while the last reader's time runs it stays open, but
// whoever opens it again and again does not keep it so.
constexpr std::int64_t reader_time = std::int64_t{15} * 60;  // seconds, as the server's
constexpr std::int64_t longest_use = std::int64_t{24} * 3600;

Result<void> append_note(Call& call, const store::CardNoted& noted) {
  auto operation = store::make_operation(noted);
  operation.ignorable = true;
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.append(operation); }));
  return {};
}

std::string cut_to_fit(std::string text) {
  if (text.size() <= limits::short_text) return text;
  text.resize(limits::short_text);
  // Not in the middle of a character.
  const auto is_inside = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; };
  while (!text.empty() && is_inside(text.back())) text.pop_back();
  if (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80U) != 0) text.pop_back();
  return text;
}

// Those whose end is not written down yet, also where their successor is.
Result<std::vector<store::GrantView>> open_cards(Call& call, std::int64_t now) {
  return call.with([&](store::Vault& vault) -> Result<std::vector<store::GrantView>> {
    auto cards = vault.grants();
    std::erase_if(cards, [&](const auto& card) {
      return card.revoked_at || !grants::is_card(card.decision) ||
             grants::state_of(card, now) != GrantState::live;
    });
    return cards;
  });
}

std::size_t openings_noted(const store::GrantView& card) {
  return static_cast<std::size_t>(
      std::count_if(card.card.begin(), card.card.end(),
                    [](const auto& noted) { return noted.event == store::CardEvent::opened; }));
}

// By whom and why, from the log that the server's signed head proves.
Result<void> note_openings(Call& call, const Sender& to,
                           const std::vector<store::GrantView>& cards) {
  COFFRET_TRY(const auto news, read_access_log(call, to));
  for (const auto& line : news.lines) {
    const bool opens =
        line.outcome == OpeningOutcome::delivered || line.outcome == OpeningOutcome::asked;
    if (!opens) continue;
    const auto card = std::find_if(cards.begin(), cards.end(),
                                   [&](const auto& one) { return one.decision.link == line.link; });
    if (card == cards.end()) continue;
    auto said = reader_words(call, line, *card);
    const store::CardNoted noted{.grant = card->decision.grant,
                                 .event = store::CardEvent::opened,
                                 .at = line.time,
                                 .who = cut_to_fit(std::move(said.who)),
                                 .why = cut_to_fit(std::move(said.why)),
                                 .next = {}};
    if (std::find(card->card.begin(), card->card.end(), noted) != card->card.end()) continue;
    COFFRET_CHECK(append_note(call, noted));
  }
  return {};
}

// When it was first and last opened; empty: never.
std::optional<std::pair<std::int64_t, std::int64_t>> use_of(const store::GrantView& card) {
  std::optional<std::pair<std::int64_t, std::int64_t>> use;
  for (const auto& noted : card.card) {
    if (noted.event != store::CardEvent::opened) continue;
    if (!use) use.emplace(noted.at, noted.at);
    use->first = std::min(use->first, noted.at);
    use->second = std::max(use->second, noted.at);
  }
  return use;
}

bool is_due(const store::GrantView& card, std::int64_t now) {
  const auto use = use_of(card);
  const std::int64_t delay = grants::card_delay(card.decision);
  return use &&
         (now >= use->second + delay + reader_time || now >= use->first + delay + longest_use);
}

// The card that stands in its place. Empty: none was made, or the making was cut.
Result<std::optional<GrantId>> successor(Call& call, const store::GrantView& card) {
  return call.with([&](store::Vault& vault) -> Result<std::optional<GrantId>> {
    for (const auto& noted : card.card)
      if (noted.event == store::CardEvent::renewed && vault.grant(noted.next))
        return std::optional<GrantId>{noted.next};
    return std::optional<GrantId>{};
  });
}

// What it held and may still be on a card.
Result<std::vector<store::DocumentView>> still_fit(store::Vault& vault,
                                                   const store::GrantView& card) {
  std::vector<store::DocumentView> documents;
  for (const auto& id : card.decision.documents) {
    auto document = vault.document(id.text());
    if (document.has_error() && document.error() == errc::not_found) continue;
    if (document.has_error()) return document.error();
    if (!document->removed_at && !document->quarantined) documents.push_back(std::move(*document));
  }
  COFFRET_TRY(const auto barred, grants::barred_from_card(vault, documents));
  std::erase_if(documents, [&](const auto& document) {
    return std::any_of(barred.begin(), barred.end(),
                       [&](const auto& one) { return one.document.id == document.id; });
  });
  return documents;
}

// The same person's few documents under another link and key. Whoever wrote first that it was
// sealed anew is whom all devices follow: the note stands in the log before what it names.
Result<void> seal_anew(Call& call, const Sender& to, const store::GrantView& card,
                       std::int64_t now) {
  COFFRET_TRY(const auto documents,
              call.with([&](store::Vault& vault) { return still_fit(vault, card); }));
  if (documents.empty()) return {};
  const auto& before = card.decision;
  grants::GrantRequest request;
  request.emergency = true;
  request.caregiver = before.caregiver;
  request.purpose = before.purpose;
  request.delay = grants::card_delay(before);
  request.consent = before.consent;
  request.not_before = now;
  request.expires_at = before.expires_at;
  if (card.terms) request.terms = *card.terms;
  for (const auto& document : documents) request.documents.push_back(document.id);
  request.several_persons = are_several(documents);
  const grants::ServerPlace place{to.server.identity().url, to.server.identity().fingerprint};
  auto& environment = call.service.environment();
  COFFRET_TRY(const auto parcel, call.with([&](store::Vault& vault) {
    return grants::prepare(vault, std::move(request), place, environment.clock, environment.random);
  }));
  COFFRET_CHECK(publish(to, parcel.link, parcel.files, parcel.publication));
  COFFRET_CHECK(append_note(call, {.grant = before.grant,
                                   .event = store::CardEvent::renewed,
                                   .at = now,
                                   .who = {},
                                   .why = {},
                                   .next = parcel.decision.grant}));
  COFFRET_CHECK(call.with([&](store::Vault& vault) {
    return vault.append(store::make_operation(parcel.decision, parcel.terms));
  }));
  return {};
}

Result<void> end_card(Call& call, const Sender& to, const store::GrantView& card,
                      std::int64_t now) {
  const store::GrantRevoked revoked{.grant = card.decision.grant, .at = now};
  COFFRET_CHECK(
      call.with([&](store::Vault& vault) { return vault.append(store::make_operation(revoked)); }));
  // Not heard by the server now, it goes first in the next sync.
  (void)send_revocation(call, to.server, card);
  return {};
}

// Two devices that looked at once both made one: the first in the log counts, the other ends.
std::vector<GrantId> made_twice(const std::vector<store::GrantView>& all) {
  std::vector<GrantId> others;
  for (const auto& card : all) {
    bool first = true;
    for (const auto& noted : card.card) {
      if (noted.event != store::CardEvent::renewed) continue;
      const bool there = std::any_of(all.begin(), all.end(), [&](const auto& one) {
        return one.decision.grant == noted.next;
      });
      if (there && !std::exchange(first, false)) others.push_back(noted.next);
    }
  }
  return others;
}

Result<bool> end_doubles(Call& call, const Sender& to, std::int64_t now) {
  COFFRET_TRY(const auto all,
              call.with([](store::Vault& vault) -> Result<std::vector<store::GrantView>> {
                return vault.grants();
              }));
  bool any = false;
  for (const auto& id : made_twice(all)) {
    const auto card = std::find_if(all.begin(), all.end(),
                                   [&](const auto& one) { return one.decision.grant == id; });
    if (card == all.end() || card->revoked_at) continue;
    COFFRET_CHECK(end_card(call, to, *card, now));
    any = true;
  }
  return any;
}

}  // namespace

Result<bool> look_at_cards(Call& call, const Sender& to) {
  const auto now = to_unix(to.server.server_now());
  COFFRET_TRY(auto cards, open_cards(call, now));
  if (cards.empty()) return false;
  COFFRET_TRY(bool changed, end_doubles(call, to, now));
  bool unheard = false;
  for (const auto& card : cards) {
    const auto there = client::link_state(to.server, to.signer, to.vault, card.decision.link);
    if (there.has_error() && there.error() != errc::not_found) return there.error();
    unheard = unheard || (there.has_value() && there->openings > openings_noted(card));
  }
  if (unheard) {
    COFFRET_CHECK(note_openings(call, to, cards));
    changed = true;  // the log's head was pinned too
    COFFRET_TRY(cards, open_cards(call, now));
  }
  for (const auto& card : cards) {
    if (!is_due(card, now)) continue;
    COFFRET_TRY(const auto next, successor(call, card));
    if (!next) COFFRET_CHECK(seal_anew(call, to, card, now));
    COFFRET_CHECK(end_card(call, to, card, now));
    changed = true;
  }
  return changed;
}

Result<Object> emergency_refuse(Call& call) {
  const std::lock_guard one_at_a_time{call.service.syncing()};
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(auto server, pinned_server(call, Unsettled::allow));
  COFFRET_TRY([[maybe_unused]] const auto card, server.contact());
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_TRY(const auto vault,
              call.with([](store::Vault& open) -> Result<VaultId> { return open.id(); }));
  const Sender to{server, *signer, vault};
  // Who asked a moment ago is not known here yet.
  COFFRET_CHECK(look_at_cards(call, to));
  const auto now = to_unix(server.server_now());
  COFFRET_TRY(auto cards, open_cards(call, now));
  std::erase_if(cards, [](const auto& one) { return openings_noted(one) == 0; });
  if (cards.empty())
    return refused(call, errc::not_found, "Personne ne demande à ouvrir une carte d'urgence.",
                   "Nobody asks to open an emergency card.");
  for (const auto& one : cards) {
    const store::GrantRevoked revoked{.grant = one.decision.grant, .at = now};
    COFFRET_CHECK(
        call.with([&](store::Vault& open) { return open.append(store::make_operation(revoked)); }));
    COFFRET_CHECK(send_revocation(call, server, one));
    COFFRET_CHECK(seal_anew(call, to, one, now));
  }
  return Object{{"refused", cards.size()}};
}

}  // namespace coffret::daemon
