// SPDX-License-Identifier: EUPL-1.2
//
// What is said of the emergency card.
#include <fmt/format.h>

#include "tools/coffret/sayers.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

template <class Say>
void each_opening(const object& from, std::string_view name, Say&& say_one) {
  const auto* list = from.if_contains({name.data(), name.size()});
  if (list == nullptr || !list->is_array()) return;
  for (const auto& one : list->get_array())
    if (one.is_object()) say_one(one.get_object());
}

// "le 12 mai 2026 à 14:02, Dr Alice Martin : « trouvé inconscient »".
std::string opening_words(const object& one, const Words& words) {
  const auto who = text_of(one, "who");
  auto told =
      fmt::format("{}{}, {} : {}", words("le ", ""), instant_of(one, "time", words.language),
                  who.empty() ? words("quelqu'un", "someone") : std::string_view{who},
                  quoted(text_of(one, "why"), words));
  if (one.contains("opens_at"))
    told += fmt::format("{} {}", words(", lisible à partir du", ", readable from"),
                        instant_of(one, "opens_at", words.language));
  return told;
}

void say_card_row(const object& row, const Words& words) {
  const auto state = text_of(row, "state");
  std::string_view told = words("finie", "over");
  if (state == "live") told = words("valable", "valid");
  if (state == "revoking") told = words("fin demandée", "ending");
  say(fmt::format("{}  {}, {} {}, {}", text_of(row, "id").substr(0, 8), told,
                  words("jusqu'au", "until"), instant_of(row, "expires_at", words.language),
                  counted(number_of(row, "documents"), "document", "documents")));
  each_opening(row, "used", [&](const object& one) {
    say(fmt::format("    {} {}", words("ouverte", "opened"), opening_words(one, words)));
  });
  if (const auto next = text_of(row, "next"); !next.empty())
    say(fmt::format("    {} {}", words("scellée de nouveau :", "sealed anew:"), next.substr(0, 8)));
  if (flag_of(row, "print"))
    say(std::string{words("    À imprimer : « coffret emergency card --out FICHE.pdf ».",
                          "    To print: \"coffret emergency card --out FILE.pdf\".")});
}

void say_card_count(const object& result, const Words& words) {
  if (number_of(result, "count") == 0)
    say(std::string{words("Il n'y a pas de carte d'urgence.", "There is no emergency card.")});
}

void say_card_paper(const object& row, const Words& words) {
  say(fmt::format("{} {} ({}).",
                  words("Carte d'urgence, valable jusqu'au", "Emergency card, valid until"),
                  instant_of(row, "expires_at", words.language),
                  counted(number_of(row, "documents"), "document", "documents")));
  say(std::string{words(
      "Imprimez les deux pages (100 %, sans mise à l'échelle), puis effacez ce fichier : qui l'a "
      "ouvre\nce que la carte porte.",
      "Print both pages (100%, not scaled), then delete this file: whoever has it opens what the\n"
      "card holds.")});
}

void say_card_refused(const object&, const Words& words) {
  say(std::string{
      words("Refusé : le papier n'ouvre plus rien. La carte est scellée de nouveau ; imprimez-la : "
            "« coffret\nemergency card --out FICHE.pdf ».",
            "Refused: the paper opens nothing any more. The card is sealed anew; print it: "
            "\"coffret\nemergency card --out FILE.pdf\".")});
}

void say_card_removed(const object&, const Words& words) {
  say(std::string{words("La carte d'urgence est finie : le papier n'ouvre plus rien.",
                        "The emergency card is over: the paper opens nothing any more.")});
}

constexpr Sayers sayers[] = {
    {.command = "emergency card", .row = nullptr, .result = say_card_paper},
    {.command = "emergency show", .row = say_card_row, .result = say_card_count, .rows_only = true},
    {.command = "emergency refuse", .row = nullptr, .result = say_card_refused},
    {.command = "emergency remove", .row = nullptr, .result = say_card_removed},
};

}  // namespace

std::span<const Sayers> emergency_sayers() {
  return sayers;
}

// "Your card was used by … for …": whatever was asked, while it is so.
void say_card_news(const object& from, const Words& words) {
  each_opening(from, "emergency", [&](const object& card) {
    each_opening(card, "openings", [&](const object& one) {
      say(fmt::format(
          "{} {}", words("Votre carte d'urgence a été ouverte", "Your emergency card was opened"),
          opening_words(one, words)));
      if (!flag_of(card, "print") && one.contains("opens_at"))
        say(std::string{words("Pour refuser avant : « coffret emergency refuse ».",
                              "To refuse before that: \"coffret emergency refuse\".")});
    });
    if (flag_of(card, "print"))
      say(std::string{
          words("L'ancien papier ne vaut plus. Imprimez-en un neuf : « coffret emergency card "
                "--out FICHE.pdf ».",
                "The old paper is good no more. Print a new one: \"coffret emergency card --out "
                "FILE.pdf\".")});
  });
}

}  // namespace coffret::cli
