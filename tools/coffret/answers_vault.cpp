// SPDX-License-Identifier: EUPL-1.2
//
// What is said of the vault, and of the server that keeps its copy.
#include <fmt/format.h>

#include "tools/coffret/sayers.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

void say_status(const object& r, const Words& words) {
  if (flag_of(r, "locked"))
    say(std::string{words("Le coffre est fermé.", "The vault is locked.")});
  else
    say(counted(number_of(r, "documents"), "document.", "documents."));
  const auto server = text_of(r, "server");
  if (!server.empty()) say(fmt::format("{} {}", words("Serveur :", "Server:"), server));
  if (const auto pending = number_of(r, "pending"); pending > 0)
    say(counted(pending, words("changement à envoyer.", "change to send."),
                words("changements à envoyer.", "changes to send.")));
  if (!text_of(r, "last_sync").empty())
    say(fmt::format("{} {}", words("Dernière synchronisation :", "Last sync:"),
                    instant_of(r, "last_sync", words.language)));
}

void say_card(const object& r, const Words& words) {
  say(fmt::format("{} {} ({})", words("Association :", "Association:"), text_of(r, "name"),
                  text_of(r, "country")));
  say(fmt::format("{} {}", words("Hébergement :", "Host:"), text_of(r, "host")));
  say(fmt::format("{} {}", words("Droit applicable :", "Law:"), text_of(r, "law")));
  say(fmt::format("{} {}", words("Contact :", "Contact:"), text_of(r, "contact")));
  say(fmt::format("{} {}", words("Empreinte :", "Fingerprint:"), text_of(r, "fingerprint")));
}

// A recovery sheet made before the vault was joined names no server: the way back needs both lines.
void say_joined(const object& r, const Words& words) {
  say_card(r, words);
  say(fmt::format(
      "\n{}\n  {}\n  {}",
      words("À noter sur votre fiche de secours, pour reconstruire le coffre ailleurs :",
            "Note on your recovery sheet, to rebuild the vault elsewhere:"),
      text_of(r, "url"), text_of(r, "fingerprint")));
}

void say_made(const object& r, const Words& words) {
  say(fmt::format("{} {}",
                  words("Le coffre est créé. Mots de contrôle de la fiche de secours :",
                        "The vault is made. Check words of the recovery sheet:"),
                  text_of(r, "recovery_key_check")));
  say(std::string{words(
      "La fiche ne nomme encore aucun serveur : après « coffret server join », notez-y l'adresse "
      "et\nl'empreinte du serveur, que « coffret rebuild » demandera.",
      "The sheet names no server yet: after \"coffret server join\", note the server's address "
      "and\nfingerprint on it; \"coffret rebuild\" asks for them.")});
}

void say_check(const object& r, const Words& words) {
  const auto* problems = r.if_contains("problems");
  if (flag_of(r, "ok"))
    say(std::string{words("Tout est en ordre.", "All is in order.")});
  else if (problems != nullptr && problems->is_array())
    for (const auto& problem : problems->get_array())
      if (problem.is_object())
        say(fmt::format("{}: {}", text_of(problem.get_object(), "kind"),
                        text_of(problem.get_object(), "item")));
}

void say_sync(const object& r, const Words& words) {
  const auto size = [&](std::string_view name) {
    return spelled_size(static_cast<std::uint64_t>(number_of(r, name)), words.language);
  };
  say(fmt::format(
      "{} ({}), {} ({})",
      counted(number_of(r, "pushed"), words("changement envoyé", "change sent"),
              words("changements envoyés", "changes sent")),
      size("bytes_up"),
      counted(number_of(r, "pulled"), words("reçu", "received"), words("reçus", "received")),
      size("bytes_down")));
}

constexpr Sayers sayers[] = {
    {.command = "init", .row = nullptr, .result = say_made},
    {.command = "status", .row = nullptr, .result = say_status},
    {.command = "check", .row = nullptr, .result = say_check},
    {.command = "server card", .row = nullptr, .result = say_card},
    {.command = "server join", .row = nullptr, .result = say_joined},
    {.command = "sync", .row = nullptr, .result = say_sync},
};

}  // namespace

std::span<const Sayers> vault_sayers() {
  return sayers;
}

}  // namespace coffret::cli
