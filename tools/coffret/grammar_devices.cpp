// SPDX-License-Identifier: EUPL-1.2
//
// Who reads and signs: the person's devices, this one's passphrase, the recovery sheet.
#include "tools/coffret/grammar.hpp"

namespace coffret::cli {

void Grammar::devices() {
  auto& group_app = group("device", "vos appareils", "your devices");
  add(group_app, "device list", "montre les appareils du coffre, retirés compris",
      "show the vault's devices, removed ones too")
      .example("coffret device list");
  pairing(group_app);
  add(group_app, "device remove", "retire un appareil : il ne lira rien de ce qui viendra ensuite",
      "remove a device: it reads nothing of what comes later")
      .text("id ID", "id", "identifiant ou nom de l'appareil", "the device's identifier or name")
      .local_flag("--yes", into_.yes, "ne demande pas de confirmation", "ask no confirmation")
      .required("id")
      .example("coffret device remove 3f2a")
      .statuses(
          "2 si plusieurs portent ce nom, ou si c'est celui-ci ; 3 si aucun ne le porte ; 8 si le "
          "serveur ne répond pas : le retrait "
          "part alors à la synchronisation suivante",
          "2 if several have that name, or it is this one; 3 if none has it; 8 if the server does "
          "not answer: the removal then "
          "goes out with the next sync");
  add(group_app, "device compare",
      "donne huit mots : les mêmes sur deux appareils qui voient la même histoire",
      "give eight words: the same on two devices that see the same history")
      .text("--with TEXT", "with", "les mots de l'autre appareil", "the other device's words")
      .number("--at N", "at", "compare jusqu'à cette entrée du journal",
              "compare up to this entry of the log")
      .example("coffret device compare --with \"archet cloche buisson …\"")
      .statuses("2 si un mot n'est pas de la liste ; 7 si les mots diffèrent",
                "2 if a word is not of the list; 7 if the words differ");

  auto& passphrase_app =
      group("passphrase", "la phrase secrète de cet appareil", "this device's passphrase");
  add(passphrase_app, "passphrase change", "change la phrase secrète de cet appareil",
      "change this device's passphrase")
      .local("--new-passphrase-file FILE", into_.new_passphrase_file,
             "lit la nouvelle phrase secrète dans ce fichier (- : entrée standard)",
             "read the new passphrase from this file (-: standard input)")
      .flag("--compromised", "compromised",
            "l'ancienne est peut-être connue d'autrui : change aussi toutes les clés de cet "
            "appareil et rechiffre le coffre",
            "others may know the old one: also change all keys of this device and re-encrypt the "
            "vault")
      .example("coffret passphrase change --compromised")
      .statuses("4 si l'ancienne phrase secrète est fausse", "4 if the old passphrase is wrong");

  auto& recovery_app = group("recovery", "la fiche de secours", "the recovery sheet");
  add(recovery_app, "recovery renew",
      "fait une nouvelle fiche de secours ; la précédente ne vaut plus",
      "make a new recovery sheet; the one before is good no more")
      .local("--recovery-out FILE", into_.recovery_out,
             "écrit la fiche de secours dans ce fichier neuf, lisible par vous seul ; sans cette "
             "option, elle s'affiche une fois",
             "write the recovery sheet to this new file, readable by you alone; without this "
             "option it is shown once")
      .example("coffret recovery renew --recovery-out fiche.txt",
               "coffret recovery renew --recovery-out sheet.txt")
      .statuses("8 si le serveur ne répond pas", "8 if the server does not answer");
}

void Grammar::pairing(CLI::App& group_app) {
  add(group_app, "device invite",
      "ajoute un appareil : montre un code, valable dix minutes et une fois",
      "add a device: show a code, good for ten minutes and once")
      .local("--qr FILE", into_.qr, "écrit aussi l'image du code (.png ou .svg)",
             "also write the code's picture (.png or .svg)")
      .example("coffret device invite --qr code.png")
      .statuses(
          "6 si l'autre appareil n'est pas venu à temps, ou si les mots diffèrent ; 7 si "
          "quelqu'un d'autre s'est interposé",
          "6 if the other device did not come in time, or the words differ; 7 if somebody "
          "else came between");
  add(group_app, "device confirm", "dit si les huit mots sont les mêmes sur l'autre appareil",
      "say whether the eight words are the same on the other device")
      .text("--words TEXT", "words", "les mots que montre l'autre appareil",
            "the words that the other device shows")
      .flag("--no", "no", "ce ne sont pas les mêmes", "they are not the same")
      .example("coffret device confirm --words \"archet cloche buisson …\"")
      .statuses("6 si les mots diffèrent, ou si rien n'attend de réponse",
                "6 if the words differ, or nothing waits for an answer");
  add(group_app, "device join", "fait de cette machine un appareil de plus du même coffre",
      "make this machine another device of the same vault")
      .local("code CODE", into_.link_source,
             "code que montre l'autre appareil : -, @FICHIER, ou demandé",
             "the code that the other device shows: -, @FILE, or asked for")
      .device_name()
      .flag("--whole-history", "whole_history",
            "lit d'abord toute l'histoire du coffre, sans partir d'un point de reprise",
            "first read all of the vault's history, without starting from a checkpoint")
      .example("coffret --vault ~/coffret device join @code.txt")
      .statuses(
          "4 si le code est mal recopié ; 6 s'il a expiré ou déjà servi, ou si l'autre appareil "
          "a refusé",
          "4 if the code was copied wrongly; 6 if it has expired or was used, or the other "
          "device refused");
}

}  // namespace coffret::cli
