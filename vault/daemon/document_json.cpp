// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/document_json.hpp"

#include <boost/json/array.hpp>

#include "coffret/encoding.hpp"
#include "coffret/kinds.hpp"
#include "coffret/time.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;
using boost::json::object;

boost::json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

object kind_json(const DocumentEntry& entry, Language language) {
  const auto* kind = kind_of(entry.type.code, entry.type.system);
  return {{"code", entry.type.code},
          {"system", entry.type.system},
          {"label", kind == nullptr ? view(entry.type.display) : view(kind->label(language))}};
}

std::string identifier_text(const Identifier& id) {
  return id.value.empty() ? std::string{} : id.value + "|" + id.system;
}

}  // namespace

std::string shown_title(const DocumentEntry& entry) {
  return entry.title.empty() ? entry.file_name : entry.title;
}

std::string shown_patient(const PatientIdentity& patient) {
  if (patient.family.empty() || patient.given.empty()) return patient.family + patient.given;
  return patient.family + " " + patient.given;
}

object summary_json(const store::DocumentView& document, Language language) {
  const auto& entry = document.entry;
  return {{"id", document.id.text()},
          {"title", shown_title(entry)},
          {"date", entry.date},
          {"kind", kind_json(entry, language)},
          {"category", entry.category},
          {"author", entry.authors.empty() ? std::string{} : entry.authors.front().name},
          {"media_type", entry.media_type},
          {"size", document.size},
          {"patient", shown_patient(entry.patient)},
          {"sha256", to_hex(document.sha256.view())}};
}

object whole_json(const store::DocumentView& document, Language language) {
  const auto& entry = document.entry;
  object whole = summary_json(document, language);
  whole["author_id"] =
      entry.authors.empty() ? std::string{} : identifier_text(entry.authors.front().id);
  whole["patient_id"] =
      entry.patient.ids.empty() ? std::string{} : identifier_text(entry.patient.ids.front());
  whole["language"] = entry.language;
  array confidentiality;
  for (const auto& code : entry.confidentiality) confidentiality.emplace_back(code.code);
  whole["confidentiality"] = std::move(confidentiality);
  array attachments;
  for (const auto& attachment : entry.attachments)
    attachments.push_back(object{{"title", attachment.title},
                                 {"media_type", attachment.media_type},
                                 {"size", attachment.size},
                                 {"sha256", to_hex(attachment.sha256.view())}});
  whole["attachments"] = std::move(attachments);
  whole["versions"] = array{object{
      {"version", document.version}, {"set_id", entry.set_id}, {"number", entry.version_number}}};
  whole["provenance"] = object{{"source", document.source},
                               {"file_name", entry.file_name},
                               {"received", to_rfc3339(from_unix(document.imported_at))},
                               {"device", document.device.text()},
                               {"acting_for", document.acting_for},
                               {"unchanged", true}};
  whole["removed"] = document.removed_at.has_value();
  return whole;
}

}  // namespace coffret::daemon
