// SPDX-License-Identifier: EUPL-1.2
//
// Taking the record out, and what this machine lacks.
#include "tools/coffret/grammar.hpp"

namespace coffret::cli {

void Grammar::takeout() {
  add(app_, "export", "sort les documents, lisibles sans Coffret",
      "take the documents out, readable without Coffret")
      .local("--out PATH", into_.out, "fichier ou dossier à créer", "file or folder to make")
      .text("--format FORMAT", "format", "age (par défaut), folder ou fhir",
            "age (the default), folder or fhir")
      .text("--person NAME", "person", "cette personne seulement", "this person only")
      .texts("--recipient KEY", "recipients", "clé age1… qui ouvrira le fichier (répétable)",
             "age1… key that will open the file (repeatable)")
      .local("--age-passphrase-file FILE", into_.age_passphrase_file,
             "lit ici la phrase secrète du fichier créé",
             "read the passphrase of the file that is made here")
      .required("--out")
      .example("coffret export --out ma-sante.age", "coffret export --out my-health.age")
      .statuses("7 si un document est abîmé ici : il est nommé, et les autres sont sortis",
                "7 if a document is damaged here: it is named, and the others are taken out");
  add(app_, "doctor", "dit ce qui manque à cette machine", "say what this machine lacks")
      .example("coffret doctor")
      .statuses("1 s'il manque quelque chose d'indispensable",
                "1 if something that is needed is missing");
}

}  // namespace coffret::cli
