// SPDX-License-Identifier: EUPL-1.2
//
// The lists. A code keeps its meaning in LOINC, SNOMED CT and ICD-10. In ATC classes move and codes
// are given anew: where one did, the code of before stands beside the one of now. The words beside
// the rows are ours: no register's descriptions are copied.
//
// Source of each row, by the heading it stands under:
//   J  the French value set of document types (kinds.hpp names its edition) holds the code
//   L  LOINC (loinc.org) holds the code
//   I  ICD-10 / CIM-10 of the WHO (icd.who.int/browse10): a block or category, with all below it
//   C  the same classification's clinical modification (ICD-10-CM), where only that has the code
//   S  SNOMED CT, the system of the International Patient Summary: main concepts, by code alone and
//      without what lies below them. So no document counts as judged by a SNOMED CT code.
//   A  ATC of the WHO Collaborating Centre for Drug Statistics Methodology: a class, with all below
// Not in the lists, on purpose: tobacco (F17, Z72.0, N07BA), medicines for sleep and anxiety (N05B,
// N05C), contraception (G03A but emergency contraception): common in any record, and of use to
// whoever treats. Hepatitis B shares J05AF with HIV and is left out with it.
#include "vault/grants/sensitive.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "coffret/kinds.hpp"

namespace coffret::grants {
namespace {

enum class System : std::uint8_t { loinc, icd10, snomed, atc };

struct Row {
  System system;
  std::string_view
      code;  // LOINC, SNOMED CT: the code; else the beginning of a code, without its point
  Sensitive kind;
};

using enum Sensitive;
using enum System;

constexpr Row rows[] = {
    // J: documents
    {loinc, "68599-0", psychiatry},  // psychiatric summary
    {loinc, "83901-9", psychiatry},  // assessment by a psychologist
    {loinc, "57055-6", pregnancy},   // antenatal summary
    {loinc, "89233-1", pregnancy},   // pregnancy
    {loinc, "15508-5", pregnancy},   // delivery
    {loinc, "57057-2", pregnancy},   // birth, for the mother
    {loinc, "89235-6", pregnancy},   // after the birth, mother
    {loinc, "51969-4", genetics},    // genetic analysis
    // L: scores of depression and anxiety
    {loinc, "44249-1", psychiatry},
    {loinc, "44261-6", psychiatry},
    {loinc, "55758-7", psychiatry},
    {loinc, "69737-5", psychiatry},
    {loinc, "70274-6", psychiatry},
    {loinc, "71354-5", psychiatry},  // after a birth
    // L: alcohol and drugs, looked for or told
    {loinc, "5640-8", addiction},
    {loinc, "5643-2", addiction},
    {loinc, "3397-7", addiction},
    {loinc, "3879-2", addiction},
    {loinc, "18282-4", addiction},
    {loinc, "19261-7", addiction},
    {loinc, "11331-6", addiction},
    {loinc, "74013-4", addiction},
    {loinc, "75626-2", addiction},
    // L: antibodies and antigen of HIV
    {loinc, "7917-8", hiv},
    {loinc, "7918-6", hiv},
    {loinc, "29893-5", hiv},
    {loinc, "30361-0", hiv},
    {loinc, "31201-7", hiv},
    {loinc, "48345-3", hiv},
    {loinc, "5220-9", hiv},
    {loinc, "5221-7", hiv},
    {loinc, "56888-1", hiv},
    {loinc, "58900-2", hiv},
    {loinc, "68961-2", hiv},
    {loinc, "75622-1", hiv},
    // L: viral load of HIV, and the cells it is followed by
    {loinc, "20447-9", hiv},
    {loinc, "25836-8", hiv},
    {loinc, "70241-5", hiv},
    {loinc, "24467-3", hiv},
    {loinc, "24013-5", hiv},
    {loinc, "29541-0", hiv},
    {loinc, "62469-2", hiv},
    {loinc, "8128-7", hiv},
    // L: pregnancy tests, and what is asked of a pregnancy
    {loinc, "2106-3", pregnancy},
    {loinc, "2110-5", pregnancy},
    {loinc, "2118-8", pregnancy},
    {loinc, "19080-1", pregnancy},
    {loinc, "21198-7", pregnancy},
    {loinc, "82810-3", pregnancy},
    {loinc, "8665-2", pregnancy},
    {loinc, "11612-1", pregnancy},
    {loinc, "11778-8", pregnancy},
    {loinc, "11884-4", pregnancy},
    {loinc, "11977-6", pregnancy},
    {loinc, "11996-6", pregnancy},
    {loinc, "18185-9", pregnancy},
    // L: chromosomes and genes
    {loinc, "29770-5", genetics},
    {loinc, "48018-6", genetics},
    {loinc, "55233-1", genetics},
    {loinc, "81247-9", genetics},
    {loinc, "21668-9", genetics},
    {loinc, "24476-4", genetics},
    // I: substances other than tobacco
    {icd10, "F10", addiction},
    {icd10, "F11", addiction},
    {icd10, "F12", addiction},
    {icd10, "F13", addiction},
    {icd10, "F14", addiction},
    {icd10, "F15", addiction},
    {icd10, "F16", addiction},
    {icd10, "F18", addiction},
    {icd10, "F19", addiction},
    {icd10, "E244", addiction},
    {icd10, "K292", addiction},
    {icd10, "K70", addiction},
    {icd10, "K852", addiction},
    {icd10, "K860", addiction},
    {icd10, "G312", addiction},
    {icd10, "G621", addiction},
    {icd10, "G721", addiction},
    {icd10, "I426", addiction},
    {icd10, "Z502", addiction},
    {icd10, "Z503", addiction},
    {icd10, "Z714", addiction},
    {icd10, "Z715", addiction},
    {icd10, "Z721", addiction},
    {icd10, "Z722", addiction},
    {icd10, "Z864", addiction},
    // I: mental disorders, and harm to oneself
    {icd10, "F0", psychiatry},
    {icd10, "F2", psychiatry},
    {icd10, "F3", psychiatry},
    {icd10, "F4", psychiatry},
    {icd10, "F5", psychiatry},
    {icd10, "F6", psychiatry},
    {icd10, "F7", psychiatry},
    {icd10, "F8", psychiatry},
    {icd10, "F9", psychiatry},
    {icd10, "X6", psychiatry},
    {icd10, "X7", psychiatry},
    {icd10, "X80", psychiatry},
    {icd10, "X81", psychiatry},
    {icd10, "X82", psychiatry},
    {icd10, "X83", psychiatry},
    {icd10, "X84", psychiatry},
    {icd10, "Z046", psychiatry},
    {icd10, "Z865", psychiatry},
    {icd10, "Z915", psychiatry},
    {icd10, "R458", psychiatry},  // thoughts of suicide, and other signs of the same kind
    // I: HIV
    {icd10, "B20", hiv},
    {icd10, "B21", hiv},
    {icd10, "B22", hiv},
    {icd10, "B23", hiv},
    {icd10, "B24", hiv},
    {icd10, "F024", hiv},
    {icd10, "O987", hiv},
    {icd10, "R75", hiv},
    {icd10, "Z114", hiv},
    {icd10, "Z206", hiv},
    {icd10, "Z21", hiv},
    {icd10, "Z717", hiv},
    // I: pregnancy, its end, and its being wished for or looked for
    {icd10, "O", pregnancy},
    {icd10, "N96", pregnancy},
    {icd10, "Z303", pregnancy},
    {icd10, "Z31", pregnancy},
    {icd10, "Z32", pregnancy},
    {icd10, "Z33", pregnancy},
    {icd10, "Z34", pregnancy},
    {icd10, "Z35", pregnancy},
    {icd10, "Z36", pregnancy},
    {icd10, "Z37", pregnancy},
    {icd10, "Z39", pregnancy},
    {icd10, "Z640", pregnancy},
    {icd10, "Z3A", pregnancy},  // C
    // I: chromosomes, and counsel about them
    {icd10, "Q9", genetics},
    {icd10, "Z137", genetics},
    {icd10, "Z315", genetics},
    {icd10, "Z14", genetics},  // C
    {icd10, "Z15", genetics},  // C
    // S
    {snomed, "86406008", hiv},
    {snomed, "165816005", hiv},
    {snomed, "62479008", hiv},
    {snomed, "77386006", pregnancy},
    {snomed, "74732009", psychiatry},
    {snomed, "35489007", psychiatry},
    {snomed, "58214004", psychiatry},
    {snomed, "13746004", psychiatry},
    {snomed, "66590003", addiction},
    {snomed, "75544000", addiction},
    // A
    {atc, "N05A", psychiatry},   // antipsychotics, lithium
    {atc, "N06A", psychiatry},   // antidepressants
    {atc, "N06BA", psychiatry},  // stimulants
    {atc, "N06C", psychiatry},
    {atc, "N07BB", addiction},  // of alcohol
    {atc, "N07BC", addiction},  // of opioids
    {atc, "J05AE", hiv},
    {atc, "J05AF", hiv},
    {atc, "J05AG", hiv},
    {atc, "J05AJ", hiv},
    {atc, "J05AR", hiv},
    {atc, "J05AX07", hiv},
    {atc, "J05AX08", hiv},  // J05AJ since
    {atc, "J05AX09", hiv},
    {atc, "J05AX11", hiv},  // J05AJ since
    {atc, "J05AX12", hiv},  // J05AJ since
    {atc, "J05AX23", hiv},
    {atc, "J05AX29", hiv},
    {atc, "J05AX31", hiv},
    {atc, "V03AX03", hiv},  // strengthens protease inhibitors
    {atc, "G02AB", pregnancy},
    {atc, "G02AD", pregnancy},
    {atc, "G03AD", pregnancy},
    {atc, "G03G", pregnancy},
    {atc, "G03XB", pregnancy},
    {atc, "H01BB02", pregnancy},
};

// Below a class that is listed: of something else.
constexpr std::string_view atc_of_else[] = {"J05AE30"};  // of COVID

constexpr std::string_view atc_systems[] = {"2.16.840.1.113883.6.73", "http://www.whocc.no/atc"};
constexpr std::string_view snomed_systems[] = {"2.16.840.1.113883.6.96", "http://snomed.info/sct"};
constexpr std::string_view icd10_systems[] = {
    "2.16.840.1.113883.6.3",  "http://hl7.org/fhir/sid/icd-10",
    "2.16.840.1.113883.6.90", "http://hl7.org/fhir/sid/icd-10-cm",
    "1.2.250.1.213.2.68",     "https://smt.esante.gouv.fr/terminologie-cim-10"};

bool is_one_of(std::string_view system, auto& systems) {
  return std::find(std::begin(systems), std::end(systems), system) != std::end(systems);
}

// "F32.1" and "F321" are one code.
std::string plain(std::string_view code) {
  std::string kept;
  for (const char c : code)
    if (c != '.' && c != ' ') kept += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return kept;
}

std::optional<System> system_of(const CodedValue& coded) {
  const auto oid = oid_of(coded.system);
  if (oid == kinds::loinc) return loinc;
  if (is_one_of(oid, icd10_systems)) return icd10;
  if (is_one_of(oid, snomed_systems)) return snomed;
  if (is_one_of(oid, atc_systems)) return atc;
  return std::nullopt;
}

class Judge {
 public:
  void code(const CodedValue& coded) {
    if (coded.code.empty()) return;
    if (const auto system = system_of(coded)) look(*system, coded.code);
  }
  // An ATC class that stands beside another code.
  void atc_class(std::string_view code) { look(atc, code); }
  void add(Sensitive kind) { found_.insert(kind); }
  std::vector<Sensitive> take() const { return {found_.begin(), found_.end()}; }

 private:
  void look(System system, std::string_view stated) {
    const bool whole = system == loinc || system == snomed;
    const auto code = whole ? std::string{stated} : plain(stated);
    if (system == atc && is_one_of(code, atc_of_else)) return;
    for (const auto& row : rows)
      if (row.system == system && (whole ? code == row.code : code.starts_with(row.code)))
        found_.insert(row.kind);
  }
  std::set<Sensitive> found_;
};

// Of the systems of all codings that a fact's document states.
template <class Says>
bool any_coding(const Fact& fact, const Says& says) {
  const auto known = [&](const CodedValue& coded) {
    const auto system = system_of(coded);
    return !coded.code.empty() && system && says(*system);
  };
  return known(fact.code) || std::any_of(fact.codings.begin(), fact.codings.end(), known);
}

// Whether the lists can tell that it is of no sensitive kind. Of SNOMED CT they know a few main
// concepts only.
bool is_judged(const Fact& fact) {
  if (fact.kind == FactKind::medicine && !fact.flag.empty()) return true;
  const System wanted = fact.kind == FactKind::medicine ? atc : icd10;
  return any_coding(fact, [&](System system) { return system == wanted; });
}

}  // namespace

std::string_view name(Sensitive kind) noexcept {
  switch (kind) {
    case psychiatry:
      return "psychiatry";
    case addiction:
      return "addiction";
    case hiv:
      return "hiv";
    case pregnancy:
      return "pregnancy";
    case genetics:
      return "genetics";
    case masked:
      return "masked";
  }
  return "";
}

std::string_view words(Sensitive kind, Language language) noexcept {
  const bool french = language == Language::french;
  switch (kind) {
    case psychiatry:
      return french ? "santé mentale" : "mental health";
    case addiction:
      return french ? "alcool ou drogues" : "alcohol or drugs";
    case hiv:
      return french ? "VIH" : "HIV";
    case pregnancy:
      return french ? "grossesse" : "pregnancy";
    case genetics:
      return french ? "génétique" : "genetics";
    case masked:
      return french ? "document masqué" : "masked document";
  }
  return "";
}

bool is_masked(const DocumentEntry& entry) {
  constexpr std::string_view hl7 = "2.16.840.1.113883.5.25";
  constexpr std::string_view hl7_uri = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
  return std::any_of(
      entry.confidentiality.begin(), entry.confidentiality.end(), [&](const CodedValue& code) {
        const auto system = oid_of(code.system);
        const bool restricted = code.code == "R" || code.code == "V";
        return code.code == "MASQUE_PS" || code.code.starts_with("INVISIBLE_") ||
               (restricted && (system.empty() || system == hl7 || system == hl7_uri));
      });
}

std::vector<Sensitive> sensitive_kinds(const DocumentEntry& entry, const std::vector<Fact>& facts) {
  Judge judge;
  judge.code(entry.type);
  for (const auto& fact : facts) {
    judge.code(fact.code);
    for (const auto& other : fact.codings) judge.code(other);
    if (fact.kind == FactKind::medicine) judge.atc_class(fact.flag);
  }
  if (is_masked(entry)) judge.add(masked);
  return judge.take();
}

bool can_be_judged(const DocumentEntry& entry, const std::vector<Fact>& facts) {
  bool coded = system_of(entry.type) == loinc && !entry.type.code.empty();
  for (const auto& fact : facts) {
    if ((fact.kind == FactKind::problem || fact.kind == FactKind::medicine) && !is_judged(fact))
      return false;
    coded = coded || any_coding(fact, [](System) { return true; });
  }
  return coded;
}

}  // namespace coffret::grants
