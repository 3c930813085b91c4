// SPDX-License-Identifier: EUPL-1.2
//
// kinds.hpp: the commonest kinds of health document, with our own French and English words, and
// their category of Regulation (EU) 2025/327 (EHDS), article 14(1).
//
// Codes are LOINC's or those of TRE_A05, the French register of document types. Where the list has
// no row, the document's own display words are shown and the category is "other".
#ifndef COFFRET_KINDS_HPP
#define COFFRET_KINDS_HPP

#include <string_view>

#include "coffret/error.hpp"

namespace coffret {

namespace kinds {
inline constexpr std::string_view loinc = "2.16.840.1.113883.6.1";
inline constexpr std::string_view tre_a05 = "1.2.250.1.213.1.1.4.12";
}  // namespace kinds

struct Kind {
  std::string_view code;
  std::string_view system;  // OID
  std::string_view french;
  std::string_view english;
  std::string_view category;

  constexpr std::string_view label(Language language) const noexcept {
    return language == Language::french ? french : english;
  }
};

// Source of each row: the value set JDV_J07 (type of document) of the French CI-SIS names the code;
// C: and the EHDS category follows from the CI-SIS volet that uses it; L: LOINC document ontology.
inline constexpr Kind kind_table[] = {
    // JDV_J07, C
    {"60591-5", kinds::loinc, "Résumé médical", "Patient summary", "patient-summary"},
    {"SYNTH", kinds::tre_a05, "Résumé médical", "Medical summary", "patient-summary"},
    {"11369-6", kinds::loinc, "Vaccinations", "Vaccination record", "patient-summary"},
    {"87273-9", kinds::loinc, "Note de vaccination", "Vaccination note", "patient-summary"},
    {"57833-6", kinds::loinc, "Ordonnance", "Prescription", "eprescription"},
    {"60593-1", kinds::loinc, "Délivrance de médicaments", "Dispensation", "edispensation"},
    {"18748-4", kinds::loinc, "Compte rendu d'imagerie", "Imaging report", "imaging"},
    {"11502-2", kinds::loinc, "Analyses de laboratoire", "Laboratory report", "laboratory"},
    {"96173-0", kinds::loinc, "Test rapide", "Rapid test", "laboratory"},
    {"11490-0", kinds::loinc, "Lettre de sortie", "Discharge letter", "discharge"},
    {"34112-3", kinds::loinc, "Compte rendu d'hospitalisation", "Hospital report", "discharge"},
    {"34133-9", kinds::loinc, "Résumé d'un épisode de soins", "Episode summary", "discharge"},
    // L: the kind of 34133-9's sibling that hospitals outside France send
    {"18842-5", kinds::loinc, "Compte rendu de sortie", "Discharge summary", "discharge"},
    // JDV_J07; outside the categories of article 14(1)
    {"11488-4", kinds::loinc, "Consultation", "Consultation note", "other"},
    {"18761-7", kinds::loinc, "Lettre d'entrée ou de transfert", "Transfer note", "other"},
    {"34874-8", kinds::loinc, "Compte rendu opératoire", "Operation report", "other"},
    {"77436-4", kinds::loinc, "Compte rendu d'anesthésie", "Anaesthesia report", "other"},
    {"85208-7", kinds::loinc, "Téléconsultation", "Telemedicine report", "other"},
    {"96349-6", kinds::loinc, "Lettre d'adressage", "Referral letter", "other"},
    {"18776-5", kinds::loinc, "Plan de soins", "Care plan", "other"},
    {"29274-8", kinds::loinc, "Mesures", "Vital signs", "other"},
    {"55115-0", kinds::loinc, "Demande d'imagerie", "Imaging request", "other"},
    {"57832-8", kinds::loinc, "Prescription de soins", "Care prescription", "other"},
    {"74207-2", kinds::loinc, "Fiche de liaison d'urgence", "Emergency transfer note", "other"},
    {"89601-9", kinds::loinc, "Certificat médical", "Medical certificate", "other"},
    {"REMB", kinds::tre_a05, "Remboursements", "Reimbursements", "other"},
    {"PROT_ALD", kinds::tre_a05, "Protocole de soins ALD", "Long-term illness plan", "other"},
    {"EXPPAT_3", kinds::tre_a05, "Directives anticipées", "Advance directives", "other"},
};

// The OID behind the forms a system is written in: an OID, "urn:oid:" and an OID, LOINC's URI.
constexpr std::string_view oid_of(std::string_view system) noexcept {
  if (system == "http://loinc.org") return kinds::loinc;
  if (system.starts_with("urn:oid:")) system.remove_prefix(8);
  return system;
}

// Null when the table has no such kind.
constexpr const Kind* kind_of(std::string_view code, std::string_view system) noexcept {
  for (const auto& kind : kind_table)
    if (kind.code == code && kind.system == oid_of(system)) return &kind;
  return nullptr;
}

}  // namespace coffret

#endif  // COFFRET_KINDS_HPP
