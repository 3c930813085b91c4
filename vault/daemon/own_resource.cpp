// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/own_resource.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <charconv>

#include "vault/daemon/plain_words.hpp"
#include "vault/daemon/shown_words.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;
using boost::json::object;

// Typed text has no control characters (own_entry.cpp), so none of it reads as a mark.
constexpr char mark = '\x01';
constexpr std::string_view mark_in_json = "\"\\u0001";

boost::json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

object coding(std::string_view system, std::string_view code) {
  return {{"system", view(system)}, {"code", view(code)}};
}

// A CodeableConcept of one code, or of words alone.
object concept_of(std::string_view words, std::string_view system = {},
                  std::string_view code = {}) {
  object made;
  if (!code.empty()) {
    auto one = coding(system, code);
    one["display"] = view(words);
    made["coding"] = array{std::move(one)};
  }
  made["text"] = view(words);
  return made;
}

object to_patient() {
  return {{"reference", view(patient_address)}};
}

void add_remark(object& resource, const OwnEntry& entry) {
  if (!entry.text.empty()) resource["note"] = array{object{{"text", entry.text}}};
}

object allergy(const OwnEntry& entry, std::string_view date) {
  constexpr std::string_view status = "http://terminology.hl7.org/CodeSystem/allergyintolerance-";
  object made{
      {"resourceType", "AllergyIntolerance"},
      {"clinicalStatus", {{"coding", array{coding(std::string{status} + "clinical", "active")}}}},
      {"verificationStatus",
       {{"coding", array{coding(std::string{status} + "verification", "unconfirmed")}}}},
      {"code", concept_of(entry.what)},
      {"patient", to_patient()},
      {"asserter", to_patient()},
      {"recordedDate", view(date)}};
  if (!entry.date.empty()) made["onsetDateTime"] = entry.date;
  if (!entry.reaction.empty())
    made["reaction"] = array{object{{"manifestation", array{concept_of(entry.reaction)}}}};
  return made;
}

object treatment(const OwnEntry& entry, std::string_view date, std::string_view today) {
  const auto common = std::min(entry.end.size(), today.size());
  const bool over = !entry.end.empty() && entry.end.substr(0, common) < today.substr(0, common);
  object period;
  // What is over did not begin today.
  if (!over || !entry.date.empty()) period["start"] = view(date);
  if (!entry.end.empty()) period["end"] = entry.end;
  object made{{"resourceType", "MedicationStatement"},
              {"status", over ? "completed" : "active"},
              {"medicationCodeableConcept", concept_of(entry.what)},
              {"subject", to_patient()},
              {"informationSource", to_patient()},
              {"effectivePeriod", std::move(period)}};
  if (!entry.dose.empty()) made["dosage"] = array{object{{"text", entry.dose}}};
  return made;
}

object vaccine(const OwnEntry& entry, std::string_view date) {
  object made{{"resourceType", "Immunization"},        {"status", "completed"},
              {"vaccineCode", concept_of(entry.what)}, {"patient", to_patient()},
              {"occurrenceDateTime", view(date)},      {"primarySource", false}};
  if (!entry.lot.empty()) made["lotNumber"] = entry.lot;
  if (!entry.dose.empty())
    made["protocolApplied"] = array{object{{"doseNumberString", entry.dose}}};
  return made;
}

object contact(const OwnEntry& entry) {
  object made{{"resourceType", "RelatedPerson"},
              {"active", true},
              {"patient", to_patient()},
              {"name", array{object{{"text", entry.what}}}}};
  if (!entry.relation.empty()) made["relationship"] = array{concept_of(entry.relation)};
  if (!entry.phone.empty())
    made["telecom"] = array{object{{"system", "phone"}, {"value", entry.phone}}};
  return made;
}

object quantity(const std::string& digits, std::string_view unit, const Measure* measure) {
  object made{{"value", number_mark(digits)}};
  if (!unit.empty()) made["unit"] = view(unit);
  // A unit of one's own is kept as typed; only the table's is known to be UCUM.
  if (measure != nullptr && (unit == measure->unit || unit == measure->larger.unit)) {
    made["system"] = "http://unitsofmeasure.org";
    made["code"] = view(unit);
  }
  return made;
}

object observation(const OwnEntry& entry, const Measure* measure, const std::string& value,
                   std::string_view date, Language language) {
  object made{{"resourceType", "Observation"},
              {"status", "final"},
              {"code", measure == nullptr ? concept_of(entry.what)
                                          : concept_of(measure->label(language), "http://loinc.org",
                                                       measure->loinc)},
              {"subject", to_patient()},
              {"performer", array{to_patient()}},
              {"effectiveDateTime", view(date)}};
  if (const auto digits = decimal(value); !digits.empty())
    made["valueQuantity"] = quantity(digits, unit_of(entry), measure);
  else
    made["valueString"] = value;
  add_remark(made, entry);
  return made;
}

// The parts of "128/79"; of any other measure the value alone.
std::vector<std::string> parts_of(const OwnEntry& entry) {
  if (!is_blood_pressure(entry.what)) return {entry.value};
  const auto slash = std::min(entry.value.find('/'), entry.value.size());
  return {entry.value.substr(0, slash),
          entry.value.substr(std::min(slash + 1, entry.value.size()))};
}

std::vector<object> blood_pressure(const OwnEntry& entry, std::string_view date,
                                   Language language) {
  const auto parts = parts_of(entry);
  return {observation(entry, measure_of("8480-6"), parts[0], date, language),
          observation(entry, measure_of("8462-4"), parts[1], date, language)};
}

// One for each part; empty when the table has none.
std::vector<const Measure*> measures_of(const OwnEntry& entry) {
  if (is_blood_pressure(entry.what)) return {measure_of("8480-6"), measure_of("8462-4")};
  const auto* measure = measure_of(entry.what);
  if (measure == nullptr) return {};
  return {measure};
}

// 0 when it is no number: decimal() was asked before.
double number(const std::string& typed) {
  const auto digits = decimal(typed);
  double value = 0;
  (void)std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

bool among(std::string_view list, const std::string& wanted) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (plain_text(list.substr(0, comma)) == wanted) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

std::string number_mark(std::string_view digits) {
  return mark + std::string{digits};
}

std::string with_numbers(std::string json) {
  for (auto at = json.find(mark_in_json); at != std::string::npos;
       at = json.find(mark_in_json, at)) {
    const auto digits = at + mark_in_json.size();
    const auto end = json.find('"', digits);
    json = json.substr(0, at) + json.substr(digits, end - digits) + json.substr(end + 1);
  }
  return json;
}

std::string decimal(std::string_view typed) {
  std::string digits;
  bool point = false;
  for (std::size_t i = 0; i < typed.size(); ++i) {
    const char c = typed[i];
    if (c == '.' || c == ',') {
      if (point || digits.empty() || digits == "-") return {};
      point = true;
      digits += '.';
    } else if ((c >= '0' && c <= '9') || (c == '-' && i == 0)) {
      digits += c;
    } else {
      return {};
    }
  }
  if (digits.empty() || digits.back() == '.' || digits == "-" || digits.size() > 18) return {};
  // JSON has no leading zero before another digit.
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  while (digits.size() > first + 1 && digits[first] == '0' && digits[first + 1] != '.')
    digits.erase(first, 1);
  return digits;
}

const Measure* measure_of(std::string_view what) {
  const auto wanted = plain_text(what);
  const auto* at = std::find_if(std::begin(measures), std::end(measures), [&](const Measure& m) {
    return m.loinc == what || plain_text(m.french) == wanted || plain_text(m.english) == wanted ||
           among(m.other_words, wanted);
  });
  return at == std::end(measures) ? nullptr : at;
}

bool is_blood_pressure(std::string_view what) {
  return among(blood_pressure_words, plain_text(what));
}

std::string_view unit_of(const OwnEntry& entry) {
  const auto measured = measures_of(entry);
  if (measured.empty()) return entry.unit;
  const auto& measure = *measured.front();
  if (!entry.unit.empty()) {
    const auto ucum = ucum_unit(entry.unit);
    return ucum == measure.unit || ucum == measure.larger.unit ? ucum
                                                               : std::string_view{entry.unit};
  }
  const auto parts = parts_of(entry);
  const bool larger = std::all_of(parts.begin(), parts.end(), [&](const std::string& part) {
    return number(part) < measure.larger.below;
  });
  return larger ? measure.larger.unit : measure.unit;
}

bool is_reversed(const OwnEntry& entry) {
  if (!is_blood_pressure(entry.what)) return false;
  const auto parts = parts_of(entry);
  return number(parts[0]) <= number(parts[1]);
}

const Measure* implausible(const OwnEntry& entry) {
  const auto unit = unit_of(entry);
  const auto parts = parts_of(entry);
  const auto measured = measures_of(entry);
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const auto& measure = *measured[i];
    if (decimal(parts[i]).empty() || (unit != measure.unit && unit != measure.larger.unit))
      return nullptr;
    const auto value = number(parts[i]) * (unit == measure.unit ? 1 : measure.larger.times);
    if (value < measure.low || value > measure.high) return &measure;
  }
  return nullptr;
}

std::vector<object> own_resources(const OwnEntry& entry, std::string_view date,
                                  std::string_view today, Language language) {
  switch (entry.kind) {
    case OwnKind::allergy: {
      auto made = allergy(entry, date);
      add_remark(made, entry);
      return {std::move(made)};
    }
    case OwnKind::treatment: {
      auto made = treatment(entry, date, today);
      add_remark(made, entry);
      return {std::move(made)};
    }
    case OwnKind::vaccine: {
      auto made = vaccine(entry, date);
      add_remark(made, entry);
      return {std::move(made)};
    }
    case OwnKind::measure:
      if (is_blood_pressure(entry.what)) return blood_pressure(entry, date, language);
      return {observation(entry, measure_of(entry.what), entry.value, date, language)};
    case OwnKind::contact:
      return {contact(entry)};
    case OwnKind::note:
    case OwnKind::directive:
      break;
  }
  return {};
}

}  // namespace coffret::daemon
