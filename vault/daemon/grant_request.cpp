// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/grant_request.hpp"

#include <algorithm>
#include <utility>

#include "coffret/ascii.hpp"
#include "coffret/kinds.hpp"
#include "vault/crypto/passcode.hpp"
#include "vault/daemon/cards.hpp"
#include "vault/daemon/caregivers.hpp"
#include "vault/daemon/consent.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/grant_parts.hpp"
#include "vault/daemon/patient_match.hpp"
#include "vault/daemon/persons.hpp"
#include "vault/daemon/typed_date.hpp"
#include "vault/grants/card.hpp"

namespace coffret::daemon {
namespace {

// A misuse, with what to do about it.
errc misused(Call& call, std::string_view french, std::string_view english,
             errc error = errc::usage) {
  return refused(call, error, french, english);
}

bool is_category(std::string_view code) {
  return code == "other" || std::any_of(std::begin(kind_table), std::end(kind_table),
                                        [&](const Kind& kind) { return kind.category == code; });
}

// Codes of the kinds that a person means: a code, or a part of a kind's name in their language.
std::vector<std::string> kinds_meant(const std::string& typed, Language language) {
  std::vector<std::string> codes;
  for (const auto& kind : kind_table)
    if (kind.code == typed) return {typed};
  const auto words = ascii_lower(typed);
  for (const auto& kind : kind_table)
    if (ascii_lower(kind.label(language)).find(words) != std::string::npos)
      codes.emplace_back(kind.code);
  return codes;
}

Result<void> take_rules(Call& call, store::GrantTerms& terms) {
  terms.all = call.flag("all");
  if (const auto category = call.text("category"); !category.empty()) {
    if (!is_category(category))
      return misused(call,
                     "--category : patient-summary, eprescription, edispensation, imaging, "
                     "laboratory, discharge ou other.",
                     "--category: patient-summary, eprescription, edispensation, imaging, "
                     "laboratory, discharge or other.");
    terms.categories.push_back(category);
  }
  if (const auto kind = call.text("kind"); !kind.empty()) {
    terms.kinds = kinds_meant(kind, call.language);
    if (terms.kinds.empty() || terms.kinds.size() > limits::list_length)
      return misused(call, "--kind : aucune sorte de document ne porte ce nom.",
                     "--kind: no kind of document has this name.");
  }
  return {};
}

Result<void> take_since(Call& call, store::GrantTerms& terms) {
  if (call.text("since").empty()) return {};
  if (!terms.has_rule())
    return misused(call, "--since va avec --all, --category ou --kind.",
                   "--since goes with --all, --category or --kind.");
  const auto typed = call.text("since");
  if (typed == "today" || typed == "aujourd'hui") {
    terms.since = to_rfc3339(call.service.environment().clock.now()).substr(0, 10);
    return {};
  }
  COFFRET_TRY(terms.since, day_of(call, "since"));
  return {};
}

// The documents chosen one by one, each existing.
Result<void> take_chosen(Call& call, store::GrantTerms& terms) {
  for (const auto& id : call.texts("documents")) {
    call.detail = id;
    COFFRET_TRY(const auto document,
                call.with([&](store::Vault& vault) { return vault.document(id); }));
    if (document.removed_at || document.quarantined) return errc::not_found;
    if (std::find(terms.chosen.begin(), terms.chosen.end(), document.id) == terms.chosen.end())
      terms.chosen.push_back(document.id);
  }
  call.detail.clear();
  return {};
}

Result<store::GrantTerms> terms_asked(Call& call) {
  store::GrantTerms terms;
  terms.evolving = call.flag("evolving");
  terms.any_person = call.flag("any_patient");
  terms.consent_form = consent_form;
  terms.language = call.language == Language::french ? "fr" : "en";
  COFFRET_CHECK(take_rules(call, terms));
  COFFRET_CHECK(take_since(call, terms));
  COFFRET_CHECK(take_chosen(call, terms));
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto wanted, wanted_person(call, persons));
  if (wanted) terms.person = wanted->id;
  if (!terms.has_rule() && terms.chosen.empty())
    return misused(call, "Dites ce que vous partagez : --document, --category, --kind ou --all.",
                   "Say what you share: --document, --category, --kind or --all.");
  if (terms.evolving && !terms.has_rule())
    return misused(call, "--evolving va avec --all, --category ou --kind.",
                   "--evolving goes with --all, --category or --kind.");
  if (terms.evolving && call.text("delivery") == "key")
    return misused(call, "--evolving ne va pas encore avec --delivery key.",
                   "--evolving does not go with --delivery key yet.", errc::unsupported);
  return terms;
}

Result<void> take_rights(Call& call, std::string_view allow, grants::GrantRequest& request) {
  for (;;) {
    const auto end = allow.find(',');
    const auto right = allow.substr(0, end);
    if (right == "download")
      request.download = true;
    else if (right == "deposit")
      request.deposit = true;
    else
      return misused(call, "--allow : download, deposit ou les deux (download,deposit).",
                     "--allow: download, deposit or both (download,deposit).");
    if (end == std::string_view::npos) break;
    allow.remove_prefix(end + 1);
  }
  if (request.deposit && request.delivery == Delivery::shl)
    return misused(call, "--allow deposit ne va pas avec --delivery shl : faites un lien protégé.",
                   "--allow deposit does not go with --delivery shl: make a protected link.",
                   errc::unsupported);
  return {};
}

Result<void> take_how(Call& call, grants::GrantRequest& request) {
  request.caregiver = call.text("to");
  request.role = call.text("role");
  request.organisation = call.text("organisation");
  request.purpose = call.text("purpose");
  COFFRET_TRY(request.openings, call.number("openings"));
  const std::string delivery = call.text("delivery");
  if (delivery == "shl")
    request.delivery = Delivery::shl;
  else if (delivery == "key")
    request.delivery = Delivery::key;
  else if (!delivery.empty() && delivery != "link")
    return misused(call, "--delivery : link, shl ou key.", "--delivery: link, shl or key.");
  if (const auto allow = call.text("allow"); !allow.empty()) {
    COFFRET_CHECK(take_rights(call, allow, request));
  }
  request.with_passcode = call.flag("passcode");
  if (auto passcode = call.request.secrets.find("passcode");
      passcode != call.request.secrets.end()) {
    if (!crypto::is_long_enough(passcode->second))
      return misused(call, "Le code doit avoir au moins 6 caractères.",
                     "The passcode must have at least 6 characters.");
    request.with_passcode = true;
    request.passcode = std::move(passcode->second);
  }
  return {};
}

// The very interval that the text said which the person agreed to.
Result<void> take_shown_interval(Call& call, Timestamp now, grants::GrantRequest& request) {
  COFFRET_TRY(const auto start, from_rfc3339(call.text("not_before")));
  COFFRET_TRY(const auto end, from_rfc3339(call.text("expires_at")));
  if (end <= now)
    return misused(call, "La fin qui vous a été montrée est passée : refaites la commande.",
                   "The end that you were shown is past: run the command again.", errc::conflict);
  request.not_before = to_unix(start);
  request.expires_at = to_unix(end);
  return {};
}

Result<void> take_interval(Call& call, Timestamp now, grants::GrantRequest& request) {
  if (call.text("for").empty())
    return misused(call, "Dites combien de temps : --for 7d, par exemple.",
                   "Say for how long: --for 7d, for example.");
  COFFRET_TRY(const auto duration, parse_duration(call.text("for")));
  if (!call.text("expires_at").empty()) return take_shown_interval(call, now, request);
  auto start = now;
  if (const auto from = call.text("from"); !from.empty()) {
    COFFRET_TRY(start, from_rfc3339(from));
  }
  if (start + duration <= now)
    return misused(call, "Ce partage serait déjà fini : regardez --from et --for.",
                   "This grant would be over already: look at --from and --for.");
  request.not_before = to_unix(start);
  request.expires_at = to_unix(start + duration);
  return {};
}

// One grant is about one record, unless its owner says otherwise.
Result<void> check_persons(Call& call, const Asked& asked) {
  const auto& documents = asked.scope.documents;
  if (asked.request.terms.any_person || !grants::of_several_records(documents)) return {};
  return misused(call,
                 "Ces documents sont dans les dossiers de plusieurs personnes. Choisissez-en une "
                 "avec --person, ou dites --any-patient.",
                 "These documents are in the records of several persons. Choose one with "
                 "--person, or say --any-patient.");
}

// Whose record it is, where that is not the owner's.
Result<std::string> person_of(Call& call, const Asked& asked) {
  const auto& documents = asked.scope.documents;
  const auto id = documents.empty() ? asked.request.terms.person : documents.front().person;
  if (id == PersonId{}) return std::string{};
  COFFRET_TRY(const auto persons, persons_of(call));
  for (const auto& person : persons)
    if (person.id == id) return shown_person(person);
  return std::string{};
}

Result<std::uint32_t> delay_asked(Call& call) {
  if (call.text("delay").empty()) return std::uint32_t{0};
  COFFRET_TRY(const auto delay, parse_duration(call.text("delay")));
  if (delay.count() > protocol::max_card_delay)
    return misused(call, "--delay : un jour au plus.", "--delay: a day at most.");
  return static_cast<std::uint32_t>(delay.count());
}

Result<Asked> asked_card(Call& call, Timestamp now) {
  Asked asked;
  auto& request = asked.request;
  const bool french = call.language == Language::french;
  request.emergency = true;
  request.caregiver = french ? "Carte d'urgence" : "Emergency card";
  request.purpose = french ? "Urgence" : "Emergency";
  request.terms.consent_form = grants::card_form;
  request.terms.language = french ? "fr" : "en";
  COFFRET_CHECK(take_interval(call, now, request));
  COFFRET_TRY(request.delay, delay_asked(call));
  COFFRET_CHECK(take_chosen(call, request.terms));
  if (request.terms.chosen.empty())
    return misused(call, "Choisissez les documents un par un : --document.",
                   "Choose the documents one by one: --document.");
  COFFRET_TRY(asked.scope, call.with([&](store::Vault& vault) {
    return grants::evaluate(vault, request.terms);
  }));
  COFFRET_CHECK(check_card(call, asked.scope.documents));
  for (const auto& document : asked.scope.documents) request.documents.push_back(document.id);
  request.terms.person = asked.scope.documents.front().person;
  request.several_persons = are_several(asked.scope.documents);
  COFFRET_TRY(const auto person, person_of(call, asked));
  request.consent = card_consent(request, person, call.language);
  return asked;
}

}  // namespace

Result<Asked> asked_of(Call& call, Timestamp now) {
  if (call.flag("emergency")) return asked_card(call, now);
  Asked asked;
  auto& request = asked.request;
  if (call.text("to").empty())
    return misused(call, "Dites avec qui vous partagez : --to \"NOM\".",
                   "Say with whom you share: --to \"NAME\".");
  COFFRET_CHECK(take_how(call, request));
  COFFRET_CHECK(take_interval(call, now, request));
  COFFRET_TRY(request.terms, terms_asked(call));
  if (request.deposit) request.terms.consent_form = answered_consent_form;
  COFFRET_TRY(asked.scope, call.with([&](store::Vault& vault) {
    return grants::evaluate(vault, request.terms);
  }));
  COFFRET_CHECK(check_persons(call, asked));
  for (const auto& document : asked.scope.documents) request.documents.push_back(document.id);
  request.terms.left_out = static_cast<std::uint32_t>(asked.scope.left_out.size());
  const bool may_wait = request.terms.evolving && request.delivery == Delivery::link;
  if (request.documents.empty() && !may_wait)
    return misused(call, "Aucun document ne correspond : rien n'est partagé.",
                   "No document matches: nothing is shared.", errc::not_found);
  request.several_persons = are_several(asked.scope.documents);
  if (request.delivery == Delivery::key) COFFRET_CHECK(address_to_key(call, request));
  COFFRET_TRY(const auto person, person_of(call, asked));
  request.consent = consent_text(request, asked.scope, person, call.language);
  return asked;
}

boost::json::array left_out_json(const std::vector<grants::LeftOut>& left_out) {
  boost::json::array all;
  for (const auto& one : left_out) {
    boost::json::array reasons;
    for (const auto kind : one.why) {
      const auto name = grants::name(kind);
      reasons.emplace_back(boost::json::string_view{name.data(), name.size()});
    }
    if (!one.other.empty())
      reasons.emplace_back(boost::json::string_view{one.other.data(), one.other.size()});
    all.push_back(Object{{"id", one.document.id.text()},
                         {"title", shown_title(one.document.entry)},
                         {"date", one.document.entry.date},
                         {"reasons", std::move(reasons)}});
  }
  return all;
}

}  // namespace coffret::daemon
