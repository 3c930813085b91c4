// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/own_entry.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <utility>

#include "coffret/encoding.hpp"
#include "coffret/kinds.hpp"
#include "vault/daemon/export_fhir_parts.hpp"
#include "vault/daemon/own_resource.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::array<std::string_view, 7> kind_words = {
    "note", "allergy", "treatment", "vaccine", "measure", "contact", "directive"};

// What each kind of entry is as a document. Codes: LOINC's document ontology; the French register
// of document types (TRE_A05), where EXPPAT_2 is "another document of the patient".
struct DocumentKind {
  std::string_view system;  // as FHIR writes it
  std::string_view code;
  std::string_view french;
  std::string_view english;
};
constexpr std::string_view loinc = "http://loinc.org";
constexpr std::string_view tre_a05 = "urn:oid:1.2.250.1.213.1.1.4.12";
constexpr std::array<DocumentKind, 7> document_kinds = {{
    {loinc, "51855-5", "Note personnelle", "Personal note"},
    {loinc, "48765-2", "Allergie", "Allergy"},
    {loinc, "10160-0", "Traitement", "Treatment"},
    {loinc, "87273-9", "Note de vaccination", "Vaccination note"},
    {loinc, "29274-8", "Mesures", "Vital signs"},
    {tre_a05, "EXPPAT_2", "Personne à joindre", "Contact"},
    {tre_a05, "EXPPAT_3", "Directives anticipées", "Advance directives"},
}};

boost::json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

// At the precision that both have; an empty date is neither before nor after.
bool is_before(std::string_view a, std::string_view b) {
  const auto common = std::min({a.size(), b.size(), std::size_t{10}});
  return a.substr(0, common) < b.substr(0, common);
}

std::string_view in(Language language, std::string_view french, std::string_view english) {
  return language == Language::french ? french : english;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

const DocumentKind& document_kind(OwnKind kind) {
  return document_kinds.at(static_cast<std::size_t>(kind));
}

// "patient asserted": HL7 v3 ObservationValue, where FHIR R4 has no code of its own.
object asserted_by_patient() {
  return {
      {"tag", array{object{{"system", "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"},
                           {"code", "PATAST"},
                           {"display", "patient asserted"}}}}};
}

object narrative(const OwnEntry& entry, Language language) {
  std::string div = "<div xmlns=\"http://www.w3.org/1999/xhtml\">";
  for (const auto& [label, value] : own_lines(entry, language)) {
    div += "<p>";
    if (!label.empty()) div += fhir::narrative(label) + std::string{in(language, " : ", ": ")};
    div += fhir::narrative(value) + "</p>";
  }
  return {{"status", "generated"}, {"div", div + "</div>"}};
}

object patient_resource(const store::PersonView& person) {
  const auto& known = person.identity;
  object name;
  if (!known.family.empty()) {
    name["family"] = known.family;
    if (!known.given.empty()) name["given"] = array{boost::json::string{known.given}};
  } else if (!person.name.empty()) {
    name["text"] = person.name;
  }
  object made{{"resourceType", "Patient"}};
  if (!name.empty()) made["name"] = array{std::move(name)};
  if (!known.birth_date.empty()) made["birthDate"] = known.birth_date.substr(0, 10);
  return made;
}

object composition(const OwnEntry& entry, const OwnContext& context, std::string_view date,
                   std::size_t resources) {
  const auto language = context.language;
  const auto& kind = document_kind(entry.kind);
  const auto label = in(language, kind.french, kind.english);
  object coding{{"system", view(kind.system)}, {"code", view(kind.code)}, {"display", view(label)}};
  object author{{"reference", view(patient_address)}};
  if (!context.person.name.empty()) author["display"] = context.person.name;
  object section{{"title", view(label)}, {"text", narrative(entry, language)}};
  array stated;
  for (std::size_t i = 0; i < resources; ++i)
    stated.push_back(object{{"reference", "urn:coffret:fact:" + std::to_string(i + 1)}});
  if (!stated.empty()) section["entry"] = std::move(stated);
  return {{"resourceType", "Composition"},
          {"meta", asserted_by_patient()},
          {"language", view(in(language, "fr", "en"))},
          {"status", "final"},
          {"type", {{"coding", array{std::move(coding)}}}},
          {"subject", {{"reference", view(patient_address)}}},
          {"date", view(date)},
          {"author", array{std::move(author)}},
          {"title", own_title(entry, language)},
          {"section", array{std::move(section)}}};
}

// Without control characters but the end of a line.
OwnEntry cleaned(OwnEntry entry) {
  for (auto* text : {&entry.what, &entry.text, &entry.date, &entry.end, &entry.value, &entry.unit,
                     &entry.dose, &entry.lot, &entry.reaction, &entry.relation, &entry.phone})
    for (char& c : *text)
      if (static_cast<unsigned char>(c) < 0x20 && c != '\n') c = ' ';
  return entry;
}

object bundle_entry(std::string address, object resource) {
  return {{"fullUrl", std::move(address)}, {"resource", std::move(resource)}};
}

}  // namespace

std::string_view own_kind_word(OwnKind kind) noexcept {
  return kind_words[static_cast<std::size_t>(kind)];
}

std::optional<OwnKind> own_kind_of(std::string_view word) noexcept {
  for (std::size_t i = 0; i < kind_words.size(); ++i)
    if (kind_words[i] == word) return static_cast<OwnKind>(i);
  return std::nullopt;
}

std::string_view missing(const OwnEntry& entry) {
  const bool words_only = entry.kind == OwnKind::note || entry.kind == OwnKind::directive;
  if (words_only) return is_blank(entry.text) ? "--text" : "";
  if (is_blank(entry.what)) return entry.kind == OwnKind::contact ? "--name" : "--what";
  if (entry.kind != OwnKind::measure) return "";
  if (entry.value.empty()) return "--value";
  if (is_blood_pressure(entry.what)) {
    const auto slash = entry.value.find('/');
    const bool both = slash != std::string::npos &&
                      !decimal(entry.value.substr(0, slash)).empty() &&
                      !decimal(entry.value.substr(slash + 1)).empty();
    return both && implausible(entry) == nullptr && !is_reversed(entry) ? "" : "--value";
  }
  if (measure_of(entry.what) == nullptr) return "";
  return !decimal(entry.value).empty() && implausible(entry) == nullptr ? "" : "--value";
}

std::string_view misdated(const OwnEntry& entry, Timestamp now) {
  // No place on Earth is further ahead of UTC.
  const auto today = to_rfc3339(now + std::chrono::hours{14}).substr(0, 10);
  if (is_before(today, entry.date)) return "--date";
  return is_before(entry.end, entry.date) ? "--until" : "";
}

std::string uuid_urn(std::array<std::uint8_t, 16> random) {
  random[6] = static_cast<std::uint8_t>((random[6] & 0x0f) | 0x40);
  random[8] = static_cast<std::uint8_t>((random[8] & 0x3f) | 0x80);
  const std::string hex = to_hex(random);
  return "urn:uuid:" + hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

std::string own_document(const OwnEntry& typed, const OwnContext& context) {
  const OwnEntry entry = cleaned(typed);
  const std::string now = to_rfc3339(context.now);
  const std::string date = entry.date.empty() ? now : entry.date;
  auto resources = own_resources(entry, date, now.substr(0, 10), context.language);
  array entries{
      bundle_entry("urn:coffret:composition", composition(entry, context, date, resources.size())),
      bundle_entry(std::string{patient_address}, patient_resource(context.person))};
  std::size_t number = 0;
  for (auto& resource : resources) {
    resource["meta"] = asserted_by_patient();
    entries.push_back(
        bundle_entry("urn:coffret:fact:" + std::to_string(++number), std::move(resource)));
  }
  const object bundle{
      {"resourceType", "Bundle"},
      {"identifier", {{"system", "urn:ietf:rfc:3986"}, {"value", context.identifier}}},
      {"type", "document"},
      {"timestamp", now},
      {"entry", std::move(entries)}};
  return with_numbers(boost::json::serialize(bundle));
}

}  // namespace coffret::daemon
