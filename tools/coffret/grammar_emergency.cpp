// SPDX-License-Identifier: EUPL-1.2
//
// The emergency card: made, printed again, looked at, removed.
#include "tools/coffret/grammar.hpp"

namespace coffret::cli {

void Grammar::emergency() {
  auto& group_app = group("emergency", "la carte d'urgence", "the emergency card");
  add(group_app, "emergency card",
      "fait la carte d'urgence (avec --document), ou imprime de nouveau celle qu'il y a",
      "make the emergency card (with --document), or print the one there is again")
      .texts("--document ID", "documents",
             "ce que la carte porte, dix au plus ; rien de masqué ni de nature sensible "
             "(option répétable)",
             "what the card holds, ten at most; nothing masked or of a sensitive kind (repeatable)")
      .text("--for DURATION", "for", "durée ; par défaut 365d", "duration; by default 365d")
      .text("--delay DURATION", "delay",
            "ne s'ouvre que ce temps après la demande, sauf refus : 15m, 1h, un jour au plus ; par "
            "défaut, aussitôt",
            "opens only this time after it is asked for, unless refused: 15m, 1h, a day at most; "
            "by default at once")
      .text("--call TEXT", "call",
            "qui appeler, sur le papier ; sinon les contacts du dossier (« coffret contact add »)",
            "whom to call, on the paper; otherwise the record's contacts (\"coffret contact add\")")
      .text("--person NAME", "person", "la carte de cette personne, pour l'imprimer",
            "this person's card, to print it")
      .local("--out FILE", into_.sheet,
             "papiers à imprimer (PDF) : carte de portefeuille et feuille pour le frigo",
             "papers to print (PDF): wallet card and fridge sheet")
      .local_flag("--yes", into_.yes,
                  "sans montrer l'accord ni demander ; comme avec --json ou hors d'un terminal",
                  "without showing the consent and asking; as with --json or where there is no "
                  "terminal")
      .required("--out")
      .example("coffret emergency card --document 3f2a --document 7c1d --out urgence.pdf",
               "coffret emergency card --document 3f2a --document 7c1d --out emergency.pdf")
      .statuses(
          "1 si le fichier existe déjà ; 3 s'il n'y a pas de carte à imprimer ; 6 si un document "
          "ne va pas sur une carte ; 8 si le serveur ne répond pas : rien n'est fait",
          "1 if the file exists already; 3 if there is no card to print; 6 if a document cannot be "
          "on a card; 8 if the server does not answer: nothing is made");
  add(group_app, "emergency show", "montre les cartes d'urgence, et qui les a ouvertes et pourquoi",
      "show the emergency cards, and who opened them and why")
      .example("coffret emergency show");
  add(group_app, "emergency refuse",
      "refuse qui demande à ouvrir la carte : son lien finit, et elle est scellée de nouveau",
      "refuse who asks to open the card: its link ends, and it is sealed anew")
      .example("coffret emergency refuse")
      .statuses("3 si personne ne demande ; 8 si le serveur ne répond pas",
                "3 if nobody asks; 8 if the server does not answer");
  add(group_app, "emergency remove", "met fin à la carte d'urgence : le papier n'ouvre plus rien",
      "end the emergency card: the paper opens nothing any more")
      .text("--person NAME", "person", "celle de cette personne", "this person's")
      .example("coffret emergency remove")
      .statuses("3 s'il n'y en a pas ; 8 si le serveur n'a pas encore confirmé la fin",
                "3 if there is none; 8 if the server has not confirmed the end yet");
}

}  // namespace coffret::cli
