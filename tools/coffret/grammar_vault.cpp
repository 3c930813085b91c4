// SPDX-License-Identifier: EUPL-1.2
//
// The vault itself: made, opened, closed, verified, rebuilt; and the server that keeps its copy.
#include "tools/coffret/grammar.hpp"

namespace coffret::cli {

void Grammar::vault() {
  add(app_, "init", "crée le coffre et sa fiche de secours",
      "create the vault and its recovery sheet")
      .text("--owner NAME", "owner", "nom de la personne", "the person's name")
      .local("--recovery-out FILE", into_.recovery_out,
             "écrit la fiche de secours dans ce fichier neuf, lisible par vous seul ; sans cette "
             "option, elle s'affiche une fois",
             "write the recovery sheet to this new file, readable by you alone; without this "
             "option it is shown once")
      .example("coffret init --owner \"Camille Exemple\" --recovery-out fiche.txt",
               "coffret init --owner \"Camille Exemple\" --recovery-out sheet.txt")
      .statuses("1 si un coffre ou le fichier de la fiche existe déjà",
                "1 if a vault or the sheet's file exists already");
  add(app_, "unlock", "ouvre le coffre avec la phrase secrète",
      "unlock the vault with the passphrase")
      .example("coffret unlock")
      .statuses("4 si la phrase secrète est fausse", "4 if the passphrase is wrong");
  add(app_, "lock", "ferme le coffre", "lock the vault").example("coffret lock");
  add(app_, "status", "montre l'état du coffre", "show the vault's state")
      .example("coffret status");
  add(app_, "stop", "arrête le programme qui garde le coffre ouvert (coffretd)",
      "stop the program that keeps the vault open (coffretd)")
      .example("coffret stop");
  add(app_, "check", "vérifie le coffre et nomme ce qui est abîmé",
      "verify the vault and name what is damaged")
      .flag("--read-data", "read_data", "relit aussi chaque document", "read every document too")
      .flag("--against-server", "against_server", "compare avec le serveur",
            "compare with the server")
      .example("coffret check --read-data")
      .statuses("7 si quelque chose est abîmé", "7 if something is damaged");
  add(app_, "rebuild", "reconstruit le coffre sur une autre machine, depuis le serveur",
      "rebuild the vault on another machine, from the server")
      .text("--from-server URL", "url", "adresse du serveur", "the server's address")
      .text("--pin FINGERPRINT", "pin",
            "empreinte du serveur, que montre « coffret server card » ; à donner quand la fiche "
            "de secours ne la porte pas",
            "the server's fingerprint, as \"coffret server card\" shows it; needed when the "
            "recovery sheet does not carry it")
      .local("--recovery-file FILE", into_.recovery_file, "fiche de secours", "recovery sheet")
      .required("--from-server")
      .required("--recovery-file")
      .example(
          "coffret --vault ~/second rebuild --from-server https://coffret.example \\\n"
          "    --pin EMPREINTE --recovery-file fiche.txt",
          "coffret --vault ~/second rebuild --from-server https://coffret.example \\\n"
          "    --pin FINGERPRINT --recovery-file sheet.txt")
      .statuses("4 si la fiche est fausse ; 7 si le serveur n'est pas celui attendu",
                "4 if the sheet is wrong; 7 if the server is not the expected one");
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
  add(app_, "sync", "envoie et reçoit ce qui a changé, chiffré",
      "send and receive what has changed, encrypted")
      .example("coffret sync")
      .statuses("7 si le serveur montre une autre histoire ; 8 s'il ne répond pas",
                "7 if the server shows another history; 8 if it does not answer");
}

}  // namespace coffret::cli
