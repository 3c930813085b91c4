// SPDX-License-Identifier: EUPL-1.2
//
// Grants: given, listed, ended; what became of them; and the side of whoever receives a link.
#include "tools/coffret/grammar.hpp"

namespace coffret::cli {

void Grammar::grants() {
  auto& group_app = group("grant", "les partages avec des soignants", "what caregivers may open");
  add(group_app, "grant create", "partage des documents avec une personne, pour un temps",
      "share documents with one person, for a time")
      .text("--to NAME", "to", "nom de la personne", "the person's name")
      .text("--role TEXT", "role", "son rôle", "their role")
      .text("--organisation ORGANISATION", "organisation", "son établissement",
            "their organisation")
      .texts("--document ID", "documents", "partage ce document (option répétable)",
             "share this document (repeatable)")
      .text("--category CATEGORY", "category", "partage toute une catégorie",
            "share a whole category")
      .flag("--all", "all", "partage tous les documents", "share all documents")
      .text("--for DURATION", "for", "durée : 90s, 15m, 48h, 7d (d : jours)",
            "duration: 90s, 15m, 48h, 7d")
      .text("--from TIME", "from", "début, par exemple 2027-01-15T08:00:00Z",
            "beginning, for example 2027-01-15T08:00:00Z")
      .number("--openings N", "openings", "nombre d'ouvertures permises",
              "number of openings allowed")
      .flag("--passcode", "passcode", "ajoute un code, à dire de vive voix",
            "add a passcode, to be told aloud")
      .local("--passcode-file FILE", into_.passcode_file, "ajoute le code écrit dans ce fichier",
             "add the passcode written in this file")
      .text("--delivery TEXT", "delivery", "link (lien protégé) ou shl (SMART Health Link)",
            "link (protected link) or shl (SMART Health Link)")
      .text("--purpose TEXT", "purpose", "motif", "purpose")
      .text("--allow TEXT", "allow", "download : permet de garder une copie",
            "download: allows keeping a copy")
      .local("--qr FILE", into_.qr, "écrit aussi l'image du lien (.png ou .svg)",
             "also write a picture of the link (.png or .svg)")
      .required("--to")
      .required("--for")
      .example("coffret grant create --to \"Dr Martin\" --document 3f2a --for 7d --passcode")
      .statuses("8 si le serveur ne répond pas : rien n'est partagé",
                "8 if the server does not answer: nothing is shared");
  add(group_app, "grant list", "liste les partages et leur état", "list the grants and their state")
      .example("coffret grant list");
  add(group_app, "grant show", "montre un partage", "show a grant")
      .text("id ID", "id", "identifiant, ou son début", "identifier, or its beginning")
      .required("id")
      .example("coffret grant show 7c1d");
  add(group_app, "grant revoke", "met fin à un partage", "end a grant")
      .text("id ID", "id", "identifiant, ou son début", "identifier, or its beginning")
      .required("id")
      .example("coffret grant revoke 7c1d")
      .statuses("8 si le serveur n'a pas encore confirmé la fin",
                "8 if the server has not confirmed the end yet");
  add(app_, "access-log", "dit qui a ouvert quoi, et quand", "tell who opened what, and when")
      .text("--grant ID", "grant", "ce partage seulement", "this grant only")
      .example("coffret access-log")
      .statuses("7 si le journal du serveur a été modifié", "7 if the server's log was altered");
}

void Grammar::redeem() {
  add(app_, "redeem", "ouvre un lien reçu et écrit ses documents (aucun coffre n'est nécessaire)",
      "open a link you were given and write its documents (no vault is needed)")
      .local("link LINK", into_.link_source,
             "- (entrée standard) ou @FICHIER ; demandé au terminal sinon",
             "- (standard input) or @FILE; otherwise asked for on the terminal")
      .local("--as NAME", into_.recipient, "qui vous êtes : \"Nom, établissement\"",
             "who you are: \"Name, organisation\"")
      .local("--passcode-file FILE", into_.passcode_file, "fichier du code", "the passcode's file")
      .local("--pin FINGERPRINT", into_.pin, "empreinte attendue du serveur",
             "the server's expected fingerprint")
      .local("--out DIR", into_.out, "dossier où écrire les documents",
             "folder to write the documents to")
      .required("--out")
      .example("coffret redeem @lien.txt --as \"Dr Alice Martin\" --out recus",
               "coffret redeem @link.txt --as \"Dr Alice Martin\" --out received")
      .statuses("4 si le code est faux ; 6 si le lien n'est plus actif ; 9 s'il est mal formé",
                "4 if the passcode is wrong; 6 if the link is not active; 9 if it is malformed");
}

}  // namespace coffret::cli
