// SPDX-License-Identifier: EUPL-1.2
//
// Facts of real files of other people, where a checkout beside this one has them: a list checked by
// eye against the files. Their absence is said and is no failure.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "coffret/spoken.hpp"
#include "vault/reader/reader.hpp"

namespace coffret::reader {
namespace {

namespace fs = std::filesystem;

fs::path documents() {
  return fs::path{COFFRET_SOURCE_DIR} / "../shared/data/documents";
}

std::vector<Fact> facts_of(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  const std::string all{std::istreambuf_iterator<char>{in}, {}};
  const auto read = describe(as_bytes(all), path.filename().string());
  if (!read) return {};
  CHECK(within_limits(*read));
  return read->facts;
}

struct Expected {
  const char* file;
  FactKind kind;
  const char* code;
  const char* label;
  const char* value;  // with unit and range; of others: dose
  const char* date;   // with end
  const char* detail;
  const char* status;
};

constexpr FactKind result = FactKind::result, medicine = FactKind::medicine,
                   allergy = FactKind::allergy, problem = FactKind::problem,
                   vaccine = FactKind::vaccine, procedure = FactKind::procedure,
                   contact = FactKind::contact;

const Expected expected[] = {
    {"fr-cda/BIO-CR-BIO_2024.01_Electrophorese.xml", result, "2885-2", "Protéines totales (g/L)",
     "75.0 g/L [63.000000;83.000000]", "2024-01-04T13:19:33+01:00", "", "completed"},
    {"fr-cda/BIO-CR-BIO_2024.01_Electrophorese.xml", result, "5778-6", "Couleur", "paille",
     "2024-01-04T13:19:33+01:00", "", "completed"},
    {"fr-cda/BIO-CR-BIO_2024.01_Electrophorese.xml", result, "20-8",
     "Amoxicilline+clavulanate - CMI", "< 0.012 ug/mL", "2024-01-04T15:50:00+01:00",
     "Streptococcus D.", "completed"},
    {"fr-cda/VSM_1.4_2022.01.xml", result, "11343-1", "Consommation de drogue non médicales",
     "Cannabis", "", "", "completed"},
    {"fr-cda/eP-MED-DM_2024.01_PosoStruct.xml", result, "11449-6", "Statut de grossesse",
     "grossesse en cours", "2023-12-01", "", "completed"},
    {"encodings/CARD-F-PRC-AVK_2022.01_utf-16le.xml", allergy, "J01MA01", "ofloxacine", "",
     "2000-03-28", "hypersensibilité non allergique médicamenteuse, Augmentation de l'INR",
     "active"},
    {"ccda/AdamEveryman-ReferralSummary.xml", allergy, "731570", "Bicillin L-A", "mild", "",
     "Hives", "active"},
    {"ccda/AdamEveryman-ReferralSummary.xml", result, "72166-2", "Tobacco smoking status",
     "Never smoker", "2013-12-17T08:00:00", "", "completed"},
    {"fr-cda/VSM_1.4_2022.01.xml", problem, "G45.9", "Accident ischémique cérébral transitoire", "",
     "2019-08-11", "", "active"},
    {"fr-cda/VSM_1.4_2022.01.xml", allergy, "60234100", "Paracétamol", "", "2018-06-03", "",
     "inactive"},
    {"fr-cda/VSM_1.4_2022.01.xml", medicine, "63564053", "PLAVIX 75 mg",
     "2 comprimés, 1 fois par jour, Voie orale", "2019-08-11", "", "completed"},
    {"fr-cda/VSM_1.4_2022.01.xml", contact, "SIS", "Sophie NESSI", "", "", "0647150100", "ECON"},
    {"fr-cda/eDISP-MED_2024.01.xml", medicine, "3400933516390",
     "PARACETAMOL VIATRIS 500 mg, comprimé plaquette(s) thermoformée(s) PVC-aluminium de 16 "
     "comprimé(s)",
     "1 cp (codé : 2 comprimés), pendant 2 jours, 4 fois/j à partir du 25/01/2021 pendant 2 jours "
     "(codé : toutes "
     "les "
     "16 h), Voie orale",
     "", "2 boîtes", ""},
    {"fr-cda/eP-MED-DM_2024.01_PosoStruct.xml", medicine, "63107752",
     "PARACETAMOL MYLAN 500 mg, comprimé",
     "1 cp - 2 cp (codé : 1 comprimé), pendant 2 jours, 3 fois/j à partir du 01/12/2023 pendant 2 "
     "jours ; 1 cp - 2 cp (codé : 1 comprimé), pendant "
     "4 jours, 2 fois/j à partir du 03/12/2023 pendant 4 jours, Voie orale, maximum 4 par jour, A "
     "prendre au cours d'un repas",
     "2023-12-01/2023-12-06", "2 boîtes", "completed"},
    {"fr-cda/VAC_2023.01.xml", vaccine, "61077869",
     "VACCIN BCG SSI, poudre et solvant pour suspension injectable", "1", "1975", "235421176",
     "completed"},
    {"fr-cda/OBP-SEM_2024.01.xml", vaccine, "J07BC01", "Vaccin contre l'hépatite B", "1", "", "",
     "not-done"},
    {"ccda/26562_ExportSummary_CCDA.xml", medicine, "453953", "metoprolol tartrate",
     "take 1 tablet (25 mg) by oral route once daily for 30 days",
     "2013-01-01T00:00:00/2013-01-31T00:00:00", "", "Expired -"},
    {"ccda/26562_ExportSummary_CCDA.xml", allergy, "215674", "penicillin G benzathine", "", "",
     "Hives", "active"},
    {"eu-cda/L3_PS_ReferenceTestData_W4.xml", allergy, "260176001", "Kiwi fruit", "", "1990-01-10",
     "Eczema", "active"},
    {"eu-cda/L3_PS_ReferenceTestData_W4.xml", medicine, "H03AA01", "Eutirox",
     "1 - 2, before breakfast, Oral use", "1997-10-06", "", "active"},
    {"eu-cda/L3_PS_ReferenceTestData_W4.xml", procedure, "64253000",
     "Implantation of heart assist system", "", "2014-10-20", "", "completed"},
    {"fhir/Bundle-lipids.json", result, "35200-5", "Cholesterol", "6.3 mmol/L [;4.5]", "", "",
     "final"},
    {"fhir-ips/IPS_IG-bundle-01.json", medicine, "108774000", "Product containing anastrozole",
     "1 tablet, Oral use", "2015-03", "", "active"},
};

std::string with(const std::string& text, const std::string& more, const char* between) {
  return more.empty() ? text : text + between + more;
}

bool matches(const Fact& f, const Expected& e) {
  // In the language of the file, where what the reader composes fits best.
  const std::string file = e.file;
  const auto language = file.starts_with("fr") || file.starts_with("encodings/")
                            ? Language::french
                            : Language::english;
  std::string value =
      f.kind == FactKind::result ? with(f.value, f.unit, " ") : said_in(f.dose, language);
  if (!f.range_low.empty() || !f.range_high.empty())
    value += " [" + f.range_low + ";" + f.range_high + "]";
  return f.kind == e.kind && f.code.code == e.code && said_in(f.label, language) == e.label &&
         value == e.value && with(f.date, f.end, "/") == e.date &&
         said_in(f.detail, language) == e.detail && f.status == e.status;
}

TEST_SUITE("vault/reader/facts") {
  TEST_CASE("foreign files give the facts that a person reads in them") {
    if (!fs::exists(documents())) {
      MESSAGE("skipped: ../shared/data/documents is not here, so no foreign file was tried");
      return;
    }
    for (const Expected& e : expected) {
      CAPTURE(std::string{e.file});
      CAPTURE(std::string{e.label});
      const auto facts = facts_of(documents() / e.file);
      CHECK(std::any_of(facts.begin(), facts.end(), [&](const Fact& f) { return matches(f, e); }));
    }
    // What these say is that there is nothing, or that it is not the patient's.
    for (const Fact& f : facts_of(documents() / "fr-cda/CNAM-HR_2021.01_sans-info.xml"))
      CHECK((f.kind == FactKind::contact || f.status == "none-known" ||
             f.status == "no-information"));
    for (const Fact& f : facts_of(documents() / "fr-cda/VSM_1.4_2022.01.xml"))
      CHECK(f.code.code != "D57.1");  // the mother's
    for (const Fact& f : facts_of(documents() / "ccda/Patient-166.xml"))
      CHECK((f.kind != FactKind::vaccine || f.status == "none-known"));
  }

  TEST_CASE("foreign files: how many facts of each kind") {
    if (!fs::exists(documents())) {
      MESSAGE("skipped: ../shared/data/documents is not here, so no foreign file was counted");
      return;
    }
    for (const auto& item : fs::recursive_directory_iterator(documents())) {
      if (!item.is_regular_file()) continue;
      std::array<int, 8> counts{};
      for (const Fact& f : facts_of(item.path())) ++counts[static_cast<std::size_t>(f.kind)];
      if (std::all_of(counts.begin(), counts.end(), [](int n) { return n == 0; })) continue;
      MESSAGE(item.path().filename().string()
              << ": results " << counts[1] << ", medicines " << counts[2] << ", allergies "
              << counts[3] << ", problems " << counts[4] << ", vaccines " << counts[5]
              << ", procedures " << counts[6] << ", contacts " << counts[7]);
    }
  }
}

}  // namespace
}  // namespace coffret::reader
