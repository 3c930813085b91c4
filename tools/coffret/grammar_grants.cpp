// SPDX-License-Identifier: EUPL-1.2
//
// Grants: given, listed, ended; what became of them; and the side of whoever receives a link.
#include "tools/coffret/grammar.hpp"

namespace coffret::cli {

namespace {

// What `grant create` and `grant preview` understand alike.
Command& what_is_given(Command& command) {
  return command.text("--to NAME", "to", "nom de la personne", "the person's name")
      .text("--role TEXT", "role", "son rôle", "their role")
      .text("--organisation ORGANISATION", "organisation", "son établissement",
            "their organisation")
      .texts("--document ID", "documents",
             "partage ce document, même de nature sensible ou masqué (option répétable)",
             "share this document, also of a sensitive kind or masked (repeatable)")
      .text("--category CATEGORY", "category", "partage toute une catégorie",
            "share a whole category")
      .text("--kind KIND", "kind", "partage toute une sorte de documents",
            "share a whole kind of documents")
      .flag("--all", "all", "partage tous les documents", "share all documents")
      .text("--since DATE", "since",
            "de ceux-là, seulement ceux datés de ce jour ou d'après (ou : today)",
            "of these, only those dated this day or later (or: today)")
      .flag("--evolving", "evolving",
            "ajoute au partage les documents qui arriveront et qui correspondent",
            "add to the grant the documents that arrive and match")
      .text("--person NAME", "person", "du dossier de cette personne", "of this person's record")
      .flag("--any-patient", "any_patient", "de plusieurs personnes à la fois",
            "of several persons at once")
      .text("--for DURATION", "for", "durée : 90s, 15m, 48h, 7d (d : jours)",
            "duration: 90s, 15m, 48h, 7d")
      .text("--from TIME", "from", "début, par exemple 2027-01-15T08:00:00Z",
            "beginning, for example 2027-01-15T08:00:00Z")
      .number("--openings N", "openings", "nombre d'ouvertures permises",
              "number of openings allowed")
      .flag("--passcode", "passcode", "ajoute un code, à dire de vive voix",
            "add a passcode, to be told aloud")
      .text("--delivery TEXT", "delivery",
            "link (lien protégé), shl (SMART Health Link) ou key (la clé d'un soignant appairé)",
            "link (protected link), shl (SMART Health Link) or key (a paired caregiver's key)")
      .text("--purpose TEXT", "purpose", "motif", "purpose")
      .text("--allow TEXT", "allow",
            "download : permet de garder une copie ; deposit : de répondre par des documents "
            "(ou : download,deposit)",
            "download: allows keeping a copy; deposit: answering with documents (or: "
            "download,deposit)");
}

}  // namespace

void Grammar::grants() {
  auto& group_app = group("grant", "les partages avec des soignants", "what caregivers may open");
  what_is_given(add(group_app, "grant create",
                    "partage des documents avec une personne, pour un temps",
                    "share documents with one person, for a time")
                    .local("--qr FILE", into_.qr, "écrit aussi l'image du lien (.png ou .svg)",
                           "also write a picture of the link (.png or .svg)")
                    .local_flag("--yes", into_.yes,
                                "sans montrer l'accord ni demander ; comme avec --json ou hors "
                                "d'un terminal : lancer la commande, c'est donner l'accord",
                                "without showing the consent and asking; as with --json or where "
                                "there is no terminal: to run the command is to agree"))
      .local("--passcode-file FILE", into_.passcode_file,
             "ajoute le code écrit dans ce fichier (au moins 6 caractères)",
             "add the passcode written in this file (at least 6 characters)")
      .example("coffret grant create --to \"Dr Martin\" --document 3f2a --for 7d --passcode",
               "coffret grant create --to \"Dr Martin\" --document 3f2a --for 7d --passcode")
      .statuses("8 si le serveur ne répond pas : rien n'est partagé",
                "8 if the server does not answer: nothing is shared");
  what_is_given(add(group_app, "grant preview",
                    "montre ce qui serait vu, et ce qui partirait sans se voir ; ne partage rien",
                    "show what would be seen, and what would leave unseen; shares nothing"))
      .example("coffret grant preview --to \"Dr Martin\" --category laboratory --for 7d");
  add(group_app, "grant list", "liste les partages et leur état", "list the grants and their state")
      .example("coffret grant list");
  add(group_app, "grant show", "montre un partage", "show a grant")
      .text("id ID", "id", "identifiant, ou son début", "identifier, or its beginning")
      .required("id")
      .example("coffret grant show 7c1d");
  add(group_app, "grant extend", "change la fin d'un partage : plus tard, ou plus tôt",
      "change the end of a grant: later, or earlier")
      .text("id ID", "id", "identifiant, ou son début", "identifier, or its beginning")
      .text("--for DURATION", "for",
            "durée à compter de maintenant : 90s, 15m, 48h, 7d (d : jours)",
            "duration from now on: 90s, 15m, 48h, 7d")
      .number("--openings N", "openings", "nombre d'ouvertures permises en tout",
              "number of openings allowed in all")
      .required("id")
      .example("coffret grant extend 7c1d --for 7d")
      .statuses("6 s'il est déjà fini ; 8 si le serveur ne répond pas : rien n'est changé",
                "6 if it is over; 8 if the server does not answer: nothing is changed");
  add(group_app, "grant receipt", "donne le reçu d'un consentement, signé, aussi après son retrait",
      "give the receipt of a consent, signed, also after its withdrawal")
      .text("id ID", "id", "identifiant, ou son début", "identifier, or its beginning")
      .local("--out DIR", into_.out,
             "dossier où écrire les trois formes, ou un fichier .txt, .json (FHIR) ou .jws",
             "folder to write the three forms to, or a file .txt, .json (FHIR) or .jws")
      .required("id")
      .example("coffret grant receipt 7c1d --out recus",
               "coffret grant receipt 7c1d --out receipts");
  add(group_app, "grant revoke", "met fin à un partage", "end a grant")
      .text("id ID", "id", "identifiant, ou son début", "identifier, or its beginning")
      .required("id")
      .example("coffret grant revoke 7c1d")
      .statuses("8 si le serveur n'a pas encore confirmé la fin",
                "8 if the server has not confirmed the end yet");
  add(app_, "access-log", "dit qui a ouvert quoi, et quand", "tell who opened what, and when")
      .text("--grant ID", "grant", "ce partage seulement", "this grant only")
      .local("--out FILE", into_.out,
             "écrit aussi le journal entier avec la tête signée, à vérifier sans nous par "
             "tools/log-verify",
             "also write the whole log with its signed head, to be verified without us by "
             "tools/log-verify")
      .example("coffret access-log --out journal.txt", "coffret access-log --out access.txt")
      .statuses(
          "3 si le partage n'existe pas ; 7 si le journal du serveur a été modifié, ou dit une "
          "ouverture que la clé du "
          "soignant dément",
          "3 if there is no such grant; 7 if the server's log was altered, or tells an opening "
          "that the caregiver's key "
          "belies");
}

void Grammar::redeem() {
  add(app_, "redeem", "ouvre un lien reçu et écrit ses documents (aucun coffre n'est nécessaire)",
      "open a link you were given and write its documents (no vault is needed)")
      .local("link LINK", into_.link_source,
             "- (entrée standard) ou @FICHIER ; demandé au terminal sinon",
             "- (standard input) or @FILE; otherwise asked for on the terminal")
      .local("--as NAME", into_.recipient, "qui vous êtes : \"Nom, établissement\"",
             "who you are: \"Name, organisation\"")
      .local("--reason TEXT", into_.reason, "pourquoi : demandé pour une carte d'urgence",
             "why: asked for an emergency card")
      .local("--passcode-file FILE", into_.passcode_file, "fichier du code", "the passcode's file")
      .local("--pin FINGERPRINT", into_.pin, "empreinte attendue du serveur",
             "the server's expected fingerprint")
      .local("--keys DIR", into_.caregiver_dir,
             "dossier de votre clé de soignant ; par défaut ~/.local/share/coffret-caregiver",
             "the folder of your caregiver's key; by default ~/.local/share/coffret-caregiver")
      .local_flag("--yes", into_.yes,
                  "le patient a changé de clé, et a eu une nouvelle carte en personne : ne demande "
                  "rien",
                  "the patient's key changed, and they got a new card in person: ask nothing")
      .local("--out DIR", into_.out, "dossier où écrire les documents",
             "folder to write the documents to")
      .required("--out")
      .example("coffret redeem @lien.txt --as \"Dr Alice Martin\" --out recus",
               "coffret redeem @link.txt --as \"Dr Alice Martin\" --out received")
      .statuses(
          "4 si le code ou la phrase secrète est faux ; 6 si le lien n'est plus actif, ou s'il "
          "est pour la clé d'un autre ; 7 si le coffre n'est pas celui qui a été appairé ; 9 "
          "s'il est mal formé",
          "4 if the passcode or the passphrase is wrong; 6 if the link is not active, or is "
          "for another's key; 7 if the vault is not the one that was paired; 9 if it is "
          "malformed");
}

void Grammar::deposit() {
  add(app_, "deposit",
      "envoie des documents par un lien de dépôt, chiffrés pour qui l'a fait (aucun coffre n'est "
      "nécessaire)",
      "send documents through a deposit link, sealed for whoever made it (no vault is needed)")
      .local("link LINK", into_.link_source, "- (entrée standard) ou @FICHIER",
             "- (standard input) or @FILE")
      .texts("files FILE", "files", "les fichiers", "the files")
      .local("--as NAME", into_.recipient, "qui vous êtes : \"Nom, établissement\"",
             "who you are: \"Name, organisation\"")
      .local("--note TEXT", into_.note, "un mot pour la personne, chiffré lui aussi",
             "a word to the person, sealed too")
      .local("--pin FINGERPRINT", into_.pin, "empreinte attendue du serveur",
             "the server's expected fingerprint")
      .required("link")
      .required("files")
      .example("coffret deposit @lien.txt bilan.pdf --as \"Laboratoire Exemple\"",
               "coffret deposit @link.txt report.pdf --as \"Example Laboratory\"")
      .statuses(
          "6 si le lien n'est plus actif ou est plein ; 7 si la clé n'est pas celle du lien ; "
          "8 si le dépôt n'a pas abouti ; 9 si le lien est mal formé ou l'envoi trop grand",
          "6 if the link is not active or is full; 7 if the key is not the link's; 8 if the "
          "deposit did not finish; 9 if the link is malformed or too much is sent");
}

}  // namespace coffret::cli
