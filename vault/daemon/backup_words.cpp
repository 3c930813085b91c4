// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/backup_words.hpp"

namespace coffret::daemon {

std::string backup_read_me() {
  return R"(Sauvegarde d'un coffre de santé Coffret

Ce fichier tar vient d'une sauvegarde chiffrée (format age v1). Il contient :
  manifest-*.jws   la liste de ce qu'il contient, signée par l'appareil qui l'a faite
  log/             le journal signé du coffre, chiffré
  objects/         les documents, chiffrés

Pour lire les documents, deux chemins :
  1. avec Coffret :            coffret rebuild --from FICHIER --recovery-file FICHE
  2. sans installer Coffret :  coffret-recover open --from FICHIER --out DOSSIER
Il faut la clé de secours de la fiche, ou deux des trois parts si elle a été partagée.
Le format est décrit dans vault/DESIGN.md, section 14, du code source de Coffret.

Qui tient la clé de secours ouvre tout : ne la rangez pas avec cette sauvegarde.

Backup of a Coffret health vault

This tar file comes from an encrypted backup (age v1 format). It holds:
  manifest-*.jws   the list of what is in it, signed by the device that made it
  log/             the vault's signed log, encrypted
  objects/         the documents, encrypted

There are two ways to read the documents:
  1. with Coffret:                 coffret rebuild --from FILE --recovery-file SHEET
  2. without installing Coffret:   coffret-recover open --from FILE --out FOLDER
Either needs the recovery key of the sheet, or two of the three shares where it was split.
The format is described in vault/DESIGN.md, section 14, of Coffret's source code.

Whoever holds the recovery key opens everything: do not keep it with this backup.
)";
}

}  // namespace coffret::daemon
