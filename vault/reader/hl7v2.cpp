// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/hl7v2.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "vault/reader/because.hpp"
#include "vault/reader/charset.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/facts_hl7v2.hpp"
#include "vault/reader/hl7_text.hpp"
#include "vault/reader/iso_time.hpp"
#include "vault/reader/parts.hpp"

namespace coffret::reader {
namespace {

using Fields = Hl7Fields;

std::string_view at(const Fields& fields, std::size_t n) {
  return n < fields.size() ? fields[n] : std::string_view{};
}

// HL7 table 0211, as far as Europe uses it; the first repetition is the default.
std::optional<std::string> decode(ByteView file) {
  const std::string_view raw = as_text(file);
  const auto header = hl7_split(raw.substr(0, raw.find_first_of("\r\n")), '|');
  // MSH-1 is the delimiter itself: MSH-18 is the 17th piece.
  const std::string_view set = header.size() > 17 ? header[17] : std::string_view{};
  const std::string_view name = set.substr(0, set.find('~'));
  if (name.starts_with("8859/") && name.size() <= 7)
    return to_utf8("ISO-8859-" + std::string{name.substr(5)}, raw);
  return decode_text(file);
}

Identifier order_id(std::string_view ei) {
  const std::string value = hl7_component(ei, 0);
  return {value, hl7_component(ei, 2)};
}

void read_order(const Fields& obr, DocumentDescription& into) {
  DocumentEntry& e = into.entry;
  if (e.type.code.empty()) {
    e.type = hl7_code(at(obr, 4));
    if (e.type.system == "LN") e.type.system = "2.16.840.1.113883.6.1";
    e.title = e.type.display;
    e.date = from_hl7(hl7_component(at(obr, 7), 0));
    e.unique_id = order_id(at(obr, 3));
  }
  Author author = hl7_person(at(obr, 16));
  if (!author.name.empty() && e.authors.size() < limits::list_length)
    e.authors.push_back(std::move(author));
  add_text(into, hl7_component(at(obr, 4), 1));
}

void read_value(const Fields& obx, DocumentDescription& into) {
  // HL7 table 0085: deleted, posted as wrong, could not be obtained.
  const std::string_view status = at(obx, 11);
  if (status == "D" || status == "W" || status == "X") return;
  const std::string_view kind = at(obx, 2);
  std::string line = hl7_component(at(obx, 3), 1) + " | " + hl7_value(obx) + " ";
  for (const std::size_t n : {6U, 7U, 8U})  // unit, range, flag
    if (const std::string text = hl7_component(at(obx, n), 0); !text.empty())
      line += "| " + text + " ";
  if (kind != "ED" && kind != "RP") add_text(into, clean_line(line));
}

PatientIdentity read_patient(const Fields& pid) {
  PatientIdentity patient;
  hl7_patient_ids(at(pid, 3), patient);
  hl7_patient_names(at(pid, 5), patient);
  order_ids(patient.ids);
  patient.birth_date = from_hl7(hl7_component(at(pid, 7), 0));
  patient.gender = hl7_component(at(pid, 8), 0);
  return patient;
}

// By a number in common (PID-3); where one has none, by name and birth date.
bool is_same(const PatientIdentity& a, const PatientIdentity& b) {
  if (a.ids.empty() || b.ids.empty())
    return a.families == b.families && a.given == b.given && a.birth_date == b.birth_date;
  return std::any_of(a.ids.begin(), a.ids.end(), [&](const Identifier& id) {
    return std::find(b.ids.begin(), b.ids.end(), id) != b.ids.end();
  });
}

}  // namespace

bool looks_like_hl7v2(ByteView file) {
  return as_text(file).starts_with("MSH|^~\\&|");
}

Result<bool> describe_hl7v2(ByteView file, DocumentDescription& into) {
  const auto text = decode(file);
  if (!text) return false;
  DocumentEntry& e = into.entry;
  e.format = DocumentFormat::hl7v2;
  e.media_type = "x-application/hl7-v2+er7";
  e.category = "laboratory";
  std::string organisation;
  std::string sent;
  std::optional<PatientIdentity> patient;
  FactList facts{into};
  std::string observed;  // when, by the order at hand
  std::size_t observations = 0;
  std::string_view rest = *text;
  for (std::size_t i = 0; i < hl7_segments && !rest.empty(); ++i) {
    const auto end = rest.find_first_of("\r\n");
    const Fields fields = hl7_split(rest.substr(0, end), '|');
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (fields[0] == "MSH") {
      organisation = hl7_component(at(fields, 3), 0);
      sent = from_hl7(hl7_component(at(fields, 6), 0));
    }
    if (fields[0] == "PID") {
      PatientIdentity named = read_patient(fields);
      // Two people's results would be one person's document.
      if (patient && !is_same(*patient, named)) return because(Cause::two_patients);
      if (!patient) patient = std::move(named);
    }
    if (fields[0] == "OBR") {
      read_order(fields, into);
      observed = from_hl7(hl7_component(at(fields, 7), 0));
    }
    if (fields[0] == "OBX") {
      read_value(fields, into);
      add_hl7v2_result(fields, observed, ++observations, facts);
    }
  }
  if (patient) e.patient = std::move(*patient);
  if (e.date.empty()) e.date = sent;
  if (e.authors.empty() && !organisation.empty()) {
    Author author;
    author.organisation = organisation;
    e.authors.push_back(std::move(author));
  }
  return true;
}

}  // namespace coffret::reader
