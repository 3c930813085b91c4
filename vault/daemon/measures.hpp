// SPDX-License-Identifier: EUPL-1.2
//
// measures.hpp: what people measure at home, with its LOINC code and its unit in UCUM.
#ifndef COFFRET_VAULT_DAEMON_MEASURES_HPP
#define COFFRET_VAULT_DAEMON_MEASURES_HPP

#include <string_view>

#include "coffret/error.hpp"

namespace coffret::daemon {

// A larger unit that people leave unsaid: "12/8" is cmHg, "1,72" is metres.
struct LargerUnit {
  std::string_view unit{};  // UCUM; empty: there is none
  double times = 1;         // the measure's unit
  double below = 0;         // numbers under it, typed without a unit, are in the larger one
};

struct Measure {
  std::string_view loinc;
  std::string_view french;
  std::string_view english;
  std::string_view unit;           // UCUM
  std::string_view other_words{};  // also understood, separated by commas
  double low = 0;                  // what a living person can have, in `unit`: outside, it was
  double high = 0;                 //   typed wrong
  LargerUnit larger{};

  constexpr std::string_view label(Language language) const noexcept {
    return language == Language::french ? french : english;
  }
};

// Codes and units: LOINC (loinc.org), the vital signs profiles of FHIR R4 where they have one.
inline constexpr LargerUnit metres{"m", 100, 3};
inline constexpr LargerUnit centimetres_of_mercury{"cm[Hg]", 10, 30};
inline constexpr Measure measures[] = {
    {"29463-7", "Poids", "Body weight", "kg", "weight,masse", 0.3, 600},
    {"8302-2", "Taille", "Body height", "cm", "height", 20, 272, metres},
    {"39156-5", "Indice de masse corporelle", "Body mass index", "kg/m2", "imc,bmi", 5, 200},
    {"8280-0", "Tour de taille", "Waist circumference", "cm", "waist", 20, 400, metres},
    {"8480-6", "Tension systolique", "Systolic blood pressure", "mm[Hg]", "systolique,systolic", 30,
     350, centimetres_of_mercury},
    {"8462-4", "Tension diastolique", "Diastolic blood pressure", "mm[Hg]", "diastolique,diastolic",
     10, 250, centimetres_of_mercury},
    {"8867-4", "Pouls", "Heart rate", "/min", "fréquence cardiaque,pulse", 15, 350},
    {"9279-1", "Fréquence respiratoire", "Respiratory rate", "/min", "respiration", 3, 120},
    {"8310-5", "Température", "Body temperature", "Cel", "fièvre,temperature,fever", 20, 45},
    {"59408-5", "Saturation en oxygène", "Oxygen saturation", "%", "saturation,spo2", 20, 100},
    {"2339-0", "Glycémie", "Blood glucose", "g/L", "glucose,sucre", 0.05, 15},
    {"33452-4", "Débit expiratoire de pointe", "Peak expiratory flow", "L/min",
     "débit de pointe,peak flow", 20, 1200},
    {"6301-6", "INR", "INR", "1", "inr", 0.5, 20},
};

// Systolic over diastolic, typed at once: "128/79", "12/8".
inline constexpr std::string_view blood_pressure_words =
    "tension,tension artérielle,blood pressure";

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_MEASURES_HPP
