// SPDX-License-Identifier: EUPL-1.2
//
// The vault itself: made, opened, closed, verified; and the server that keeps its copy.
#include "tools/coffret/grammar.hpp"

namespace coffret::cli {

void Grammar::vault() {
  add(app_, "init", "crée le coffre et sa fiche de secours",
      "create the vault and its recovery sheet")
      .text("--owner NAME", "owner", "nom de la personne", "the person's name")
      .device_name()
      .local("--recovery-out FILE", into_.recovery_out,
             "écrit la fiche de secours dans ce fichier neuf, lisible par vous seul ; sans cette "
             "option, elle s'affiche une fois",
             "write the recovery sheet to this new file, readable by you alone; without this "
             "option it is shown once")
      .local("--sheet FILE", into_.sheet,
             "écrit aussi la fiche prête à imprimer (PDF), lisible par vous seul",
             "also write the sheet ready to print (PDF), readable by you alone")
      .example("coffret init --owner \"Camille Exemple\" --sheet fiche.pdf",
               "coffret init --owner \"Camille Exemple\" --sheet sheet.pdf")
      .statuses("1 si un coffre ou le fichier de la fiche existe déjà",
                "1 if a vault or the sheet's file exists already");
  add(app_, "unlock", "ouvre le coffre avec la phrase secrète",
      "unlock the vault with the passphrase")
      .example("coffret unlock")
      .statuses("4 si la phrase secrète est fausse", "4 if the passphrase is wrong");
  add(app_, "lock", "ferme le coffre", "lock the vault").example("coffret lock");
  add(app_, "status", "montre l'état du coffre", "show the vault's state")
      .example("coffret status");
  add(app_, "open", "ouvre la page du coffre dans le navigateur de cette machine",
      "open the vault's page in this machine's browser")
      .local_flag("--print", into_.print,
                  "dit seulement quel fichier ouvrir dans le navigateur, dans les 30 secondes",
                  "only tell which file to open in the browser, within 30 seconds")
      .example("coffret open")
      .statuses("9 si le programme du coffre tourne sans page (coffretd --listen none)",
                "9 if the vault's program runs without a page (coffretd --listen none)");
  add(app_, "stop", "arrête le programme qui garde le coffre ouvert (coffretd)",
      "stop the program that keeps the vault open (coffretd)")
      .example("coffret stop");
  add(app_, "check", "vérifie le coffre et nomme ce qui est abîmé",
      "verify the vault and name what is damaged")
      .flag("--read-data", "read_data", "relit aussi chaque document", "read every document too")
      .flag("--against-server", "against_server",
            "compare avec le serveur : huit documents au hasard ; tous, en entier, avec "
            "--read-data ou --repair",
            "compare with the server: eight documents at random; all of them, in full, with "
            "--read-data or --repair")
      .flag("--repair", "repair",
            "relit tout, redemande au serveur ce qui est abîmé ou absent ici ; avec "
            "--against-server, lui renvoie aussi ce qu'il a perdu",
            "read everything, ask the server for what is damaged or missing here; with "
            "--against-server, also send it what it lost")
      .example("coffret check --read-data")
      .statuses("7 si quelque chose est abîmé ou absent", "7 if something is damaged or missing");
}

void Grammar::fork() {
  auto& group_app = group("fork", "deux histoires d'un même coffre", "two histories of one vault");
  add(group_app, "fork show", "montre les deux histoires côte à côte, depuis où elles diffèrent",
      "show both histories side by side, from where they differ")
      .example("coffret fork show")
      .statuses("3 si le serveur montre l'histoire connue ici",
                "3 if the server shows the history known here");
  add(group_app, "fork merge",
      "suit l'histoire du serveur et y reprend tout ce que celle d'ici a de plus",
      "follow the server's history and take into it all that the one here has besides")
      .text("--from FILE", "branch", "suit celle de ce fichier (fork export) au lieu du serveur",
            "follow the one in this file (fork export) instead of the server's")
      .local_flag("--yes", into_.yes, "ne demande pas de confirmation", "ask no confirmation")
      .example("coffret fork merge");
  add(group_app, "fork export",
      "écrit l'histoire d'ici dans un fichier, pour un autre appareil du coffre",
      "write the history here into a file, for another device of the vault")
      .text("--out FILE", "branch_out", "fichier neuf", "a new file")
      .number("--since N", "since", "après cette entrée (« common » de fork show) ; toutes sinon",
              "after this entry (\"common\" of fork show); all of them otherwise")
      .required("--out")
      .example("coffret fork export --out histoire.coffret --since 12");
}

void Grammar::server() {
  auto& group_app = group("server", "le serveur de l'association", "the association's server");
  add(group_app, "server join", "relie le coffre au serveur d'une association, avec une invitation",
      "join the vault to an association's server, with an invitation")
      .text("url URL", "url", "adresse du serveur", "the server's address")
      .local("--invite-file FILE", into_.invite_file,
             "fichier de l'invitation (- : entrée standard)",
             "the invitation's file (-: standard input)")
      .text("--pin FINGERPRINT", "pin", "empreinte attendue du serveur",
            "the server's expected fingerprint")
      .text("--accept-country COUNTRY", "accept_country",
            "accepte ce pays hors de l'Espace économique européen",
            "accept this country outside the European Economic Area")
      .local_flag("--yes", into_.yes, "ne demande pas de confirmation", "ask no confirmation")
      .required("url")
      .required("--invite-file")
      .example("coffret server join https://coffret.example --invite-file invitation.txt",
               "coffret server join https://coffret.example --invite-file invite.txt")
      .statuses("6 si l'invitation ou le pays est refusé ; 7 si l'empreinte n'est pas la bonne",
                "6 if the invitation or the country is refused; 7 if the fingerprint is another");
  add(group_app, "server card", "montre qui tient le serveur, et son empreinte",
      "show who runs the server, and its fingerprint")
      .example("coffret server card")
      .statuses("3 si le coffre n'est relié à aucun serveur", "3 if the vault is joined to none");
  add(group_app, "server stale-after",
      "dit après combien de temps sans nouvelles du serveur l'état le signale ; 3 jours sinon",
      "tell after how long without news of the server the state says so; 3 days otherwise")
      .text("duration DURATION", "duration", "de 1h à 366d", "from 1h to 366d")
      .example("coffret server stale-after 2d");
  fork();
  add(app_, "sync", "envoie et reçoit ce qui a changé, chiffré",
      "send and receive what has changed, encrypted")
      .flag("--watch", "watch",
            "reste à l'écoute : reçoit et envoie ce qui change, au fur et à mesure",
            "stay and listen: receive and send what changes, as it comes")
      .flag("--pause", "pause", "met la synchronisation en pause, jusqu'à --resume",
            "pause syncing until --resume")
      .flag("--resume", "resume", "reprend après une pause", "go on after a pause")
      .flag("--heal", "heal",
            "après une restauration de son serveur par l'association : lui renvoie ce qui lui "
            "manque et rouvre vos partages",
            "after the association put its server back to a backup: send it what it lacks and open "
            "your grants again")
      .local_flag("--yes", into_.yes, "ne demande pas de confirmation", "ask no confirmation")
      .example("coffret sync --watch")
      .statuses(
          "1 si elle est en pause ; 7 si le serveur montre une autre histoire ; 8 s'il ne "
          "répond pas",
          "1 if it is paused; 7 if the server shows another history; 8 if it does not "
          "answer");
}

}  // namespace coffret::cli
