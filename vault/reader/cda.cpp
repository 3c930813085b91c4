// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/cda.hpp"

#include "vault/reader/clean.hpp"
#include "vault/reader/facts_cda.hpp"
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

// Where and when the care was given: the first act that says it, else the stay.
void read_care(XmlNode document, DocumentEntry& entry) {
  const auto period = [&entry](XmlNode time) {
    if (!entry.service_start.empty()) return;
    const std::string at = time.attribute("value");
    entry.service_start = from_hl7(at.empty() ? time.child("low").attribute("value") : at);
    entry.service_end = from_hl7(time.child("high").attribute("value"));
  };
  for (const XmlNode act : document.children("documentationOf")) {
    const XmlNode event = act.child("serviceEvent");
    period(event.child("effectiveTime"));
    for (const XmlNode performer : event.children("performer")) {
      const XmlNode code = performer.child("assignedEntity")
                               .child("representedOrganization")
                               .child("standardIndustryClassCode");
      if (entry.practice_setting.code.empty()) entry.practice_setting = cda_code(code);
    }
  }
  const XmlNode stay = document.child("componentOf").child("encompassingEncounter");
  period(stay.child("effectiveTime"));
  entry.facility_type = cda_code(stay.child("location").child("healthCareFacility").child("code"));
}

std::string set_id_of(XmlNode id) {
  const Identifier set = cda_identifier(id);
  return clean_line(set.value.empty() ? set.system : set.system + "^" + set.value);
}

void read_relations(XmlNode document, std::vector<Relation>& relations) {
  for (const XmlNode item : document.children("relatedDocument")) {
    const std::string code = item.attribute("typeCode");
    const XmlNode id = item.child("parentDocument").child("id");
    if (!id || relations.size() == limits::list_length) continue;
    if (code == "RPLC") relations.push_back({RelationKind::replaces, own_id(id)});
    if (code == "APND") relations.push_back({RelationKind::appends, own_id(id)});
    if (code == "XFRM") relations.push_back({RelationKind::transforms, own_id(id)});
  }
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
  entry.set_id = set_id_of(document.child("setId"));
  entry.version_number = clean_line(document.child("versionNumber").attribute("value"));
  entry.authors = cda_authors(document);
  entry.patient = cda_patient(document);
  read_care(document, entry);
  read_relations(document, entry.relations);
  read_cda_body(document, into);
  add_cda_facts(document, into);
}

}  // namespace coffret::reader
