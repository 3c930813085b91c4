// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/answers.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cstdio>

#include "tools/coffret/sayers.hpp"
#include "vault/daemon/local_client.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

void write_out(std::string_view text) {
  (void)std::fwrite(text.data(), 1, text.size(), stdout);
}

// The link and the passcode go from guarded memory to the descriptor; both are URL-safe or digits,
// so they need no escaping in JSON.
void write_secret_out(const SecretText& secret) {
  (void)std::fflush(stdout);
  (void)daemon::write_secret_to(STDOUT_FILENO, secret);
}

void print_with_secrets(const object& result, const std::vector<SecretText>& secrets) {
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
}

void print_deposit_link(const Invocation& invocation, const object& result,
                        const std::vector<SecretText>& secrets) {
  const Words& words = invocation.words;
  if (invocation.json) {
    print_with_secrets(result, secrets);
  } else {
    say(fmt::format("{} {}, {} {}{}", words("Lien de dépôt pour", "Deposit link for"),
                    text_of(result, "from"), words("jusqu'au", "until"),
                    instant_of(result, "expires_at", words.language),
                    words(". Qui l'a peut vous envoyer des documents, et rien lire :",
                          ". Whoever has it can send you documents, and read nothing:")));
    for (const auto& secret : secrets) {
      write_secret_out(secret);
      write_out("\n");
    }
  }
  (void)std::fflush(stdout);
}

void print_grant(const Invocation& invocation, const object& result,
                 const std::vector<SecretText>& secrets) {
  const Words& words = invocation.words;
  if (invocation.json) {
    print_with_secrets(result, secrets);
  } else {
    const bool again = invocation.command == "grant extend";
    say(fmt::format(
        "{} {}, {} {}",
        again ? words("Le partage avec", "The grant to") : words("Partagé avec", "Shared with"),
        text_of(result, "to"), words("jusqu'au", "until"),
        instant_of(result, "expires_at", words.language)));
    if (const auto* several = result.if_contains("several_persons");
        several != nullptr && several->is_bool() && several->get_bool())
      say(std::string{words("Attention : ce partage contient des documents de plusieurs personnes.",
                            "Note: documents of several persons are in this grant.")});
    if (const auto* left = result.if_contains("left_out");
        left != nullptr && left->is_array() && !left->get_array().empty())
      say(fmt::format(
          "{} {} ({})", words("Laissés de côté :", "Left out:"),
          counted(static_cast<std::int64_t>(left->get_array().size()), "document", "documents"),
          words("de nature sensible, masqués, ou sans date certaine : "
                "« coffret grant preview » les nomme",
                "of a sensitive kind, masked, or without a certain date: "
                "\"coffret grant preview\" names them")));
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
  if (invocation.json)
    write_out(boost::json::serialize(row) + "\n");
  else if (const auto sayer = sayers_of(invocation.command).row)
    sayer(row, invocation.words);
  // What a watch tells is wanted when it happens, also by a program that reads it through a pipe.
  if (invocation.command == "sync") (void)std::fflush(stdout);
}

namespace {

// A bar, how much, how fast, and how long yet.
void print_bytes(const Invocation& invocation, const object& progress) {
  constexpr int width = 24;  // characters
  const Words& words = invocation.words;
  const auto size = [&](std::string_view name) {
    return spelled_size(static_cast<std::uint64_t>(number_of(progress, name)), words.language);
  };
  const auto done = number_of(progress, "done");
  const auto total = number_of(progress, "total");
  const auto filled = static_cast<std::size_t>(total > 0 ? width * done / total : width);
  const auto left = number_of(progress, "seconds_left");
  const auto time = left < 60 ? fmt::format("{} s", left) : fmt::format("{} min", (left + 59) / 60);
  fmt::print(stderr, "\r[{:<{}}] {} / {}, {}/s, {} {}\x1b[K{}", std::string(filled, '#'), width,
             size("done"), size("total"), size("rate"), words("encore", "left:"), time,
             done == total ? "\n" : "");
}

}  // namespace

void print_progress(const Invocation& invocation, const object& progress) {
  if (invocation.json || ::isatty(STDERR_FILENO) == 0 || !progress.contains("done")) return;
  if (text_of(progress, "unit") == "bytes") return print_bytes(invocation, progress);
  const auto done = number_of(progress, "done");
  const auto total = number_of(progress, "total");
  fmt::print(stderr, "\r{:>7} / {} {}\x1b[K{}", done, total, text_of(progress, "what"),
             done == total ? "\n" : "");
}

void print_result(const Invocation& invocation, const object& result,
                  const std::vector<SecretText>& secrets) {
  if (invocation.command == "grant create" || invocation.command == "grant extend")
    return print_grant(invocation, result, secrets);
  if (invocation.command == "emergency card" && invocation.json)
    return print_with_secrets(result, secrets);
  if (invocation.command == "inbox link") return print_deposit_link(invocation, result, secrets);
  const auto sayers = sayers_of(invocation.command);
  if (sayers.row != nullptr && sayers.result == nullptr) return;
  if (invocation.json && sayers.rows_only) return;
  if (invocation.json)
    write_out(boost::json::serialize(result) + "\n");
  else if (sayers.result != nullptr)
    sayers.result(result, invocation.words);
  else if (invocation.command != "show")
    say(std::string{invocation.words("C'est fait.", "Done.")});
}

namespace {

// One way out of each alarm (exit status 7), said with it.
struct WayOut {
  errc error;
  std::string_view french, english;
};
constexpr WayOut ways_out[] = {
    {errc::server_restored, "Que faire : coffret sync --heal", "What to do: coffret sync --heal"},
    {errc::fork_detected, "Que faire : coffret fork show, puis coffret fork merge",
     "What to do: coffret fork show, then coffret fork merge"},
    {errc::server_rolled_back,
     "Que faire : demandez à l'association si elle a restauré son serveur, puis coffret sync "
     "--heal",
     "What to do: ask the association whether it restored its server, then coffret sync --heal"},
    {errc::device_cloned,
     "Que faire : coffret server card (montre l'adresse et l'empreinte du serveur), coffret stop, "
     "puis coffret --vault NOUVEAU rebuild --from-server URL --pin EMPREINTE --carry-from "
     "CE_DOSSIER ; la clé de la fiche de secours sera demandée",
     "What to do: coffret server card (shows the server's address and fingerprint), coffret stop, "
     "then coffret --vault NEW rebuild --from-server URL --pin FINGERPRINT --carry-from "
     "THIS_FOLDER; the recovery sheet's key is asked for"},
    {errc::damaged, "Que faire : coffret check --repair", "What to do: coffret check --repair"},
    {errc::local_state_tampered,
     "Que faire : gardez ce dossier ; coffret --vault NOUVEAU rebuild --from-server URL --pin "
     "EMPREINTE (celles de la fiche de secours, dont la clé sera demandée), ou --from SAUVEGARDE",
     "What to do: keep this folder; coffret --vault NEW rebuild --from-server URL --pin "
     "FINGERPRINT (those on the recovery sheet, whose key is asked for), or --from BACKUP"},
    {errc::key_changed,
     "Que faire : n'envoyez rien ; demandez son empreinte à l'association (coffret server card)",
     "What to do: send nothing; ask the association for its fingerprint (coffret server card)"},
    {errc::unpinned, "Que faire : demandez son empreinte à l'association, et donnez-la avec --pin",
     "What to do: ask the association for its fingerprint, and give it with --pin"},
    {errc::unauthenticated,
     "Que faire : prévenez l'association, qui répare (coffret-server check --read-data --repair) ; "
     "ensuite, sur l'appareil qui a le document : coffret check --against-server --repair",
     "What to do: tell the association, which repairs (coffret-server check --read-data --repair); "
     "then, on the device that has the document: coffret check --against-server --repair"},
    {errc::keyslot_damaged,
     "Que faire : coffret passphrase reset ; la clé de la fiche de secours sera demandée",
     "What to do: coffret passphrase reset; the recovery sheet's key is asked for"},
};

std::string_view way_out(const Invocation& invocation, errc error) {
  const Words& words = invocation.words;
  // It was the way out: without a note there is nothing to heal by.
  if (error == errc::server_rolled_back && invocation.arguments.contains("heal"))
    return words(
        "Que faire : l'association n'a publié aucune note : qu'elle lance coffret-server backup "
        "puis "
        "restore, "
        "puis coffret sync --heal",
        "What to do: the association has published no note: let it run coffret-server backup, then "
        "restore, "
        "then coffret sync --heal");
  // A vault that does not open cannot be checked either.
  if (error == errc::damaged && invocation.command == "unlock") error = errc::local_state_tampered;
  for (const auto& way : ways_out)
    if (way.error == error) return words(way.french, way.english);
  return {};
}

// Where what is not found carries no identifier, the table's sentence would say something else.
struct OwnSentence {
  std::string_view command;
  errc error;
  std::string_view french, english;
};
constexpr OwnSentence own_sentences[] = {
    {"unlock", errc::damaged,
     "La base de données du coffre est abîmée ou absente : il ne s'ouvre plus ici. Ses documents "
     "se reprennent du serveur ou d'une sauvegarde.",
     "The vault's database is damaged or missing: it no longer opens here. Its documents come back "
     "from the server or from a backup."},
    {"fork show", errc::not_found,
     "Il n'y a pas deux histoires : le serveur montre celle que ce coffre connaît.",
     "There are not two histories: the server shows the one that this vault knows."},
    {"fork merge", errc::not_found,
     "Il n'y a pas deux histoires : rien de plus à suivre ni à reprendre.",
     "There are not two histories: nothing more to follow or to take in."},
    {"fork export", errc::not_found,
     "Le journal de cet appareil ne va pas au-delà de cette entrée : rien à écrire.",
     "The log of this device does not go beyond that entry: nothing to write."},
    {"device compare", errc::not_found,
     "Le journal de cet appareil ne va pas jusqu'à cette entrée : synchronisez, ou donnez à --at "
     "un "
     "plus petit numéro.",
     "The log of this device does not go as far as that entry: sync, or give --at a smaller "
     "number."},
    {"rebuild", errc::not_found,
     "Le serveur ne connaît aucun coffre de cette fiche : le compte a été effacé, ou la fiche est "
     "celle d'un autre serveur. D'une sauvegarde : coffret rebuild --from.",
     "The server knows no vault of this sheet: the account was erased, or the sheet is another "
     "server's. From a backup: coffret rebuild --from."},
    {"rehearse", errc::not_found,
     "Le serveur ne connaît aucun coffre de cette fiche : le compte a été effacé. Voyez « coffret "
     "sync ».",
     "The server knows no vault of this sheet: the account was erased. See \"coffret sync\"."},
};

std::string_view sentence_of(const Invocation& invocation, errc error) {
  for (const auto& own : own_sentences)
    if (own.error == error && own.command == invocation.command)
      return invocation.words(own.french, own.english);
  return row(error).sentence(invocation.words.language);
}

}  // namespace

int print_error(const Invocation& invocation, errc error, const std::string& detail,
                std::string_view sentence) {
  const auto& told = row(error);
  if (sentence.empty()) sentence = sentence_of(invocation, error);
  // What is told with it says what was looked for, and it need not be an identifier.
  if (error == errc::not_found && !detail.empty() &&
      sentence == told.sentence(invocation.words.language))
    sentence = invocation.words("Introuvable.", "Not found.");
  const auto way = way_out(invocation, error);
  if (invocation.json) {
    object inner{{"code", boost::json::string_view{told.code.data(), told.code.size()}},
                 {"message", boost::json::string_view{sentence.data(), sentence.size()}},
                 {"detail", detail}};
    if (!way.empty()) inner["way_out"] = boost::json::string_view{way.data(), way.size()};
    write_out(boost::json::serialize(object{{"error", std::move(inner)}}) + "\n");
  } else {
    fmt::print(stderr, "coffret: {}{}{}\n", sentence, detail.empty() ? "" : "\n  ",
               printable(detail));
    if (!way.empty()) fmt::print(stderr, "  {}\n", way);
  }
  return told.exit_status;
}

}  // namespace coffret::cli
