// SPDX-License-Identifier: EUPL-1.2
//
// What is said of the record: persons, documents set apart, and one's own entries.
#include <fmt/format.h>

#include "tools/coffret/sayers.hpp"
#include "vault/daemon/shown_words.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

void say_inbox_end(const object& result, const Words& words) {
  say(std::string{number_of(result, "count") == 0
                      ? words("Rien n'est mis à part.", "Nothing is set apart.")
                      : words("Pour en prendre un : coffret inbox accept ID ; pour l'écarter : "
                              "coffret inbox refuse ID",
                              "To take one in: coffret inbox accept ID; to turn it away: coffret "
                              "inbox refuse ID")});
}

// What somebody says of themselves is shown as their words, and as nothing more.
void say_deposit(const object& row, const Words& words) {
  const auto& from = object_of(row, "from");
  auto name = text_of(from, "name");
  if (const auto at = text_of(from, "organisation"); !at.empty())
    name += (name.empty() ? "" : ", ") + at;
  const auto grant = text_of(row, "grant").substr(0, 8);
  say(fmt::format("{}  {} {}", text_of(row, "id").substr(0, 8),
                  grant.empty()
                      ? words("Dépôt par le lien fait pour", "Deposit through the link made for")
                      : words("En réponse à un partage avec", "In reply to a grant to"),
                  text_of(row, "expected_from")));
  if (!grant.empty())
    say(fmt::format("          {} {}", words("le partage :", "the grant:"), grant));
  if (text_of(row, "reason") == "other_version")
    say(fmt::format("          {}", words("fait par une autre version de Coffret : mettez la "
                                          "vôtre à jour",
                                          "made by another version of Coffret: update yours")));
  else if (!text_of(row, "reason").empty())
    say(fmt::format("          {}",
                    words("ne se lit pas : abîmé, ou pas fait pour ce lien. À refuser : coffret "
                          "inbox refuse",
                          "cannot be read: damaged, or not made for this link. To be refused: "
                          "coffret inbox refuse")));
  if (row.if_contains("files") == nullptr) return;
  say(fmt::format("          {} {} {}", words("se dit :", "says they are:"),
                  name.empty() ? std::string{words("(rien)", "(nothing)")} : name,
                  words("(rien ne le prouve)", "(nothing proves it)")));
  if (const auto note = text_of(row, "note"); !note.empty())
    say(fmt::format("          {}", quoted(note, words)));
  say(fmt::format("          {}", names_in(row, "files", "name")));
}

void say_deposit_link(const object& row, const Words& words) {
  const auto state = text_of(row, "state");
  const auto told = state == "live"      ? words("ouvert jusqu'au", "open until")
                    : state == "expired" ? words("fini depuis le", "over since")
                                         : words("fermé ; devait finir le", "closed; was to end");
  say(fmt::format("{}  {}  {} {}", text_of(row, "id").substr(0, 8), text_of(row, "from"), told,
                  instant_of(row, "expires_at", words.language)));
}

void say_if_no_links(const object& result, const Words& words) {
  if (number_of(result, "count") == 0)
    say(std::string{words("Aucun lien de dépôt.", "No deposit link.")});
}

void say_link_closed(const object& result, const Words& words) {
  say(fmt::format("{} {}",
                  words("Lien de dépôt fermé. Ce qui est déjà arrivé reste à décider :",
                        "Deposit link closed. What has come is still yours to decide:"),
                  text_of(result, "from")));
}

void say_taken_row(const object& row, const Words& words) {
  if (const auto sayer = sayers_of("import").row) sayer(row, words);
}

void say_refused_deposit(const object& result, const Words& words) {
  if (flag_of(result, "deposit"))
    return say(
        std::string{words("Dépôt refusé ; il sera effacé du serveur à la prochaine "
                          "synchronisation.",
                          "Deposit refused; it is erased at the server by the next sync.")});
  if (const auto sayer = sayers_of("remove").result) sayer(result, words);
}

void say_set_apart(const object& row, const Words& words) {
  if (flag_of(row, "deposit")) return say_deposit(row, words);
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

void say_renamed_person(const object& result, const Words& words) {
  say(fmt::format("{} {} → {}", words("Dossier renommé :", "Record renamed:"),
                  text_of(result, "before"), text_of(result, "name")));
}

void say_accepted(const object& result, const Words& words) {
  if (flag_of(result, "deposit"))
    return say(std::string{
        flag_of(result, "accepted")
            ? words("Dépôt accepté.", "Deposit accepted.")
            : words("Un fichier au moins est refusé : le dépôt reste à décider.",
                    "One file at least was refused: the deposit is still to be decided.")});
  say(fmt::format("{} {}", words("Rangé dans le dossier de", "Put into the record of"),
                  text_of(result, "person")));
}

void say_own(const object& result, const Words& words) {
  say(fmt::format("{}  {}{}", text_of(result, "id").substr(0, 8), text_of(result, "title"),
                  tail_of(result, words)));
}

// Who changed what from where; what a later change took the place of is shown too.
void say_edit(const object& edit, const Words& words) {
  const auto* changes = edit.if_contains("changes");
  if (changes == nullptr || !changes->is_array()) return;
  for (const auto& change : changes->get_array()) {
    if (!change.is_object()) continue;
    const auto& one = change.get_object();
    say(fmt::format("          {}, {}{}{} {}{}", text_of(edit, "device_name"),
                    instant_of(edit, "time", words.language), words(" : ", ": "),
                    daemon::shown_field(text_of(one, "field"), words.language),
                    quoted(text_of(one, "value"), words),
                    flag_of(one, "stands") ? "" : words("  (remplacé)", "  (replaced)")));
  }
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
  const auto* edits = row.if_contains("edits");
  if (edits == nullptr || !edits->is_array()) return;
  for (const auto& edit : edits->get_array())
    if (edit.is_object()) say_edit(edit.get_object(), words);
}

void say_watching(const object& result, const Words& words) {
  say(fmt::format("{} {}", words("Dossier suivi :", "Watched folder:"),
                  text_of(result, "directory")));
  if (const auto to = text_of(result, "move_to"); !to.empty())
    say(fmt::format("  {} {}", words("les fichiers vont dans", "files go to"), to));
}

// Which of the files that came lately were refused, and why.
void say_refused_lately(const object& row, const Words& words) {
  const auto* last = row.if_contains("last");
  if (last == nullptr || !last->is_array()) return;
  for (const auto& one : last->get_array())
    if (one.is_object() && text_of(one.get_object(), "outcome") == "refused")
      say(fmt::format("  {} {}{}", words("refusé :", "refused:"), text_of(one.get_object(), "path"),
                      why_refused(one.get_object(), "      ", words)));
}

void say_watched(const object& row, const Words& words) {
  say_watching(row, words);
  const auto count = [&](std::string_view name, std::string_view one, std::string_view many,
                         std::string_view english) {
    return counted(number_of(row, name), words(one, english), words(many, english));
  };
  say(fmt::format("  {}, {}, {}, {}", count("imported", "importé", "importés", "imported"),
                  count("duplicate", "déjà là", "déjà là", "already here"),
                  count("quarantined", "mis à part", "mis à part", "set apart"),
                  count("refused", "refusé", "refusés", "refused")));
  say_refused_lately(row, words);
}

void say_if_none_watched(const object& result, const Words& words) {
  if (number_of(result, "count") == 0)
    say(std::string{words("Aucun dossier n'est suivi.", "No folder is watched.")});
}

// A device that began at a checkpoint does not know yet what later changes replaced.
void say_unread_history(const object& result, const Words& words) {
  const auto* history = result.if_contains("history");
  if (history == nullptr || !history->is_object() || flag_of(history->get_object(), "complete"))
    return;
  say(
      std::string{words("L'histoire ancienne du coffre est encore lue au serveur : d'autres "
                        "changements peuvent manquer ici.",
                        "The older history of the vault is still being read from the server: other "
                        "changes may be missing here.")});
}

constexpr Sayers sayers[] = {
    {.command = "watch", .row = nullptr, .result = say_watching},
    {.command = "watch list", .row = say_watched, .result = say_if_none_watched, .rows_only = true},
    {.command = "inbox list", .row = say_set_apart, .result = say_inbox_end, .rows_only = true},
    {.command = "inbox accept", .row = say_taken_row, .result = say_accepted},
    {.command = "inbox refuse", .row = nullptr, .result = say_refused_deposit},
    {.command = "inbox links",
     .row = say_deposit_link,
     .result = say_if_no_links,
     .rows_only = true},
    {.command = "inbox close", .row = nullptr, .result = say_link_closed},
    {.command = "person list", .row = say_person, .result = nullptr},
    {.command = "person add", .row = nullptr, .result = say_added_person},
    {.command = "person rename", .row = nullptr, .result = say_renamed_person},
    {.command = "history", .row = say_version, .result = say_unread_history},
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
