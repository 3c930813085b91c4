// SPDX-License-Identifier: EUPL-1.2
//
// What is said of documents.
#include <fmt/format.h>

#include "coffret/document.hpp"
#include "coffret/refusal.hpp"
#include "tools/coffret/sayers.hpp"

namespace coffret::cli {
std::string why_refused(const boost::json::object& row, std::string_view indent,
                        const Words& words) {
  std::string told;
  const auto add = [&](std::string_view sentence) {
    told += fmt::format("\n{}{}", indent, sentence);
  };
  if (const auto* error = row_of(text_of(row, "reason"))) add(error->sentence(words.language));
  const auto* cause = cause_of(text_of(row, "cause"));
  if (cause != nullptr) add(cause->sentence(words.language));
  if (cause != nullptr && cause->value == Cause::file_size)
    add(fmt::format("{} {}", words("Un fichier a au plus", "A file has at most"),
                    spelled_size(limits::file_size, words.language)));
  return told;
}

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
  if (flag_of(row, "entered_here"))
    line += words("  (saisi par vous)", "  (entered by you)");
  else if (flag_of(row, "patient_authored"))
    line += words("  (écrit par le patient, dit ce document)",
                  "  (by the patient, this document says)");
  if (const auto same = text_of(row, "same_as"); !same.empty())
    line += fmt::format("  ({} {})", words("le même que", "the same as"), same.substr(0, 8));
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
  if (flag_of(row, "restored")) told = words("remis", "restored");
  if (outcome == "quarantined") told = words("mis à part", "set apart");
  std::string line = fmt::format("{:<11} {}", told, text_of(row, "path"));
  if (const auto id = text_of(row, "person_id"); !id.empty() && id != "owner")
    line += fmt::format("  · {}", text_of(row, "person"));
  if (text_of(row, "reason") == "other_patient")
    line += fmt::format("\n            {} {}, {} {} : coffret inbox list",
                        words("au nom de", "names"), identity_of(row, "patient", words),
                        words("et non de", "and not"), identity_of(row, "expected", words));
  if (flag_of(row, "other_name"))
    line += fmt::format(
        "\n            {} {}, {} {} : {}", words("au nom de", "names"),
        identity_of(row, "patient", words), words("et non de", "and not"),
        identity_of(row, "expected", words),
        words("gardé, car le numéro de santé (INS) est le même. Si ce n'est pas la même personne : "
              "coffret remove ID",
              "kept, since the health number (INS) is the same. If it is somebody else: coffret "
              "remove ID"));
  if (flag_of(row, "kept_before"))
    line += fmt::format("\n            {} {}, {} {} : {}", words("au nom de", "names"),
                        identity_of(row, "patient", words), words("et non de", "and not"),
                        identity_of(row, "expected", words),
                        words("gardé dans ce dossier, comme dans celui qui a été exporté",
                              "kept in this record, as in the one that was exported"));
  if (flag_of(row, "altered"))
    line += fmt::format(
        "\n            {}",
        words("attention : ce fichier a été modifié depuis qu'il est sorti du coffre. Comparez-le "
              "avec une autre copie ; pour l'ôter : coffret remove ID",
              "note: this file was altered since it was taken out of the vault. Compare it with "
              "another copy; to remove it: coffret remove ID"));
  if (flag_of(row, "text_missing") && flag_of(row, "text_later"))
    line += fmt::format(
        "\n            {}",
        words(
            "aucun texte n'y a été lu : page numérisée, ou fichier abîmé. Ses mots sont cherchés "
            "dans l'image, coffre ouvert : « coffret status » dit s'il attend encore",
            "no text was read in it: a scanned page, or a damaged file. Its words are looked for "
            "in the picture while the vault is open: \"coffret status\" tells if it still waits"));
  else if (flag_of(row, "text_missing"))
    line += fmt::format(
        "\n            {}",
        words("aucun texte n'y a été lu : page numérisée, ou fichier abîmé. Regardez-le ; la "
              "recherche ne le trouve que par son titre",
              "no text was read in it: a scanned page, or a damaged file. Look at it; search finds "
              "it by its title only"));
  line += why_refused(row, "            ", words);
  say(line);
  say_disagreements(row, "            ", words);
}

// Who vouches for an export that came back.
void say_signed_exports(const object& summary, const Words& words) {
  const auto* exports = summary.if_contains("exports");
  if (exports == nullptr || !exports->is_array()) return;
  for (const auto& one : exports->get_array()) {
    if (!one.is_object()) continue;
    const auto& judged = one.get_object();
    const auto by = text_of(judged, "signed_by");
    std::string told;
    if (by == "this_vault")
      told = words("liste signée par ce coffre.", "its list is signed by this vault.");
    else if (by == "removed_device")
      told = words(
          "liste signée par un appareil retiré de ce coffre : qui l'a aujourd'hui a pu la "
          "signer.",
          "its list is signed by a device that was removed from this vault: whoever has "
          "it today may have signed it.");
    else if (by == "other_vault")
      told = fmt::format("{} {}. {} {}",
                         words("liste signée par un autre coffre, qui se dit celui de",
                               "its list is signed by another vault, which says it is of"),
                         text_of(judged, "owner"),
                         words("Mots de sa clé, à comparer avec ceux que ce coffre-là montre quand "
                               "il exporte :",
                               "Words of its key, to compare with those that vault shows when it "
                               "exports:"),
                         text_of(judged, "words"));
    else if (by == "nobody")
      told = words("liste sans signature : personne n'en répond.",
                   "its list has no signature: nobody vouches for it.");
    else
      told = coffret::row(errc::list_altered).sentence(words.language);
    fmt::print(stderr, "{}{} {}\n", text_of(judged, "folder"), words(" :", ":"), told);
  }
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
  say_signed_exports(s, words);
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

// A vault without documents is not a list that found none.
void say_listed(const object& r, const Words& words) {
  if (number_of(r, "count") != 0) return;
  if (number_of(r, "documents") != 0) return say_if_no_documents(r, words);
  fmt::print(stderr, "{}\n",
             number_of(r, "set_apart") > 0
                 ? words("Aucun document n'est encore pris dans le coffre ; certains sont mis à "
                         "part : coffret inbox list",
                         "No document was taken into the vault yet; some are set apart: coffret "
                         "inbox list")
                 : words("Le coffre est encore vide. Pour y mettre des documents : coffret import "
                         "FICHIER-OU-DOSSIER",
                         "The vault is still empty. To put documents in: coffret import "
                         "FILE-OR-FOLDER"));
}

void say_hits(const object& r, const Words& words) {
  say_if_no_documents(r, words);
  const auto count = number_of(r, "count");
  const auto matched = number_of(r, "matched");
  if (count == 0 || count >= matched) return;
  const auto more = flag_of(r, "maybe_more") ? words(" ou plus", " or more") : "";
  fmt::print(stderr, "{} {} {} {}{}. {}\n", words("Les", "The best"), count,
             words("meilleurs, sur", "of"), matched, more,
             words("Ajoutez un mot ou un filtre.", "Add a word or a filter."));
}

void say_removed(const object& r, const Words& words) {
  say(fmt::format(
      "{} {} : coffret restore {}",
      words("Retiré. Il peut être repris jusqu'au", "Removed. It can be restored until"),
      instant_of(r, "until", words.language), text_of(r, "id").substr(0, 8)));
  const auto* shared = r.if_contains("shared");
  if (shared == nullptr || !shared->is_array()) return;
  for (const auto& grant : shared->get_array())
    say(fmt::format("{} {}. {} coffret grant revoke {}",
                    words("Il reste partagé avec", "It is still shared with"),
                    text_of(grant.as_object(), "to"), words("Pour y mettre fin :", "To end that:"),
                    text_of(grant.as_object(), "id").substr(0, 8)));
}

void say_export(const object& r, const Words& words) {
  say(counted(number_of(r, "documents"), words("document sorti du coffre.", "document taken out."),
              words("documents sortis du coffre.", "documents taken out.")));
  if (text_of(r, "format") != "fhir")
    fmt::print(stderr, "{} {}\n",
               words("Signé par ce coffre. Mots de sa clé, pour qui recevra cet export :",
                     "Signed by this vault. Words of its key, for whoever gets this export:"),
               text_of(object_of(r, "signed_by"), "words"));
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
  if (number_of(r, "set_apart") > 0)
    fmt::print(stderr, "{}\n",
               counted(number_of(r, "set_apart"),
                       words("document mis à part n'y est pas : coffret inbox list",
                             "document that is set apart is not in it: coffret inbox list"),
                       words("documents mis à part n'y sont pas : coffret inbox list",
                             "documents that are set apart are not in it: coffret inbox list")));
  if (const auto damaged = names_in(r, "damaged", "title"); !damaged.empty())
    fmt::print(stderr, "{} {}\n{}\n",
               words("Abîmé sur cet appareil, absent de l'export :",
                     "Damaged on this device, not in the export:"),
               damaged,
               words("Sortie : coffret check --repair, puis recommencez ; ou réimportez le fichier "
                     "d'origine.",
                     "Way out: coffret check --repair, then do this again; or import the original "
                     "file again."));
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
    {.command = "list", .row = say_document, .result = say_listed, .rows_only = true},
    {.command = "search", .row = say_document, .result = say_hits, .rows_only = true},
    {.command = "remove", .row = nullptr, .result = say_removed},
    {.command = "export", .row = nullptr, .result = say_export},
};

}  // namespace

std::span<const Sayers> document_sayers() {
  return sayers;
}

}  // namespace coffret::cli
