// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/cards.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "coffret/time.hpp"
#include "vault/daemon/patient_match.hpp"
#include "vault/daemon/persons.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/grants/card.hpp"
#include "vault/grants/packing.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;
using Cards = std::vector<store::GrantView>;

constexpr std::string_view longest_life = "365d";
constexpr std::size_t most_contacts = 2;  // that a card has room for

bool stands_at(const store::GrantView& grant, std::int64_t now) {
  const auto state = grants::state_of(grant, now);
  return state == GrantState::live || state == GrantState::scheduled;
}

Result<Cards> cards_of(Call& call) {
  return call.with([](store::Vault& vault) -> Result<Cards> {
    Cards cards;
    for (auto& grant : vault.grants())
      if (grants::is_card(grant.decision)) cards.push_back(std::move(grant));
    return cards;
  });
}

PersonId person_of(const store::GrantView& card) {
  return card.terms ? card.terms->person : PersonId{};
}

// Those that stand, of the person who was named, or of all.
Result<Cards> standing(Call& call) {
  COFFRET_TRY(auto cards, cards_of(call));
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto wanted, wanted_person(call, persons));
  const auto now = to_unix(call.service.environment().clock.now());
  std::erase_if(cards, [&](const auto& card) {
    return !stands_at(card, now) || (wanted && person_of(card) != wanted->id);
  });
  return cards;
}

Result<void> note(Call& call, const store::CardNoted& noted) {
  auto operation = store::make_operation(noted);
  operation.ignorable = true;
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.append(operation); }));
  return {};
}

// Whom to call: as typed for this paper, else as the record says.
array contacts_of(Call& call, const store::Vault& vault, const PersonId& person) {
  array contacts;
  if (const auto typed = call.text("call"); !typed.empty()) return {boost::json::string{typed}};
  const auto facts = vault.facts({.kind = FactKind::contact, .person = person});
  if (facts.has_error()) return contacts;
  std::set<std::string> met;
  for (const auto& one : *facts) {
    const auto& fact = one.fact;
    if (fact.label.empty() || !met.insert(fact.label).second) continue;
    contacts.emplace_back(fact.detail.empty() ? fact.label : fact.label + ", " + fact.detail);
    if (contacts.size() == most_contacts) break;
  }
  return contacts;
}

// All that stands on the paper but the link.
Result<Object> paper_json(Call& call, const store::GrantView& card) {
  return call.with([&](store::Vault& vault) -> Result<Object> {
    std::vector<store::DocumentView> documents;
    for (const auto& id : card.decision.documents)
      if (auto document = vault.document(id.text()); document.has_value())
        documents.push_back(std::move(*document));
    const auto persons = vault.persons();
    auto patient = grants::patient_shown(documents, persons, are_several(documents));
    if (patient.name.empty() && person_of(card).is_zero()) patient.name = vault.owner();
    for (const auto& person : persons)
      if (patient.name.empty() && person.id == person_of(card)) patient.name = person.name;
    return Object{{"patient", Object{{"name", patient.name}, {"birth_date", patient.birth_date}}},
                  {"contacts", contacts_of(call, vault, person_of(card))}};
  });
}

Result<Object> printed(Call& call, const store::GrantView& card, Object result) {
  COFFRET_TRY(auto paper, paper_json(call, card));
  result["paper"] = std::move(paper);
  COFFRET_CHECK(note(call, {.grant = card.decision.grant,
                            .event = store::CardEvent::printed,
                            .at = to_unix(call.service.environment().clock.now()),
                            .who = {},
                            .why = {},
                            .next = {}}));
  return result;
}

Result<Object> print_again(Call& call) {
  COFFRET_TRY(const auto cards, standing(call));
  if (cards.empty())
    return refused(call, errc::not_found,
                   "Il n'y a pas de carte d'urgence. Pour en faire une, choisissez ce qu'elle "
                   "porte : --document.",
                   "There is no emergency card. To make one, choose what it holds: --document.");
  if (cards.size() > 1)
    return refused(call, errc::usage, "De qui ? --person NOM.", "Whose? --person NAME.");
  const auto& card = cards.front();
  COFFRET_TRY(const auto link, call.with([&](store::Vault& vault) -> Result<SecretText> {
    const auto server = vault.server();
    if (!server) return errc::not_joined;
    return grants::card_link(vault, card, {server->url, server->fingerprint});
  }));
  COFFRET_CHECK(call.answer.secret(link));
  const auto now = to_unix(call.service.environment().clock.now());
  return printed(call, card, grant_json(card, grants::state_of(card, now), call.language));
}

void make_it_a_card(Call& call) {
  auto& arguments = call.request.arguments;
  arguments["emergency"] = true;
  if (call.text("for").empty())
    arguments["for"] = boost::json::string_view{longest_life.data(), longest_life.size()};
}

// The paper before is dead from here on; where the server does not answer, at the next sync.
Result<void> retire_others(Call& call, const store::GrantView& kept) {
  COFFRET_TRY(auto cards, cards_of(call));
  const auto now = to_unix(call.service.environment().clock.now());
  std::erase_if(cards, [&](const auto& card) {
    return !stands_at(card, now) || card.decision.grant == kept.decision.grant ||
           person_of(card) != person_of(kept);
  });
  for (const auto& card : cards) {
    const store::GrantRevoked revoked{.grant = card.decision.grant, .at = now};
    COFFRET_CHECK(call.with(
        [&](store::Vault& vault) { return vault.append(store::make_operation(revoked)); }));
    auto server = pinned_server(call, Unsettled::allow);
    if (server.has_value()) (void)send_revocation(call, *server, card);
  }
  return {};
}

// The newest note of a kind that a card has. Null: none.
const store::CardNoted* newest(const store::GrantView& card, store::CardEvent event) {
  const auto found = std::find_if(card.card.rbegin(), card.card.rend(),
                                  [&](const auto& noted) { return noted.event == event; });
  return found == card.card.rend() ? nullptr : &*found;
}

void add_openings(const store::GrantView& card, array& to) {
  const auto delay = grants::card_delay(card.decision);
  for (const auto& noted : card.card)
    if (noted.event == store::CardEvent::opened) to.push_back(card_opening_json(noted, delay));
}

}  // namespace

Object card_opening_json(const store::CardNoted& noted, std::uint32_t delay) {
  Object json{{"time", to_rfc3339(from_unix(noted.at))}, {"who", noted.who}, {"why", noted.why}};
  if (delay != 0) json["opens_at"] = to_rfc3339(from_unix(noted.at + delay));
  return json;
}

array card_news(const store::Vault& vault, std::int64_t now) {
  const auto all = vault.grants();
  array news;
  for (const auto& card : all) {
    if (!grants::is_card(card.decision) || card.revoked_at || !stands_at(card, now)) continue;
    array openings;
    add_openings(card, openings);
    const bool print = newest(card, store::CardEvent::printed) == nullptr;
    if (openings.empty() && !print) continue;
    const auto leads_here = [&](const auto& noted) {
      return noted.event == store::CardEvent::renewed && noted.next == card.decision.grant;
    };
    for (const auto& before : all)
      if (std::any_of(before.card.begin(), before.card.end(), leads_here))
        add_openings(before, openings);
    news.push_back(Object{
        {"id", card.decision.grant.text()}, {"print", print}, {"openings", std::move(openings)}});
  }
  return news;
}

Result<Object> emergency_preview(Call& call) {
  make_it_a_card(call);
  return grant_preview(call);
}

Result<Object> emergency_card(Call& call) {
  if (call.texts("documents").empty()) return print_again(call);
  make_it_a_card(call);
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_TRY(auto made, grant_create(call));
  const std::string id{made.at("id").as_string()};
  COFFRET_TRY(const auto card, find_grant(call, id));
  COFFRET_CHECK(retire_others(call, card));
  return printed(call, card, std::move(made));
}

Result<Object> emergency_show(Call& call) {
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(auto cards, cards_of(call));
  std::reverse(cards.begin(), cards.end());
  ServersWord word{call};
  for (const auto& card : cards) {
    GrantState state = word.state_of(card);
    if (const auto there = word.on(card, state)) state = there->state;
    auto row = grant_json(card, state, call.language);
    array openings;
    add_openings(card, openings);
    row["used"] = std::move(openings);
    row["print"] = state == GrantState::live && newest(card, store::CardEvent::printed) == nullptr;
    const auto* renewed = newest(card, store::CardEvent::renewed);
    row["delay"] = grants::card_delay(card.decision);
    row["next"] = nullptr;
    if (renewed != nullptr) row["next"] = renewed->next.text();
    COFFRET_CHECK(call.answer.row(row));
  }
  return Object{{"count", cards.size()}};
}

Result<Object> emergency_remove(Call& call) {
  COFFRET_TRY(const auto cards, standing(call));
  if (cards.empty())
    return refused(call, errc::not_found, "Il n'y a pas de carte d'urgence.",
                   "There is no emergency card.");
  array removed;
  for (const auto& card : cards) {
    call.request.arguments["id"] = card.decision.grant.text();
    COFFRET_TRY(const auto ended, grant_revoke(call));
    removed.push_back(ended.at("id"));
  }
  return Object{{"removed", std::move(removed)}};
}

}  // namespace coffret::daemon
