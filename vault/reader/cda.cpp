// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/cda.hpp"

#include "vault/reader/clean.hpp"
#include "vault/reader/iso_time.hpp"

namespace coffret::reader {
namespace {

constexpr std::string_view hl7_v3 = "urn:hl7-org:v3";
constexpr std::string_view xslt = "http://www.w3.org/1999/XSL/Transform";

XmlNode search(XmlNode at) {
  if (at.name() == "ClinicalDocument" && at.space() == hl7_v3) return at;
  for (const XmlNode item : at.children())
    if (const XmlNode found = search(item)) return found;
  return {};
}

// The document's own id: most have only a root, which then is the value.
Identifier own_id(XmlNode id) {
  const Identifier read = cda_identifier(id);
  return read.value.empty() ? Identifier{read.system, ""} : read;
}

// The first place that says where the care was given.
CodedValue practice_setting(XmlNode document) {
  for (const XmlNode act : document.children("documentationOf"))
    for (const XmlNode performer : act.child("serviceEvent").children("performer")) {
      const XmlNode code = performer.child("assignedEntity")
                               .child("representedOrganization")
                               .child("standardIndustryClassCode");
      if (!code.attribute("code").empty()) return cda_code(code);
    }
  return {};
}

}  // namespace

XmlNode find_clinical_document(const XmlDocument& document) {
  const XmlNode root = document.root();
  if (root.name() == "ClinicalDocument" && root.space() == hl7_v3) return root;
  return root.space() == xslt ? search(root) : XmlNode{};
}

void describe_cda(XmlNode document, DocumentDescription& into) {
  auto& entry = into.entry;
  entry.format = DocumentFormat::cda;
  entry.media_type = "text/xml";
  entry.title = clean_line(document.child("title").text());
  entry.date = from_hl7(document.child("effectiveTime").attribute("value"));
  entry.type = cda_code(document.child("code"));
  entry.language = clean_line(document.child("languageCode").attribute("code"));
  for (const XmlNode code : document.children("confidentialityCode"))
    if (!code.attribute("code").empty()) entry.confidentiality.push_back(cda_code(code));
  entry.unique_id = own_id(document.child("id"));
  const Identifier set = cda_identifier(document.child("setId"));
  entry.set_id = clean_line(set.value.empty() ? set.system : set.system + "^" + set.value);
  entry.version_number = clean_line(document.child("versionNumber").attribute("value"));
  entry.authors = cda_authors(document);
  entry.patient = cda_patient(document);
  entry.practice_setting = practice_setting(document);
  read_cda_body(document, into);
}

}  // namespace coffret::reader
