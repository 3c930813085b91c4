// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/consent.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "coffret/kinds.hpp"
#include "vault/daemon/spelled.hpp"

namespace coffret::daemon {
namespace {

struct CategoryWords {
  std::string_view code;
  std::string_view french;
  std::string_view english;
};

// Those of Regulation (EU) 2025/327, article 14(1), in our words.
constexpr CategoryWords categories[] = {
    {"patient-summary", "résumés médicaux", "patient summaries"},
    {"eprescription", "ordonnances", "prescriptions"},
    {"edispensation", "délivrances de médicaments", "dispensations"},
    {"imaging", "imagerie", "imaging"},
    {"laboratory", "analyses", "laboratory results"},
    {"discharge", "sorties d'hôpital", "hospital discharge"},
    {"other", "autres documents", "other documents"},
};

std::string category_words(const std::string& code, Language language) {
  for (const auto& row : categories)
    if (row.code == code)
      return std::string{language == Language::french ? row.french : row.english};
  return code;
}

std::string kind_words(const std::string& code, Language language) {
  for (const auto& kind : kind_table)
    if (kind.code == code) return std::string{kind.label(language)};
  return code;
}

std::string counted(std::size_t count) {
  return count == 1 ? "1 document" : fmt::format("{} documents", count);
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const auto& part : parts) {
    if (!all.empty()) all += ", ";
    all += part;
  }
  return all;
}

std::string whom(const grants::GrantRequest& request) {
  std::vector<std::string> parts{request.caregiver};
  if (!request.role.empty()) parts.push_back(request.role);
  if (!request.organisation.empty()) parts.push_back(request.organisation);
  return joined(parts) + (parts.size() > 1 ? "," : "");
}

struct HeldBack {
  std::size_t sensitive = 0;
  std::size_t masked = 0;
  std::size_t undated = 0;
  std::size_t unread = 0;
  std::size_t absent = 0;  // its bytes are not on this device
};

bool is_only_masked(const grants::LeftOut& one) {
  return std::all_of(one.why.begin(), one.why.end(),
                     [](grants::Sensitive kind) { return kind == grants::Sensitive::masked; });
}

HeldBack held_back(const grants::Scope& scope) {
  HeldBack count;
  for (const auto& one : scope.left_out) {
    if (!one.why.empty())
      ++(is_only_masked(one) ? count.masked : count.sensitive);
    else if (one.other == "undated")
      ++count.undated;
    else if (one.other == "unread")
      ++count.unread;
    else
      ++count.absent;
  }
  return count;
}

std::string french_left_out(const grants::Scope& scope, bool evolving) {
  const auto count = held_back(scope);
  std::string text;
  const auto kept = [&](std::size_t of, std::string_view what) {
    if (of == 0) return;
    text += fmt::format("Je n'y mets pas {} {} : {}.\n", counted(of), what,
                        of == 1 ? "je peux l'ajouter" : "je peux les ajouter un par un");
  };
  const auto later = [&](std::size_t of, std::string_view one, std::string_view several) {
    if (of == 0) return;
    const auto not_in = of == 1 ? "il n'y est pas" : "ils n'y sont pas";
    const auto comes = of == 1 ? "il s'y ajoutera de lui-même, sauf s'il se révèle sensible"
                               : "ils s'y ajouteront d'eux-mêmes, sauf ceux qui se révèlent "
                                 "sensibles";
    text += fmt::format("{} {} : {}.\n", counted(of), of == 1 ? one : several,
                        evolving ? comes : not_in);
  };
  kept(count.sensitive, "de nature sensible");
  kept(count.masked, count.masked == 1 ? "masqué" : "masqués");
  kept(count.undated, "sans date certaine");
  later(count.unread, "n'est pas encore lu", "ne sont pas encore lus");
  later(count.absent, "n'est pas encore arrivé sur cet appareil",
        "ne sont pas encore arrivés sur cet appareil");
  return text;
}

std::string english_left_out(const grants::Scope& scope, bool evolving) {
  const auto count = held_back(scope);
  std::string text;
  const auto kept = [&](std::size_t of, std::string_view what) {
    if (of == 0) return;
    text += fmt::format("I leave out {} {}: {}.\n", counted(of), what,
                        of == 1 ? "I can add it" : "I can add them one by one");
  };
  const auto later = [&](std::size_t of, std::string_view what) {
    if (of == 0) return;
    const auto comes = of == 1 ? "it is added by itself, unless it proves sensitive"
                               : "they are added by themselves, unless they prove sensitive";
    text += fmt::format("{} {} {}: {}.\n", counted(of), of == 1 ? "is" : "are", what,
                        evolving  ? comes
                        : of == 1 ? "it is not in it"
                                  : "they are not in it");
  };
  kept(count.sensitive, "of a sensitive kind");
  kept(count.masked, count.masked == 1 ? "that is masked" : "that are masked");
  kept(count.undated, "without a certain date");
  later(count.unread, "not read yet");
  later(count.absent, "not on this device yet");
  return text;
}

// Those that are in only because they were chosen one by one.
std::string put_in(const grants::Scope& scope, Language language) {
  const bool is_french = language == Language::french;
  const auto masked = static_cast<std::size_t>(
      std::count_if(scope.chosen_sensitive.begin(), scope.chosen_sensitive.end(), is_only_masked));
  const auto sensitive = scope.chosen_sensitive.size() - masked;
  std::vector<std::string> parts;
  if (sensitive != 0)
    parts.push_back(counted(sensitive) +
                    (is_french ? " de nature sensible" : " of a sensitive kind"));
  if (masked != 0)
    parts.push_back(counted(masked) + (!is_french
                                           ? masked == 1 ? " that is masked" : " that are masked"
                                       : masked == 1 ? " masqué"
                                                     : " masqués"));
  if (parts.empty()) return {};
  return fmt::format("{}{}.\n",
                     is_french ? "J'y mets, choisis un par un : " : "I put in, chosen one by one: ",
                     joined(parts));
}

// The kinds that a rule names, and from which day on.
std::string rule_words(const store::GrantTerms& terms, Language language) {
  std::vector<std::string> rules;
  for (const auto& code : terms.categories) rules.push_back(category_words(code, language));
  for (const auto& code : terms.kinds) rules.push_back(kind_words(code, language));
  return joined(rules);
}

std::string since_words(const store::GrantTerms& terms, Language language) {
  if (terms.since.empty()) return {};
  return fmt::format("{} {}", language == Language::french ? " à partir du" : " from",
                     spelled_date(terms.since, language));
}

std::string french_record(const grants::GrantRequest& request, std::string_view person) {
  if (request.several_persons) return "de plusieurs dossiers";
  return person.empty() ? "de mon dossier" : fmt::format("du dossier de {}", person);
}

std::string english_record(const grants::GrantRequest& request, std::string_view person) {
  if (request.several_persons) return "of several records";
  return person.empty() ? "of my record" : fmt::format("of the record of {}", person);
}

std::string french_what(const grants::GrantRequest& request, std::string_view person) {
  const auto& terms = request.terms;
  const auto record = french_record(request, person);
  const auto count = counted(request.documents.size());
  if (!terms.has_rule()) return fmt::format("à {} {}", count, record);
  const auto since = since_words(terms, Language::french);
  if (terms.all) return fmt::format("à tous les documents {}{} ({})", record, since, count);
  return fmt::format("aux documents {} de ces sortes : {}{} ({})", record,
                     rule_words(terms, Language::french), since, count);
}

std::string english_what(const grants::GrantRequest& request, std::string_view person) {
  const auto& terms = request.terms;
  const auto record = english_record(request, person);
  const auto count = counted(request.documents.size());
  if (!terms.has_rule()) return fmt::format("{} {}", count, record);
  const auto since = since_words(terms, Language::english);
  if (terms.all) return fmt::format("all documents {}{} ({})", record, since, count);
  return fmt::format("the documents {} of these kinds: {}{} ({})", record,
                     rule_words(terms, Language::english), since, count);
}

std::string french(const grants::GrantRequest& request, const grants::Scope& scope,
                   std::string_view person) {
  constexpr auto language = Language::french;
  const auto& terms = request.terms;
  std::string text =
      fmt::format("Je donne à {} accès {}, du {} au {}.\n", whom(request),
                  french_what(request, person), spelled(from_unix(request.not_before), language),
                  spelled(from_unix(request.expires_at), language));
  if (!request.purpose.empty()) text += fmt::format("Motif : {}.\n", request.purpose);
  if (terms.evolving)
    text +=
        "Les documents qui arriveront d'ici là et qui correspondent s'y ajouteront "
        "d'eux-mêmes.\n";
  text += put_in(scope, language);
  text += french_left_out(scope, terms.evolving);
  if (request.openings != 0)
    text +=
        fmt::format("{} s'ouvre {} fois au plus.\n",
                    request.delivery == Delivery::key ? "Ce partage" : "Le lien", request.openings);
  if (request.download)
    text += "Une copie peut en être gardée.\n";
  else if (request.delivery == Delivery::link)
    text += "La page ne propose pas d'en garder une copie.\n";
  else  // another program shows it
    text += "Je ne permets pas d'en garder une copie ; rien ne peut l'empêcher.\n";
  if (request.deposit)
    text += "Des documents peuvent m'être envoyés en réponse ; ils attendent que je les accepte.\n";
  if (request.delivery == Delivery::shl)
    text += "Ce lien obéit au serveur : rien d'autre ne le ferme à la date dite.\n";
  text += "Je peux y mettre fin à tout moment ; ce qui a été lu ne peut pas être repris.";
  return text;
}

std::string english(const grants::GrantRequest& request, const grants::Scope& scope,
                    std::string_view person) {
  constexpr auto language = Language::english;
  const auto& terms = request.terms;
  std::string text =
      fmt::format("I give {} access to {}, from {} until {}.\n", whom(request),
                  english_what(request, person), spelled(from_unix(request.not_before), language),
                  spelled(from_unix(request.expires_at), language));
  if (!request.purpose.empty()) text += fmt::format("Purpose: {}.\n", request.purpose);
  if (terms.evolving)
    text += "Documents that arrive until then and match are added by themselves.\n";
  text += put_in(scope, language);
  text += english_left_out(scope, terms.evolving);
  if (request.openings != 0)
    text += fmt::format("{} opens {} time{} at most.\n",
                        request.delivery == Delivery::key ? "This grant" : "The link",
                        request.openings, request.openings == 1 ? "" : "s");
  if (request.download)
    text += "A copy may be kept.\n";
  else if (request.delivery == Delivery::link)
    text += "The page does not offer to keep a copy.\n";
  else  // another program shows it
    text += "I do not allow a copy to be kept; nothing can prevent one.\n";
  if (request.deposit)
    text += "Documents may be sent to me in reply; they wait until I accept them.\n";
  if (request.delivery == Delivery::shl)
    text += "This link obeys the server: nothing else closes it at the stated time.\n";
  text += "I can end it at any time; what has been read cannot be taken back.";
  return text;
}

}  // namespace

std::string scope_words(const store::GrantTerms& terms, std::size_t documents, Language language) {
  const bool is_french = language == Language::french;
  if (!terms.has_rule()) return counted(documents);
  const std::string all = is_french ? "tous les documents" : "all documents";
  return fmt::format("{}{} ({})", terms.all ? all : rule_words(terms, language),
                     since_words(terms, language), counted(documents));
}

std::string consent_text(const grants::GrantRequest& request, const grants::Scope& scope,
                         std::string_view person, Language language) {
  return language == Language::french ? french(request, scope, person)
                                      : english(request, scope, person);
}

}  // namespace coffret::daemon
