// SPDX-License-Identifier: EUPL-1.2
//
// What is said of backups, of a vault that came back, and of a rehearsal.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "tools/coffret/sayers.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

std::string documents(const object& r, std::string_view name) {
  return counted(number_of(r, name), "document", "documents");
}

// Left out of a backup that was made all the same.
void say_damaged(const object& r, const Words& words) {
  if (const auto titles = names_in(r, "damaged", "title"); !titles.empty())
    say(fmt::format("{} {}\n{}",
                    words("Abîmé sur cet appareil, absent de la sauvegarde :",
                          "Damaged on this device, not in the backup:"),
                    titles,
                    words("Que faire : coffret check --repair, puis recommencez ; ou réimportez le "
                          "fichier d'origine.",
                          "What to do: coffret check --repair, then do this again; or import the "
                          "original file again.")));
}

// On this device or not, without those that are told as damaged.
void say_missing(const object& r, const Words& words) {
  const auto* damaged = r.if_contains("damaged");
  const auto told = damaged != nullptr && damaged->is_array() ? damaged->get_array().size() : 0;
  if (const auto missing = number_of(r, "missing") - static_cast<std::int64_t>(told); missing > 0)
    say(counted(missing,
                words("document n'était pas sur cet appareil : synchronisez, puis recommencez.",
                      "document was not on this device: sync, then do this again."),
                words("documents n'étaient pas sur cet appareil : synchronisez, puis recommencez.",
                      "documents were not on this device: sync, then do this again.")));
}

// What the files hold, not what the vault lists: an absent body is in no file.
std::string saved(const object& r, const Words& words) {
  const auto listed = number_of(r, "documents");
  const auto here = std::max<std::int64_t>(listed - number_of(r, "missing"), 0);
  if (here == listed) return documents(r, "documents");
  return fmt::format(fmt::runtime(words("{} documents sur {}", "{} documents of {}")), here,
                     listed);
}

void say_backup(const object& r, const Words& words) {
  if (flag_of(r, "unchanged")) {
    const bool whole = number_of(r, "missing") == 0;
    say(fmt::format(
        "{} {}.",
        whole ? words("Rien de nouveau : la sauvegarde est complète, du",
                      "Nothing new: the backup is complete, of")
              : words("Rien de nouveau à sauvegarder depuis le", "Nothing new to back up since"),
        instant_of(r, "date", words.language)));
    say_missing(r, words);
    say_damaged(r, words);
    return;
  }
  if (const auto damaged = text_of(r, "damaged_before"); !damaged.empty())
    say(fmt::format("{} {}\n{}",
                    words("La sauvegarde d'avant est abîmée ou incomplète :",
                          "The backup before is damaged or incomplete:"),
                    damaged,
                    words("Une sauvegarde entière est donc faite à côté, dans un fichier neuf.",
                          "So a whole one is made beside it, in a new file.")));
  say(fmt::format("{} : {} ({}). {}", text_of(r, "out"), saved(r, words),
                  spelled_size(static_cast<std::uint64_t>(number_of(r, "bytes")), words.language),
                  words("Écrit, relu et vérifié.", "Written, read back and verified.")));
  say_missing(r, words);
  say_damaged(r, words);
  say(std::string{words(
      "Il faut la fiche de secours pour l'ouvrir ailleurs : rangez-la autre part.\nProuvez-le : "
      "coffret rehearse --from …",
      "The recovery sheet opens it elsewhere: keep it in another place.\nProve it: coffret "
      "rehearse --from …")});
}

void say_verified(const object& r, const Words& words) {
  say(fmt::format(
      "{} {}, {}, {} {}.", words("La sauvegarde est entière :", "The backup is whole:"),
      saved(r, words),
      counted(number_of(r, "files"), words("fichier", "file"), words("fichiers", "files")),
      words("du", "of"), instant_of(r, "date", words.language)));
  say_missing(r, words);
  const auto* outdated = r.if_contains("outdated");
  if (outdated == nullptr || !outdated->is_array() || outdated->get_array().empty()) return;
  say(std::string{words("Ces fichiers ne servent plus :", "These files are no longer needed:")});
  for (const auto& file : outdated->get_array())
    if (file.is_string())
      say("  " + printable({file.get_string().data(), file.get_string().size()}));
}

// Why the server could not be continued with, as its error is told elsewhere.
std::string server_sentence(const std::string& code, const Words& words) {
  const auto* known = row_of(code);
  if (known == nullptr) return code;
  auto sentence = std::string{known->sentence(words.language)};
  if (known->value == errc::recovery_replaced)
    return sentence +
           std::string{words("\nLes documents sont là, mais ce coffre n'a pas rejoint le serveur. "
                             "Que faire : coffret stop, puis\ncoffret --vault NOUVEAU rebuild "
                             "--from-server URL --recovery-file DERNIÈRE_FICHE --carry-from "
                             "CE_DOSSIER",
                             "\nThe documents are here, but this vault did not join the server. "
                             "What to do: coffret stop, then\ncoffret --vault NEW rebuild "
                             "--from-server URL --recovery-file NEWEST_SHEET --carry-from "
                             "THIS_FOLDER")};
  return sentence + std::string{words(" Voyez « coffret sync ».", " See \"coffret sync\".")};
}

void say_rebuilt(const object& r, const Words& words) {
  say(fmt::format("{} {} ({} {}).", words("Le coffre est reconstruit :", "The vault is rebuilt:"),
                  documents(r, "documents"), words("tel qu'il était le", "as it was on"),
                  instant_of(r, "date", words.language)));
  if (const auto missing = number_of(r, "missing"); missing > 0)
    say(counted(missing, words("document manque encore.", "document is still missing."),
                words("documents manquent encore.", "documents are still missing.")));
  if (const auto carried = number_of(r, "carried"); carried > 0)
    say(counted(
        carried,
        words("changement repris de l'ancien dossier.", "change taken over from the old folder."),
        words("changements repris de l'ancien dossier.",
              "changes taken over from the old folder.")));
  if (const auto left = names_in(r, "left_out", "what"); !left.empty())
    say(fmt::format("{} {}", words("À refaire :", "To be done again:"), left));
  const auto server = text_of(r, "server");
  if (server == "unreachable")
    say(std::string{
        words("Le serveur n'a pas répondu : « coffret sync » apportera ce qui est plus récent.",
              "The server did not answer: \"coffret sync\" will bring what is newer.")});
  else if (!server.empty() && server != "synced")
    say(fmt::format("{} {}", words("Avec le serveur :", "With the server:"),
                    server_sentence(server, words)));
}

void say_difference(const object& r, const Words& words) {
  struct Kind {
    std::string_view kind, french, english;
  };
  constexpr Kind kinds[] = {
      {"log", "l'histoire du coffre n'est pas la même, entrée du journal",
       "the vault's history is another one, log entry"},
      {"document_missing", "document absent de ce qui a été restauré", "document not restored"},
      {"document_unknown_here", "document restauré, inconnu ici",
       "document restored, unknown in this vault"},
      {"entry", "fiche du document différente", "the document's entry differs"},
      {"body", "contenu du document différent", "the document's content differs"},
      {"body_missing", "contenu du document absent", "the document's content is missing"},
  };
  const auto kind = text_of(r, "kind");
  for (const auto& one : kinds)
    if (one.kind == kind)
      say(fmt::format("{} : {}", words(one.french, one.english), text_of(r, "item")));
}

// What only one of the two has, and how the other comes to have it.
void say_apart(const object& r, const Words& words) {
  const bool server = text_of(r, "source") == "server";
  const auto newer = number_of(r, "newer");
  if (newer > 0 && server)
    say(counted(newer,
                words("document n'est pas encore au serveur : synchronisez.",
                      "document is not at the server yet: sync."),
                words("documents ne sont pas encore au serveur : synchronisez.",
                      "documents are not at the server yet: sync.")));
  else if (newer > 0)
    say(counted(newer,
                words("document est venu après cette sauvegarde : refaites-en une.",
                      "document came after this backup: make another one."),
                words("documents sont venus après cette sauvegarde : refaites-en une.",
                      "documents came after this backup: make another one.")));
  if (const auto elsewhere = number_of(r, "elsewhere"); elsewhere > 0)
    say(counted(elsewhere,
                words("document, d'un autre appareil, n'est pas encore ici : synchronisez.",
                      "document, of another device, is not here yet: sync."),
                words("documents, d'un autre appareil, ne sont pas encore ici : synchronisez.",
                      "documents, of another device, are not here yet: sync.")));
}

void say_rehearsed(const object& r, const Words& words) {
  const auto missing = number_of(r, "missing");
  say(fmt::format("{} {} {}.",
                  missing > 0 ? words("La répétition est incomplète : restaurés et comparés,",
                                      "The rehearsal is incomplete: restored and compared,")
                              : words("La répétition a réussi : restaurés et comparés,",
                                      "The rehearsal went well: restored and compared,"),
                  documents(r, "verified"),
                  words("identiques à ceux du coffre", "the same as in the vault")));
  say_apart(r, words);
  if (const auto damaged = names_in(r, "damaged", "title"); !damaged.empty())
    say(fmt::format("{} {}\n{}",
                    words("Abîmé sur cet appareil, entier dans ce qui a été restauré :",
                          "Damaged on this device, whole in what was restored:"),
                    damaged,
                    words("Sortie : coffret check --repair, ou réimportez le fichier d'origine.",
                          "Way out: coffret check --repair, or import the original file again.")));
  if (missing > 0)
    say(counted(
        missing,
        words("document n'est ni ici ni là : rien n'est prouvé. Voyez « coffret check ».",
              "document is neither here nor there: nothing is proven. See \"coffret "
              "check\"."),
        words("documents ne sont ni ici ni là : rien n'est prouvé. Voyez « coffret check ».",
              "documents are neither here nor there: nothing is proven. See \"coffret "
              "check\".")));
}

void say_sheet(const object& r, const Words& words) {
  say(fmt::format("{} {}",
                  words("La nouvelle fiche est faite ; l'ancienne ne vaut plus. Mots de contrôle :",
                        "The new sheet is made; the old one is good no more. Check words:"),
                  text_of(r, "recovery_key_check")));
  say(std::string{words("Refaites une sauvegarde : « coffret backup ».",
                        "Make a new backup: \"coffret backup\".")});
}

constexpr Sayers sayers[] = {
    {.command = "recovery sheet", .row = nullptr, .result = say_sheet},
    {.command = "backup", .row = nullptr, .result = say_backup},
    {.command = "backup verify", .row = nullptr, .result = say_verified},
    {.command = "rebuild", .row = nullptr, .result = say_rebuilt},
    {.command = "rehearse", .row = say_difference, .result = say_rehearsed},
};

}  // namespace

std::span<const Sayers> backup_sayers() {
  return sayers;
}

}  // namespace coffret::cli
