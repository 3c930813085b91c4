// SPDX-License-Identifier: EUPL-1.2
//
// Caregivers with a key of their own: their card, and whom the patient paired.
#include "tools/coffret/grammar.hpp"

namespace coffret::cli {

void Grammar::caregivers() {
  auto& group_app = group("caregiver", "les soignants qui ont leur propre clé",
                          "caregivers with a key of their own");
  add(group_app, "caregiver card",
      "donne la carte d'un soignant : sa clé et un code, pour un patient (aucun coffre n'est "
      "nécessaire)",
      "give a caregiver's card: their key and a code, for one patient (no vault is needed)")
      .local("--name NAME", into_.caregiver_name, "nom du soignant (demandé la première fois)",
             "the caregiver's name (needed the first time)")
      .local("--organisation ORGANISATION", into_.organisation, "son établissement",
             "their organisation")
      .local("--keys DIR", into_.caregiver_dir,
             "dossier de la clé ; par défaut ~/.local/share/coffret-caregiver",
             "the key's folder; by default ~/.local/share/coffret-caregiver")
      .local("--out FILE", into_.out, "écrit la carte dans ce fichier neuf, au lieu de la montrer",
             "write the card to this new file instead of showing it")
      .local("--qr FILE", into_.qr, "écrit aussi l'image de la carte (.png ou .svg)",
             "also write a picture of the card (.png or .svg)")
      .example("coffret caregiver card --name \"Dr Alice Martin\" --qr carte.png",
               "coffret caregiver card --name \"Dr Alice Martin\" --qr card.png")
      .statuses("4 si la phrase secrète est fausse", "4 if the passphrase is wrong");
  add(group_app, "caregiver pair", "prend la carte d'un soignant, donnée de la main à la main",
      "take a caregiver's card, given hand to hand")
      .local("card CARD", into_.link_source, "fichier de la carte, ou - ; demandée sinon",
             "the card's file, or -; otherwise asked for")
      .text("--words TEXT", "words", "les huit mots que montre le soignant",
            "the eight words that the caregiver shows")
      .local_flag("--yes", into_.yes, "les mots ont été comparés : ne demande rien",
                  "the words were compared: ask nothing")
      .text("--name NAME", "name", "comment vous l'appelez, si ce n'est pas comme sa carte",
            "what you call them, where it is not what their card says")
      .example("coffret caregiver pair carte.txt --words \"archet cloche buisson …\"",
               "coffret caregiver pair card.txt --words \"archet cloche buisson …\"")
      .statuses(
          "2 si un mot n'est pas de la liste, ou sans réponse ; 4 si la carte est mal "
          "recopiée ; 7 si les mots diffèrent, si la carte a été modifiée, ou si ce nom a "
          "déjà une autre clé",
          "2 if a word is not of the list, or without an answer; 4 if the card was copied "
          "wrongly; 7 if the words differ, the card was altered, or that name has another "
          "key already");
  add(group_app, "caregiver list", "montre les soignants appairés et les mots de leur clé",
      "show the paired caregivers and the words of their keys")
      .example("coffret caregiver list");
  add(group_app, "caregiver rename", "change le nom d'un soignant dans ce coffre",
      "change a caregiver's name in this vault")
      .text("id ID", "id", "identifiant, nom, ou les huit mots", "identifier, name, or eight words")
      .text("--name NAME", "name", "le nouveau nom", "the new name")
      .required("id")
      .required("--name")
      .example("coffret caregiver rename 3f2a --name \"Dr Martin (Lyon)\"")
      .statuses("2 si plusieurs portent ce nom ; 3 si aucun",
                "2 if several have that name; 3 if "
                "none");
  add(group_app, "caregiver remove",
      "oublie la clé d'un soignant : rien de nouveau ne lui sera partagé (ses partages en cours "
      "restent : « grant revoke » y met fin)",
      "forget a caregiver's key: nothing new is shared with it (their grants stay: \"grant "
      "revoke\" ends them)")
      .text("id ID", "id", "identifiant, nom, ou les huit mots", "identifier, name, or eight words")
      .required("id")
      .example("coffret caregiver remove 3f2a")
      .statuses("2 si plusieurs portent ce nom ; 3 si aucun",
                "2 if several have that name; 3 if "
                "none");
}

}  // namespace coffret::cli
