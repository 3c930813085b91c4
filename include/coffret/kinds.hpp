// SPDX-License-Identifier: EUPL-1.2
//
// kinds.hpp: the kinds of health document, with our own French and English words, and
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

// Source of each row, by the heading it stands under:
//   J  the French value set JDV_J07-XdsTypeCode-CISIS (OID 1.2.250.1.213.1.1.5.471) of the Agence
//   du
//      numérique en santé names the code: the edition in ansforge/TestContenuCDA-3-0, 7cd489b39368
//   C  J, and the CI-SIS volet that uses the code (same edition, ExemplesCDA) gives the category
//   L  the LOINC document ontology (loinc.org) names the code; a code never changes its meaning
// The words are ours: neither register's descriptions are copied.
inline constexpr Kind kind_table[] = {
    // C
    {"60591-5", kinds::loinc, "Résumé médical", "Patient summary", "patient-summary"},
    {"SYNTH", kinds::tre_a05, "Résumé médical", "Medical summary", "patient-summary"},
    {"11369-6", kinds::loinc, "Vaccinations", "Vaccination record", "patient-summary"},
    {"87273-9", kinds::loinc, "Vaccin reçu", "Vaccination note", "patient-summary"},
    {"57833-6", kinds::loinc, "Ordonnance", "Prescription", "eprescription"},
    {"60593-1", kinds::loinc, "Délivrance de médicaments", "Dispensation", "edispensation"},
    {"18748-4", kinds::loinc, "Compte rendu d'imagerie", "Imaging report", "imaging"},
    {"11502-2", kinds::loinc, "Analyses de laboratoire", "Laboratory report", "laboratory"},
    {"96173-0", kinds::loinc, "Test rapide", "Rapid test", "laboratory"},
    {"11490-0", kinds::loinc, "Lettre de sortie", "Discharge letter", "discharge"},
    {"34112-3", kinds::loinc, "Compte rendu d'hospitalisation", "Hospital report", "discharge"},
    {"34133-9", kinds::loinc, "Résumé d'un épisode de soins", "Episode summary", "discharge"},
    // L: the sibling of 34133-9 that hospitals outside France send
    {"18842-5", kinds::loinc, "Compte rendu de sortie", "Discharge summary", "discharge"},
    // J; a category follows from what the document is for
    {"57055-6", kinds::loinc, "Suivi de grossesse", "Antenatal summary", "patient-summary"},
    {"68599-0", kinds::loinc, "Résumé psychiatrique", "Psychiatric summary", "patient-summary"},
    {"DOCPAT08", kinds::tre_a05, "Mon profil médical", "My medical profile", "patient-summary"},
    {"96874-3", kinds::loinc, "Certificat de vaccination COVID-19",
     "COVID-19 vaccination certificate", "patient-summary"},
    {"57828-6", kinds::loinc, "Prescription, autre", "Other prescription", "eprescription"},
    {"75468-9", kinds::loinc, "Ordonnance renouvelée par le pharmacien",
     "Prescription renewed by the pharmacist", "eprescription"},
    {"DISP_AUT", kinds::tre_a05, "Délivrance, autre", "Other dispensation", "edispensation"},
    {"IMG-KOS", kinds::tre_a05, "Accès aux images d'un examen",
     "Access to the images of an examination", "imaging"},
    {"52040-3", kinds::loinc, "Photographie ou illustration", "Photograph or illustration",
     "imaging"},
    {"60568-3", kinds::loinc, "Analyse de tissus ou de cellules", "Tissue or cell report",
     "laboratory"},
    {"51969-4", kinds::loinc, "Analyse génétique", "Genetic analysis", "laboratory"},
    {"60280-5", kinds::loinc, "Retour des urgences", "Return note from the emergency department",
     "discharge"},
    {"86531-1", kinds::loinc, "Preuve de sortie", "Proof of discharge", "discharge"},
    {"15508-5", kinds::loinc, "Accouchement", "Delivery report", "discharge"},
    {"57057-2", kinds::loinc, "Naissance, pour la mère", "Birth summary, mother", "discharge"},
    {"57075-4", kinds::loinc, "Naissance, pour l'enfant", "Birth summary, child", "discharge"},
    {"89235-6", kinds::loinc, "Suites de couches", "After the birth, mother", "discharge"},
    {"78489-2", kinds::loinc, "L'enfant en maternité", "The child in the maternity ward",
     "discharge"},
    {"83981-1", kinds::loinc, "Sortie d'un établissement social ou médico-social",
     "Leaving a care home or social service", "discharge"},
    // J; outside the categories of article 14(1)
    {"11488-4", kinds::loinc, "Consultation", "Consultation note", "other"},
    {"18761-7", kinds::loinc, "Lettre d'entrée ou de transfert", "Transfer note", "other"},
    {"34874-8", kinds::loinc, "Compte rendu opératoire", "Operation report", "other"},
    {"77436-4", kinds::loinc, "Compte rendu d'anesthésie", "Anaesthesia report", "other"},
    {"85208-7", kinds::loinc, "Téléconsultation", "Telemedicine report", "other"},
    {"96349-6", kinds::loinc, "Lettre à un confrère", "Referral letter", "other"},
    {"18776-5", kinds::loinc, "Plan de soins", "Care plan", "other"},
    {"29274-8", kinds::loinc, "Mesures", "Vital signs", "other"},
    {"55115-0", kinds::loinc, "Demande d'imagerie", "Imaging request", "other"},
    {"57832-8", kinds::loinc, "Ordonnance de soins", "Care prescription", "other"},
    {"74207-2", kinds::loinc, "Fiche de liaison d'urgence", "Emergency transfer note", "other"},
    {"89601-9", kinds::loinc, "Certificat du médecin", "Medical certificate", "other"},
    {"11505-5", kinds::loinc, "Acte de soins", "Report of a treatment", "other"},
    {"11506-3", kinds::loinc, "Suivi par un auxiliaire de santé",
     "Follow-up by an allied professional", "other"},
    {"15507-7", kinds::loinc, "Passage aux urgences", "Emergency department report", "other"},
    {"28617-9", kinds::loinc, "Bilan dentaire", "Dental check-up", "other"},
    {"28653-4", kinds::loinc, "Document social", "Social services document", "other"},
    {"34120-6", kinds::loinc, "Bilan d'un professionnel", "Assessment by a professional", "other"},
    {"34749-2", kinds::loinc, "Consultation avant anesthésie", "Consultation before anaesthesia",
     "other"},
    {"34794-8", kinds::loinc, "Réunion de concertation", "Multidisciplinary team decision",
     "other"},
    {"34842-5", kinds::loinc, "Évaluation sociale", "Social assessment", "other"},
    {"34875-5", kinds::loinc, "Suivi après l'opération", "Follow-up after an operation", "other"},
    {"47420-5", kinds::loinc, "Bilan fonctionnel", "Functional assessment", "other"},
    {"51851-4", kinds::loinc, "Papier administratif", "Administrative paper", "other"},
    {"56445-0", kinds::loinc, "Bilan de médication en pharmacie",
     "Medication review at the pharmacy", "other"},
    {"56446-8", kinds::loinc, "Rendez-vous", "Appointment", "other"},
    {"59283-2", kinds::loinc, "Examen de santé de l'enfant", "Child health examination", "other"},
    {"59284-0", kinds::loinc, "Consentement", "Consent", "other"},
    {"61357-0", kinds::loinc, "Avis du pharmacien", "Pharmacist's advice", "other"},
    {"67851-6", kinds::loinc, "Admission", "Admission report", "other"},
    {"68817-6", kinds::loinc, "Bilan de prévention de l'enfant", "Child prevention check-up",
     "other"},
    {"70004-7", kinds::loinc, "Examen diagnostique", "Diagnostic report", "other"},
    {"78341-5", kinds::loinc, "Transfert vers les urgences", "Transfer to the emergency department",
     "other"},
    {"74465-6", kinds::loinc, "Questionnaire", "Patient questionnaire", "other"},
    {"75482-0", kinds::loinc, "Acte de soins préventif", "Preventive treatment report", "other"},
    {"75492-9", kinds::loinc, "Dépistage", "Screening report", "other"},
    {"75496-0", kinds::loinc, "Demande de télémédecine", "Telemedicine request", "other"},
    {"77604-7", kinds::loinc, "Programme de traitement", "Treatment schedule", "other"},
    {"78513-9", kinds::loinc, "Consultation d'ophtalmologie", "Eye consultation", "other"},
    {"78601-2", kinds::loinc, "Entretien avec le pharmacien", "Talk with the pharmacist", "other"},
    {"80565-5", kinds::loinc, "Médicaments administrés", "Medicines administered", "other"},
    {"80771-9", kinds::loinc, "Projet d'accueil", "Reception plan at school or nursery", "other"},
    {"80788-3", kinds::loinc, "Projet d'accompagnement", "Support plan", "other"},
    {"80820-4", kinds::loinc, "Conciliation des médicaments à l'hôpital",
     "Medicines reconciliation at the hospital", "other"},
    {"83836-7", kinds::loinc, "Schéma des dents", "Dental chart", "other"},
    {"83869-8", kinds::loinc, "Plan de prévention", "Prevention plan", "other"},
    {"83901-9", kinds::loinc, "Bilan du psychologue", "Psychological assessment", "other"},
    {"88348-8", kinds::loinc, "Entrée en établissement social ou médico-social",
     "Entering a care home or social service", "other"},
    {"93024-8", kinds::loinc, "Consultation du pharmacien", "Pharmacy consultation", "other"},
    {"89233-1", kinds::loinc, "Grossesse", "Pregnancy report", "other"},
    {"101881-1", kinds::loinc, "Mon implant", "Implant card", "other"},
    {"REMB", kinds::tre_a05, "Remboursements", "Reimbursements", "other"},
    {"PROT_ALD", kinds::tre_a05, "Soins de longue durée (ALD)", "Long-term illness plan", "other"},
    {"EXPPAT_1", kinds::tre_a05, "Mes volontés et mes droits", "My wishes and rights", "other"},
    {"EXPPAT_2", kinds::tre_a05, "Mon document", "My document", "other"},
    {"EXPPAT_3", kinds::tre_a05, "Directives anticipées", "Advance directives", "other"},
    {"CERT_DECL", kinds::tre_a05, "Certificat ou déclaration", "Certificate or declaration",
     "other"},
    {"BIL_AUTO", kinds::tre_a05, "Bilan d'autonomie", "Assessment of autonomy", "other"},
    {"AUTORIS-SOINS", kinds::tre_a05, "Autorisation de soins d'un mineur", "Leave to treat a minor",
     "other"},
    {"ATTEST-ASS-COMPL", kinds::tre_a05, "Carte de mutuelle", "Supplementary insurance", "other"},
    {"ATTEST-DROITS-AM", kinds::tre_a05, "Droits à l'assurance maladie",
     "Health insurance entitlement", "other"},
    {"ATTEST-RESID", kinds::tre_a05, "Justificatif de résidence", "Proof of residence", "other"},
    {"ATTEST-HEBGT", kinds::tre_a05, "Justificatif d'hébergement", "Proof of lodging", "other"},
    {"PIECE-IDENTITE", kinds::tre_a05, "Pièce d'identité", "Identity document", "other"},
    {"FICHE-CONTACTS", kinds::tre_a05, "Mes contacts", "Contacts", "other"},
    {"EXPORT_DUI", kinds::tre_a05, "Dossier social exporté", "Exported social record", "other"},
    {"FEUILLE-DE-STYLE", kinds::tre_a05, "Mise en page de documents", "Style sheet", "other"},
    {"PRESC-AAT", kinds::tre_a05, "Arrêt de travail", "Sick leave", "other"},
    {"PRESC-BIO", kinds::tre_a05, "Ordonnance d'analyses", "Laboratory request", "other"},
    {"PRESC-KINE", kinds::tre_a05, "Ordonnance de kinésithérapie", "Physiotherapy request",
     "other"},
    {"PRESC-INF", kinds::tre_a05, "Ordonnance de soins infirmiers", "Nursing request", "other"},
    {"PRESC-PEDI", kinds::tre_a05, "Ordonnance de pédicurie", "Podiatry request", "other"},
    {"PRESC-ORTHOPHO", kinds::tre_a05, "Ordonnance d'orthophonie", "Speech therapy request",
     "other"},
    {"PRESC-ORTHOPTIE", kinds::tre_a05, "Ordonnance d'orthoptie", "Orthoptics request", "other"},
    {"DOCPAT01", kinds::tre_a05, "Mon résumé", "My summary", "other"},
    {"DOCPAT02", kinds::tre_a05, "Mes traitements", "My treatments", "other"},
    {"DOCPAT03", kinds::tre_a05, "Mon compte rendu", "My report", "other"},
    {"DOCPAT04", kinds::tre_a05, "Mes images", "My images", "other"},
    {"DOCPAT05", kinds::tre_a05, "Mes analyses", "My laboratory results", "other"},
    {"DOCPAT06", kinds::tre_a05, "Ma prévention", "My prevention", "other"},
    {"DOCPAT07", kinds::tre_a05, "Mon certificat", "My certificate", "other"},
    {"DOCPAT09", kinds::tre_a05, "Mon papier administratif", "My administrative paper", "other"},
};

// The OID behind the forms a system is written in: an OID, "urn:oid:" and an OID, LOINC's URI or
// its name.
constexpr std::string_view oid_of(std::string_view system) noexcept {
  if (system == "http://loinc.org" || system == "LOINC") return kinds::loinc;
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
