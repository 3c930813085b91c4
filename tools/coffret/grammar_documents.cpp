// SPDX-License-Identifier: EUPL-1.2
//
// Documents: put in, listed, searched, shown, removed.
#include "tools/coffret/grammar.hpp"

namespace coffret::cli {

namespace {

// Which documents: of `list` and of `search`.
Command& filters(Command& command) {
  return command
      .text("--kind CODE", "kind", "ce type de document seulement", "this kind of document only")
      .text("--category CATEGORY", "category",
            "cette catégorie seulement : patient-summary, eprescription, edispensation, imaging, "
            "laboratory, discharge ou other",
            "this category only: patient-summary, eprescription, edispensation, imaging, "
            "laboratory, discharge or other")
      .text("--since DATE", "since", "depuis ce jour (AAAA-MM-JJ)", "since this day (YYYY-MM-DD)")
      .text("--until DATE", "until", "jusqu'à ce jour (AAAA-MM-JJ)", "until this day (YYYY-MM-DD)")
      .text("--author NAME", "author", "cet auteur seulement", "this author only")
      .text("--person NAME", "person", "le dossier de cette personne seulement",
            "this person's record only");
}

}  // namespace

void Grammar::documents() {
  add(app_, "import", "met des fichiers dans le coffre", "put files into the vault")
      .texts("paths PATH", "paths", "fichiers, dossiers, archives ZIP",
             "files, folders, ZIP archives")
      .flag("--any-patient", "any_patient", "quelle que soit la personne nommée dans le document",
            "whoever the document names")
      .text("--person NAME", "person", "range dans le dossier de cette personne",
            "put into this person's record")
      .required("paths")
      .example("coffret import ~/Documents/sante", "coffret import ~/Documents/health")
      .statuses("9 si un fichier a été refusé ; les autres sont dans le coffre",
                "9 if a file was refused; the others are in the vault");
  filters(add(app_, "list", "liste les documents par date", "list the documents by date"))
      .flag("--removed", "removed", "ceux qui ont été retirés", "those that were removed")
      .example("coffret list --since 2020-01-01");
  filters(add(app_, "search", "cherche dans les titres, les auteurs et le texte des documents",
              "search titles, authors and the text inside the documents")
              .texts("words WORD", "words",
                     "mots ; \"phrase exacte\" ; début* ; accents indifférents",
                     "words; \"exact phrase\"; beginning*; accents do not matter")
              .required("words"))
      .example("coffret search glycemie --since 2020-01-01");
  add(app_, "show", "montre un document", "show a document")
      .text("id ID", "id", "identifiant, ou son début", "identifier, or its beginning")
      .local("--out FILE", into_.out, "écrit l'original, ou la pièce jointe, dans ce fichier",
             "write the original, or the attachment, to this file")
      .local_flag("--text", into_.text, "montre le texte lisible", "show the readable text")
      .local_flag("--html", into_.html, "une page pour un navigateur, où rien n'agit",
                  "a page for a browser, in which nothing acts")
      .number("--attachment N", "attachment", "une pièce jointe ; --about en dit les numéros",
              "an attachment; --about tells their numbers")
      .flag("--about", "about", "montre ce que le coffre sait de ce document",
            "show what the vault knows of this document")
      .required("id")
      .example("coffret show 3f2a --text")
      .statuses("3 si aucun document ne porte cet identifiant",
                "3 if no document has this identifier");
  add(app_, "remove", "retire un document ; 30 jours pour le reprendre",
      "remove a document; 30 days to restore it")
      .text("id ID", "id", "identifiant", "identifier")
      .required("id")
      .example("coffret remove 3f2a");
  add(app_, "restore", "reprend un document retiré", "restore a removed document")
      .text("id ID", "id", "identifiant", "identifier")
      .required("id")
      .example("coffret restore 3f2a");
}

}  // namespace coffret::cli
