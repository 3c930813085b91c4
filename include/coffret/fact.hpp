// SPDX-License-Identifier: EUPL-1.2
//
// fact.hpp: structured facts that a health document states: results, medicines, allergies,
// problems, vaccines, procedures, contacts. Drawn by coffret-reader from CDA R2 entries and FHIR R4
// resources; the document stays the truth, and each fact names the place it came from.
//
// Text is UTF-8 in NFC without control characters. Dates are ISO 8601 with the document's own
// precision and offset, empty when unknown. Numbers stay as written (decimal point), so that
// nothing is rounded. Units are UCUM where the document says so. Absent is empty.
// The limits are checked by whoever decodes: within_limits().
#ifndef COFFRET_FACT_HPP
#define COFFRET_FACT_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "coffret/coded_value.hpp"

namespace coffret {

// Kept in tables: never renumber, never reuse.
enum class FactKind : std::uint8_t {
  result = 1,    // an observation with a value: laboratory, vital sign
  medicine = 2,  // see MedicineEvent
  allergy = 3,   // or intolerance
  problem = 4,   // condition, diagnosis
  vaccine = 5,   // an immunisation given (or refused: status)
  procedure = 6,
  contact = 7,  // a person to reach: emergency contact, trusted person, relative
};

enum class MedicineEvent : std::uint8_t {
  none = 0,
  prescribed = 1,
  dispensed = 2,
  taken = 3,  // as stated: by the patient, or in a treatment list
  administered = 4,
};

struct Fact {
  FactKind kind = FactKind::result;
  MedicineEvent event = MedicineEvent::none;
  CodedValue code;    // the analyte, product, substance, condition, vaccine, act, relation
  std::string label;  // the document's words for it; for a contact the person's name
  std::string value;  // result: the number or the words
  std::string unit;
  std::string range_low;
  std::string range_high;
  std::string range_text;  // where the range is words
  std::string flag;        // HL7 ObservationInterpretation: N, L, H, LL, HH, A …
  std::string date;        // when it was so; start of a period
  std::string end;         // of a period
  std::string status;      // as written: "completed", "active", "refused" …
  std::string dose;        // medicine: dosage in words; vaccine: rank of the dose
  std::string detail;      // reaction, lot, quantity dispensed, telephone
  std::string author;      // who stated it, where the entry names another than the document's
  std::string place;       // FHIR: "Observation/abc"; CDA: "laboratory/entry[3]/observation[2]"

  template <class A>
  void serialize(A& a) {
    a(kind, event, code, label, value, unit, range_low, range_high, range_text, flag, date, end,
      status, dose, detail, author, place);
  }
  bool operator==(const Fact&) const = default;
};

namespace limits {
inline constexpr std::size_t facts = 5000;      // of one document
inline constexpr std::size_t fact_text = 2048;  // bytes of one field
}  // namespace limits

// Whether every field keeps its limit and every enumeration is known.
inline bool within_limits(const Fact& f) {
  const std::array<const std::string*, 17> texts = {
      &f.code.code, &f.code.system, &f.code.display, &f.label,  &f.value, &f.unit,
      &f.range_low, &f.range_high,  &f.range_text,   &f.flag,   &f.date,  &f.end,
      &f.status,    &f.dose,        &f.detail,       &f.author, &f.place};
  return f.kind >= FactKind::result && f.kind <= FactKind::contact &&
         f.event <= MedicineEvent::administered &&
         std::all_of(texts.begin(), texts.end(),
                     [](const std::string* text) { return text->size() <= limits::fact_text; });
}

inline bool within_limits(const std::vector<Fact>& facts) {
  return facts.size() <= limits::facts &&
         std::all_of(facts.begin(), facts.end(), [](const Fact& f) { return within_limits(f); });
}

}  // namespace coffret

#endif  // COFFRET_FACT_HPP
