// SPDX-License-Identifier: EUPL-1.2
//
// What is said of grants, and of who opened them.
#include <fmt/format.h>

#include "tools/coffret/sayers.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

std::string_view state_words(const std::string& state, const Words& words) {
  if (state == "scheduled") return words("à venir", "to come");
  if (state == "live") return words("actif", "live");
  if (state == "used_up") return words("toutes les ouvertures faites", "all openings used");
  if (state == "expired") return words("expiré", "expired");
  if (state == "revoking")
    return words("fin demandée : le lien marche encore tant que le serveur n'est pas joint",
                 "ending: the link still works until your server is reached");
  if (state == "revoked") return words("terminé", "ended");
  if (state == "locked") return words("fermé : trop de codes faux", "closed: too many wrong codes");
  return "";
}

void say_grant(const object& row, const Words& words) {
  say(fmt::format("{}  {}  {} {}  — {}", text_of(row, "id").substr(0, 8), text_of(row, "to"),
                  words("jusqu'au", "until"), instant_of(row, "expires_at", words.language),
                  state_words(text_of(row, "state"), words)));
}

void say_opening(const object& row, const Words& words) {
  const std::string outcome = text_of(row, "outcome");
  std::string_view told = words("a reçu", "was given");
  if (outcome == "read") told = words("a lu", "read");
  if (outcome == "wrong_passcode") told = words("code faux", "wrong passcode");
  if (outcome == "not_active") told = words("lien inactif", "inactive link");
  if (outcome == "many_attempts") told = words("nombreux essais", "many attempts");
  if (outcome == "daily_head") return;
  const std::string who = text_of(row, "recipient");
  say(fmt::format("{}  {}{} {}  ({})", instant_of(row, "time", words.language),
                  who.empty() ? words("quelqu'un", "someone") : std::string_view{who},
                  flag_of(row, "proved") ? words(" (prouvé)", " (proved)")
                                         : words(" (selon ses dires)", " (claimed)"),
                  told, text_of(row, "grant").substr(0, 8)));
}

constexpr Sayers sayers[] = {
    {.command = "grant list", .row = say_grant, .result = nullptr},
    {.command = "grant show", .row = nullptr, .result = say_grant},
    {.command = "access-log", .row = say_opening, .result = nullptr},
};

}  // namespace

std::span<const Sayers> grant_sayers() {
  return sayers;
}

}  // namespace coffret::cli
