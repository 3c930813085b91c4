// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>

#include "coffret/encoding.hpp"
#include "vault/daemon/export_text.hpp"

namespace coffret::daemon {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view formula_starts = "=+-@\t\r\n";

std::string cell(std::string_view text) {
  std::string quoted = "\"";
  if (!text.empty() && formula_starts.find(text.front()) != std::string_view::npos) quoted += '\'';
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string_view event_shown(const ExportedRecord& record, MedicineEvent event) {
  switch (event) {
    case MedicineEvent::prescribed:
      return record.say("prescrit", "prescribed");
    case MedicineEvent::dispensed:
      return record.say("délivré", "dispensed");
    case MedicineEvent::taken:
      return record.say("pris", "taken");
    case MedicineEvent::administered:
      return record.say("administré", "administered");
    case MedicineEvent::none:
      break;
  }
  return {};
}

// The file of the document that states a fact; empty when it was left out.
std::string file_of(const ExportedRecord& record, const DocumentId& id) {
  for (const auto& document : record.documents)
    if (document.view.id == id) return document.file;
  return {};
}

std::string words_of(const Fact& fact) {
  return fact.label.empty() ? fact.code.display : fact.label;
}

}  // namespace

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const auto& text : cells) {
    if (!line.empty()) line += ',';
    line += cell(text);
  }
  return line + "\r\n";
}

std::string documents_csv(const ExportedRecord& record) {
  std::string table{byte_order_mark};
  table += csv_line(
      {"id",     "date",          "title",   "kind",       "kind_code", "kind_system", "category",
       "author", "organisation",  "patient", "birth_date", "person",    "language",    "received",
       "source", "original_name", "file",    "size",       "sha256",    "note"});
  for (const auto& document : record.documents) {
    const auto& view = document.view;
    const auto& entry = view.entry;
    const Author author = entry.authors.empty() ? Author{} : entry.authors.front();
    table += csv_line(
        {view.id.text(),
         entry.date,
         document.title,
         document.kind,
         entry.type.code,
         entry.type.system,
         entry.category,
         author.name,
         author.organisation,
         entry.patient.given + (entry.patient.given.empty() ? "" : " ") + entry.patient.family,
         entry.patient.birth_date,
         document.person,
         entry.language,
         to_rfc3339(from_unix(view.imported_at)),
         view.source,
         entry.file_name,
         document.file,
         std::to_string(view.size),
         to_hex(view.sha256.view()),
         view.amended && view.amended->note ? *view.amended->note : std::string{}});
  }
  return table;
}

std::string results_csv(const ExportedRecord& record) {
  std::string table{byte_order_mark};
  table += csv_line({"date", "result", "code", "system", "value", "unit", "range_low", "range_high",
                     "range", "flag", "status", "person", "document", "file"});
  for (const auto& view : record.facts) {
    const Fact& fact = view.fact;
    if (fact.kind != FactKind::result) continue;
    table += csv_line({fact.date, words_of(fact), fact.code.code, fact.code.system, fact.value,
                       fact.unit, fact.range_low, fact.range_high, fact.range_text, fact.flag,
                       fact.status, person_shown(record, view.person), view.document_title,
                       file_of(record, view.document)});
  }
  return table;
}

std::string medicines_csv(const ExportedRecord& record) {
  std::string table{byte_order_mark};
  table += csv_line({"date", "end", "event", "medicine", "code", "system", "dose", "detail",
                     "status", "person", "document", "file"});
  for (const auto& view : record.facts) {
    const Fact& fact = view.fact;
    if (fact.kind != FactKind::medicine) continue;
    table += csv_line({fact.date, fact.end, std::string{event_shown(record, fact.event)},
                       words_of(fact), fact.code.code, fact.code.system, fact.dose, fact.detail,
                       fact.status, person_shown(record, view.person), view.document_title,
                       file_of(record, view.document)});
  }
  return table;
}

}  // namespace coffret::daemon
