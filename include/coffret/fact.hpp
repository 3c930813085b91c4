// SPDX-License-Identifier: EUPL-1.2
//
// fact.hpp: structured facts that a health document states: results, medicines, allergies,
// problems, vaccines, procedures, contacts. Drawn by coffret-reader from CDA R2, FHIR R4 and HL7 v2
// documents; the document stays the truth, and each fact names the place it came from.
//
// Text is UTF-8 in NFC without control characters, but for the mark between two languages in
// label, dose and detail (spoken.hpp): holds_words() judges what the reader hands over. Dates are
// ISO 8601 with the document's own precision and offset, empty when unknown. Numbers stay as
// written (decimal point), so that nothing is rounded. Units are UCUM where the document says so.
// Absent is empty. The limits are checked by whoever decodes: within_limits().
#ifndef COFFRET_FACT_HPP
#define COFFRET_FACT_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/coded_value.hpp"
#include "coffret/spoken.hpp"

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
  std::string value;  // result: number or words; allergy: criticality; medicine: strength
  std::string unit;
  std::string range_low;
  std::string range_high;
  std::string range_text;  // where the range is words
  std::string flag;        // interpretation: N, H …; medicine: ATC; problem, allergy: certainty
  std::string date;        // when it was so; start of a period
  std::string end;         // of a period
  std::string status;      // as written: "completed", "active", "refused" …
  std::string dose;        // medicine: in words; vaccine: rank; allergy: severity (mild …)
  std::string detail;      // reaction, lot, quantity dispensed, telephone
  std::string author;      // who stated it, where the entry names another than the document's
  std::string place;       // FHIR: "Observation/abc"; CDA: "laboratory/entry[3]/observation[2]"
  // Every coding that the document gives of `code`'s matter, as stated and in its order: CDA's
  // translations, FHIR's codings. Empty where `code` is the only one. They go and are kept beside
  // the fact, so that a record of it is what an earlier release reads.
  std::vector<CodedValue> codings{};

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
// Of one fact. A laboratory that translates LOINC into its own and a national code states three.
inline constexpr std::size_t codings = 16;
}  // namespace limits

// Whether every field keeps its limit and every enumeration is known.
inline bool within_limits(const Fact& f) {
  const std::array<const std::string*, 17> texts = {
      &f.code.code, &f.code.system, &f.code.display, &f.label,  &f.value, &f.unit,
      &f.range_low, &f.range_high,  &f.range_text,   &f.flag,   &f.date,  &f.end,
      &f.status,    &f.dose,        &f.detail,       &f.author, &f.place};
  const auto is_short = [](const std::string& text) { return text.size() <= limits::fact_text; };
  return f.kind >= FactKind::result && f.kind <= FactKind::contact &&
         f.event <= MedicineEvent::administered &&
         std::all_of(texts.begin(), texts.end(),
                     [&](const std::string* text) { return is_short(*text); }) &&
         f.codings.size() <= limits::codings &&
         std::all_of(f.codings.begin(), f.codings.end(), [&](const CodedValue& one) {
           return is_short(one.code) && is_short(one.system) && is_short(one.display);
         });
}

inline bool within_limits(const std::vector<Fact>& facts) {
  return facts.size() <= limits::facts &&
         std::all_of(facts.begin(), facts.end(), [](const Fact& f) { return within_limits(f); });
}

// Whether no field holds a control character (U+0000 to U+001F, U+007F to U+009F) that it may not.
inline bool holds_words(const Fact& f) {
  const auto clean = [](std::string_view text, bool spoken) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if ((byte < 0x20 || byte == 0x7F) && !(spoken && text[i] == spoken_mark)) return false;
      // C1 in UTF-8: C2 80 to C2 9F.
      if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0)
        return false;
    }
    return true;
  };
  const std::array<const std::string*, 14> plain = {
      &f.code.code, &f.code.system, &f.code.display, &f.value, &f.unit,
      &f.range_low, &f.range_high,  &f.range_text,   &f.flag,  &f.date,
      &f.end,       &f.status,      &f.author,       &f.place};
  return clean(f.label, true) && clean(f.dose, true) && clean(f.detail, true) &&
         std::all_of(plain.begin(), plain.end(),
                     [&](const std::string* text) { return clean(*text, false); }) &&
         std::all_of(f.codings.begin(), f.codings.end(), [&](const CodedValue& one) {
           return clean(one.code, false) && clean(one.system, false) && clean(one.display, false);
         });
}

}  // namespace coffret

#endif  // COFFRET_FACT_HPP
