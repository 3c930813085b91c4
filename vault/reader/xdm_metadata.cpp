// SPDX-License-Identifier: EUPL-1.2
//
// DocumentEntry in ebXML RIM 3.0: ITI TF-3 §4.2.5. Times are UTC without saying so.
#include <algorithm>
#include <map>

#include "coffret/ascii.hpp"
#include "vault/reader/archive.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/hl7_text.hpp"
#include "vault/reader/iso_time.hpp"
#include "vault/reader/parts.hpp"

namespace coffret::reader {
namespace {

// Classification schemes and identification schemes, ITI TF-3 table 4.2.5.2-1.
constexpr std::string_view author_scheme = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d";
constexpr std::string_view class_scheme = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a";
constexpr std::string_view type_scheme = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983";
constexpr std::string_view confidentiality_scheme = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f";
constexpr std::string_view facility_scheme = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1";
constexpr std::string_view practice_scheme = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead";
constexpr std::string_view patient_scheme = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427";
constexpr std::string_view unique_scheme = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab";

std::vector<std::string> slots(XmlNode object, std::string_view name) {
  std::vector<std::string> values;
  for (const XmlNode item : object.children("Slot")) {
    if (item.attribute("name") != name) continue;
    for (const XmlNode value : item.child("ValueList").children("Value"))
      if (values.size() < limits::list_length) values.push_back(clean_line(value.text()));
  }
  return values;
}

std::string slot(XmlNode object, std::string_view name) {
  const auto values = slots(object, name);
  return values.empty() ? std::string{} : values.front();
}

std::string name_of(XmlNode object) {
  return clean_line(object.child("Name").child("LocalizedString").attribute("value"));
}

std::string time_of(XmlNode object, std::string_view name) {
  const std::string iso = from_hl7(slot(object, name));
  const bool has_zone = iso.find_first_of("Z+-", iso.find('T')) != std::string::npos;
  return iso.find('T') == std::string::npos || has_zone ? iso : iso + "Z";
}

CodedValue code_of(XmlNode classification) {
  return {clean_line(classification.attribute("nodeRepresentation")),
          slot(classification, "codingScheme"), name_of(classification)};
}

CodedValue specialty_of(XmlNode classification) {
  for (const std::string_view name : {"authorSpecialty", "authorRole"})
    if (const std::string text = slot(classification, name); !text.empty())
      return text.find('^') == std::string::npos ? CodedValue{"", "", text} : hl7_code(text);
  return {};
}

void read_author(XmlNode classification, std::vector<Author>& authors) {
  Author author = hl7_person(slot(classification, "authorPerson"));
  author.organisation = hl7_organisation(slot(classification, "authorInstitution"));
  author.profession = specialty_of(classification);
  if (author.name.empty() && author.organisation.empty()) return;
  // People before organisations: the first is the one a list shows.
  const auto before = author.name.empty()
                          ? authors.end()
                          : std::find_if(authors.begin(), authors.end(),
                                         [](const Author& a) { return a.name.empty(); });
  authors.insert(before, std::move(author));
}

void read_classifications(XmlNode object, DocumentEntry& entry) {
  for (const XmlNode item : object.children("Classification")) {
    const std::string scheme = ascii_lower(item.attribute("classificationScheme"));
    if (scheme == author_scheme && entry.authors.size() < limits::list_length)
      read_author(item, entry.authors);
    else if (scheme == type_scheme)
      entry.type = code_of(item);
    else if (scheme == class_scheme)
      entry.class_code = code_of(item);
    else if (scheme == facility_scheme)
      entry.facility_type = code_of(item);
    else if (scheme == practice_scheme)
      entry.practice_setting = code_of(item);
    else if (scheme == confidentiality_scheme && entry.confidentiality.size() < limits::list_length)
      entry.confidentiality.push_back(code_of(item));
  }
}

// "PID-5|DURAND^Zoé", one per value.
void read_patient(XmlNode object, PatientIdentity& patient) {
  for (const auto& line : slots(object, "sourcePatientInfo")) {
    const auto bar = line.find('|');
    if (bar == std::string::npos) continue;
    const std::string_view field = std::string_view{line}.substr(0, bar);
    const std::string_view value = std::string_view{line}.substr(bar + 1);
    if (field == "PID-3") hl7_patient_ids(value, patient);
    if (field == "PID-5") hl7_patient_names(value, patient);
    if (field == "PID-7") patient.birth_date = from_hl7(hl7_component(value, 0));
    if (field == "PID-8") patient.gender = hl7_component(value, 0);
  }
  hl7_patient_ids(slot(object, "sourcePatientId"), patient);
}

// An XDS unique id is "oid" or "oid^extension": as a CDA's own id is told.
Identifier unique_id_of(const std::string& value) {
  const auto caret = value.find('^');
  if (caret == std::string::npos) return {value, ""};
  return {value.substr(caret + 1), value.substr(0, caret)};
}

XdmRecord read_object(XmlNode object, std::string_view folder) {
  XdmRecord record;
  DocumentEntry& entry = record.entry;
  record.object = clean_line(object.attribute("id"));
  std::string uri = slot(object, "URI");
  if (uri.starts_with("./")) uri.erase(0, 2);
  if (!uri.empty()) record.path = std::string{folder} + uri;
  record.sha1 = ascii_lower(slot(object, "hash"));
  record.size = slot(object, "size");
  entry.media_type = clean_line(object.attribute("mimeType"));
  entry.title = name_of(object);
  entry.date = time_of(object, "creationTime");
  entry.service_start = time_of(object, "serviceStartTime");
  entry.service_end = time_of(object, "serviceStopTime");
  entry.language = slot(object, "languageCode");
  read_classifications(object, entry);
  read_patient(object, entry.patient);
  for (const XmlNode id : object.children("ExternalIdentifier")) {
    const std::string scheme = ascii_lower(id.attribute("identificationScheme"));
    const std::string value = clean_line(id.attribute("value"));
    if (scheme == unique_scheme) entry.unique_id = unique_id_of(value);
    // The registry's own number of the patient: only where the source gives none.
    if (scheme == patient_scheme && entry.patient.ids.empty())
      hl7_patient_ids(value, entry.patient);
  }
  order_ids(entry.patient.ids);
  return record;
}

void collect(XmlNode at, std::string_view name, std::size_t room, std::vector<XmlNode>& found) {
  for (const XmlNode item : at.children()) {
    if (found.size() >= room) return;
    if (item.name() == name)
      found.push_back(item);
    else
      collect(item, name, room, found);  // depth is bounded: xml_limits
  }
}

std::optional<RelationKind> relation_of(std::string_view type) {
  if (const auto colon = type.rfind(':'); colon != std::string_view::npos)
    type.remove_prefix(colon + 1);
  if (type == "RPLC" || type == "XFRM_RPLC") return RelationKind::replaces;
  if (type == "APND") return RelationKind::appends;
  if (type == "XFRM") return RelationKind::transforms;
  return std::nullopt;  // HasMember, signs …
}

// The target by its unique id where the same file tells it, else by its number in the registry.
void read_associations(XmlNode root, std::vector<XdmRecord>& records) {
  std::map<std::string, std::size_t> by_object;
  for (std::size_t i = 0; i < records.size(); ++i) by_object.emplace(records[i].object, i);
  std::vector<XmlNode> found;
  collect(root, "Association", archive_limits::members, found);
  for (const XmlNode item : found) {
    const auto kind = relation_of(item.attribute("associationType"));
    const auto source = by_object.find(clean_line(item.attribute("sourceObject")));
    const std::string target = clean_line(item.attribute("targetObject"));
    if (!kind || source == by_object.end() || target.empty()) continue;
    auto& relations = records[source->second].entry.relations;
    if (relations.size() >= limits::list_length) continue;
    const auto there = by_object.find(target);
    relations.push_back({*kind, there == by_object.end() ? Identifier{target, "urn:ietf:rfc:3986"}
                                                         : records[there->second].entry.unique_id});
  }
}

}  // namespace

std::vector<XdmRecord> read_xdm_metadata(const XmlDocument& metadata, std::string_view folder,
                                         std::size_t room) {
  std::vector<XmlNode> objects;
  collect(metadata.root(), "ExtrinsicObject", room, objects);
  std::vector<XdmRecord> records;
  records.reserve(objects.size());
  for (const XmlNode object : objects) records.push_back(read_object(object, folder));
  read_associations(metadata.root(), records);
  return records;
}

}  // namespace coffret::reader
