// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/clean.hpp"
#include "vault/reader/fhir.hpp"
#include "vault/reader/parts.hpp"

namespace coffret::reader {
namespace {

void add_narrative(FhirNode holder, DocumentDescription& into) {
  const std::string html = holder["text"]["div"].text();
  if (!html.empty()) add_text(into, strip_tags(html));
}

// Depth is bounded by the parser: fhir_depth.
void add_sections(FhirNode holder, DocumentDescription& into) {
  for (const FhirNode section : holder.all("section")) {
    add_text(into, section["title"].text());
    add_narrative(section, into);
    add_sections(section, into);
  }
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
  if (main.type() == "Composition") {
    add_narrative(main, into);
    add_sections(main, into);
  } else if (!file.resources().empty()) {
    for (const FhirNode resource : file.resources()) add_narrative(resource, into);
  } else {
    add_narrative(main, into);
  }
  if (main.type() == "DocumentReference") add_text(into, main["description"].text());
  if (main.type() == "DiagnosticReport") add_text(into, main["conclusion"].text());
  add_attachments(file.root(), into);
}

}  // namespace coffret::reader
