// SPDX-License-Identifier: EUPL-1.2
//
// What is said of the record: facts, persons, documents set apart, and one's own entries.
#include <fmt/format.h>

#include "tools/coffret/sayers.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

bool is_other_person(const object& row) {
  const auto id = text_of(row, "person_id");
  return !id.empty() && id != "owner";
}

std::string tail_of(const object& row, const Words& words) {
  std::string tail;
  if (is_other_person(row)) tail += fmt::format("  · {}", text_of(row, "person"));
  if (flag_of(row, "patient_authored"))
    tail += fmt::format("  {}", words("(saisi par vous)", "(entered by you)"));
  return tail;
}

std::string range_of(const object& row) {
  const auto& range = object_of(row, "range");
  const auto low = text_of(range, "low");
  const auto high = text_of(range, "high");
  if (!low.empty() && !high.empty()) return fmt::format("({} – {})", low, high);
  if (!low.empty()) return fmt::format("(≥ {})", low);
  if (!high.empty()) return fmt::format("(≤ {})", high);
  const auto text = text_of(range, "text");
  return text.empty() ? text : fmt::format("({})", text);
}

// In words, so that nothing rests on colour.
std::string_view standing_words(const object& row, const Words& words) {
  const auto standing = text_of(row, "standing");
  if (standing == "low") return words("en dessous de la normale", "below the range");
  if (standing == "high") return words("au-dessus de la normale", "above the range");
  if (standing == "abnormal") return words("anormal", "abnormal");
  return "";
}

std::string value_of(const object& row) {
  const auto unit = text_of(row, "unit");
  return unit.empty() ? text_of(row, "value") : fmt::format("{} {}", text_of(row, "value"), unit);
}

std::string trimmed(std::string line) {
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

void say_result(const object& row, const Words& words) {
  // A series has its name above it.
  if (number_of(row, "nth") == 0) {
    const auto code = text_of(object_of(row, "code"), "code");
    say(fmt::format("{}{}", text_of(row, "label"), code.empty() ? "" : fmt::format(" [{}]", code)));
  }
  say(trimmed(fmt::format("  {:<19}  {:<16}  {:<16}  {}",
                          spelled_date(text_of(row, "date"), words.language), value_of(row),
                          range_of(row), standing_words(row, words))) +
      tail_of(row, words));
}

std::string_view event_words(const object& row, const Words& words) {
  const auto event = text_of(row, "event");
  if (event == "prescribed") return words("prescrit", "prescribed");
  if (event == "dispensed") return words("délivré", "dispensed");
  if (event == "taken") return words("pris", "taken");
  if (event == "administered") return words("administré", "administered");
  if (text_of(row, "kind") == "vaccine") return words("vaccin", "vaccine");
  return "";
}

// The parts that are there, with commas between.
std::string listed(std::initializer_list<std::string> parts) {
  std::string all;
  for (const auto& part : parts) {
    if (part.empty()) continue;
    if (!all.empty()) all += ", ";
    all += part;
  }
  return all;
}

std::string period_of(const object& row, const Words& words) {
  const auto start = spelled_date(text_of(row, "date"), words.language);
  const auto end = text_of(row, "end");
  if (end.empty()) return start;
  return fmt::format("{} → {}", start, spelled_date(end, words.language));
}

void say_medicine(const object& row, const Words& words) {
  say(trimmed(fmt::format("{:<11}  {:<19}  {}", event_words(row, words), period_of(row, words),
                          listed({text_of(row, "label"), text_of(row, "dose"),
                                  text_of(row, "detail"), text_of(row, "status")}))) +
      tail_of(row, words));
}

void say_fact(const object& row, const Words& words) {
  say(trimmed(fmt::format("  {:<19}  {}", period_of(row, words),
                          listed({text_of(row, "label"), value_of(row), text_of(row, "dose"),
                                  text_of(row, "detail"), text_of(row, "status"),
                                  std::string{standing_words(row, words)}}))) +
      tail_of(row, words));
}

struct Section {
  std::string_view kind;
  std::string_view french;
  std::string_view english;
  std::string_view none_french;
  std::string_view none_english;
};
constexpr Section sections[] = {
    {"allergy", "Allergie ou intolérance", "Allergy or intolerance", "aucune allergie",
     "no allergy"},
    {"problem", "Problème de santé", "Health problem", "aucun problème de santé",
     "no health problem"},
    {"medicine", "Traitement", "Treatment", "aucun traitement récent", "no recent treatment"},
    {"vaccine", "Vaccination", "Vaccination", "aucune vaccination", "no vaccination"},
    {"procedure", "Acte", "Procedure", "aucun acte", "no procedure"},
    {"result", "Dernier résultat", "Latest result", "aucun résultat", "no result"},
    {"contact", "Personne à joindre", "Contact", "aucune personne à joindre", "no contact"},
};

void say_essential(const object& row, const Words& words) {
  const auto kind = text_of(row, "kind");
  for (const auto& section : sections)
    if (section.kind == kind) fmt::print("{:<23}", words(section.french, section.english));
  say_fact(row, words);
}

void say_missing(const object& result, const Words& words) {
  const auto& counts = object_of(result, "counts");
  std::string missing;
  for (const auto& section : sections) {
    if (number_of(counts, section.kind) > 0) continue;
    if (!missing.empty()) missing += ", ";
    missing += words(section.none_french, section.none_english);
  }
  if (!missing.empty())
    say(fmt::format("{} {}.", words("Vos documents n'indiquent", "Your documents state"), missing));
}

// An empty answer is said, with what would fill it.
void say_if_empty(const object& result, const Words& words) {
  if (number_of(result, "count") == 0)
    say(std::string{
        words("Rien de tel dans vos documents.", "Nothing of the kind in your documents.")});
}

void say_if_empty_inbox(const object& result, const Words& words) {
  if (number_of(result, "count") == 0)
    say(std::string{words("Rien n'est mis à part.", "Nothing is set apart.")});
}

std::string identity_of(const object& row, std::string_view name, const Words& words) {
  const auto& identity = object_of(row, name);
  const auto birth = text_of(identity, "birth_date");
  const auto named = text_of(identity, "name");
  if (birth.empty()) return named;
  return fmt::format("{} ({} {})", named, words("naissance :", "born"),
                     spelled_date(birth, words.language));
}

void say_set_apart(const object& row, const Words& words) {
  say(fmt::format("{}  {:<19}  {}", text_of(row, "id").substr(0, 8),
                  spelled_date(text_of(row, "date"), words.language), text_of(row, "title")));
  say(fmt::format("          {} {}", words("au nom de", "names"),
                  identity_of(row, "names", words)));
  say(fmt::format("          {} {}", words("attendu :", "expected:"),
                  identity_of(row, "expected", words)));
}

void say_person(const object& row, const Words& words) {
  const auto id = text_of(row, "id");
  say(fmt::format(
      "{:<8}  {}  {}", id == "owner" ? words("vous", "you") : std::string_view{id}.substr(0, 8),
      text_of(row, "name"), counted(number_of(row, "documents"), "document", "documents")));
}

void say_added_person(const object& result, const Words& words) {
  say(fmt::format("{} {}",
                  flag_of(result, "added") ? words("Dossier ouvert :", "Record opened:")
                                           : words("Ce dossier existe :", "This record exists:"),
                  text_of(result, "name")));
}

void say_accepted(const object& result, const Words& words) {
  say(fmt::format("{} {}", words("Rangé dans le dossier de", "Put into the record of"),
                  text_of(result, "person")));
}

void say_own(const object& result, const Words& words) {
  say(fmt::format("{}  {}{}", text_of(result, "id").substr(0, 8), text_of(result, "title"),
                  tail_of(result, words)));
}

void say_version(const object& row, const Words& words) {
  const auto& provenance = object_of(row, "provenance");
  say(fmt::format("{}  {:<19}  {}  — {} {}{}", text_of(row, "id").substr(0, 8),
                  spelled_date(text_of(row, "date"), words.language), text_of(row, "title"),
                  words("reçu le", "received"), instant_of(provenance, "received", words.language),
                  flag_of(row, "current") ? "" : words("  (remplacé)", "  (replaced)")));
  const auto* changed = row.if_contains("changed");
  if (changed != nullptr && changed->is_array() && !changed->get_array().empty())
    say(fmt::format("          {}", words("modifié par vous", "changed by you")));
  if (const auto note = text_of(row, "note"); !note.empty())
    say(fmt::format("          {} {}", words("Note :", "Note:"), note));
}

void say_watching(const object& result, const Words& words) {
  say(fmt::format("{} {}", words("Dossier suivi :", "Watched folder:"),
                  text_of(result, "directory")));
  if (const auto to = text_of(result, "move_to"); !to.empty())
    say(fmt::format("  {} {}", words("les fichiers vont dans", "files go to"), to));
}

void say_watched(const object& row, const Words& words) {
  say_watching(row, words);
  say(fmt::format(
      "  {} {}, {} {}, {} {}, {} {}", number_of(row, "imported"), words("importés", "imported"),
      number_of(row, "duplicate"), words("déjà là", "already here"), number_of(row, "quarantined"),
      words("mis à part", "set apart"), number_of(row, "refused"), words("refusés", "refused")));
}

void say_if_none_watched(const object& result, const Words& words) {
  if (number_of(result, "count") == 0)
    say(std::string{words("Aucun dossier n'est suivi.", "No folder is watched.")});
}

constexpr Sayers sayers[] = {
    {.command = "watch", .row = nullptr, .result = say_watching},
    {.command = "watch list", .row = say_watched, .result = say_if_none_watched, .rows_only = true},
    {.command = "results", .row = say_result, .result = say_if_empty, .rows_only = true},
    {.command = "medicines", .row = say_medicine, .result = say_if_empty, .rows_only = true},
    {.command = "allergies", .row = say_fact, .result = say_if_empty, .rows_only = true},
    {.command = "vaccines", .row = say_fact, .result = say_if_empty, .rows_only = true},
    {.command = "summary", .row = say_essential, .result = say_missing, .rows_only = true},
    {.command = "inbox list",
     .row = say_set_apart,
     .result = say_if_empty_inbox,
     .rows_only = true},
    {.command = "inbox accept", .row = nullptr, .result = say_accepted},
    {.command = "person list", .row = say_person, .result = nullptr},
    {.command = "person add", .row = nullptr, .result = say_added_person},
    {.command = "history", .row = say_version, .result = nullptr},
    {.command = "edit", .row = nullptr, .result = say_own},
    {.command = "note add", .row = nullptr, .result = say_own},
    {.command = "allergy add", .row = nullptr, .result = say_own},
    {.command = "treatment add", .row = nullptr, .result = say_own},
    {.command = "vaccine add", .row = nullptr, .result = say_own},
    {.command = "measure add", .row = nullptr, .result = say_own},
    {.command = "contact add", .row = nullptr, .result = say_own},
    {.command = "directive add", .row = nullptr, .result = say_own},
};

}  // namespace

std::span<const Sayers> record_sayers() {
  return sayers;
}

}  // namespace coffret::cli
