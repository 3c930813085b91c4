// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <map>

#include "coffret/encoding.hpp"
#include "coffret/spoken.hpp"
#include "vault/daemon/export_text.hpp"
#include "vault/daemon/record_facts.hpp"

namespace coffret::daemon {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view formula_starts = "=+-@";
constexpr std::string_view blank_starts = "\t\r\n";
constexpr std::string_view cell_ends = ",;\t\r\n";

bool among(char c, std::string_view characters) {
  return characters.find(c) != std::string_view::npos;
}

// A spreadsheet set up for another country may split where we do not, in spite of the quotes: what
// follows anything that separates cells somewhere is guarded like the beginning of a cell.
std::string cell(std::string_view text) {
  std::string quoted = "\"";
  if (!text.empty() && among(text.front(), blank_starts)) quoted += '\'';
  bool begins = true;
  for (const char c : text) {
    if (begins && among(c, formula_starts)) quoted += '\'';
    if (c == '"') quoted += '"';
    quoted += c;
    begins = among(c, cell_ends) || (begins && (c == ' ' || c == '"'));
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

// The files of the documents; one that was left out has none.
using Files = std::map<DocumentId, std::string>;

Files files_of(const ExportedRecord& record) {
  Files files;
  for (const auto& document : record.documents) files.emplace(document.view.id, document.file);
  return files;
}

std::string file_of(const Files& files, const DocumentId& id) {
  const auto at = files.find(id);
  return at == files.end() ? std::string{} : at->second;
}

std::string line_of(const ExportedRecord& record, const std::vector<std::string>& cells) {
  return csv_line(cells, record.language);
}

std::string words_of(const Fact& fact) {
  return fact.label.empty() ? fact.code.display : fact.label;
}

}  // namespace

std::string csv_line(const std::vector<std::string>& cells, Language language) {
  // Where the comma is the decimal mark, spreadsheets separate by semicolons.
  const char separator = language == Language::french ? ';' : ',';
  std::string line;
  for (const auto& text : cells) {
    if (!line.empty()) line += separator;
    line += cell(text);
  }
  return line + "\r\n";
}

std::string documents_csv(const ExportedRecord& record) {
  std::string table{byte_order_mark};
  table += line_of(
      record,
      {"id",     "date",          "title",   "kind",       "kind_code", "kind_system", "category",
       "author", "organisation",  "patient", "birth_date", "person",    "language",    "received",
       "source", "original_name", "file",    "size",       "sha256",    "note"});
  for (const auto& document : record.documents) {
    const auto& view = document.view;
    const auto& entry = view.entry;
    const Author author = entry.authors.empty() ? Author{} : entry.authors.front();
    table += line_of(
        record,
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
  table += line_of(record, {"date", "result", "code", "system", "value", "unit", "range_low",
                            "range_high", "range", "flag", "status", "person", "document", "file"});
  const auto files = files_of(record);
  for (const auto& view : record.facts) {
    const Fact& fact = view.fact;
    if (fact.kind != FactKind::result) continue;
    table +=
        line_of(record, {fact_date(view), words_of(fact), fact.code.code, fact.code.system,
                         fact.value, fact.unit, fact.range_low, fact.range_high, fact.range_text,
                         fact.flag, fact.status, person_shown(record, view.person),
                         view.document_title, file_of(files, view.document)});
  }
  return table;
}

std::string medicines_csv(const ExportedRecord& record) {
  std::string table{byte_order_mark};
  table += line_of(record, {"date", "end", "event", "medicine", "code", "system", "dose", "detail",
                            "status", "person", "document", "file"});
  const auto files = files_of(record);
  for (const auto& view : record.facts) {
    const Fact& fact = view.fact;
    if (fact.kind != FactKind::medicine || is_absence(fact)) continue;
    table += line_of(
        record, {fact_date(view), fact.end, std::string{event_shown(record, fact.event)},
                 words_of(fact), fact.code.code, fact.code.system, unpacked_dose(fact.dose).french,
                 fact.detail, fact.status, person_shown(record, view.person), view.document_title,
                 file_of(files, view.document)});
  }
  return table;
}

}  // namespace coffret::daemon
