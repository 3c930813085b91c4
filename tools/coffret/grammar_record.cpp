// SPDX-License-Identifier: EUPL-1.2
//
// The record: whose documents, what they state, what the person adds.
#include "tools/coffret/grammar.hpp"

namespace coffret::cli {

namespace {

constexpr std::string_view person_french = "dans le dossier de cette personne";
constexpr std::string_view person_english = "in this person's record";
constexpr std::string_view date_french = "quand : AAAA-MM-JJ ou JJ/MM/AAAA ; aujourd'hui sinon";
constexpr std::string_view date_english = "when: YYYY-MM-DD or DD/MM/YYYY; today otherwise";

// What every entry of one's own has.
void own(Command& command) {
  command.text("--date DATE", "date", date_french, date_english)
      .text("--person NAME", "person", person_french, person_english);
}

void remark(Command& command) {
  command.text("--note TEXT", "text", "une remarque", "a remark");
}

}  // namespace

void Grammar::record() {
  add(app_, "edit", "change le titre, la date, le type ou la note d'un document",
      "change a document's title, date, kind or note")
      .text("id ID", "id", "identifiant", "identifier")
      .text("--title TEXT", "title", "le titre", "the title")
      .text("--date DATE", "date", "la date : AAAA-MM-JJ ou JJ/MM/AAAA",
            "the date: YYYY-MM-DD or DD/MM/YYYY")
      .text("--kind TEXT", "kind", "le type : un code, son nom, ou vos mots",
            "the kind: a code, its name, or your words")
      .text("--note TEXT", "note", "une note, qui se lit avec le document",
            "a note, shown with the document")
      .text("--person NAME", "person", "range dans le dossier de cette personne",
            "put into this person's record")
      .required("id")
      .example("coffret edit 3f2a --date 12/03/2020", "coffret edit 3f2a --date 2020-03-12");
  add(app_, "history", "montre les versions d'un document et ce que vous y avez changé",
      "show the versions of a document and what you changed in them")
      .text("id ID", "id", "identifiant", "identifier")
      .required("id")
      .example("coffret history 3f2a");
  inbox();
  facts();
  own_entries();
  watch();
}

void Grammar::inbox() {
  auto& inbox = group("inbox", "ce qui est mis à part ou déposé pour vous",
                      "what is set apart, or was sent in to you");
  add(inbox, "inbox list", "liste ce qui attend votre décision, et de qui ou pour qui",
      "list what awaits your decision, and from whom or for whom")
      .example("coffret inbox list");
  add(inbox, "inbox accept", "prend un document mis à part, ou un dépôt",
      "take in a document that is set apart, or a deposit")
      .text("id ID", "id", "identifiant", "identifier")
      .text("--person NAME", "person", person_french, person_english)
      .flag("--any-patient", "any_patient", "un dépôt : quelle que soit la personne nommée",
            "a deposit: whoever its documents name")
      .required("id")
      .example("coffret inbox accept 3f2a")
      .statuses("9 si un fichier du dépôt a été refusé : il reste à décider",
                "9 if a file of the deposit was refused: it is still to be decided");
  add(inbox, "inbox refuse", "retire un document mis à part, ou refuse un dépôt",
      "remove a document that is set apart, or refuse a deposit")
      .text("id ID", "id", "identifiant", "identifier")
      .required("id")
      .example("coffret inbox refuse 3f2a");
  inbox_links(inbox);
  auto& person = group("person", "les personnes dont ce coffre tient un dossier",
                       "the persons whose record this vault keeps");
  add(person, "person add", "ouvre un dossier pour une personne", "open a record for a person")
      .text("name NAME", "name", "son nom, comme les documents l'écrivent",
            "the name, as documents write it")
      .required("name")
      .example("coffret person add \"Léa Exemple\"");
  add(person, "person rename", "change le nom d'un dossier", "change the name of a record")
      .text("person PERSON", "person",
            "le nom, ou l'identifiant que montre « coffret person list »",
            "the name, or the identifier that \"coffret person list\" shows")
      .text("name NAME", "name", "son nouveau nom", "its new name")
      .required("person")
      .required("name")
      .example("coffret person rename 3f2a \"Hugo Exemple (fils)\"",
               "coffret person rename 3f2a \"Hugo Exemple (son)\"")
      .statuses("3 si aucun dossier ne porte ce nom", "3 if no record has this name");
  add(person, "person merge", "réunit deux dossiers d'une même personne",
      "merge two records of one person")
      .text("into PERSON", "into", "le dossier qui reste", "the record that stays")
      .text("person PERSON", "person", "celui dont les documents y passent",
            "the one whose documents go into it")
      .flag("--undo", "undo", "les sépare de nouveau", "part them again")
      .flag("--any-patient", "any_patient", "même si leurs documents nomment deux personnes",
            "even if their documents name two persons")
      .required("into")
      .required("person")
      .example("coffret person merge \"Hugo Exemple\" 3f2a")
      .statuses("3 si aucun dossier ne porte ce nom, 6 si ce ne sont pas les mêmes personnes",
                "3 if no record has this name, 6 if they are not the same person");
  add(person, "person remove", "retire un dossier vide", "remove an empty record")
      .text("person PERSON", "person",
            "le nom, ou l'identifiant que montre « coffret person list »",
            "the name, or the identifier that \"coffret person list\" shows")
      .flag("--to-trash", "to_trash", "ses documents vont à la corbeille, trente jours",
            "its documents go to the trash, for thirty days")
      .required("person")
      .example("coffret person remove 3f2a")
      .statuses("3 si aucun dossier ne porte ce nom, 6 s'il tient encore des documents",
                "3 if no record has this name, 6 if documents are still in it");
  add(person, "person list", "liste les personnes", "list the persons")
      .example("coffret person list");
}

void Grammar::inbox_links(CLI::App& inbox) {
  add(inbox, "inbox link",
      "fait un lien par lequel un laboratoire, un médecin vous envoie des "
      "documents chiffrés",
      "make a link through which a laboratory or a doctor sends you sealed documents")
      .text("--from NAME", "from", "de qui vous les attendez", "from whom you expect them")
      .text("--for DURATION", "for", "durée : 90s, 15m, 48h, 7d (d : jours) ; un an au plus",
            "duration: 90s, 15m, 48h, 7d; at most a year")
      .number("--deposits N", "deposits", "combien de dépôts il prend en tout (20)",
              "how many deposits it takes in all (20)")
      .number("--megabytes N", "megabytes", "combien de Mo il prend en tout (200)",
              "how many MB it takes in all (200)")
      .local("--qr FILE", into_.qr, "écrit aussi l'image du lien (.png ou .svg)",
             "also write a picture of the link (.png or .svg)")
      .required("--from")
      .required("--for")
      .example("coffret inbox link --from \"Laboratoire Exemple\" --for 7d",
               "coffret inbox link --from \"Example Laboratory\" --for 7d")
      .statuses("8 si le serveur ne répond pas : aucun lien n'est donné",
                "8 if the server does not answer: no link is given");
  add(inbox, "inbox links", "liste vos liens de dépôt", "list your deposit links")
      .example("coffret inbox links");
  add(inbox, "inbox close", "ferme un lien de dépôt", "close a deposit link")
      .text("id ID", "id", "identifiant, ou son début", "identifier, or its beginning")
      .required("id")
      .example("coffret inbox close 7c1d")
      .statuses("8 si le serveur ne répond pas : le lien reste ouvert",
                "8 if the server does not answer: the link stays open");
}

void Grammar::watch() {
  auto& watch = add(app_, "watch", "importe ce qui arrive dans un dossier, coffre ouvert",
                    "import what arrives in a folder, while the vault is open");
  watch
      .text("directory DIR", "directory", "le dossier : celui du scanner, des téléchargements",
            "the folder: a scanner's, or downloads")
      .text("--move DIR", "move_to", "y range les fichiers importés",
            "move the imported files there")
      .flag("--leave", "leave", "laisse les fichiers où ils sont (par défaut)",
            "leave the files where they are (the default)")
      .text("--person NAME", "person", person_french, person_english)
      .example("coffret watch ~/Scans --move ~/Scans/rangés",
               "coffret watch ~/Scans --move ~/Scans/done");
  add(watch.app(), "watch list", "liste les dossiers suivis et ce qui en est venu",
      "list the watched folders and what came from them")
      .example("coffret watch list");
  add(watch.app(), "watch stop", "cesse de suivre un dossier", "stop watching a folder")
      .text("directory DIR", "directory", "le dossier", "the folder")
      .required("directory")
      .example("coffret watch stop ~/Scans");
}

void Grammar::facts() {
  add(app_, "results", "montre les résultats et les mesures dans le temps",
      "show results and measurements over time")
      .text("--code CODE", "code", "un code LOINC, ou une partie du nom",
            "a LOINC code, or a part of the name")
      .text("--since DATE", "since", "depuis ce jour (AAAA-MM-JJ)", "since this day (YYYY-MM-DD)")
      .text("--until DATE", "until", "jusqu'à ce jour (AAAA-MM-JJ)", "until this day (YYYY-MM-DD)")
      .text("--person NAME", "person", person_french, person_english)
      .example("coffret results --code glucose");
  add(app_, "medicines", "montre les médicaments prescrits, délivrés et pris",
      "show the medicines prescribed, dispensed and taken")
      .flag("--pharmacy", "pharmacy",
            "comme le dossier pharmaceutique : délivrés depuis 12 mois, vaccins depuis 21 ans, "
            "médicaments biologiques depuis 3 ans s'ils ont leur code ATC (un code CIP ou UCD seul "
            "ne dit pas qu'ils le sont : 12 mois)",
            "as the French pharmaceutical record: dispensed in 12 months, vaccines over 21 years, "
            "biologics over 3 years where they have their ATC code (a CIP or UCD code alone does "
            "not tell: 12 months)")
      .text("--person NAME", "person", person_french, person_english)
      .example("coffret medicines --pharmacy");
  add(app_, "allergies", "montre les allergies et intolérances", "show allergies and intolerances")
      .text("--person NAME", "person", person_french, person_english)
      .example("coffret allergies");
  add(app_, "vaccines", "montre les vaccinations", "show vaccinations")
      .text("--person NAME", "person", person_french, person_english)
      .example("coffret vaccines");
  add(app_, "summary", "montre l'essentiel du dossier", "show the essentials of the record")
      .text("--person NAME", "person", person_french, person_english)
      .example("coffret summary");
}

void Grammar::own_entries() {
  auto& note =
      add(group("note", "vos notes", "your notes"), "note add", "écrit une note", "write a note");
  note.text("--text TEXT", "text", "la note", "the note")
      .text("--title TEXT", "what", "son titre", "its title")
      .required("--text")
      .example("coffret note add --text \"Fatigue depuis lundi\"",
               "coffret note add --text \"Tired since Monday\"");
  own(note);
  auto& allergy = add(group("allergy", "vos allergies, saisies par vous", "allergies you enter"),
                      "allergy add", "ajoute une allergie", "add an allergy");
  allergy.text("--what TEXT", "what", "à quoi", "to what")
      .text("--reaction TEXT", "reaction", "ce qui arrive", "what happens")
      .required("--what")
      .example("coffret allergy add --what pénicilline --reaction urticaire",
               "coffret allergy add --what penicillin --reaction hives");
  remark(allergy);
  own(allergy);
  auto& treatment =
      add(group("treatment", "vos traitements, saisis par vous", "treatments you enter"),
          "treatment add", "ajoute un traitement", "add a treatment");
  treatment.text("--what TEXT", "what", "le médicament", "the medicine")
      .text("--dose TEXT", "dose", "combien et quand", "how much and when")
      .text("--until DATE", "until", "jusqu'à quand", "until when")
      .required("--what")
      .example("coffret treatment add --what paracétamol --dose \"1 g le soir\"",
               "coffret treatment add --what paracetamol --dose \"1 g at night\"");
  remark(treatment);
  own(treatment);
  auto& vaccine = add(group("vaccine", "vos vaccins, saisis par vous", "vaccines you enter"),
                      "vaccine add", "ajoute un vaccin", "add a vaccine");
  vaccine.text("--what TEXT", "what", "le vaccin", "the vaccine")
      .text("--dose TEXT", "dose", "le rang de la dose", "the rank of the dose")
      .text("--lot TEXT", "lot", "le numéro de lot", "the lot number")
      .required("--what")
      .example("coffret vaccine add --what \"DTP\" --date 2019-06");
  remark(vaccine);
  own(vaccine);
  own_measures();
}

void Grammar::own_measures() {
  auto& measure = add(group("measure", "vos mesures", "your measurements"), "measure add",
                      "ajoute une mesure", "add a measurement");
  measure
      .text("--what TEXT", "what",
            "poids, taille, tension, pouls, température, glycémie, saturation … ou vos mots",
            "weight, height, blood pressure, pulse, temperature, glucose, saturation … or your "
            "words")
      .text("--value TEXT", "value", "la valeur ; 128/79 ou 12/8 pour la tension",
            "the value; 128/79 or 12/8 for a blood pressure")
      .text("--unit TEXT", "unit", "l'unité, si ce n'est pas l'usuelle",
            "the unit, if not the usual one")
      .required("--what")
      .required("--value")
      .example("coffret measure add --what poids --value 72,5",
               "coffret measure add --what weight --value 72.5");
  remark(measure);
  own(measure);
  auto& contact = add(group("contact", "les personnes à joindre", "persons to reach"),
                      "contact add", "ajoute une personne à joindre", "add a person to reach");
  contact.text("--name NAME", "what", "son nom", "the name")
      .text("--relation TEXT", "relation", "qui elle est pour vous", "who they are to you")
      .text("--phone TEXT", "phone", "son téléphone", "the telephone number")
      .required("--name")
      .example("coffret contact add --name \"Paul Exemple\" --phone \"06 00 00 00 00\"");
  own(contact);
  auto& directive =
      add(group("directive", "vos directives anticipées", "your advance directives"),
          "directive add", "écrit des directives anticipées", "write advance directives");
  directive.text("--text TEXT", "text", "vos volontés", "your wishes")
      .text("--title TEXT", "what", "un titre", "a title")
      .required("--text")
      .example("coffret directive add --text \"…\"");
  own(directive);
}

}  // namespace coffret::cli
