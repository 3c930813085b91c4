// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/answers.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cstdio>
#include <map>

#include "coffret/document.hpp"
#include "coffret/json.hpp"
#include "vault/daemon/local_client.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

std::string text_of(const object& from, std::string_view name) {
  const auto* text = text_member(from, name);
  return text == nullptr ? std::string{} : printable({text->data(), text->size()});
}

std::int64_t number_of(const object& from, std::string_view name) {
  const auto* value = from.if_contains({name.data(), name.size()});
  if (value == nullptr) return 0;
  boost::system::error_code ec;
  const auto number = value->to_number<std::int64_t>(ec);
  return ec ? 0 : number;
}

bool flag_of(const object& from, std::string_view name) {
  const auto* value = from.if_contains({name.data(), name.size()});
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::string instant_of(const object& from, std::string_view name, Language language) {
  const std::string text = text_of(from, name);
  const auto time = from_rfc3339(text);
  return time.has_value() ? spelled(*time, language) : text;
}

void say(const std::string& line) {
  fmt::print("{}\n", line);
}

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
  const auto* error = row_of(text_of(row, "reason"));
  if (error != nullptr) line += fmt::format("\n            {}", error->sentence(words.language));
  if (error != nullptr && error->value == errc::too_large)
    line += fmt::format("\n            {} {}", words("Un fichier a au plus", "A file has at most"),
                        spelled_size(limits::file_size, words.language));
  say(line);
}

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

void say_grant(const object& row, const Words& words) {
  say(fmt::format("{}  {}  {} {}  — {}", text_of(row, "id").substr(0, 8), text_of(row, "to"),
                  words("jusqu'au", "until"), instant_of(row, "expires_at", words.language),
                  state_words(text_of(row, "state"), words)));
}

void say_opening(const object& row, const Words& words) {
  const std::string outcome = text_of(row, "outcome");
  std::string_view told = words("a reçu", "was given");
  if (outcome == "read") told = words("a lu", "read");
  if (outcome == "wrong_passcode") told = words("code faux", "wrong passcode");
  if (outcome == "not_active") told = words("lien inactif", "inactive link");
  if (outcome == "many_attempts") told = words("nombreux essais", "many attempts");
  if (outcome == "daily_head") return;
  const std::string who = text_of(row, "recipient");
  say(fmt::format("{}  {}{} {}  ({})", instant_of(row, "time", words.language),
                  who.empty() ? words("quelqu'un", "someone") : std::string_view{who},
                  flag_of(row, "proved") ? words(" (prouvé)", " (proved)")
                                         : words(" (selon ses dires)", " (claimed)"),
                  told, text_of(row, "grant").substr(0, 8)));
}

void say_status(const object& r, const Words& words) {
  if (flag_of(r, "locked"))
    say(std::string{words("Le coffre est fermé.", "The vault is locked.")});
  else
    say(fmt::format("{} {}", number_of(r, "documents"), words("documents.", "documents.")));
  const auto server = text_of(r, "server");
  if (!server.empty()) say(fmt::format("{} {}", words("Serveur :", "Server:"), server));
  if (const auto pending = number_of(r, "pending"); pending > 0)
    say(fmt::format("{} {}", pending, words("actes à envoyer.", "acts to send.")));
  if (!text_of(r, "last_sync").empty())
    say(fmt::format("{} {}", words("Dernière synchronisation :", "Last sync:"),
                    instant_of(r, "last_sync", words.language)));
}

void say_card(const object& r, const Words& words) {
  say(fmt::format("{} {} ({})", words("Association :", "Association:"), text_of(r, "name"),
                  text_of(r, "country")));
  say(fmt::format("{} {}", words("Hébergement :", "Host:"), text_of(r, "host")));
  say(fmt::format("{} {}", words("Droit applicable :", "Law:"), text_of(r, "law")));
  say(fmt::format("{} {}", words("Contact :", "Contact:"), text_of(r, "contact")));
  say(fmt::format("{} {}", words("Empreinte :", "Fingerprint:"), text_of(r, "fingerprint")));
}

void say_check(const object& r, const Words& words) {
  const auto* problems = r.if_contains("problems");
  if (flag_of(r, "ok"))
    say(std::string{words("Tout est en ordre.", "All is in order.")});
  else if (problems != nullptr && problems->is_array())
    for (const auto& problem : problems->get_array())
      if (problem.is_object())
        say(fmt::format("{}: {}", text_of(problem.get_object(), "kind"),
                        text_of(problem.get_object(), "item")));
}

void say_sync(const object& r, const Words& words) {
  say(fmt::format(
      "{} {}, {} {} ({} / {})", number_of(r, "pushed"), words("envoyés", "sent"),
      number_of(r, "pulled"), words("reçus", "received"),
      spelled_size(static_cast<std::uint64_t>(number_of(r, "bytes_up")), words.language),
      spelled_size(static_cast<std::uint64_t>(number_of(r, "bytes_down")), words.language)));
}

void say_summary(const object& r, const Words& words) {
  const auto* summary = r.if_contains("summary");
  if (summary == nullptr || !summary->is_object()) return;
  const auto& s = summary->get_object();
  fmt::print(stderr, "{} {}, {} {}, {} {}, {} {}\n", number_of(s, "imported"),
             words("importés", "imported"), number_of(s, "duplicate"),
             words("déjà là", "already here"), number_of(s, "quarantined"),
             words("mis à part", "set apart"), number_of(s, "refused"),
             words("refusés", "refused"));
}

using Sayer = void (*)(const object&, const Words&);

const std::map<std::string_view, Sayer> row_sayers{
    {"import", say_import},    {"list", say_document},      {"search", say_document},
    {"grant list", say_grant}, {"access-log", say_opening},
};

const std::map<std::string_view, Sayer> result_sayers{
    {"status", say_status},    {"server card", say_card}, {"server join", say_card},
    {"check", say_check},      {"sync", say_sync},        {"import", say_summary},
    {"grant show", say_grant},
};

// Commands whose result, in JSON, is their rows alone.
bool rows_only(std::string_view command) {
  return command == "list" || command == "search" || command == "grant list" ||
         command == "access-log";
}

void write_out(std::string_view text) {
  (void)std::fwrite(text.data(), 1, text.size(), stdout);
}

// The link and the passcode go from guarded memory to the descriptor; both are URL-safe or digits,
// so they need no escaping in JSON.
void write_secret_out(const SecretText& secret) {
  (void)std::fflush(stdout);
  (void)daemon::write_secret_to(STDOUT_FILENO, secret);
}

void print_grant(const Invocation& invocation, const object& result,
                 const std::vector<SecretText>& secrets) {
  const Words& words = invocation.words;
  if (invocation.json) {
    std::string json = boost::json::serialize(result);
    json.pop_back();
    write_out(json);
    constexpr std::string_view names[] = {"link", "passcode"};
    for (std::size_t i = 0; i < secrets.size() && i < 2; ++i) {
      write_out(fmt::format(",\"{}\":\"", names[i]));
      write_secret_out(secrets[i]);
      write_out("\"");
    }
    write_out("}\n");
  } else {
    say(fmt::format("{} {}, {} {}", words("Partagé avec", "Shared with"), text_of(result, "to"),
                    words("jusqu'au", "until"), instant_of(result, "expires_at", words.language)));
    for (std::size_t i = 0; i < secrets.size(); ++i) {
      if (i == 1)
        write_out(words("\nCode à dire de vive voix, à part du lien : ",
                        "\nPasscode, to be told apart from the link: "));
      write_secret_out(secrets[i]);
      write_out("\n");
    }
  }
  (void)std::fflush(stdout);
}

}  // namespace

void print_row(const Invocation& invocation, const object& row) {
  if (invocation.json) {
    write_out(boost::json::serialize(row) + "\n");
    return;
  }
  if (const auto sayer = row_sayers.find(invocation.command); sayer != row_sayers.end())
    sayer->second(row, invocation.words);
}

void print_progress(const Invocation& invocation, const object& progress) {
  if (invocation.json || ::isatty(STDERR_FILENO) == 0) return;
  const auto done = number_of(progress, "done");
  const auto total = number_of(progress, "total");
  fmt::print(stderr, "\r{:>7} / {} {}\x1b[K{}", done, total, text_of(progress, "what"),
             done == total ? "\n" : "");
}

void print_result(const Invocation& invocation, const object& result,
                  const std::vector<SecretText>& secrets) {
  if (invocation.command == "grant create") return print_grant(invocation, result, secrets);
  if (invocation.json) {
    if (!rows_only(invocation.command)) write_out(boost::json::serialize(result) + "\n");
    return;
  }
  if (const auto sayer = result_sayers.find(invocation.command); sayer != result_sayers.end()) {
    sayer->second(result, invocation.words);
    return;
  }
  if (!rows_only(invocation.command) && invocation.command != "show")
    say(std::string{invocation.words("C'est fait.", "Done.")});
}

int print_error(const Invocation& invocation, errc error, const std::string& detail) {
  const auto& told = row(error);
  const auto sentence = told.sentence(invocation.words.language);
  if (invocation.json)
    write_out(boost::json::serialize(
                  object{{"error",
                          {{"code", boost::json::string_view{told.code.data(), told.code.size()}},
                           {"message", boost::json::string_view{sentence.data(), sentence.size()}},
                           {"detail", detail}}}}) +
              "\n");
  else
    fmt::print(stderr, "coffret: {}{}{}\n", sentence, detail.empty() ? "" : "\n  ",
               printable(detail));
  return told.exit_status;
}

}  // namespace coffret::cli
