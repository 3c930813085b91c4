// SPDX-License-Identifier: EUPL-1.2
//
// What is said of documents.
#include <fmt/format.h>

#include "coffret/document.hpp"
#include "tools/coffret/sayers.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

std::string kind_of(const object& row) {
  const auto* kind = row.if_contains("kind");
  return kind != nullptr && kind->is_object() ? text_of(kind->get_object(), "label")
                                              : std::string{};
}

void say_document(const object& row, const Words& words) {
  const std::string date = spelled_date(text_of(row, "date"), words.language);
  std::string line =
      fmt::format("{}  {:<19}  {}", text_of(row, "id").substr(0, 8), date, text_of(row, "title"));
  if (const auto kind = kind_of(row); !kind.empty()) line += fmt::format("  [{}]", kind);
  if (const auto author = text_of(row, "author"); !author.empty())
    line += fmt::format("  — {}", author);
  if (const auto id = text_of(row, "person_id"); !id.empty() && id != "owner")
    line += fmt::format("  · {}", text_of(row, "person"));
  if (flag_of(row, "patient_authored")) line += words("  (saisi par vous)", "  (entered by you)");
  // The document itself says no date.
  if (text_of(row, "date_source") == "file")
    line += words("  (date du fichier)", "  (the file's date)");
  say(line);
  if (const auto snippet = text_of(row, "snippet"); !snippet.empty())
    say(fmt::format("          … {} …", snippet));
}

void say_import(const object& row, const Words& words) {
  const std::string outcome = text_of(row, "outcome");
  std::string_view told = words("refusé", "refused");
  if (outcome == "imported") told = words("importé", "imported");
  if (outcome == "duplicate") told = words("déjà là", "already here");
  if (outcome == "quarantined") told = words("mis à part", "set apart");
  std::string line = fmt::format("{:<11} {}", told, text_of(row, "path"));
  if (const auto id = text_of(row, "person_id"); !id.empty() && id != "owner")
    line += fmt::format("  · {}", text_of(row, "person"));
  if (text_of(row, "reason") == "other_patient")
    line += fmt::format("\n            {} {}, {} {} : coffret inbox list",
                        words("au nom de", "names"), text_of(object_of(row, "patient"), "name"),
                        words("et non de", "and not"), text_of(object_of(row, "expected"), "name"));
  const auto* error = row_of(text_of(row, "reason"));
  if (error != nullptr) line += fmt::format("\n            {}", error->sentence(words.language));
  if (error != nullptr && error->value == errc::too_large)
    line += fmt::format("\n            {} {}", words("Un fichier a au plus", "A file has at most"),
                        spelled_size(limits::file_size, words.language));
  say(line);
  say_disagreements(row, "            ", words);
}

void say_summary(const object& r, const Words& words) {
  const auto* summary = r.if_contains("summary");
  if (summary == nullptr || !summary->is_object()) return;
  const auto& s = summary->get_object();
  const auto part = [&](std::string_view name, std::string_view one, std::string_view many) {
    return counted(number_of(s, name), one, many);
  };
  fmt::print(
      stderr, "{}, {}, {}, {}\n",
      part("imported", words("importé", "imported"), words("importés", "imported")),
      part("duplicate", words("déjà là", "already here"), words("déjà là", "already here")),
      part("quarantined", words("mis à part", "set apart"), words("mis à part", "set apart")),
      part("refused", words("refusé", "refused"), words("refusés", "refused")));
  const auto* identified = s.if_contains("identified");
  if (identified == nullptr || !identified->is_array()) return;
  for (const auto& one : identified->get_array())
    if (one.is_object())
      fmt::print(stderr, "{} {}\n",
                 words("D'après ces documents, ce dossier est celui de",
                       "By these documents, this is the record of"),
                 text_of(object_of(one.get_object(), "identity"), "name"));
}

void say_if_no_documents(const object& r, const Words& words) {
  if (number_of(r, "count") == 0)
    fmt::print(stderr, "{}\n", words("Aucun document ne correspond.", "No document matches."));
}

void say_removed(const object& r, const Words& words) {
  say(fmt::format(
      "{} {} : coffret restore {}",
      words("Retiré. Il peut être repris jusqu'au", "Removed. It can be restored until"),
      instant_of(r, "until", words.language), text_of(r, "id").substr(0, 8)));
}

void say_export(const object& r, const Words& words) {
  say(counted(number_of(r, "documents"), words("document sorti du coffre.", "document taken out."),
              words("documents sortis du coffre.", "documents taken out.")));
  if (number_of(r, "left_out") > 0)
    fmt::print(stderr, "{} {} {}\n",
               counted(number_of(r, "left_out"),
                       words("document d'une autre personne n'y est pas :",
                             "document of another person is not in it:"),
                       words("documents d'autres personnes n'y sont pas :",
                             "documents of other persons are not in it:")),
               words("ce fichier est celui d'une personne. Recommencez avec --person pour",
                     "such a file is one person's. Do this again with --person for"),
               words("chaque autre.", "each other one."));
  if (number_of(r, "missing") > 0)
    fmt::print(stderr, "{}\n",
               counted(number_of(r, "missing"),
                       words("n'est pas sur cet appareil : synchronisez, puis recommencez.",
                             "is not on this device: sync, then do this again."),
                       words("ne sont pas sur cet appareil : synchronisez, puis recommencez.",
                             "are not on this device: sync, then do this again.")));
}

constexpr Sayers sayers[] = {
    {.command = "import", .row = say_import, .result = say_summary},
    {.command = "list", .row = say_document, .result = say_if_no_documents, .rows_only = true},
    {.command = "search", .row = say_document, .result = say_if_no_documents, .rows_only = true},
    {.command = "remove", .row = nullptr, .result = say_removed},
    {.command = "inbox refuse", .row = nullptr, .result = say_removed},
    {.command = "export", .row = nullptr, .result = say_export},
};

}  // namespace

std::span<const Sayers> document_sayers() {
  return sayers;
}

}  // namespace coffret::cli
