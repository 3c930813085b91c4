// SPDX-License-Identifier: EUPL-1.2
//
// Coming back: backups, rebuilding, rehearsing.
#include "tools/coffret/grammar.hpp"

namespace coffret::cli {
namespace {

constexpr std::string_view from_french = "un fichier de la sauvegarde, ou son dossier";
constexpr std::string_view from_english = "a file of the backup, or its folder";
constexpr std::string_view sheet_french = "fiche de secours ; sans elle, la clé est demandée";
constexpr std::string_view sheet_english = "recovery sheet; without it the key is asked for";
constexpr std::string_view share_french = "deux fois : deux des trois parts, au lieu de la fiche";
constexpr std::string_view share_english = "twice: two of the three shares, instead of the sheet";
constexpr std::string_view carry_french =
    "reprend ce que ce coffre, d'un appareil retiré parce qu'il a une copie, n'a pas pu envoyer ; "
    "même phrase secrète";
constexpr std::string_view carry_english =
    "take over what this vault, of a device that was retired because it has a copy, could not "
    "send; same passphrase";

}  // namespace

void Grammar::backups() {
  auto& backup = add(app_, "backup", "sauvegarde tout le coffre, chiffré ; ensuite, les nouveautés",
                     "back up the whole vault, encrypted; then what is new");
  backup
      .local("--out PATH", into_.out,
             "fichier à créer, ou dossier ; ce qui y est déjà n'est jamais réécrit",
             "file to make, or folder; what is there already is never written over")
      .flag("--full", "full", "tout, de nouveau, dans un seul fichier",
            "all of it again, in one file")
      .example("coffret backup --out /media/cle-usb", "coffret backup --out /media/usb-stick")
      .statuses(
          "0 aussi si la sauvegarde d'avant est abîmée : une entière est faite à côté, et il est "
          "dit ; 1 si le disque est plein (celle d'avant reste) ; 7 si un document est abîmé ici "
          "(le "
          "reste est sauvegardé)",
          "0 also if the backup before is damaged: a whole one is made beside it, and it is said; "
          "1 if the disk is full (the one before stays); 7 if a document is damaged here (the rest "
          "is "
          "backed up)");
  add(backup.app(), "backup verify", "relit toute une sauvegarde et nomme ce qui est abîmé",
      "read a whole backup and name what is damaged")
      .local("path PATH", into_.from, from_french, from_english)
      .local("--recovery-file FILE", into_.recovery_file,
             "vérifie avec la fiche de secours, sans le coffre",
             "verify with the recovery sheet, without the vault")
      .required("path")
      .example("coffret backup verify /media/cle-usb", "coffret backup verify /media/usb-stick")
      .statuses("7 si quelque chose est abîmé, coupé ou manque",
                "7 if something is damaged, cut or missing");
  add(app_, "rebuild",
      "reconstruit le coffre sur une autre machine, d'une sauvegarde ou du serveur",
      "rebuild the vault on another machine, from a backup or the server")
      .local("--from PATH", into_.from, from_french, from_english)
      .text("--from-server URL", "url", "adresse du serveur", "the server's address")
      .text("--pin FINGERPRINT", "pin",
            "empreinte du serveur, que montre « coffret server card » ; à donner quand la fiche "
            "de secours ne la porte pas",
            "the server's fingerprint, as \"coffret server card\" shows it; needed when the "
            "recovery sheet does not carry it")
      .local("--recovery-file FILE", into_.recovery_file, sheet_french, sheet_english)
      .locals("--share FILE", into_.shares, share_french, share_english)
      .text("--carry-from DIR", "carry_from", carry_french, carry_english)
      .flag("--whole-history", "whole_history",
            "lit d'abord toute l'histoire du coffre au serveur, sans partir d'un point de reprise",
            "first read all of the vault's history from the server, without starting from a "
            "checkpoint")
      .device_name()
      .example(
          "coffret --vault ~/second rebuild --from /media/cle-usb \\\n"
          "    --recovery-file fiche.txt\n"
          "coffret --vault ~/second rebuild --from-server https://coffret.example \\\n"
          "    --pin EMPREINTE --recovery-file fiche.txt",
          "coffret --vault ~/second rebuild --from /media/usb-stick \\\n"
          "    --recovery-file sheet.txt\n"
          "coffret --vault ~/second rebuild --from-server https://coffret.example \\\n"
          "    --pin FINGERPRINT --recovery-file sheet.txt")
      .statuses(
          "4 si la fiche est fausse ; 7 si la sauvegarde est abîmée ou si le serveur n'est "
          "pas celui attendu",
          "4 if the sheet is wrong; 7 if the backup is damaged or the server is not the "
          "expected one");
  add(app_, "rehearse", "répète une reconstruction, à côté, et la compare avec le coffre",
      "rehearse a rebuild, beside the vault, and compare the two")
      .local("--from PATH", into_.from, from_french, from_english)
      .local_flag("--from-server", into_.from_server, "depuis le serveur (par défaut)",
                  "from the server (the default)")
      .local("--recovery-file FILE", into_.recovery_file, sheet_french, sheet_english)
      .locals("--share FILE", into_.shares, share_french, share_english)
      .example("coffret rehearse --from /media/cle-usb", "coffret rehearse --from /media/usb-stick")
      .statuses("3 s'il manque un document ; 4 si la fiche est fausse ; 7 si quelque chose diffère",
                "3 if a document is missing; 4 if the sheet is wrong; 7 if something differs");
}

}  // namespace coffret::cli
