// SPDX-License-Identifier: EUPL-1.2
//
// What follows an opening of an emergency card: it is noted in the vault's log, and when the
// reader's time is over the card is sealed anew.
#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
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
Result<void> note_openings(Call& call, const Sender& to, std::int64_t now,
                           const std::vector<store::GrantView>& cards) {
  COFFRET_TRY(const auto news, read_access_log(call, to));
  for (const auto& line : news.lines) {
    const bool opens =
        line.outcome == OpeningOutcome::delivered || line.outcome == OpeningOutcome::asked;
    // Only a line of a card's own form says who and why under the reader's seals.
    if (!opens || line.format != protocol::reason_line_format) continue;
    const auto card = std::find_if(cards.begin(), cards.end(),
                                   [&](const auto& one) { return one.decision.link == line.link; });
    if (card == cards.end()) continue;
    auto said = reader_words(call, line, *card);
    const store::CardNoted noted{.grant = card->decision.grant,
                                 .event = store::CardEvent::opened,
                                 .at = std::min(line.time, now),
                                 .who = cut_to_fit(std::move(said.who)),
                                 .why = cut_to_fit(std::move(said.why)),
                                 .next = {}};
    if (std::find(card->card.begin(), card->card.end(), noted) != card->card.end()) continue;
    COFFRET_CHECK(append_note(call, noted));
  }
  return {};
}

// Refused to whoever asked: another one stands in its place, once it could be made.
bool was_refused(const store::GrantView& card) {
  return std::any_of(card.card.begin(), card.card.end(),
                     [](const auto& noted) { return noted.event == store::CardEvent::refused; });
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

// What it held and may still be on a card. Errors: body_missing (another device has it, and seals).
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
  const auto lacks_body = [](const auto& one) { return one.other == "body_missing"; };
  if (std::any_of(barred.begin(), barred.end(), lacks_body)) return errc::body_missing;
  // What this device has not read yet was read when the card was made.
  std::erase_if(documents, [&](const auto& document) {
    return std::any_of(barred.begin(), barred.end(), [&](const auto& one) {
      return one.document.id == document.id && !one.why.empty();
    });
  });
  return documents;
}

// Whether something on it may no longer be there: removed, masked, or of a sensitive kind by now.
Result<bool> holds_barred(Call& call, const store::GrantView& card) {
  return call.with([&](store::Vault& vault) -> Result<bool> {
    const auto fit = still_fit(vault, card);
    if (fit.has_error() && fit.error() == errc::body_missing) return false;
    if (fit.has_error()) return fit.error();
    return fit->size() < card.decision.documents.size();
  });
}

// The same person's few documents under another link and key. Whoever wrote first that it was
// sealed anew is whom all devices follow: the note stands in the log before what it names.
// False: nothing of it may be on a card any more. Errors: body_missing; conflict (its owner ended
// it meanwhile: nothing stands in its place).
Result<bool> seal_anew(Call& call, const Sender& to, const store::GrantView& card,
                       std::int64_t now) {
  COFFRET_TRY(const auto documents,
              call.with([&](store::Vault& vault) { return still_fit(vault, card); }));
  if (documents.empty()) return false;
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
  const auto kept = call.with([&](store::Vault& vault) -> Result<void> {
    const auto still = vault.grant(before.grant);
    if (!still || (still->revoked_at && !was_refused(*still))) return errc::conflict;
    auto renewed = store::make_operation(store::CardNoted{.grant = before.grant,
                                                          .event = store::CardEvent::renewed,
                                                          .at = now,
                                                          .who = {},
                                                          .why = {},
                                                          .next = parcel.decision.grant});
    renewed.ignorable = true;
    COFFRET_CHECK(vault.append(renewed));
    COFFRET_CHECK(vault.append(store::make_operation(parcel.decision, parcel.terms)));
    return {};
  });
  if (kept.has_value()) return true;
  // What no log names is on the server for nobody.
  (void)client::revoke(to.server, to.signer, to.vault, parcel.link);
  return kept.error();
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

// How often the server says that a card was opened, as far as its log was read for it: openings
// that its log does not tell apart are not asked for again each minute.
class Heard {
 public:
  bool is_news(const LinkId& link, std::uint64_t openings, std::size_t noted) {
    const std::lock_guard guard{mutex_};
    const auto found = heard_.find(link);
    return openings > noted && (found == heard_.end() || openings > found->second);
  }
  void keep(const LinkId& link, std::uint64_t openings) {
    const std::lock_guard guard{mutex_};
    heard_[link] = openings;
  }

 private:
  std::mutex mutex_;
  std::map<LinkId, std::uint64_t> heard_;
};

Heard& heard() {
  static Heard all;  // of this process
  return all;
}

// What the server says of the cards that stand.
struct Shown {
  std::map<LinkId, std::uint64_t> openings;  // of those that it has
  std::set<LinkId> live;
};

Result<Shown> shown_of(const Sender& to, const std::vector<store::GrantView>& cards) {
  Shown shown;
  for (const auto& card : cards) {
    const auto& link = card.decision.link;
    const auto there = client::link_state(to.server, to.signer, to.vault, link);
    if (there.has_error() && there.error() == errc::not_found) continue;
    if (there.has_error()) return there.error();
    shown.openings[link] = there->openings;
    if (there->state == GrantState::live) shown.live.insert(link);
  }
  return shown;
}

bool any_news(const Shown& shown, const std::vector<store::GrantView>& cards) {
  return std::any_of(cards.begin(), cards.end(), [&](const auto& card) {
    const auto there = shown.openings.find(card.decision.link);
    return there != shown.openings.end() &&
           heard().is_news(there->first, there->second, openings_noted(card));
  });
}

// The old one ends once the server's log tells every device what stands in its place.
Result<bool> renew(Call& call, const Sender& to, const store::GrantView& card, bool live,
                   std::int64_t now) {
  COFFRET_TRY(const auto next, successor(call, card));
  if (next) {
    COFFRET_TRY(const auto ends, call.with([](store::Vault& vault) -> Result<store::LogEnds> {
      return vault.ends();
    }));
    if (ends.pending() != 0 || card.revoked_at) return false;
    COFFRET_CHECK(end_card(call, to, card, now));
    return true;
  }
  if (!live && !card.revoked_at) return false;  // its owner ended it on another device
  const auto sealed = seal_anew(call, to, card, now);
  if (sealed.has_error() &&
      (sealed.error() == errc::body_missing || sealed.error() == errc::conflict))
    return false;
  COFFRET_CHECK(sealed);
  if (!*sealed && !card.revoked_at) COFFRET_CHECK(end_card(call, to, card, now));
  return *sealed || !card.revoked_at;
}

// Those that were refused and whose successor could not be made then.
Result<std::vector<store::GrantView>> refused_cards(Call& call, std::int64_t now) {
  return call.with([&](store::Vault& vault) -> Result<std::vector<store::GrantView>> {
    auto cards = vault.grants();
    std::erase_if(cards, [&](const auto& card) {
      return !card.revoked_at || now >= card.decision.expires_at || !was_refused(card);
    });
    return cards;
  });
}

}  // namespace

Result<bool> cards_call(Call& call, const Sender& to) {
  const auto now = to_unix(to.server.server_now());
  COFFRET_TRY(const auto cards, open_cards(call, now));
  COFFRET_TRY(const auto shown, shown_of(to, cards));
  return any_news(shown, cards) || std::any_of(cards.begin(), cards.end(), [&](const auto& card) {
           return shown.live.contains(card.decision.link) && is_due(card, now);
         });
}

Result<bool> look_at_cards(Call& call, const Sender& to) {
  const auto now = to_unix(to.server.server_now());
  COFFRET_TRY(auto cards, open_cards(call, now));
  COFFRET_TRY(const auto unsealed, refused_cards(call, now));
  if (cards.empty() && unsealed.empty()) return false;
  COFFRET_TRY(bool changed, end_doubles(call, to, now));
  COFFRET_TRY(const auto shown, shown_of(to, cards));
  if (any_news(shown, cards)) {
    COFFRET_CHECK(note_openings(call, to, now, cards));
    for (const auto& [link, openings] : shown.openings) heard().keep(link, openings);
    changed = true;  // the log's head was pinned too
    COFFRET_TRY(cards, open_cards(call, now));
  }
  cards.insert(cards.end(), unsealed.begin(), unsealed.end());
  for (const auto& card : cards) {
    if (!card.revoked_at && !is_due(card, now)) {
      COFFRET_TRY(const bool barred, holds_barred(call, card));
      if (!barred) continue;
    }
    COFFRET_TRY(const bool renewed,
                renew(call, to, card, shown.live.contains(card.decision.link), now));
    changed = changed || renewed;
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
  // All are refused first; what cannot be told to the server or sealed now, the next sync does.
  Result<void> failed;
  for (const auto& one : cards) {
    COFFRET_CHECK(append_note(call, {.grant = one.decision.grant,
                                     .event = store::CardEvent::refused,
                                     .at = now,
                                     .who = {},
                                     .why = {},
                                     .next = {}}));
    const store::GrantRevoked revoked{.grant = one.decision.grant, .at = now};
    COFFRET_CHECK(
        call.with([&](store::Vault& open) { return open.append(store::make_operation(revoked)); }));
    const auto sent = send_revocation(call, server, one);
    if (sent.has_error() && failed.has_value()) failed = sent.error();
  }
  for (const auto& one : cards) {
    const auto sealed = seal_anew(call, to, one, now);
    if (sealed.has_error() && failed.has_value()) failed = sealed.error();
  }
  COFFRET_CHECK(failed);
  return Object{{"refused", cards.size()}};
}

}  // namespace coffret::daemon
