// SPDX-License-Identifier: EUPL-1.2
//
// measures.hpp: what people measure at home, with its LOINC code and its unit in UCUM.
#ifndef COFFRET_VAULT_DAEMON_MEASURES_HPP
#define COFFRET_VAULT_DAEMON_MEASURES_HPP

#include <string_view>

#include "coffret/error.hpp"

namespace coffret::daemon {

struct Measure {
  std::string_view loinc;
  std::string_view french;
  std::string_view english;
  std::string_view unit;           // UCUM
  std::string_view other_words{};  // also understood, separated by commas

  constexpr std::string_view label(Language language) const noexcept {
    return language == Language::french ? french : english;
  }
};

// Codes and units: LOINC (loinc.org), the vital signs profiles of FHIR R4 where they have one.
inline constexpr Measure measures[] = {
    {"29463-7", "Poids", "Body weight", "kg", "weight,masse"},
    {"8302-2", "Taille", "Body height", "cm", "height"},
    {"39156-5", "Indice de masse corporelle", "Body mass index", "kg/m2", "imc,bmi"},
    {"8280-0", "Tour de taille", "Waist circumference", "cm", "waist"},
    {"8480-6", "Tension systolique", "Systolic blood pressure", "mm[Hg]", "systolique,systolic"},
    {"8462-4", "Tension diastolique", "Diastolic blood pressure", "mm[Hg]",
     "diastolique,diastolic"},
    {"8867-4", "Pouls", "Heart rate", "/min", "fréquence cardiaque,pulse"},
    {"9279-1", "Fréquence respiratoire", "Respiratory rate", "/min", "respiration"},
    {"8310-5", "Température", "Body temperature", "Cel", "fièvre,temperature,fever"},
    {"59408-5", "Saturation en oxygène", "Oxygen saturation", "%", "saturation,spo2"},
    {"2339-0", "Glycémie", "Blood glucose", "g/L", "glucose,sucre"},
    {"33452-4", "Débit expiratoire de pointe", "Peak expiratory flow", "L/min",
     "débit de pointe,peak flow"},
    {"6301-6", "INR", "INR", "1", "inr"},
};

// Systolic over diastolic, typed at once: "128/79".
inline constexpr std::string_view blood_pressure_words =
    "tension,tension artérielle,blood pressure";

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_MEASURES_HPP
