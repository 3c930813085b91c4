// SPDX-License-Identifier: EUPL-1.2
//
// What is said of the record's facts, and of what is stated not to be.
#include <fmt/format.h>

#include <vector>

#include "tools/coffret/sayers.hpp"
#include "vault/daemon/shown_facts.hpp"
#include "vault/daemon/shown_words.hpp"

namespace coffret::cli {

using boost::json::object;

namespace {

bool is_other_person(const object& row) {
  const auto id = text_of(row, "person_id");
  return !id.empty() && id != "owner";
}

}  // namespace

std::string tail_of(const object& row, const Words& words) {
  std::string tail;
  // Rows of several persons stand under the name of each.
  if (is_other_person(row) && !row.contains("first_of_person"))
    tail += fmt::format("  · {}", text_of(row, "person"));
  if (flag_of(row, "entered_here"))
    return tail + fmt::format("  {}", words("(saisi par vous)", "(entered by you)"));
  // Which document says so, where the line does not.
  const auto title = text_of(row, "document_title");
  if (!title.empty() && text_of(row, "kind") != "absence") tail += fmt::format("  — {}", title);
  return tail;
}

namespace {

std::string range_of(const object& row, const Words& words) {
  const auto& range = object_of(row, "range");
  return daemon::shown_range(text_of(range, "low"), text_of(range, "high"), text_of(range, "text"),
                             words.language);
}

// In words, so that nothing rests on colour.
std::string standing_of(const object& row, const Words& words) {
  return daemon::shown_standing(text_of(row, "standing"), flag_of(row, "critical"),
                                text_of(row, "value"), words.language);
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
  return daemon::shown_state(kind, text_of(row, "event"), text_of(row, "status"),
                             text_of(row, "place"), flag_of(row, "over"), words.language);
}

// How sure, how critical and how severe. What a person says of themselves needs no confirmation.
std::string certainty_of(const object& row, const Words& words) {
  if (flag_of(row, "entered_here")) return {};
  return daemon::shown_certainty(text_of(row, "verification"), words.language);
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

std::string person_of(const object& of, const Words& words) {
  const auto name = text_of(of, "person");
  return name.empty() ? std::string{words("Vous", "You")} : name;
}

void say_heading(const object& row, const Words& words) {
  if (flag_of(row, "first_of_person")) say(fmt::format("== {}", person_of(row, words)));
}

void say_result(const object& row, const Words& words) {
  say_heading(row, words);
  // A series has its name above it.
  if (number_of(row, "nth") == 0) {
    const auto code = text_of(object_of(row, "code"), "code");
    say(fmt::format("{}{}", text_of(row, "label"), code.empty() ? "" : fmt::format(" [{}]", code)));
  }
  say(trimmed(fmt::format(
          "  {:<19}  {:<16}  {:<16}  {}", spelled_date(text_of(row, "date"), words.language),
          value_of(row, words), range_of(row, words),
          listed({standing_of(row, words), status_of(row, words), text_of(row, "detail")}))) +
      tail_of(row, words));
}

std::string event_of(const object& row, const Words& words) {
  return daemon::shown_event(text_of(row, "kind"), text_of(row, "event"), words.language);
}

std::string period_of(const object& row, const Words& words) {
  return daemon::shown_period(text_of(row, "date"), text_of(row, "start"), text_of(row, "end"),
                              words.language);
}

std::string dose_of(const object& row, const Words& words) {
  return daemon::shown_dose(text_of(row, "kind"), text_of(row, "dose"), words.language);
}

std::string detail_of(const object& row, const Words& words) {
  return daemon::shown_detail(text_of(row, "kind"), text_of(row, "detail"), words.language);
}

// With its strength, where its name does not say it.
std::string named(const object& row) {
  const auto strength = text_of(row, "strength");
  const auto label = text_of(row, "label");
  return strength.empty() ? label : fmt::format("{} ({})", label, strength);
}

void say_medicine(const object& row, const Words& words) {
  say_heading(row, words);
  say(trimmed(fmt::format("{:<11}  {:<19}  {}", event_of(row, words), period_of(row, words),
                          listed({named(row), dose_of(row, words), detail_of(row, words),
                                  status_of(row, words)}))) +
      tail_of(row, words));
}

void say_fact(const object& row, const Words& words) {
  if (text_of(row, "kind") == "absence") return say_absence(row, words);
  say(trimmed(fmt::format(
          "  {:<19}  {}", period_of(row, words),
          listed({named(row), value_of(row, words), dose_of(row, words), detail_of(row, words),
                  daemon::shown_severity(text_of(row, "severity"), words.language),
                  daemon::shown_criticality(text_of(row, "criticality"), words.language),
                  certainty_of(row, words), status_of(row, words), standing_of(row, words)}))) +
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

// A line of a list of one kind.
void say_listed(const object& row, const Words& words) {
  say_heading(row, words);
  say_fact(row, words);
}

void say_essential(const object& row, const Words& words) {
  say_heading(row, words);
  auto kind = text_of(row, "kind");
  if (kind == "absence") kind = text_of(row, "value");
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

// The persons of an answer, each as an object.
std::vector<object> persons_in(const object& result) {
  std::vector<object> all;
  const auto* persons = result.if_contains("persons");
  if (persons == nullptr || !persons->is_array()) return all;
  for (const auto& person : persons->get_array())
    if (person.is_object()) all.push_back(person.get_object());
  return all;
}

std::string whose(const object& person, bool several, const Words& words) {
  return several ? fmt::format("{}{}", person_of(person, words), words(" : ", ": "))
                 : std::string{};
}

// What nothing was found of in one person's record; empty: something of everything.
std::string missing_of(const object& person, const Words& words) {
  const auto& counts = object_of(person, "counts");
  const auto& absent = object_of(person, "absent");
  std::string missing;
  for (const auto& section : sections) {
    if (number_of(counts, section.kind) > 0 ||
        absent.contains(boost::json::string_view{section.kind.data(), section.kind.size()}))
      continue;
    if (!missing.empty()) missing += ", ";
    missing += words(section.name_french, section.name_english);
  }
  return missing;
}

// Old lists of long-term treatments rarely say that one is over: they are not shown as current, nor
// passed over in silence.
void say_older(const object& person, const std::string& name, const Words& words) {
  const auto older = number_of(person, "older_medicines");
  if (older == 0) return;
  say(fmt::format(
      "{}{} {}", name,
      counted(older, words("traitement plus ancien", "older treatment"),
              words("traitements plus anciens", "older treatments")),
      words("sans date de fin : coffret medicines", "without an end date: coffret medicines")));
}

void say_missing(const object& result, const Words& words) {
  const auto persons = persons_in(result);
  bool any = false;
  for (const auto& person : persons) {
    const auto name = whose(person, persons.size() > 1, words);
    const auto missing = missing_of(person, words);
    if (!missing.empty())
      say(fmt::format("{}{} {}.", name,
                      words("Rien n'a été trouvé sous :", "Nothing was found under:"), missing));
    any = any || !missing.empty();
    say_older(person, name, words);
  }
  if (any) say_limits(words);
}

// An empty answer is said, with what it does not mean.
void say_if_empty(const object& result, const Words& words) {
  const auto persons = persons_in(result);
  bool any = false;
  for (const auto& person : persons) {
    if (number_of(person, "count") > 0) continue;
    say(fmt::format("{}{}", whose(person, persons.size() > 1, words),
                    words("Rien de tel dans les données codées de vos documents.",
                          "Nothing of the kind in the coded data of your documents.")));
    any = true;
  }
  if (any) say_limits(words);
}

void say_undated(const object& result, const Words& words) {
  say_if_empty(result, words);
  const auto undated = number_of(result, "undated");
  if (undated > 0)
    say(fmt::format("{} {}",
                    counted(undated, words("résultat", "result"), words("résultats", "results")),
                    words("sans date : non compté ici (coffret results, sans --since ni --until).",
                          "without a date: not counted here (coffret results, without --since or "
                          "--until).")));
}

constexpr Sayers sayers[] = {
    {.command = "results", .row = say_result, .result = say_undated, .rows_only = true},
    {.command = "medicines", .row = say_medicine, .result = say_if_empty, .rows_only = true},
    {.command = "allergies", .row = say_listed, .result = say_if_empty, .rows_only = true},
    {.command = "vaccines", .row = say_listed, .result = say_if_empty, .rows_only = true},
    {.command = "summary", .row = say_essential, .result = say_missing, .rows_only = true},
};

}  // namespace

std::span<const Sayers> fact_sayers() {
  return sayers;
}

}  // namespace coffret::cli
