// SPDX-License-Identifier: EUPL-1.2
//
// The recovery sheet and its shares.
#include "tools/coffret/grammar.hpp"

namespace coffret::cli {

void Grammar::recovery() {
  auto& passphrase = group("passphrase", "la phrase secrète", "the passphrase");
  add(passphrase, "passphrase reset", "oubliée ? la fiche de secours en donne une neuve",
      "forgotten? the recovery sheet sets a new one")
      .local("--recovery-file FILE", into_.recovery_file,
             "fiche de secours ; sans elle, la clé est demandée",
             "recovery sheet; without it the key is asked for")
      .locals("--share FILE", into_.shares, "deux fois : deux des trois parts, au lieu de la fiche",
              "twice: two of the three shares, instead of the sheet")
      .example("coffret passphrase reset --recovery-file fiche.txt",
               "coffret passphrase reset --recovery-file sheet.txt")
      .statuses("4 si la fiche est fausse", "4 if the sheet is wrong");
  auto& group_app = group("recovery", "la fiche de secours", "the recovery sheet");
  add(group_app, "recovery sheet",
      "fait une nouvelle fiche de secours, prête à imprimer ; la précédente ne vaut plus",
      "make a new recovery sheet, ready to print; the one before is good no more")
      .local("--out FILE", into_.sheet, "fiche à imprimer (PDF), lisible par vous seul",
             "sheet to print (PDF), readable by you alone")
      .local("--recovery-out FILE", into_.recovery_out, "aussi en texte, dans ce fichier neuf",
             "also as text, in this new file")
      .text("--owner NAME", "owner", "nom à imprimer", "name to print")
      .required("--out")
      .example("coffret recovery sheet --out fiche.pdf", "coffret recovery sheet --out sheet.pdf")
      .statuses("1 si le fichier existe déjà ; 8 si le serveur ne répond pas",
                "1 if the file exists already; 8 if the server does not answer");
  add(group_app, "recovery split", "partage la clé de secours en trois parts, dont deux suffisent",
      "split the recovery key into three shares, of which two are enough")
      .local("--out DIR", into_.out, "dossier où écrire les trois parts",
             "folder to write the three shares to")
      .local("--recovery-file FILE", into_.recovery_file,
             "fiche de secours ; sans elle, la clé est demandée",
             "recovery sheet; without it the key is asked for")
      .text("--owner NAME", "owner", "nom à imprimer", "name to print")
      .required("--out")
      .example("coffret recovery split --recovery-file fiche.txt --out parts",
               "coffret recovery split --recovery-file sheet.txt --out shares")
      .statuses("1 si une part existe déjà ; 4 si la clé est fausse, ou remplacée",
                "1 if a share exists already; 4 if the key is wrong, or was replaced");
  add(group_app, "recovery ways", "dit quel chemin ramène, selon ce qui est perdu",
      "say which way leads back, whatever was lost")
      .example("coffret recovery ways");
}

}  // namespace coffret::cli
