// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/document_json.hpp"

#include <boost/json/array.hpp>

#include "coffret/code_labels.hpp"
#include "coffret/encoding.hpp"
#include "coffret/time.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;
using boost::json::object;

boost::json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

object coded_json(const CodedValue& value, Language language) {
  return {
      {"code", value.code}, {"system", value.system}, {"label", view(label_of(value, language))}};
}

std::string_view relation_word(RelationKind kind) {
  switch (kind) {
    case RelationKind::replaces:
      return "replaces";
    case RelationKind::appends:
      return "appends";
    case RelationKind::transforms:
      break;
  }
  return "transforms";
}

std::string identifier_text(const Identifier& id) {
  return id.value.empty() ? std::string{} : id.value + "|" + id.system;
}

array relations_json(const DocumentEntry& entry) {
  array all;
  for (const auto& relation : entry.relations)
    all.push_back(object{{"kind", view(relation_word(relation.kind))},
                         {"target", identifier_text(relation.target)}});
  return all;
}

array authors_json(const DocumentEntry& entry, Language language) {
  array all;
  for (const auto& author : entry.authors)
    all.push_back(object{{"name", author.name},
                         {"id", identifier_text(author.id)},
                         {"profession", coded_json(author.profession, language)},
                         {"organisation", author.organisation}});
  return all;
}

// Confidentiality, and from whom the document is hidden: each with its words.
array restrictions_json(const DocumentEntry& entry, Language language) {
  array all;
  for (const auto& code : entry.confidentiality) all.push_back(coded_json(code, language));
  return all;
}

array attachments_json(const DocumentEntry& entry) {
  array all;
  for (const auto& attachment : entry.attachments)
    all.push_back(object{{"number", all.size() + 1},
                         {"title", attachment.title},
                         {"media_type", attachment.media_type},
                         {"size", attachment.size},
                         {"sha256", to_hex(attachment.sha256.view())}});
  return all;
}

// The names of the fields that the person changed.
array changed_json(const store::DocumentView& document) {
  array changed;
  if (!document.amended) return changed;
  if (document.amended->title) changed.push_back("title");
  if (document.amended->date) changed.push_back("date");
  if (document.amended->kind) changed.push_back("kind");
  if (document.amended->note) changed.push_back("note");
  return changed;
}

std::string_view date_source(const store::DocumentView& document) {
  if (document.amended && document.amended->date) return "person";
  return document.entry.date_source == DateSource::file ? "file" : "document";
}

}  // namespace

std::string shown_title(const DocumentEntry& entry) {
  return entry.title.empty() ? entry.file_name : entry.title;
}

std::string shown_author(const DocumentEntry& entry) {
  for (const auto& author : entry.authors) {
    if (!author.name.empty()) return author.name;
    if (!author.organisation.empty()) return author.organisation;
  }
  return {};
}

std::string shown_patient(const PatientIdentity& patient) {
  if (patient.family.empty() || patient.given.empty()) return patient.family + patient.given;
  return patient.family + " " + patient.given;
}

bool entered_here(const store::DocumentView& document) {
  return document.source == "own";
}

object summary_json(const store::DocumentView& document, Language language) {
  const auto& entry = document.entry;
  boost::json::value same_as;
  if (document.same_as) same_as = document.same_as->text();
  return {{"id", document.id.text()},
          {"title", shown_title(entry)},
          {"date", entry.date},
          {"kind", coded_json(entry.type, language)},
          {"category", entry.category},
          {"author", shown_author(entry)},
          {"media_type", entry.media_type},
          {"size", document.size},
          {"patient", shown_patient(entry.patient)},
          {"sha256", to_hex(document.sha256.view())},
          {"patient_authored", entry.patient_authored},
          {"entered_here", entered_here(document)},
          {"date_source", view(date_source(document))},
          {"same_as", std::move(same_as)}};
}

array discrepancies_json(const DocumentEntry& entry) {
  array all;
  for (const auto& one : entry.discrepancies)
    all.push_back(
        object{{"field", one.field}, {"envelope", one.metadata}, {"document", one.document}});
  return all;
}

object version_json(const store::DocumentView& document) {
  return {{"id", document.id.text()},
          {"version", document.version},
          {"set_id", document.entry.set_id},
          {"number", document.entry.version_number},
          {"title", shown_title(document.entry)},
          {"date", document.entry.date},
          {"received", to_rfc3339(from_unix(document.imported_at))},
          {"current", !document.replaced_by.has_value()}};
}

object whole_json(const store::DocumentView& document, Language language) {
  const auto& entry = document.entry;
  object whole = summary_json(document, language);
  whole["author_id"] =
      entry.authors.empty() ? std::string{} : identifier_text(entry.authors.front().id);
  whole["patient_id"] =
      entry.patient.ids.empty() ? std::string{} : identifier_text(entry.patient.ids.front());
  whole["authors"] = authors_json(entry, language);
  whole["birth_date"] = entry.patient.birth_date;
  whole["language"] = entry.language;
  array confidentiality;
  for (const auto& code : entry.confidentiality) confidentiality.emplace_back(code.code);
  whole["confidentiality"] = std::move(confidentiality);
  whole["restrictions"] = restrictions_json(entry, language);
  whole["attachments"] = attachments_json(entry);
  whole["class"] = coded_json(entry.class_code, language);
  whole["facility_type"] = coded_json(entry.facility_type, language);
  whole["practice_setting"] = coded_json(entry.practice_setting, language);
  whole["service"] = object{{"start", entry.service_start}, {"end", entry.service_end}};
  whole["relations"] = relations_json(entry);
  whole["discrepancies"] = discrepancies_json(entry);
  whole["note"] = document.amended && document.amended->note ? *document.amended->note : "";
  whole["changed"] = changed_json(document);
  whole["quarantined"] = document.quarantined;
  whole["replaced_by"] = nullptr;
  if (document.replaced_by) whole["replaced_by"] = document.replaced_by->text();
  whole["versions"] = array{version_json(document)};
  whole["provenance"] = object{{"source", document.source},
                               {"file_name", entry.file_name},
                               {"received", to_rfc3339(from_unix(document.imported_at))},
                               {"device", document.device.text()},
                               {"acting_for", document.acting_for},
                               {"sha256", to_hex(document.sha256.view())},
                               {"unchanged", true}};
  whole["removed"] = document.removed_at.has_value();
  return whole;
}

}  // namespace coffret::daemon
