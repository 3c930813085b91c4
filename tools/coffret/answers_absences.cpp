// SPDX-License-Identifier: EUPL-1.2
//
// What is said of a document's statement that there is none of a thing.
#include <fmt/format.h>

#include "tools/coffret/sayers.hpp"
#include "vault/daemon/shown_facts.hpp"

namespace coffret::cli {

using boost::json::object;

namespace {

// What the International Patient Summary's codes of absence say.
struct Absence {
  std::string_view code;
  std::string_view french;
  std::string_view english;
};
constexpr Absence absences[] = {
    {"no-known-allergies", "Aucune allergie connue", "No known allergy"},
    {"no-known-medication-allergies", "Aucune allergie à un médicament connue",
     "No known allergy to a medicine"},
    {"no-known-food-allergies", "Aucune allergie alimentaire connue", "No known food allergy"},
    {"no-known-environmental-allergies", "Aucune allergie à l'environnement connue",
     "No known environmental allergy"},
    {"no-allergy-info", "Allergies : non renseigné", "Allergies: not recorded"},
    {"no-known-medications", "Aucun traitement connu", "No known treatment"},
    {"no-medication-info", "Traitements : non renseigné", "Treatments: not recorded"},
    {"no-known-problems", "Aucun problème de santé connu", "No known health problem"},
    {"no-problem-info", "Problèmes de santé : non renseigné", "Health problems: not recorded"},
    {"no-known-immunizations", "Aucune vaccination connue", "No known vaccination"},
    {"no-immunization-info", "Vaccinations : non renseigné", "Vaccinations: not recorded"},
    {"no-known-procedures", "Aucun acte connu", "No known procedure"},
    {"no-procedure-info", "Actes : non renseigné", "Procedures: not recorded"},
};

}  // namespace

void say_absence(const object& row, const Words& words) {
  const auto label = text_of(row, "label");
  const auto code = text_of(object_of(row, "code"), "code");
  // Of one sort of thing only: in the document's own words.
  std::string said = label;
  for (const auto& absence : absences)
    if (absence.code == code) said = words(absence.french, absence.english);
  const auto title = text_of(row, "document_title");
  const auto document = title.empty() ? text_of(row, "document").substr(0, 8) : title;
  say(fmt::format(
          "  {:<19}  {}, {} {}{}",
          daemon::shown_period(text_of(row, "date"), text_of(row, "start"), text_of(row, "end"),
                               words.language),
          said, words("selon", "as stated by"), quoted(document, words),
          label.empty() || label == said || label == code ? "" : fmt::format(" ({})", label)) +
      tail_of(row, words));
}

}  // namespace coffret::cli
