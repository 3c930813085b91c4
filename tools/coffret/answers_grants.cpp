// SPDX-License-Identifier: EUPL-1.2
//
// What is said of grants, and of who opened them.
#include <fmt/format.h>

#include "coffret/json.hpp"
#include "tools/coffret/sayers.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

std::string_view state_words(const std::string& state, const Words& words) {
  if (state == "scheduled") return words("à venir", "to come");
  if (state == "live") return words("actif", "live");
  if (state == "used_up") return words("toutes les ouvertures faites", "all openings used");
  if (state == "expired") return words("expiré", "expired");
  if (state == "revoking")
    return words("fin demandée : le lien marche encore tant que le serveur n'est pas joint",
                 "ending: the link still works until your server is reached");
  if (state == "revoked") return words("terminé", "ended");
  if (state == "locked") return words("fermé : trop de codes faux", "closed: too many wrong codes");
  return "";
}

// The board: under the name of each state its grants.
void say_grant(const object& row, const Words& words) {
  if (flag_of(row, "first_of_state"))
    say(fmt::format("{}{}", state_words(text_of(row, "state"), words), words(" :", ":")));
  say(fmt::format(
      "  {}  {}  {} {}  {}{}", text_of(row, "id").substr(0, 8), text_of(row, "to"),
      words("jusqu'au", "until"), instant_of(row, "expires_at", words.language),
      text_of(row, "scope"),
      flag_of(row, "evolving") ? words(", et ce qui arrive", ", and what arrives") : ""));
  if (flag_of(row, "ends_soon"))
    say(fmt::format(
        "            {} --for 7d{}",
        std::string{words("prend fin d'ici demain ; pour le prolonger : « coffret grant extend ",
                          "ends within a day; to prolong it: \"coffret grant extend ")} +
            text_of(row, "id").substr(0, 8),
        words(" »", "\"")));
}

std::string_view delivery_words(const std::string& delivery, const Words& words) {
  if (delivery == "link") return words("lien protégé", "protected link");
  if (delivery == "shl") return words("SMART Health Link", "SMART Health Link");
  if (delivery == "key") return words("clé du soignant", "the caregiver's key");
  return delivery;
}

// One line of a grant: its name in a column, and what it is; nothing where it is nothing.
void say_field(std::string_view name, const std::string& value) {
  if (!value.empty()) say(fmt::format("  {:<14} {}", name, value));
}

// A text of several lines, each made safe to print.
void say_lines(const object& from, std::string_view name) {
  const auto* text = text_member(from, name);
  std::string_view rest;
  if (text != nullptr) rest = {text->data(), text->size()};
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    say(printable(rest.substr(0, end)));
    if (end == std::string_view::npos) return;
    rest.remove_prefix(end + 1);
  }
}

std::string openings_of(const object& row, const Words& words) {
  const auto* most = row.if_contains("openings");
  const bool bounded = most != nullptr && !most->is_null();
  const auto* done = row.if_contains("opened");
  if (done == nullptr)
    return bounded ? fmt::format("{} {}", words("au plus", "at most"), number_of(row, "openings"))
                   : std::string{words("sans limite", "no limit")};
  return bounded ? fmt::format("{} {} {}", number_of(row, "opened"), words("sur", "of"),
                               number_of(row, "openings"))
                 : std::to_string(number_of(row, "opened"));
}

void say_documents(const object& row, const Words& words) {
  say_field(words("Documents", "Documents"), std::to_string(number_of(row, "documents")));
  const auto* ids = row.if_contains("document_ids");
  const auto* titles = row.if_contains("document_titles");
  if (ids == nullptr || titles == nullptr || !ids->is_array() || !titles->is_array()) return;
  const auto& names = titles->get_array();
  for (std::size_t i = 0; i < ids->get_array().size() && i < names.size(); ++i)
    if (ids->get_array()[i].is_string() && names[i].is_string())
      say(fmt::format("                 {:.8}  {}",
                      std::string_view{ids->get_array()[i].get_string()},
                      std::string_view{names[i].get_string()}));
}

void say_whole_grant(const object& row, const Words& words) {
  say(fmt::format("{}  {}  — {}", text_of(row, "id").substr(0, 8), text_of(row, "to"),
                  state_words(text_of(row, "state"), words)));
  say_field(words("Rôle", "Role"), text_of(row, "role"));
  say_field(words("Établissement", "Organisation"), text_of(row, "organisation"));
  say_field(words("But", "Purpose"), text_of(row, "purpose"));
  say_field(words("Remis par", "Delivery"),
            std::string{delivery_words(text_of(row, "delivery"), words)});
  say_field(words("À partir du", "From"), instant_of(row, "not_before", words.language));
  say_field(words("Jusqu'au", "Until"), instant_of(row, "expires_at", words.language));
  say_field(words("Ouvertures", "Openings"), openings_of(row, words));
  if (number_of(row, "wrong_passcodes") > 0)
    say_field(words("Codes faux", "Wrong codes"),
              std::to_string(number_of(row, "wrong_passcodes")));
  say_documents(row, words);
  say(fmt::format("  {}", words("Accord", "Consent")));
  say_lines(row, "consent");
}

std::string_view attempt_words(const std::string& outcome, const Words& words) {
  if (outcome == "wrong_passcode") return words("code faux", "wrong passcode");
  if (outcome == "not_active")
    return words("essai refusé, le lien n'est pas actif", "refused, the link is not active");
  if (outcome == "refused") return words("refusé : une autre clé", "refused: another key");
  if (outcome == "many_attempts") return words("nombreux essais :", "many attempts:");
  return outcome;
}

// "Dr Alice Martin a ouvert 3 documents, le 12 mai 2026 à 14:02".
void say_opening(const object& row, const Words& words) {
  const std::string outcome = text_of(row, "outcome");
  const bool asked = outcome == "asked";
  const bool used = asked || outcome == "delivered" || outcome == "read";
  const std::string who = text_of(row, "recipient");
  std::string told = std::string{attempt_words(outcome, words)};
  if (used)
    told = fmt::format("{} {}",
                       outcome == "read" ? words("a lu", "read")
                       : asked           ? words("a demandé à ouvrir", "asked to open")
                                         : words("a ouvert", "opened"),
                       counted(number_of(row, "documents"), "document", "documents"));
  if (const auto why = text_of(row, "reason"); !why.empty())
    told += fmt::format(" {} {}", words("pour", "for"), quoted(why, words));
  if (outcome == "many_attempts") told += fmt::format(" {}", number_of(row, "count"));
  say(fmt::format(
      "{}{} {}, {}{}  ({}, {})",
      who.empty() ? words("Quelqu'un", "Someone") : std::string_view{who},
      used ? "" : words(" :", ":"), told, words("le ", ""), instant_of(row, "time", words.language),
      flag_of(row, "proved") ? words("prouvé", "proved") : words("selon ses dires", "claimed"),
      text_of(row, "grant").substr(0, 8)));
  if (flag_of(row, "forged"))
    say(
        std::string{words("    FAUX : la clé du soignant n'a pas signé cette ouverture. Le serveur "
                          "l'a inventée, ou rejouée.",
                          "    FALSE: the caregiver's key did not sign this opening. The server "
                          "invented or replayed it.")});
}

std::string_view reason_words(std::string_view reason, const Words& words) {
  if (reason == "psychiatry") return words("santé mentale", "mental health");
  if (reason == "addiction") return words("alcool ou drogues", "alcohol or drugs");
  if (reason == "hiv") return words("VIH", "HIV");
  if (reason == "pregnancy") return words("grossesse", "pregnancy");
  if (reason == "genetics") return words("génétique", "genetics");
  if (reason == "masked") return words("document masqué", "masked document");
  if (reason == "undated") return words("date incertaine", "uncertain date");
  if (reason == "unread") return words("pas encore lu", "not read yet");
  if (reason == "body_missing") return words("pas sur cet appareil", "not on this device");
  return reason;
}

std::string_view warning_words(const std::string& kind, const Words& words) {
  if (kind == "place") return words("dit où la photo a été prise", "tells where it was taken");
  if (kind == "camera_serial")
    return words("dit le numéro de série de l'appareil photo", "tells the camera's serial number");
  if (kind == "camera_owner")
    return words("dit à qui est l'appareil photo", "tells whose the camera is");
  if (kind == "document_author")
    return words("dit qui a écrit le fichier", "tells who wrote the file");
  if (kind == "producer")
    return words("dit avec quel programme il a été fait", "tells which program made it");
  if (kind == "national_number")
    return words("contient un numéro de sécurité sociale", "holds a social security number");
  if (kind == "sensitive") return words("de nature sensible", "of a sensitive kind");
  return words("n'a pas pu être examiné", "could not be looked at");
}

const boost::json::array& list_of(const object& from, std::string_view name) {
  static const boost::json::array none;
  const auto* list = from.if_contains({name.data(), name.size()});
  return list != nullptr && list->is_array() ? list->get_array() : none;
}

template <class Say>
void each_of(const object& from, std::string_view name, Say&& say_one) {
  for (const auto& one : list_of(from, name))
    if (one.is_object()) say_one(one.get_object());
}

void say_left_out(const object& row, const Words& words) {
  if (list_of(row, "left_out").empty()) return;
  say(std::string{words("Laissés de côté (pour en ajouter un : --document) :",
                        "Left out (to add one: --document):")});
  each_of(row, "left_out", [&](const object& one) {
    std::string why;
    for (const auto& reason : list_of(one, "reasons")) {
      if (!reason.is_string()) continue;
      if (!why.empty()) why += ", ";
      why += reason_words(std::string_view{reason.get_string()}, words);
    }
    say(fmt::format("  {}  {}  ({})", text_of(one, "id").substr(0, 8), text_of(one, "title"), why));
  });
}

void say_warnings(const object& row, const Words& words) {
  if (list_of(row, "warnings").empty()) return;
  say(std::string{words("Ce qui partirait sans se voir :", "What would leave unseen:")});
  each_of(row, "warnings", [&](const object& one) {
    std::string value = text_of(one, "value");
    if (text_of(one, "kind") == "sensitive") value = reason_words(value, words);
    say(fmt::format("  {}  {} : {}{}", text_of(one, "id").substr(0, 8), text_of(one, "title"),
                    warning_words(text_of(one, "kind"), words),
                    value.empty() ? value : fmt::format(" ({})", value)));
  });
  if (const auto& smaller = list_of(row, "smaller"); !smaller.empty())
    say(fmt::format("{} {}.", words("Sans ceux-là, il resterait", "Without these there would be"),
                    counted(static_cast<std::int64_t>(smaller.size()), "document", "documents")));
}

void say_preview(const object& row, const Words& words) {
  const auto& patient = object_of(row, "patient");
  say(fmt::format("{} {}", text_of(row, "to"), words("verrait :", "would see:")));
  say_field(words("Patient", "Patient"),
            text_of(patient, "name").empty()
                ? std::string{words("personne n'est nommé", "nobody is named")}
                : fmt::format("{} {}", text_of(patient, "name"),
                              spelled_date(text_of(patient, "birth_date"), words.language)));
  each_of(row, "documents", [&](const object& one) {
    say(fmt::format(
        "  {}  {}  {}  {}  {}  {}", text_of(one, "id").substr(0, 8), text_of(one, "title"),
        spelled_date(text_of(one, "date"), words.language), text_of(one, "author"),
        text_of(one, "kind"),
        spelled_size(static_cast<std::uint64_t>(number_of(one, "size")), words.language)));
  });
  if (flag_of(row, "several_persons"))
    say(std::string{words("Attention : ces documents sont de plusieurs personnes.",
                          "Note: these documents are of several persons.")});
  say_left_out(row, words);
  if (const auto others = number_of(row, "other_persons"); others > 0)
    say(fmt::format("{} {}", counted(others, "document", "documents"),
                    words("d'autres personnes n'y sont pas (--person).",
                          "of other persons are not in it (--person).")));
  if (const auto uncoded = number_of(row, "uncoded"); uncoded > 0)
    say(fmt::format("{} {}", counted(uncoded, "document", "documents"),
                    uncoded == 1
                        ? words("ne dit pas sa nature par un code : regardez-le vous-même.",
                                "does not tell its kind by a code: look at it yourself.")
                        : words("ne disent pas leur nature par un code : regardez-les vous-même.",
                                "do not tell their kind by a code: look at them yourself.")));
  say_warnings(row, words);
  say("");
  say_lines(row, "consent");
}

void say_receipt(const object& row, const Words&) {
  say_lines(row, "text");
}

void say_log(const object& result, const Words& words) {
  if (number_of(result, "count") == 0)
    say(std::string{words("Personne n'a rien ouvert.", "Nobody has opened anything.")});
  each_of(result, "quiet", [&](const object& one) {
    say(fmt::format("{} {} {} {}.",
                    words("Le serveur n'a rien signé du", "The server signed nothing from"),
                    instant_of(one, "from", words.language), words("au", "to"),
                    instant_of(one, "to", words.language)));
  });
  say(fmt::format(
      "{} {}",
      counted(number_of(result, "verified"), words("ligne", "line"), words("lignes", "lines")),
      words("du journal vérifiées : rien n'y a été changé ni retiré.",
            "of the log verified: nothing in it was changed or taken out.")));
}

constexpr Sayers sayers[] = {
    {.command = "grant list", .row = say_grant, .result = nullptr},
    {.command = "grant preview", .row = nullptr, .result = say_preview},
    {.command = "grant receipt", .row = nullptr, .result = say_receipt},
    {.command = "grant show", .row = nullptr, .result = say_whole_grant},
    {.command = "access-log", .row = say_opening, .result = say_log, .rows_only = true},
};

}  // namespace

std::span<const Sayers> grant_sayers() {
  return sayers;
}

}  // namespace coffret::cli
