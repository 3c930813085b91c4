// SPDX-License-Identifier: EUPL-1.2
#include <fmt/format.h>

#include "vault/daemon/cards.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/spelled.hpp"
#include "vault/grants/card.hpp"

namespace coffret::daemon {
namespace {

std::string counted_time(std::uint32_t seconds) {
  if (seconds % 3600 == 0) return fmt::format("{} h", seconds / 3600);
  if (seconds % 60 == 0) return fmt::format("{} min", seconds / 60);
  return fmt::format("{} s", seconds);
}

std::string french_delay(std::uint32_t delay) {
  if (delay == 0) return {};
  return fmt::format(
      "Elle ne s'ouvre que {} après la demande ; d'ici là, je peux refuser depuis l'un de mes "
      "appareils.\n",
      counted_time(delay));
}

std::string english_delay(std::uint32_t delay) {
  if (delay == 0) return {};
  return fmt::format(
      "It opens only {} after they ask; until then I can refuse from one of my devices.\n",
      counted_time(delay));
}

std::string french(const grants::GrantRequest& request, std::string_view person) {
  constexpr auto language = Language::french;
  const auto count = request.documents.size();
  return fmt::format(
      "Carte d'urgence, du {} au {}.\n"
      "Qui tient cette carte peut lire {} {}, sans code ni clé.\n"
      "On lui demande son nom et son motif, que personne ne vérifie. Ils sont notés dans mon "
      "coffre "
      "et, scellés, au journal du serveur ; chacun de mes appareils me le dit.\n{}"
      "Après chaque usage, les mêmes documents sont scellés de nouveau, sous une autre clé et "
      "jusqu'à la même date : le papier ne vaut plus, et j'en imprime un neuf.\n"
      "Ce qui est masqué ou de nature sensible n'y est jamais, et en sort s'il le devient.\n"
      "La page ne propose pas d'en garder une copie.\n"
      "Je peux la retirer à tout moment ; ce qui a été lu ne peut pas être repris.",
      spelled(from_unix(request.not_before), language),
      spelled(from_unix(request.expires_at), language),
      count == 1 ? "1 document" : fmt::format("{} documents", count),
      person.empty() ? "de mon dossier" : fmt::format("du dossier de {}", person),
      french_delay(request.delay));
}

std::string english(const grants::GrantRequest& request, std::string_view person) {
  constexpr auto language = Language::english;
  const auto count = request.documents.size();
  return fmt::format(
      "Emergency card, from {} until {}.\n"
      "Whoever holds this card can read {} {}, without a code or a key.\n"
      "They are asked for their name and their reason, which nobody checks. Both are written down "
      "in my vault and, sealed, in the server's log; each of my devices tells me.\n{}"
      "After each use the same documents are sealed anew, under another key and until the same "
      "date: the paper is good no more, and I print a new one.\n"
      "What is masked or of a sensitive kind is never on it, and leaves it when it becomes so.\n"
      "The page does not offer to keep a copy.\n"
      "I can remove it at any time; what has been read cannot be taken back.",
      spelled(from_unix(request.not_before), language),
      spelled(from_unix(request.expires_at), language),
      count == 1 ? "1 document" : fmt::format("{} documents", count),
      person.empty() ? "of my record" : fmt::format("of the record of {}", person),
      english_delay(request.delay));
}

std::string barred_words(const grants::LeftOut& one, Language language) {
  const bool french = language == Language::french;
  if (!one.why.empty()) return std::string{grants::words(one.why.front(), language)};
  if (one.other == "unread") return french ? "pas encore lu" : "not read yet";
  return french ? "pas sur cet appareil" : "not on this device";
}

}  // namespace

// What may not be on a card is named, with the reason, and nothing is made.
Result<void> check_card(Call& call, const std::vector<store::DocumentView>& documents) {
  if (documents.size() > grants::max_card_documents)
    return refused(call, errc::usage, "Une carte d'urgence porte dix documents au plus.",
                   "An emergency card holds ten documents at most.");
  if (grants::of_several_records(documents))
    return refused(call, errc::usage, "Une carte d'urgence est celle d'une seule personne.",
                   "An emergency card is one person's.");
  COFFRET_TRY(const auto barred, call.with([&](store::Vault& vault) {
    return grants::barred_from_card(vault, documents);
  }));
  if (barred.empty()) return {};
  std::string named;
  for (const auto& one : barred)
    named += (named.empty() ? "" : ", ") + shown_title(one.document.entry) + " (" +
             barred_words(one, call.language) + ")";
  return refused(call, errc::denied,
                 "Cela ne va pas sur une carte d'urgence, que lit qui la trouve : " + named,
                 "This cannot be on an emergency card, which whoever finds it reads: " + named);
}

std::string card_consent(const grants::GrantRequest& request, std::string_view person,
                         Language language) {
  return language == Language::french ? french(request, person) : english(request, person);
}

}  // namespace coffret::daemon
