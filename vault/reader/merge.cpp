// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/merge.hpp"

#include <algorithm>

#include "coffret/kinds.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/iso_time.hpp"
#include "vault/reader/parts.hpp"

namespace coffret::reader {
namespace {

// HL7 Confidentiality, the levels N, R, V; every other system's codes are about visibility.
constexpr std::string_view levels = "2.16.840.1.113883.5.25";
constexpr std::string_view fhir_levels = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

// A picture or a PDF that has an id of its own shows a certificate.
bool has_header(const DocumentEntry& entry) {
  const auto format = entry.format;
  const bool shown = format == DocumentFormat::image || format == DocumentFormat::pdf;
  return (shown && !entry.unique_id.value.empty()) || format == DocumentFormat::cda ||
         format == DocumentFormat::fhir || format == DocumentFormat::dicom ||
         format == DocumentFormat::hcert || format == DocumentFormat::hl7v2;
}

bool is_level(const CodedValue& code) {
  return oid_of(code.system) == levels || code.system == fhir_levels;
}

std::string shown(const PatientIdentity& p) {
  return clean_line(p.given + " " + p.family + " " + p.birth_date);
}

std::string shown(const CodedValue& code) {
  return clean_line(code.display.empty() ? code.code : code.display + " (" + code.code + ")");
}

std::string first_author(const DocumentEntry& e) {
  return e.authors.empty() ? std::string{} : e.authors.front().name;
}

// Any family name in common, the first given name and the birth date, as far as both tell them.
bool same_patient(const PatientIdentity& a, const PatientIdentity& b) {
  const auto first_word = [](const std::string& names) {
    return folded(std::string_view{names}.substr(0, names.find(' ')));
  };
  if (!a.families.empty() && !b.families.empty() &&
      std::none_of(a.families.begin(), a.families.end(), [&](const std::string& x) {
        return std::any_of(b.families.begin(), b.families.end(),
                           [&](const std::string& y) { return folded(x) == folded(y); });
      }))
    return false;
  if (!a.given.empty() && !b.given.empty() && first_word(a.given) != first_word(b.given))
    return false;
  return a.birth_date.empty() || b.birth_date.empty() || same_moment(a.birth_date, b.birth_date);
}

void note(DocumentEntry& e, std::string_view field, std::string metadata, std::string document) {
  e.discrepancies.push_back({std::string{field}, std::move(metadata), std::move(document)});
}

void compare(const DocumentEntry& m, DocumentEntry& e) {
  if (!same_patient(m.patient, e.patient)) note(e, "patient", shown(m.patient), shown(e.patient));
  if (!m.title.empty() && !e.title.empty() && folded(m.title) != folded(e.title))
    note(e, "title", m.title, e.title);
  if (!m.date.empty() && !e.date.empty() && !same_moment(m.date, e.date))
    note(e, "date", m.date, e.date);
  if (!m.type.code.empty() && !e.type.code.empty() &&
      (m.type.code != e.type.code || oid_of(m.type.system) != oid_of(e.type.system)))
    note(e, "type", shown(m.type), shown(e.type));
  const std::string theirs = first_author(m);
  const std::string own = first_author(e);
  if (!theirs.empty() && !own.empty() && folded(theirs) != folded(own))
    note(e, "author", theirs, own);
}

// Whoever wrote it, every text of an entry is one line without characters that act.
struct Cleaner {
  template <class... T>
  void operator()(T&... fields) {
    (clean(fields), ...);
  }

 private:
  void clean(std::string& text) { text = clean_line(text); }
  template <class T>
  void clean(std::vector<T>& list) {
    for (auto& item : list) clean(item);
  }
  template <class T>
  void clean(T& value) {
    if constexpr (requires { value.serialize(*this); }) value.serialize(*this);
  }
};

template <class T>
void fill(T& place, const T& value, bool override) {
  if (value != T{} && (override || place == T{})) place = value;
}

void merge_confidentiality(const DocumentEntry& m, DocumentEntry& e) {
  if (m.confidentiality.empty()) return;
  std::vector<CodedValue> merged;
  std::copy_if(e.confidentiality.begin(), e.confidentiality.end(), std::back_inserter(merged),
               is_level);
  const bool has_level = !merged.empty();
  for (const auto& code : m.confidentiality)
    if (!has_level || !is_level(code)) merged.push_back(code);
  e.confidentiality = std::move(merged);
}

}  // namespace

void merge_metadata(const DocumentEntry& metadata, DocumentDescription& into) {
  DocumentEntry m = metadata;
  Cleaner{}(m);
  DocumentEntry& e = into.entry;
  const bool metadata_leads = !has_header(e);
  e.discrepancies.insert(e.discrepancies.end(), m.discrepancies.begin(), m.discrepancies.end());
  if (!metadata_leads) compare(m, e);
  fill(e.title, m.title, metadata_leads);
  fill(e.date, m.date, metadata_leads);
  fill(e.authors, m.authors, metadata_leads);
  fill(e.language, m.language, metadata_leads);
  fill(e.unique_id, m.unique_id, metadata_leads);
  if (!m.type.code.empty()) fill(e.type, m.type, metadata_leads || e.type.code.empty());
  // A patient is taken whole: a name of one and a number of another would be a third person.
  fill(e.patient, m.patient, metadata_leads);
  fill(e.class_code, m.class_code, false);
  fill(e.facility_type, m.facility_type, false);
  fill(e.practice_setting, m.practice_setting, false);
  fill(e.service_start, m.service_start, false);
  fill(e.service_end, m.service_end, false);
  merge_confidentiality(m, e);
  for (const auto& relation : m.relations)
    if (std::find(e.relations.begin(), e.relations.end(), relation) == e.relations.end())
      e.relations.push_back(relation);
}

}  // namespace coffret::reader
