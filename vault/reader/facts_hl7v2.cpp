// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/facts_hl7v2.hpp"

#include <algorithm>

#include "vault/reader/clean.hpp"
#include "vault/reader/hl7_text.hpp"
#include "vault/reader/iso_time.hpp"

namespace coffret::reader {
namespace {

std::string_view field(const Hl7Fields& fields, std::size_t n) {
  return n < fields.size() ? fields[n] : std::string_view{};
}

bool is_coded(std::string_view type) {
  return type == "CE" || type == "CWE" || type == "CF";
}

// "5,2" as "5.2"; empty: no number.
std::string plain_number(std::string_view text) {
  std::string number;
  bool point = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      number.push_back(c);
    } else if ((c == '.' || c == ',') && !point && !number.empty() && number != "-") {
      point = true;
      number.push_back('.');
    } else if ((c == '-' || c == '+') && number.empty()) {
      if (c == '-') number.push_back(c);
    } else {
      return {};
    }
  }
  return number == "-" || number.ends_with('.') ? std::string{} : number;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return std::string{text.substr(first, text.find_last_not_of(' ') - first + 1)};
}

std::string one_value(std::string_view type, std::string_view value) {
  if (type == "SN") {
    std::string comparator = hl7_component(value, 0);
    if (comparator == "=") comparator.clear();
    return comparator + hl7_component(value, 1) + hl7_component(value, 2) + hl7_component(value, 3);
  }
  if (is_coded(type)) {
    const std::string words = hl7_component(value, 1);
    return words.empty() ? hl7_component(value, 0) : words;
  }
  std::string plain = hl7_component(value, 0);
  if (type == "DT" || type == "TS" || type == "DTM") {
    const std::string date = from_hl7(plain);
    return date.empty() ? plain : date;
  }
  return plain;
}

// "3.5-5.0", "<= 5", ">= 40"; a bound that is not part of the range stays words, as all else.
void read_range(const std::string& said, Fact& into) {
  into.range_text = said;
  for (const std::string_view least : {">=", "≥", "<=", "≤"}) {
    if (!said.starts_with(least)) continue;
    const std::string number = plain_number(trimmed(std::string_view{said}.substr(least.size())));
    if (number.empty()) return;
    (least == ">=" || least == "≥" ? into.range_low : into.range_high) = number;
    into.range_text.clear();
    return;
  }
  const auto dash = said.find('-', 1);
  if (dash == std::string::npos) return;
  const std::string low = plain_number(trimmed(std::string_view{said}.substr(0, dash)));
  const std::string high = plain_number(trimmed(std::string_view{said}.substr(dash + 1)));
  if (low.empty() || high.empty()) return;
  into.range_low = low;
  into.range_high = high;
  into.range_text.clear();
}

// HL7 table 0085, in FHIR's words where it has them.
std::string status_of(std::string_view status) {
  if (status == "F" || status == "U") return "final";
  if (status == "C") return "corrected";
  if (status == "P" || status == "R" || status == "S" || status == "I") return "preliminary";
  return std::string{status};
}

CodedValue in_our_words(CodedValue code) {
  if (code.system == "LN") code.system = "2.16.840.1.113883.6.1";
  return code;
}

// The code and the alternate one; of both LOINC's first.
void take_code(std::string_view ce, Fact& into) {
  const CodedValue code = in_our_words(hl7_code(ce));
  const CodedValue other =
      in_our_words({hl7_component(ce, 3), hl7_component(ce, 5), hl7_component(ce, 4)});
  const bool other_is_loinc = hl7_component(ce, 5) == "LN" && hl7_component(ce, 2) != "LN";
  into.code = other_is_loinc ? other : code;
  for (const auto* one : {&code, &other})
    if (!one->code.empty()) into.codings.push_back(*one);
}

}  // namespace

std::string hl7_value(const Hl7Fields& obx) {
  std::string all;
  for (const auto value : hl7_split(field(obx, 5), '~'))
    append_words(all, one_value(field(obx, 2), value), " ");
  return all;
}

void add_hl7v2_result(const Hl7Fields& obx, const std::string& observed, std::size_t number,
                      FactList& facts) {
  const std::string_view type = field(obx, 2);
  const std::string_view status = field(obx, 11);
  // HL7 table 0085: deleted, posted as wrong, could not be obtained.
  if (status == "D" || status == "W" || status == "X" || type == "ED" || type == "RP") return;
  Fact fact;
  take_code(field(obx, 3), fact);
  fact.label = hl7_component(field(obx, 3), 1);
  fact.value = hl7_value(obx);
  if (type == "NM")
    if (std::string plain = plain_number(trimmed(fact.value)); !plain.empty())
      fact.value = std::move(plain);
  fact.unit = hl7_component(field(obx, 6), 0);
  if (fact.unit.empty()) fact.unit = hl7_component(field(obx, 6), 1);
  read_range(trimmed(hl7_component(field(obx, 7), 0)), fact);
  for (const auto flag : hl7_split(field(obx, 8), '~'))
    if (fact.flag.empty()) fact.flag = hl7_component(flag, 0);
  fact.date = from_hl7(hl7_component(field(obx, 14), 0));
  if (fact.date.empty()) fact.date = observed;
  fact.status = status_of(status);
  fact.place = "OBX[" + std::to_string(number) + "]";
  facts.add(std::move(fact));
}

}  // namespace coffret::reader
