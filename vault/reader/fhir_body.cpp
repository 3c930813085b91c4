// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <array>

#include "vault/reader/clean.hpp"
#include "vault/reader/facts_collect.hpp"
#include "vault/reader/fhir.hpp"
#include "vault/reader/parts.hpp"

namespace coffret::reader {
namespace {

bool add_narrative(FhirNode holder, DocumentDescription& into) {
  const std::string html = holder["text"]["div"].text();
  if (!html.empty()) add_text(into, strip_tags(html));
  return !html.empty();
}

// Members whose text a person would search for; codes, addresses and dates are none.
constexpr std::array<std::string_view, 16> readable = {
    "text",        "display",      "valueString",
    "title",       "comment",      "patientInstruction",
    "family",      "given",        "name",
    "lotNumber",   "value",        "unit",
    "city",        "valueInteger", "doseNumberString",
    "reasonString"};
// And those below which nothing is for reading: narratives, resources that are read for themselves.
constexpr std::array<std::string_view, 5> passed_over = {"meta", "extension", "content",
                                                         "identifier", "modifierExtension"};

// Depth is bounded by the parser: fhir_json_limits.
void collect_fields(const boost::json::value& at, bool wanted, std::string& line) {
  if (line.size() >= limits::text_size) return;
  if (at.is_string() && wanted)
    append_words(line, {at.get_string().data(), at.get_string().size()}, " ");
  if (at.is_array())
    for (const auto& item : at.get_array()) collect_fields(item, wanted, line);
  if (!at.is_object()) return;
  for (const auto& member : at.get_object()) {
    const std::string_view key{member.key().data(), member.key().size()};
    if (std::find(passed_over.begin(), passed_over.end(), key) != passed_over.end()) continue;
    const bool read = std::find(readable.begin(), readable.end(), key) != readable.end();
    collect_fields(member.value(), read, line);
  }
}

// The words of a resource that has no narrative, so that it is found by them.
void add_fields(FhirNode resource, DocumentDescription& into) {
  const std::string type = resource.type();
  const bool others = type == "Composition" || type == "Bundle" || type == "Binary" ||
                      type == "DocumentReference" || type == "Provenance";
  if (others || resource.value() == nullptr) return;
  std::string line;
  collect_fields(*resource.value(), false, line);
  if (!line.empty()) add_text(into, line);
}

void add_readable(FhirNode resource, DocumentDescription& into) {
  if (!add_narrative(resource, into)) add_fields(resource, into);
}

// Depth is bounded by the parser: fhir_json_limits.
bool add_sections(FhirNode holder, DocumentDescription& into) {
  bool any = false;
  for (const FhirNode section : holder.all("section")) {
    add_text(into, section["title"].text());
    any = add_narrative(section, into) || any;
    any = add_sections(section, into) || any;
  }
  return any;
}

// Any object that holds a type and base64: Attachment, Binary, a photograph.
void add_attachments(FhirNode at, DocumentDescription& into) {
  const std::string media_type = at["contentType"].text();
  const std::string data = media_type.empty() ? std::string{} : at["data"].text();
  if (!data.empty()) attach_base64(into, at["title"].text(), media_type, data);
  for (const FhirNode member : at.members()) add_attachments(member, into);
}

}  // namespace

void read_fhir_body(const FhirFile& file, DocumentDescription& into) {
  const FhirNode main = file.main();
  bool narrated = false;
  if (main.type() == "Composition") {
    narrated = add_narrative(main, into);
    narrated = add_sections(main, into) || narrated;
  } else if (!file.resources().empty()) {
    for (const FhirNode resource : file.resources()) add_readable(resource, into);
  } else {
    add_readable(main, into);
  }
  // A document whose sections say nothing themselves.
  if (main.type() == "Composition" && !narrated)
    for (const FhirNode resource : file.resources()) add_readable(resource, into);
  if (main.type() == "DocumentReference") add_text(into, main["description"].text());
  if (main.type() == "DiagnosticReport") add_text(into, main["conclusion"].text());
  add_attachments(file.root(), into);
}

}  // namespace coffret::reader
