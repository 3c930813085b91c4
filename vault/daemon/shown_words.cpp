// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/shown_words.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "vault/daemon/plain_words.hpp"

namespace coffret::daemon {
namespace {

struct Row {
  std::string_view code;
  std::string_view french;
  std::string_view english;
};

// UCUM's own spelling first: the one that is understood and written.
constexpr Row units[] = {
    {"mm[Hg]", "mmHg", "mmHg"},
    {"cm[Hg]", "cmHg", "cmHg"},
    {"cm[H2O]", "cmH₂O", "cmH₂O"},
    {"Cel", "°C", "°C"},
    {"[degF]", "°F", "°F"},
    {"kg/m2", "kg/m²", "kg/m²"},
    {"m2", "m²", "m²"},
    {"1", "", ""},
    {"[pH]", "", ""},
    {"10*3/uL", "G/L", "G/L"},
    {"10*9/L", "G/L", "G/L"},
    {"10*6/uL", "T/L", "T/L"},
    {"10*12/L", "T/L", "T/L"},
    {"10*3/mm3", "G/L", "G/L"},
    {"10*6/mm3", "T/L", "T/L"},
    {"mL/min/{1.73_m2}", "mL/min/1,73 m²", "mL/min/1.73 m²"},
    {"mL/min/1.73.m2", "mL/min/1,73 m²", "mL/min/1.73 m²"},
    {"[iU]", "UI", "IU"},
    {"[iU]/L", "UI/L", "IU/L"},
    {"[iU]/mL", "UI/mL", "IU/mL"},
    {"k[iU]/L", "kUI/L", "kIU/L"},
    {"m[iU]/L", "mUI/L", "mIU/L"},
    {"m[iU]/mL", "mUI/mL", "mIU/mL"},
    {"u[iU]/mL", "µUI/mL", "µIU/mL"},
    {"[in_i]", "pouces", "in"},
    {"[lb_av]", "livres", "lb"},
    {"meq/L", "mEq/L", "mEq/L"},
    {"a", "ans", "years"},
    {"mo", "mois", "months"},
    {"wk", "semaines", "weeks"},
    {"d", "jours", "days"},
};

constexpr Row values[] = {
    {"not detected", "non détecté", "not detected"},
    {"detected", "détecté", "detected"},
    {"positive", "positif", "positive"},
    {"negative", "négatif", "negative"},
    {"true", "oui", "yes"},
    {"false", "non", "no"},
};

// FHIR R4's statuses, HL7 v3's ActStatus, SNOMED CT's qualifiers. No gender: they stand beside
// words of any.
constexpr Row statuses[] = {
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

// RoleClass, then the register of relations that French documents use (RoleCode).
constexpr Row roles[] = {
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

constexpr Row sources[] = {
    {"import", "import de fichiers", "import of files"},
    {"own", "saisie par vous", "entered by you"},
    {"watch", "dossier suivi", "watched folder"},
    {"deposit", "dépôt", "deposit"},
};

constexpr Row fields[] = {
    {"status", "état", "status"},  {"patient", "patient", "patient"},
    {"title", "titre", "title"},   {"date", "date", "date"},
    {"type", "type", "kind"},      {"author", "auteur", "author"},
    {"hash", "empreinte", "hash"}, {"size", "taille", "size"},
};

const Row* find(std::span<const Row> table, std::string_view code) {
  const auto at =
      std::find_if(table.begin(), table.end(), [&](const Row& row) { return row.code == code; });
  return at == table.end() ? nullptr : &*at;
}

std::string in(const Row& row, Language language) {
  return std::string{language == Language::french ? row.french : row.english};
}

std::string known_or(std::span<const Row> table, std::string_view code, Language language) {
  const auto* row = find(table, code);
  return row == nullptr ? std::string{code} : in(*row, language);
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

// "{score}" says what is counted, not in which unit.
std::string without_annotations(std::string_view unit) {
  std::string plain;
  while (!unit.empty()) {
    const auto open = std::min(unit.find('{'), unit.size());
    plain += unit.substr(0, open);
    const auto close = unit.find('}', open);
    if (close == std::string_view::npos) return plain + std::string{unit.substr(open)};
    unit.remove_prefix(close + 1);
  }
  return plain == "/" ? std::string{} : plain;
}

// UCUM's u is the prefix micro where a unit of measure follows.
std::string with_micro(const std::string& unit) {
  std::string shown;
  for (std::size_t i = 0; i < unit.size(); ++i) {
    const std::string_view rest = std::string_view{unit}.substr(i);
    const bool begins = i == 0 || unit[i - 1] == '/' || unit[i - 1] == '.';
    const bool micro = begins && (rest.starts_with("ug") || rest.starts_with("umol") ||
                                  rest.starts_with("uL") || rest.starts_with("ukat"));
    shown += micro ? "µ" : std::string(1, unit[i]);
  }
  return shown;
}

}  // namespace

std::string shown_unit(std::string_view unit, Language language) {
  if (const auto* row = find(units, unit)) return in(*row, language);
  const auto plain = without_annotations(unit);
  if (const auto* row = find(units, plain)) return in(*row, language);
  return with_micro(plain);
}

std::string_view ucum_unit(std::string_view typed) {
  for (const auto& row : units)
    if (!typed.empty() && (row.french == typed || row.english == typed)) return row.code;
  return typed;
}

std::string shown_value(std::string value, Language language) {
  if (const auto* row = find(values, value)) return in(*row, language);
  return language == Language::french ? with_commas(std::move(value)) : value;
}

std::string shown_status(std::string_view kind, std::string_view event, std::string_view status,
                         std::string_view place, Language language) {
  const auto* row = find(statuses, plain_text(status));
  if (row == nullptr) {
    const bool ordinary = status == "final" || status == "normal";
    return ordinary ? std::string{} : std::string{status};
  }
  if (row->code == "active" && kind != "medicine" && kind != "problem") return {};
  const bool over = kind == "problem" || kind == "allergy" ||
                    (event == "taken" && place.starts_with("MedicationStatement"));
  if (row->code == "completed" && !over) return {};
  return in(*row, language);
}

std::string shown_role(std::string_view code, Language language) {
  const auto* row = find(roles, code);
  return row == nullptr ? std::string{} : in(*row, language);
}

std::string shown_source(std::string_view source, Language language) {
  return known_or(sources, source, language);
}

std::string shown_field(std::string_view field, Language language) {
  return known_or(fields, field, language);
}

}  // namespace coffret::daemon
