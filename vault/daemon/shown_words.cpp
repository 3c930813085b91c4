// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/shown_words.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "coffret/ascii.hpp"
#include "vault/daemon/plain_words.hpp"
#include "vault/daemon/shown_rows.hpp"

namespace coffret::daemon {
namespace {

// By record_facts.hpp's standing(); what is normal needs no word. Of a germ, EUCAST's and CLSI's
// categories by HL7's names.
constexpr ShownRow standings[] = {
    {"low", "en dessous de la normale", "below the range"},
    {"high", "au-dessus de la normale", "above the range"},
    {"abnormal", "anormal", "abnormal"},
    {"resistant", "résistant", "resistant"},
    {"intermediate", "intermédiaire", "intermediate"},
    {"susceptible", "sensible", "susceptible"},
    {"not-susceptible", "non sensible", "not susceptible"},
    {"dose-dependent", "sensible selon la dose", "susceptible, dose dependent"},
    {"positive", "positif", "positive"},
    {"negative", "négatif", "negative"},
    {"detected", "détecté", "detected"},
    {"not-detected", "non détecté", "not detected"},
    {"reactive", "réactif", "reactive"},
    {"not-reactive", "non réactif", "not reactive"},
    {"indeterminate", "indéterminé", "indeterminate"},
};

constexpr ShownRow values[] = {
    {"not detected", "non détecté", "not detected"},
    {"detected", "détecté", "detected"},
    {"positive", "positif", "positive"},
    {"negative", "négatif", "negative"},
    {"true", "oui", "yes"},
    {"false", "non", "no"},
};

// FHIR R4's statuses, HL7 v3's ActStatus, SNOMED CT's qualifiers. No gender: they stand beside
// words of any.
constexpr ShownRow statuses[] = {
    {"active", "en cours", "ongoing"},
    {"recurrence", "revenu", "came back"},
    {"relapse", "rechute", "relapse"},
    {"remission", "rémission", "in remission"},
    {"inactive", "plus d'actualité", "no longer active"},
    {"no longer active", "plus d'actualité", "no longer active"},
    {"resolved", "résolu", "resolved"},
    {"completed", "terminé", "ended"},
    {"stopped", "arrêté", "stopped"},
    {"aborted", "arrêté", "stopped"},
    {"discontinued", "arrêté", "stopped"},
    {"suspended", "suspendu", "on hold"},
    {"on hold", "suspendu", "on hold"},
    {"held", "suspendu", "on hold"},
    {"cancelled", "annulé", "cancelled"},
    {"nullified", "annulé", "withdrawn"},
    {"obsolete", "remplacé", "replaced"},
    {"entered in error", "saisi par erreur", "entered in error"},
    {"draft", "projet", "draft"},
    {"new", "pas commencé", "not begun"},
    {"intended", "prévu", "planned"},
    {"not taken", "non pris", "not taken"},
    {"not done", "non fait", "not done"},
    {"refused", "refusé", "refused"},
    {"declined", "non délivré", "not dispensed"},
    {"preparation", "en préparation", "in preparation"},
    {"in progress", "en cours", "under way"},
    {"registered", "attendu", "awaited"},
    {"preliminary", "provisoire", "preliminary"},
    {"amended", "modifié", "amended"},
    {"corrected", "corrigé", "corrected"},
    {"unknown", "état inconnu", "status unknown"},
};

// FHIR R4 verificationStatus.
constexpr ShownRow certainties[] = {
    {"unconfirmed", "non confirmé", "unconfirmed"},
    {"provisional", "suspecté, à confirmer", "suspected, to be confirmed"},
    {"differential", "hypothèse parmi d'autres", "one possibility among others"},
};

// FHIR R4 AllergyIntolerance.criticality: what the next reaction may be.
constexpr ShownRow criticalities[] = {
    {"high", "risque vital", "life-threatening risk"},
    {"low", "risque faible", "low risk"},
    {"unable-to-assess", "risque non évalué", "risk not assessed"},
};

// FHIR R4 reaction severity.
constexpr ShownRow severities[] = {
    {"mild", "réaction légère", "mild reaction"},
    {"moderate", "réaction modérée", "moderate reaction"},
    {"severe", "réaction sévère", "severe reaction"},
};

// RoleClass, then the register of relations that French documents use (RoleCode).
constexpr ShownRow roles[] = {
    {"ECON", "à prévenir en cas d'urgence", "emergency contact"},
    {"NOK", "famille proche", "next of kin"},
    {"CAREGIVER", "aidant", "caregiver"},
    {"GUARD", "parent ou tuteur", "parent or guardian"},
    {"GUAR", "garant", "guarantor"},
    {"PRS", "proche", "relation"},
    {"MTH", "mère", "mother"},
    {"FTH", "père", "father"},
    {"GRMTH", "grand-mère", "grandmother"},
    {"GRFTH", "grand-père", "grandfather"},
    {"DAUC", "fille", "daughter"},
    {"DAU", "fille", "daughter"},
    {"SONC", "fils", "son"},
    {"SON", "fils", "son"},
    {"CHILD", "enfant", "child"},
    {"BRO", "frère", "brother"},
    {"SIS", "sœur", "sister"},
    {"HUSB", "époux", "husband"},
    {"WIFE", "épouse", "wife"},
    {"SPS", "époux ou épouse", "spouse"},
    {"DOMPART", "compagnon ou compagne", "partner"},
    {"SIGOTHR", "conjoint", "partner"},
    {"FAMMEMB", "famille", "family"},
    {"FRND", "proche", "friend"},
    {"NBOR", "voisin ou voisine", "neighbour"},
    {"ROOM", "même toit", "same household"},
    {"TUTEUR", "tuteur", "guardian"},
    {"CURATEUR", "curateur", "curator"},
    {"MSVG", "mandataire de sauvegarde", "safeguard representative"},
};

constexpr ShownRow sources[] = {
    {"import", "import de fichiers", "import of files"},
    {"own", "saisie par vous", "entered by you"},
    {"own_elsewhere", "dossier exporté, qui le dit saisi par la personne",
     "an exported folder, which says that the person entered it"},
    {"watch", "dossier suivi", "watched folder"},
    {"deposit", "dépôt", "deposit"},
};

constexpr ShownRow fields[] = {
    {"status", "état", "status"},  {"patient", "patient", "patient"},
    {"title", "titre", "title"},   {"date", "date", "date"},
    {"type", "type", "kind"},      {"author", "auteur", "author"},
    {"hash", "empreinte", "hash"}, {"size", "taille", "size"},
    {"kind", "type", "kind"},      {"note", "note", "note"},
};

std::string known_or(std::span<const ShownRow> table, std::string_view code, Language language) {
  const auto* row = row_of(table, code);
  return row == nullptr ? std::string{code} : in_language(*row, language);
}

std::string known_or_nothing(std::span<const ShownRow> table, std::string_view code,
                             Language language) {
  const auto* row = row_of(table, code);
  return row == nullptr ? std::string{} : in_language(*row, language);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The points of numbers as commas: "≤ 5.4", "3.5 - 5". Words, dates and versions stay.
std::string with_commas(std::string text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (std::any_of(text.begin(), text.end(), letter)) return text;
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (!is_digit(text[begin])) continue;
    const auto end = std::min(text.find_first_not_of("0123456789.", begin), text.size());
    const auto point = text.find('.', begin);
    if (point < end - 1 && text.find('.', point + 1) >= end) text[point] = ',';
    begin = end;
  }
  return text;
}

}  // namespace

std::string shown_value(std::string value, Language language) {
  if (const auto* row = row_of(values, ascii_lower(value))) return in_language(*row, language);
  return language == Language::french ? with_commas(std::move(value)) : value;
}

std::string shown_standing(std::string_view standing, bool critical, std::string_view value,
                           Language language) {
  const auto* row = row_of(standings, standing);
  if (row == nullptr) return {};
  const auto told = plain_text(value);
  const bool said = told == plain_text(row->french) || told == plain_text(row->english);
  auto words = said ? std::string{} : in_language(*row, language);
  if (!critical) return words;
  if (!words.empty()) words += ", ";
  return words + (language == Language::french ? "valeur critique" : "critical value");
}

std::string shown_status(std::string_view kind, std::string_view event, std::string_view status,
                         std::string_view place, Language language) {
  const auto* row = row_of(statuses, plain_text(status));
  if (row == nullptr) {
    const bool ordinary = status == "final" || status == "normal";
    return ordinary ? std::string{} : std::string{status};
  }
  if (row->code == "active" && kind != "medicine" && kind != "problem") return {};
  const bool over = kind == "problem" || kind == "allergy" ||
                    (event == "taken" && place.starts_with("MedicationStatement"));
  if (row->code == "completed" && !over) return {};
  return in_language(*row, language);
}

std::string shown_certainty(std::string_view code, Language language) {
  return known_or_nothing(certainties, code, language);
}

std::string shown_criticality(std::string_view code, Language language) {
  return known_or_nothing(criticalities, code, language);
}

std::string shown_severity(std::string_view code, Language language) {
  return known_or_nothing(severities, code, language);
}

std::string shown_role(std::string_view code, Language language) {
  return known_or_nothing(roles, code, language);
}

std::string shown_source(std::string_view source, Language language) {
  constexpr std::string_view deposited = "deposit: ";  // and who said they sent it
  if (source.starts_with(deposited))
    return std::string{language == Language::french ? "déposé par " : "sent in by "} +
           std::string{source.substr(deposited.size())} +
           (language == Language::french ? " (selon l'expéditeur, sans preuve)"
                                         : " (as the sender says, unproved)");
  return known_or(sources, source, language);
}

std::string shown_field(std::string_view field, Language language) {
  return known_or(fields, field, language);
}

}  // namespace coffret::daemon
