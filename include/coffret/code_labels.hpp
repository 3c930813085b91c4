// SPDX-License-Identifier: EUPL-1.2
//
// code_labels.hpp: our own French and English words for the codes of a document's entry other than
// its kind (kinds.hpp): class, confidentiality and visibility, practice setting, place, profession.
//
// Source of every row of a table: the register that the table names, with its OID, by the value set
// of the Agence du numérique en santé that is named after it, in the edition that
// ansforge/TestContenuCDA-3-0 carries at 7cd489b39368 (classes: JDV_J57, 2023-09-22, of
// ansforge/IG-terminologie-de-sante); HL7's own is ValueSet Confidentiality of CDA R2 (2005). The
// words are ours. Where the tables have no row, the document's own display words are shown, and the
// code where it has none.
#ifndef COFFRET_CODE_LABELS_HPP
#define COFFRET_CODE_LABELS_HPP

#include <iterator>
#include <string_view>

#include "coffret/coded_value.hpp"
#include "coffret/error.hpp"
#include "coffret/kinds.hpp"

namespace coffret {

struct CodeLabel {
  std::string_view code;
  std::string_view french;
  std::string_view english;

  constexpr std::string_view label(Language language) const noexcept {
    return language == Language::french ? french : english;
  }
};

namespace labels {

// TRE_A03, class of document, 1.2.250.1.213.1.1.4.1. JDV_J57-ClassCode-DMP.
inline constexpr CodeLabel classes[] = {
    {"10", "Rapport de soins", "Report"},
    {"11", "Résumé", "Summary"},
    {"31", "Images", "Images"},
    {"42", "Ordonnance", "Prescription"},
    {"43", "Délivrance", "Dispensation"},
    {"44", "Plan ou protocole", "Plan or protocol"},
    {"45", "Traitement reçu", "Treatment given"},
    {"52", "Certificat", "Certificate"},
    {"60", "Remboursements", "Reimbursements"},
    {"90", "Document personnel", "Person's own document"},
    {"95", "Papier administratif", "Administrative paper"},
};

// HL7 Confidentiality, 2.16.840.1.113883.5.25.
inline constexpr CodeLabel confidentiality[] = {
    {"N", "Confidentialité habituelle", "Usual confidentiality"},
    {"R", "Confidentialité renforcée", "Restricted"},
    {"V", "Confidentialité très renforcée", "Very restricted"},
};

// TRE_A07, visibility of a document, 1.2.250.1.213.1.1.4.13. JDV_J08.
inline constexpr CodeLabel visibility[] = {
    {"MASQUE_PS", "Caché aux professionnels", "Hidden from professionals"},
    {"INVISIBLE_PATIENT", "À annoncer d'abord par un professionnel",
     "To be told by a professional first"},
    {"INVISIBLE_REPRESENTANTS_LEGAUX", "Caché aux parents ou tuteurs",
     "Hidden from parents or guardians"},
};

// TRE_A01, practice setting, 1.2.250.1.213.1.1.4.9. JDV_J04.
inline constexpr CodeLabel settings[] = {
    {"AMBULATOIRE", "En ville", "Outpatient"},
    {"AMO", "Assurance maladie", "Health insurance"},
    {"DEPISTAGE", "Campagne de dépistage", "Screening programme"},
    {"ESSMS", "Établissement social ou médico-social", "Social care"},
    {"ETABLISSEMENT", "À l'hôpital ou en clinique", "Hospital"},
    {"HAD", "Hôpital à la maison", "Hospital at home"},
    {"MAD", "Aide à domicile", "Help at home"},
    {"PALLIATIF", "Accompagnement palliatif", "Palliative care"},
    {"SAD", "Soins à la maison", "Care at home"},
    {"SAMU_SMUR", "Urgences mobiles", "Ambulance service"},
};

// The sector of activity, 1.2.250.1.71.4.2.4. JDV_J02.
inline constexpr CodeLabel places[] = {
    {"SA01", "Hôpital public", "Public hospital"},
    {"SA02", "Hôpital des armées", "Military hospital"},
    {"SA03", "Hôpital privé d'intérêt collectif", "Non-profit hospital"},
    {"SA04", "Clinique privée", "Private hospital"},
    {"SA05", "Centre de soins", "Health centre"},
    {"SA07", "Cabinet", "Practice"},
    {"SA08", "Cabinet partagé", "Group practice"},
    {"SA09", "Société d'exercice", "Professional company"},
    {"SA10", "Ambulances", "Ambulance"},
    {"SA12", "Soins et prévention", "Care and prevention"},
    {"SA13", "Santé en entreprise", "Occupational health"},
    {"SA15", "PMI ou planning familial", "Child and family health centre"},
    {"SA16", "Établissement du handicap", "Disability service"},
    {"SA17", "Maison de retraite", "Care home"},
    {"SA24", "Sécurité sociale", "Social insurance"},
    {"SA25", "Laboratoire", "Laboratory"},
    {"SA29", "Laboratoire", "Laboratory"},
    {"SA33", "Pharmacie", "Pharmacy"},
    {"SA34", "Dialyse", "Dialysis centre"},
    {"SA36", "Centre de lutte contre le cancer", "Cancer centre"},
    {"SA37", "Don et transfusion du sang", "Blood centre"},
    {"SA39", "Pharmacie de mutuelle", "Mutual pharmacy"},
    {"SA52", "Maison de santé", "Group health centre"},
    {"SA54", "Dépistage et prévention", "Screening centre"},
    {"SA64", "Téléconsultation", "Teleconsultation company"},
    {"SA66", "Médecine du travail", "Occupational medicine"},
    {"SA67", "Médecins de garde", "Out-of-hours doctors"},
    {"SA69", "Maison de naissance", "Birth centre"},
};

// The role of who or what is no registered professional, 1.2.250.1.213.1.1.4.6. JDV_J01.
inline constexpr CodeLabel roles[] = {
    {"EXP_PATIENT", "La personne elle-même", "The person"},
    {"ALIM_AM", "Données de l'assurance maladie", "Health insurance data"},
    {"DISPOSITIF", "Appareil médical", "Medical device"},
    {"SECRETARIAT_MEDICAL", "Secrétariat", "Medical secretary"},
    {"AUTOMATE", "Appareil automatique", "Automatic system"},
    {"SNR", "Application de santé", "Health application"},
    {"LOGICIEL_DUI", "Logiciel social ou médico-social", "Social care software"},
};

// Professions of G15, with G16's students, 1.2.250.1.213.1.1.4.5. JDV_J01. A code goes on with a
// speciality after a slash: only those that letters show often have words of their own.
inline constexpr CodeLabel professions[] = {
    {"G15_10", "Médecin", "Doctor"},
    {"G15_10/SM02", "Anesthésiste-réanimateur", "Anaesthetist"},
    {"G15_10/SM04", "Cardiologue", "Cardiologist"},
    {"G15_10/SM15", "Dermatologue", "Dermatologist"},
    {"G15_10/SM20", "Gynécologue-obstétricien", "Obstetrician and gynaecologist"},
    {"G15_10/SM22", "Hématologue", "Haematologist"},
    {"G15_10/SM24", "Gastro-entérologue", "Gastroenterologist"},
    {"G15_10/SM25", "Médecin du travail", "Occupational physician"},
    {"G15_10/SM26", "Médecin généraliste", "General practitioner"},
    {"G15_10/SM27", "Interniste", "Internist"},
    {"G15_10/SM28", "Médecin nucléaire", "Nuclear physician"},
    {"G15_10/SM32", "Neurologue", "Neurologist"},
    {"G15_10/SM38", "Ophtalmologue", "Ophthalmologist"},
    {"G15_10/SM40", "Pédiatre", "Paediatrician"},
    {"G15_10/SM41", "Pneumologue", "Chest physician"},
    {"G15_10/SM42", "Psychiatre", "Psychiatrist"},
    {"G15_10/SM44", "Radiologue", "Radiologist"},
    {"G15_10/SM53", "Médecin généraliste", "General practitioner"},
    {"G15_10/SM54", "Médecin généraliste", "General practitioner"},
    {"G15_21", "Pharmacien", "Pharmacist"},
    {"G15_26", "Audioprothésiste", "Hearing aid specialist"},
    {"G15_28", "Opticien", "Optician"},
    {"G15_31", "Assistant dentaire", "Dental assistant"},
    {"G15_35", "Aide-soignant", "Care assistant"},
    {"G15_36", "Ambulancier", "Ambulance attendant"},
    {"G15_38", "Préparateur en pharmacie", "Pharmacy technician"},
    {"G15_39", "Préparateur en pharmacie", "Pharmacy technician"},
    {"G15_40", "Dentiste", "Dentist"},
    {"G15_50", "Sage-femme", "Midwife"},
    {"G15_60", "Infirmier", "Nurse"},
    {"G15_69", "Infirmier en psychiatrie", "Psychiatric nurse"},
    {"G15_70", "Kinésithérapeute", "Physiotherapist"},
    {"G15_80", "Pédicure-podologue", "Podiatrist"},
    {"G15_86", "Technicien de laboratoire", "Laboratory technician"},
    {"G15_91", "Orthophoniste", "Speech therapist"},
    {"G15_92", "Orthoptiste", "Orthoptist"},
    {"G15_94", "Ergothérapeute", "Occupational therapist"},
    {"G15_95", "Diététicien", "Dietitian"},
    {"G15_96", "Psychomotricien", "Psychomotor therapist"},
    {"G15_98", "Manipulateur en radiologie", "Radiographer"},
    {"G16_10", "Étudiant en médecine", "Medical student"},
    {"G16_21", "Étudiant en pharmacie", "Pharmacy student"},
    {"G16_40", "Étudiant dentiste", "Dental student"},
    {"G16_50", "Étudiant sage-femme", "Student midwife"},
};

struct Table {
  std::string_view system;  // OID
  const CodeLabel* begin;
  const CodeLabel* end;
};
inline constexpr Table tables[] = {
    {"1.2.250.1.213.1.1.4.1", std::begin(classes), std::end(classes)},
    {"2.16.840.1.113883.5.25", std::begin(confidentiality), std::end(confidentiality)},
    {"1.2.250.1.213.1.1.4.13", std::begin(visibility), std::end(visibility)},
    {"1.2.250.1.213.1.1.4.9", std::begin(settings), std::end(settings)},
    {"1.2.250.1.71.4.2.4", std::begin(places), std::end(places)},
    {"1.2.250.1.213.1.1.4.6", std::begin(roles), std::end(roles)},
    {"1.2.250.1.213.1.1.4.5", std::begin(professions), std::end(professions)},
};

}  // namespace labels

// Null when no table has the code. A profession with an unknown speciality is the profession.
constexpr const CodeLabel* code_label(std::string_view code, std::string_view system) noexcept {
  if (system == "http://terminology.hl7.org/CodeSystem/v3-Confidentiality")
    system = "2.16.840.1.113883.5.25";
  for (const auto& table : labels::tables) {
    if (table.system != oid_of(system)) continue;
    for (const auto* row = table.begin; row != table.end; ++row)
      if (row->code == code) return row;
    const auto slash = code.find('/');
    return slash == std::string_view::npos ? nullptr : code_label(code.substr(0, slash), system);
  }
  return nullptr;
}

// The words to show for a code: ours, else the document's, else the code itself. Valid as long as
// `value`.
constexpr std::string_view label_of(const CodedValue& value, Language language) noexcept {
  if (const Kind* kind = kind_of(value.code, value.system)) return kind->label(language);
  if (const CodeLabel* row = code_label(value.code, value.system)) return row->label(language);
  return value.display.empty() ? std::string_view{value.code} : std::string_view{value.display};
}

}  // namespace coffret

#endif  // COFFRET_CODE_LABELS_HPP
