// SPDX-License-Identifier: EUPL-1.2
//
// What is said of the record: facts, persons, documents set apart, and one's own entries.
#include <fmt/format.h>

#include "tools/coffret/sayers.hpp"
#include "vault/daemon/shown_words.hpp"

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

std::string range_of(const object& row, const Words& words) {
  const auto& range = object_of(row, "range");
  const auto low = daemon::shown_value(text_of(range, "low"), words.language);
  const auto high = daemon::shown_value(text_of(range, "high"), words.language);
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

std::string value_of(const object& row, const Words& words) {
  const auto value = daemon::shown_value(text_of(row, "value"), words.language);
  const auto unit = daemon::shown_unit(text_of(row, "unit"), words.language);
  return unit.empty() ? value : fmt::format("{} {}", value, unit);
}

// A contact's status is who they are (RoleClass); a nearer word is its code (RoleCode).
std::string role_of(const object& row, const Words& words) {
  const auto& code = object_of(row, "code");
  if (auto said = text_of(code, "label"); !said.empty()) return said;
  const auto relation = daemon::shown_role(text_of(code, "code"), words.language);
  return relation.empty() ? daemon::shown_role(text_of(row, "status"), words.language) : relation;
}

std::string status_of(const object& row, const Words& words) {
  const auto kind = text_of(row, "kind");
  if (kind == "contact") return role_of(row, words);
  return daemon::shown_status(kind, text_of(row, "event"), text_of(row, "status"),
                              text_of(row, "place"), words.language);
}

std::string trimmed(std::string line) {
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
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

void say_result(const object& row, const Words& words) {
  // A series has its name above it.
  if (number_of(row, "nth") == 0) {
    const auto code = text_of(object_of(row, "code"), "code");
    say(fmt::format("{}{}", text_of(row, "label"), code.empty() ? "" : fmt::format(" [{}]", code)));
  }
  say(trimmed(fmt::format(
          "  {:<19}  {:<16}  {:<16}  {}", spelled_date(text_of(row, "date"), words.language),
          value_of(row, words), range_of(row, words),
          listed({std::string{standing_words(row, words)}, status_of(row, words)}))) +
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

std::string period_of(const object& row, const Words& words) {
  auto start = spelled_date(text_of(row, "date"), words.language);
  const auto end = text_of(row, "end");
  if (end.empty()) return start;
  return fmt::format("{} → {}", start, spelled_date(end, words.language));
}

void say_medicine(const object& row, const Words& words) {
  say(trimmed(fmt::format("{:<11}  {:<19}  {}", event_words(row, words), period_of(row, words),
                          listed({text_of(row, "label"), text_of(row, "dose"),
                                  text_of(row, "detail"), status_of(row, words)}))) +
      tail_of(row, words));
}

void say_fact(const object& row, const Words& words) {
  say(trimmed(fmt::format("  {:<19}  {}", period_of(row, words),
                          listed({text_of(row, "label"), value_of(row, words), text_of(row, "dose"),
                                  text_of(row, "detail"), status_of(row, words),
                                  std::string{standing_words(row, words)}}))) +
      tail_of(row, words));
}

struct Section {
  std::string_view kind;
  std::string_view french;
  std::string_view english;
  std::string_view name_french;
  std::string_view name_english;
};
constexpr Section sections[] = {
    {"allergy", "Allergie ou intolérance", "Allergy or intolerance", "allergie", "allergy"},
    {"problem", "Problème de santé", "Health problem", "problème de santé", "health problem"},
    {"medicine", "Traitement", "Treatment", "traitement récent", "recent treatment"},
    {"vaccine", "Vaccination", "Vaccination", "vaccination", "vaccination"},
    {"procedure", "Acte", "Procedure", "acte", "procedure"},
    {"result", "Dernier résultat", "Latest result", "résultat", "result"},
    {"contact", "Personne à joindre", "Contact", "personne à joindre", "contact"},
};

void say_essential(const object& row, const Words& words) {
  const auto kind = text_of(row, "kind");
  for (const auto& section : sections)
    if (section.kind == kind) fmt::print("{:<23}", words(section.french, section.english));
  say_fact(row, words);
}

// Who reads that nothing was found might think that there is no allergy.
void say_limits(const Words& words) {
  say(std::string{words(
      "Seules les données codées sont lues pour cela. Les PDF, les images et les textes libres\n"
      "peuvent en dire davantage : n'avoir rien trouvé ne veut pas dire qu'il n'y a rien.",
      "Only coded data is read for this. PDFs, images and free text may say more: that nothing\n"
      "was found does not mean that there is nothing.")});
}

void say_missing(const object& result, const Words& words) {
  const auto& counts = object_of(result, "counts");
  std::string missing;
  for (const auto& section : sections) {
    if (number_of(counts, section.kind) > 0) continue;
    if (!missing.empty()) missing += ", ";
    missing += words(section.name_french, section.name_english);
  }
  if (missing.empty()) return;
  say(fmt::format("{} {}.", words("Rien n'a été trouvé sous :", "Nothing was found under:"),
                  missing));
  say_limits(words);
}

// An empty answer is said, with what it does not mean.
void say_if_empty(const object& result, const Words& words) {
  if (number_of(result, "count") > 0) return;
  say(std::string{words("Rien de tel dans les données codées de vos documents.",
                        "Nothing of the kind in the coded data of your documents.")});
  say_limits(words);
}

void say_if_empty_inbox(const object& result, const Words& words) {
  if (number_of(result, "count") == 0)
    say(std::string{words("Rien n'est mis à part.", "Nothing is set apart.")});
}

std::string identity_of(const object& row, std::string_view name, const Words& words) {
  const auto& identity = object_of(row, name);
  const auto birth = text_of(identity, "birth_date");
  auto named = text_of(identity, "name");
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
  say_disagreements(row, "          ", words);
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
