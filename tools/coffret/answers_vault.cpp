// SPDX-License-Identifier: EUPL-1.2
//
// What is said of the vault, and of the server that keeps its copy.
#include <fmt/format.h>

#include "tools/coffret/sayers.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

// A backup that was never restored is a hope.
void say_proof(const object& r, const Words& words) {
  if (!text_of(r, "last_backup").empty())
    say(fmt::format("{} {}", words("Dernière sauvegarde :", "Last backup:"),
                    instant_of(r, "last_backup", words.language)));
  const bool proven = !text_of(r, "last_proven_restore").empty();
  if (proven)
    say(fmt::format("{} {}", words("Dernière restauration prouvée :", "Last proven restore:"),
                    instant_of(r, "last_proven_restore", words.language)));
  if (!flag_of(r, "restore_proof_due")) return;
  say(std::string{proven ? words("Il y a plus de 90 jours : refaites « coffret rehearse ».",
                                 "More than 90 days ago: run \"coffret rehearse\" again.")
                         : words("Aucune restauration n'est prouvée : voyez « coffret rehearse ».",
                                 "No restore is proven yet: see \"coffret rehearse\".")});
}

// Known by their entries alone: their content is not on this device.
void say_absent(const object& r, const Words& words) {
  const auto missing = number_of(r, "missing");
  if (missing == 0) return;
  const auto titles = names_in(r, "missing_documents", "title");
  const auto* named = r.if_contains("missing_documents");
  const bool more = named != nullptr && named->is_array() &&
                    named->get_array().size() < static_cast<std::size_t>(missing);
  say(fmt::format(
      "{}{}{}{}",
      counted(missing, words("document n'est pas encore arrivé", "document has not come yet"),
              words("documents ne sont pas encore arrivés", "documents have not come yet")),
      titles.empty() ? "" : words(" : ", ": "), titles, more ? "…" : "."));
}

// A device that began at a checkpoint has all that counts at once, and reads the rest.
void say_history(const object& r, const Words& words) {
  const auto* told = r.if_contains("history");
  if (told == nullptr || !told->is_object() || flag_of(told->get_object(), "complete")) return;
  const auto& history = told->get_object();
  if (flag_of(history, "contradicted")) {
    say(fmt::format(
        "{} {} {}",
        words("L'histoire du coffre ne dit pas ce que cet appareil a reçu de l'appareil",
              "The vault's history does not say what this device was given by the "
              "device"),
        text_of(history, "writer"),
        words(": refaites cet appareil avec « coffret rebuild --whole-history », et "
              "demandez-vous qui se sert de l'autre.",
              ": make this device again with \"coffret rebuild --whole-history\", and "
              "ask who uses the other one.")));
    return;
  }
  say(fmt::format("{} {} / {}. {}",
                  words("L'histoire ancienne du coffre est encore lue au serveur :",
                        "The older history of the vault is still being read from the server:"),
                  number_of(history, "read"), number_of(history, "of"),
                  words("Vos documents sont là ; une sauvegarde se fait quand elle est complète.",
                        "Your documents are there; a backup is made once it is complete.")));
}

// Pages that are still to be read, while the vault is open.
void say_recognition(const object& r, const Words& words) {
  const auto& ocr = object_of(r, "ocr");
  const auto waiting = number_of(ocr, "waiting");
  if (flag_of(r, "locked") || waiting == 0) return;
  say(fmt::format(
      "{} {}",
      counted(waiting,
              words("document numérisé à lire encore.", "scanned document to be read yet."),
              words("documents numérisés à lire encore.", "scanned documents to be read yet.")),
      flag_of(ocr, "available")
          ? words("Leurs mots se chercheront ensuite ; laissez le coffre ouvert.",
                  "Their words are found by search then; leave the vault open.")
          : words("Tesseract manque : voyez « coffret doctor ».",
                  "Tesseract is missing: see \"coffret doctor\".")));
}

void say_status(const object& r, const Words& words) {
  if (flag_of(r, "locked"))
    say(std::string{words("Le coffre est fermé.", "The vault is locked.")});
  else
    say(counted(number_of(r, "documents"), "document.", "documents."));
  if (const auto apart = number_of(r, "quarantined"); apart > 0)
    say(counted(apart,
                words("document mis à part attend votre décision : coffret inbox list",
                      "document that is set apart waits for you: coffret inbox list"),
                words("documents mis à part attendent votre décision : coffret inbox list",
                      "documents that are set apart wait for you: coffret inbox list")));
  say_recognition(r, words);
  say_absent(r, words);
  say_history(r, words);
  const auto server = text_of(r, "server");
  if (!server.empty()) say(fmt::format("{} {}", words("Serveur :", "Server:"), server));
  if (server.empty() && !flag_of(r, "locked"))
    say(
        std::string{words("Aucun serveur : ce coffre n'est que sur cet appareil. En garder une "
                          "copie : coffret backup ; le relier : coffret server join",
                          "No server: this vault is on this device alone. To keep a copy: coffret "
                          "backup; to join one: coffret server join")});
  if (const auto pending = number_of(r, "pending"); pending > 0 && !server.empty())
    say(counted(pending, words("changement à envoyer.", "change to send."),
                words("changements à envoyer.", "changes to send.")));
  if (number_of(r, "deposits") > 0)
    say(fmt::format(
        "{} : coffret inbox list",
        counted(number_of(r, "deposits"),
                words("dépôt attend votre décision", "deposit awaits your decision"),
                words("dépôts attendent votre décision", "deposits await your decision"))));
  say_card_news(r, words);
  if (const auto* ending = r.if_contains("grants_ending"); ending != nullptr && ending->is_array())
    for (const auto& one : ending->get_array())
      if (one.is_object())
        say(fmt::format("{} {} {} {} (coffret grant show {}).",
                        words("Le partage avec", "The grant to"), text_of(one.get_object(), "to"),
                        words("prend fin le", "ends on"),
                        instant_of(one.get_object(), "expires_at", words.language),
                        text_of(one.get_object(), "id").substr(0, 8)));
  if (flag_of(r, "sync_paused"))
    say(std::string{words("La synchronisation est en pause.", "Syncing is paused.")});
  if (const auto* stopped = r.if_contains("sync_stopped");
      stopped != nullptr && stopped->is_object())
    say(fmt::format("{} {}",
                    words("La dernière synchronisation s'est arrêtée :", "The last sync stopped:"),
                    text_of(stopped->get_object(), "why")));
  if (!text_of(r, "last_sync").empty())
    say(fmt::format("{} {}", words("Dernière synchronisation :", "Last sync:"),
                    instant_of(r, "last_sync", words.language)));
  say_proof(r, words);
  if (flag_of(r, "stale"))
    say(fmt::format("{} {}. {}",
                    words("Sans nouvelles du serveur depuis le", "No news of the server since"),
                    instant_of(r, "head_stated", words.language),
                    words("Lancez « coffret sync » ; s'il ne répond pas, demandez à l'association. "
                          "Ce que d'autres appareils ont écrit depuis n'est pas ici.",
                          "Run \"coffret sync\"; if it does not answer, ask the association. What "
                          "other devices wrote since then is not here.")));
  if (const auto* heads = r.if_contains("access_heads");
      heads != nullptr && heads->is_object() && flag_of(heads->get_object(), "late"))
    say(fmt::format(
        "{} {}. {}",
        words("Le serveur n'a plus signé de nouvelle ligne du journal des ouvertures depuis le",
              "The server has signed no new line of the access log since"),
        instant_of(heads->get_object(), "grown", words.language),
        words("Il en doit une par jour : des ouvertures peuvent vous être cachées. Demandez à "
              "l'association.",
              "It owes one a day: openings may be hidden from you. Ask the association.")));
  if (const auto* kept = r.if_contains("old_store"); kept != nullptr && kept->is_array())
    for (const auto& old : kept->get_array())
      say(fmt::format("{} {} : {}",
                      words("Le coffre d'avant la mise à jour est gardé jusqu'au",
                            "The vault as it was before the update is kept until"),
                      instant_of(old.get_object(), "until", words.language),
                      text_of(old.get_object(), "path")));
  if (flag_of(r, "retired"))
    say(
        std::string{words("Cet appareil a une copie et ne signe plus : voyez « coffret rebuild "
                          "--carry-from ».",
                          "This device has a copy and signs nothing more: see \"coffret rebuild "
                          "--carry-from\".")});
}

void say_card(const object& r, const Words& words) {
  say(fmt::format("{} {} ({})", words("Association :", "Association:"), text_of(r, "name"),
                  text_of(r, "country")));
  // What the association did not fill in is not shown as a line that says nothing.
  const auto line = [&](std::string_view label, std::string_view name) {
    if (const auto value = text_of(r, name); !value.empty())
      say(fmt::format("{} {}", label, value));
  };
  line(words("Adresse :", "Address:"), "url");
  line(words("Hébergement :", "Host:"), "host");
  line(words("Droit applicable :", "Law:"), "law");
  line(words("Contact :", "Contact:"), "contact");
  line(words("Empreinte :", "Fingerprint:"), "fingerprint");
}

// The card was shown before it was pinned. A recovery sheet made before the vault was joined names
// no server: the way back needs both lines.
void say_joined(const object& r, const Words& words) {
  say(fmt::format(
      "\n{} {}\n{}\n  {}\n  {}", words("Le coffre est relié à :", "The vault is joined to:"),
      text_of(r, "name"),
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

// What was not asked is not said to be in order.
void say_sampled(const object& r, const Words& words) {
  const auto* server = r.if_contains("server");
  if (server == nullptr || !server->is_object()) return;
  const auto asked = number_of(server->get_object(), "asked");
  const auto of = number_of(server->get_object(), "of");
  if (asked >= of) return;
  say(fmt::format(
      fmt::runtime(words("Au serveur, {} documents sur {}, tirés au hasard, ont été redemandés et "
                         "comparés. Tous : coffret check --against-server --read-data",
                         "At the server, {} documents of {}, drawn at random, were asked for and "
                         "compared. All of them: coffret check --against-server --read-data")),
      asked, of));
}

// What a check found, in words; what carries an error's code is told as that error is.
std::string problem_words(const std::string& kind, const Words& words) {
  struct Kind {
    std::string_view kind, french, english;
  };
  constexpr Kind kinds[] = {
      {"body", "Document abîmé sur cet appareil", "Document damaged on this device"},
      {"missing_body", "Document absent de cet appareil", "Document missing on this device"},
      {"server_lacks_object", "Document que le serveur n'a plus",
       "Document the server has no more"},
      {"row", "Fiche de document qui diffère du journal",
       "Document's row that differs from the log"},
      {"database_page", "Page abîmée de la base", "Damaged page of the database"},
      {"chain", "Journal de ce coffre abîmé", "Damaged log of this vault"},
      {"entry", "Entrée abîmée du journal", "Damaged entry of the log"},
      {"orphan_object", "Fichier sans document", "File without a document"},
  };
  for (const auto& one : kinds)
    if (one.kind == kind) return std::string{words(one.french, one.english)};
  const auto* error = row_of(kind);
  return error == nullptr ? kind : std::string{error->sentence(words.language)};
}

// Its title, where it has one; else its number.
std::string item_of(const object& problem, const Words& words) {
  const auto title = text_of(problem, "title");
  const auto item = text_of(problem, "item");
  return title.empty() ? item : fmt::format("{} ({})", quoted(title, words), item.substr(0, 8));
}

void say_check(const object& r, const Words& words) {
  const auto* problems = r.if_contains("problems");
  if (flag_of(r, "ok")) say(std::string{words("Tout est en ordre.", "All is in order.")});
  if (flag_of(r, "ok")) say_sampled(r, words);
  if (const auto* mended = r.if_contains("repaired"); mended != nullptr && mended->is_array())
    for (const auto& one : mended->get_array())
      if (one.is_object())
        say(fmt::format("{} {}", words("Remis en état :", "Put right:"),
                        item_of(one.get_object(), words)));
  if (flag_of(r, "ok") || problems == nullptr || !problems->is_array()) return;
  for (const auto& problem : problems->get_array()) {
    if (!problem.is_object()) continue;
    const auto& one = problem.get_object();
    say(fmt::format("{}{} {}", problem_words(text_of(one, "kind"), words), words(" :", ":"),
                    item_of(one, words)));
    if (const auto way = text_of(one, "way_out"); !way.empty()) say("  " + way);
  }
}

void say_heal_preview(const object& r, const Words& words) {
  say(fmt::format(
      "{} {}, {} {}.",
      words("L'association a remis son serveur, le", "The association put its server back, on"),
      instant_of(r, "restored_at", words.language), words("à une sauvegarde du", "to a backup of"),
      instant_of(r, "backup_at", words.language)));
  say(counted(number_of(r, "entries"), words("entrée lui manque.", "entry is missing there."),
              words("entrées lui manquent.", "entries are missing there.")));
  if (const auto grants = names_in(r, "grants", "to"); !grants.empty())
    say(fmt::format("{} {}",
                    words("Partages fermés depuis, à rouvrir :",
                          "Grants closed since then, to be opened again:"),
                    grants));
}

void say_healed(const object& r, const Words& words) {
  if (r.empty()) return;
  say(fmt::format(
      "{} {} {} {}.",
      counted(number_of(r, "objects"), words("document", "document"),
              words("documents", "documents")),
      words("et", "and"),
      counted(number_of(r, "entries"), words("entrée", "entry"), words("entrées", "entries")),
      words("renvoyés", "sent again")));
  if (const auto carried = number_of(r, "carried"); carried > 0)
    say(counted(carried,
                words("changement repris derrière ceux d'un autre appareil.",
                      "change taken in behind those of another device."),
                words("changements repris derrière ceux d'un autre appareil.",
                      "changes taken in behind those of another device.")));
  say(counted(number_of(r, "grants"), words("partage rouvert.", "grant open again."),
              words("partages rouverts.", "grants open again.")));
  if (const auto lost = names_in(r, "lost_grants", "to"); !lost.empty())
    say(fmt::format("{} {}",
                    words("Partages que le serveur n'a plus, à refaire :",
                          "Grants that the server no longer has, to be made anew:"),
                    lost));
  if (const auto left = names_in(r, "left_out", "what"); !left.empty())
    say(fmt::format("{} {}", words("À refaire :", "To be done again:"), left));
}

void say_side(const object& side, std::string_view heading, const Words& words) {
  say(fmt::format(
      "{} {}, {} {}", heading,
      counted(number_of(side, "count"), words("entrée", "entry"), words("entrées", "entries")),
      words("depuis le", "since"), instant_of(side, "since", words.language)));
  const auto* entries = side.if_contains("entries");
  if (entries == nullptr || !entries->is_array()) return;
  for (const auto& item : entries->get_array()) {
    if (!item.is_object()) continue;
    const auto& one = item.get_object();
    const auto title = text_of(one, "title");
    say(fmt::format("  {} ({}, {}){}", text_of(one, "what"), text_of(one, "device"),
                    instant_of(one, "time", words.language), title.empty() ? "" : " : " + title));
  }
}

void say_fork(const object& r, const Words& words) {
  say_side(object_of(r, "ours"), words("Ici :", "Here:"), words);
  say_side(object_of(r, "theirs"), words("Chez le serveur :", "At the server:"), words);
  say(
      std::string{words("« coffret fork merge » suit celle du serveur et y reprend tout ce que "
                        "celle d'ici a de plus.",
                        "\"coffret fork merge\" follows the server's and takes into it all that "
                        "the one here has besides.")});
}

void say_merged(const object& r, const Words& words) {
  say(fmt::format("{}, {}",
                  counted(number_of(r, "taken"), words("entrée suivie", "entry followed"),
                          words("entrées suivies", "entries followed")),
                  counted(number_of(r, "carried"), words("reprise d'ici", "taken over from here"),
                          words("reprises d'ici", "taken over from here"))));
  if (const auto left = names_in(r, "left_out", "what"); !left.empty())
    say(fmt::format("{} {}", words("À refaire :", "To be done again:"), left));
  if (const auto file = text_of(r, "evidence"); !file.empty())
    say(fmt::format("{} {}", words("L'histoire quittée est gardée :", "The history left is kept:"),
                    file));
}

void say_sync(const object& r, const Words& words) {
  if (flag_of(r, "paused"))
    return say(
        std::string{words("La synchronisation est en pause. Reprise : coffret sync --resume.",
                          "Syncing is paused. To go on: coffret sync --resume.")});
  if (r.contains("watching")) return;
  if (const auto stopped = text_of(r, "stopped"); !stopped.empty())
    return say(std::string{words("Le serveur ne répond pas ; nouvel essai dans un moment.",
                                 "The server does not answer; another try in a moment.")});
  say_healed(object_of(r, "healed"), words);
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
  say_absent(r, words);
  say_card_news(r, words);
  if (number_of(r, "missing") > 0)
    say(std::string{words("Le serveur ne les a pas donnés : voyez « coffret check --repair ».",
                          "The server did not give them: see \"coffret check --repair\".")});
}

void say_stale_after(const object& r, const Words& words) {
  constexpr std::int64_t hour = 3600;
  constexpr std::int64_t day = 24 * hour;
  const auto seconds = number_of(r, "stale_after");
  const auto time =
      seconds % day == 0 ? counted(seconds / day, words("jour", "day"), words("jours", "days"))
      : seconds % hour == 0
          ? counted(seconds / hour, words("heure", "hour"), words("heures", "hours"))
          : counted(seconds / 60, words("minute", "minute"), words("minutes", "minutes"));
  say(fmt::format("{} {} {}.",
                  words("« coffret status » le dira après", "\"coffret status\" says so after"),
                  time, words("sans nouvelles du serveur", "without news of the server")));
}

constexpr Sayers sayers[] = {
    {.command = "init", .row = nullptr, .result = say_made},
    {.command = "status", .row = nullptr, .result = say_status},
    {.command = "check", .row = nullptr, .result = say_check},
    {.command = "server card", .row = nullptr, .result = say_card},
    {.command = "server join", .row = nullptr, .result = say_joined},
    {.command = "server stale-after", .row = nullptr, .result = say_stale_after},
    {.command = "fork show", .row = nullptr, .result = say_fork},
    {.command = "fork merge", .row = nullptr, .result = say_merged},
    {.command = "sync heal preview", .row = nullptr, .result = say_heal_preview},
    {.command = "sync", .row = say_sync, .result = say_sync},
};

}  // namespace

std::span<const Sayers> vault_sayers() {
  return sayers;
}

}  // namespace coffret::cli
