// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/redeem_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdio>
#include <thread>

#include "coffret/encoding.hpp"
#include "tools/coffret/answers.hpp"
#include "tools/coffret/caregiver_command.hpp"
#include "tools/system/system.hpp"
#include "vault/daemon/local_client.hpp"
#include "vault/redeem/deposit.hpp"
#include "vault/redeem/redeem.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

}  // namespace

Result<SecretText> read_link(Invocation& invocation, std::string& missing) {
  if (invocation.link) {
    fmt::print(stderr, "{}\n",
               invocation.words(
                   "Un lien donné en argument peut se lire dans l'historique du terminal : "
                   "préférez « - » ou @FICHIER.",
                   "A link given as an argument can be read in the shell's history: prefer \"-\" "
                   "or @FILE."));
    return std::move(*invocation.link);
  }
  const std::string& source = invocation.link_source;
  if (source == "-") return daemon::read_secret_file(source);
  if (source.starts_with('@')) {
    missing = source.substr(1);
    return daemon::read_secret_file(missing);
  }
  // Neither a link nor a place of one: what it is was said by whoever typed it.
  if (!source.empty()) return errc::malformed;
  return daemon::ask_secret(std::string{invocation.words("Lien : ", "Link: ")});
}

int refuse_link(const Invocation& invocation) {
  return print_error(
      invocation, errc::malformed, {},
      invocation.words(
          "Ce lien est incomplet ou mal recopié. Recopiez-le en entier, ou demandez-le "
          "à nouveau à la personne qui vous l'a donné.",
          "This link is incomplete or was copied wrongly. Copy it whole, or ask the "
          "person who gave it to you for it again."));
}

namespace {

// `unasked` becomes true when a code is needed and there is nobody to ask for it.
Result<redeem::RedeemOptions> options_of(const Invocation& invocation, std::string& missing,
                                         bool& unasked) {
  redeem::RedeemOptions options;
  options.recipient = invocation.recipient;
  options.reason = invocation.reason;
  if (!invocation.pin.empty()) {
    const auto pin = redeem::parse_pin(invocation.pin);
    if (pin.has_error()) return errc::usage;
    options.pin = *pin;
  }
  if (!invocation.passcode_file.empty()) {
    missing = invocation.passcode_file;
    COFFRET_TRY(options.passcode, daemon::read_secret_file(invocation.passcode_file));
  }
  const std::string prompt{invocation.words("Code : ", "Passcode: ")};
  options.ask_passcode = [prompt, &unasked]() -> Result<SecretText> {
    auto typed = daemon::ask_secret(prompt);
    unasked = typed.has_error();
    if (unasked) return errc::wrong_passcode;
    return typed;
  };
  return options;
}

object json_of(const redeem::Redeemed& redeemed, const std::vector<std::string>& names) {
  boost::json::array files;
  for (std::size_t i = 0; i < names.size(); ++i)
    files.emplace_back(object{{"name", names[i]},
                              {"content_type", redeemed.files[i].content_type},
                              {"title", redeemed.files[i].title},
                              {"size", redeemed.files[i].bytes.size()}});
  const auto delivery = name(redeemed.delivery);
  object json{
      {"files", std::move(files)},
      {"patient", {{"name", redeemed.patient.name}, {"birth_date", redeemed.patient.birth_date}}},
      {"owner", redeemed.owner},
      {"to", redeemed.to},
      {"purpose", redeemed.purpose},
      {"delivery", boost::json::string_view{delivery.data(), delivery.size()}},
      {"expires_at", nullptr},
      {"download", redeemed.download},
      {"reply", nullptr},
      {"vault", nullptr},
      {"root", nullptr}};
  if (!redeemed.reply.empty()) json["reply"] = redeemed.reply;
  if (redeemed.expires_at) json["expires_at"] = to_rfc3339(from_unix(*redeemed.expires_at));
  if (redeemed.signature) {
    json["vault"] = redeemed.signature->vault.text();
    json["root"] = to_base64url(redeemed.signature->root.bytes);
  }
  return json;
}

void say_who(const redeem::Redeemed& redeemed, const Words& words) {
  if (!redeemed.owner.empty())
    fmt::print("{} {}\n", words("Partagé par", "Shared by"), printable(redeemed.owner));
  if (!redeemed.patient.name.empty()) {
    const auto born = redeemed.patient.birth_date;
    fmt::print("{} {}{}{}\n", words("Patient :", "Patient:"), printable(redeemed.patient.name),
               born.empty() ? "" : words(", né(e) le ", ", born "),
               spelled_date(born, words.language));
  }
  if (!redeemed.purpose.empty())
    fmt::print("{} {}\n", words("Motif :", "Purpose:"), printable(redeemed.purpose));
  if (redeemed.expires_at)
    fmt::print("{} {}\n", words("Le lien vaut jusqu'au", "The link is good until"),
               spelled(from_unix(*redeemed.expires_at), words.language));
  if (!redeemed.download)
    fmt::print("{}\n", words("La personne permet de lire, pas de garder : effacez ces copies "
                             "après lecture.",
                             "The person allows reading, not keeping: delete these copies after "
                             "reading."));
  if (!redeemed.reply.empty())
    fmt::print("{}\n  {}\n",
               words("La personne accepte des documents en réponse, par « coffret deposit » et ce "
                     "lien :",
                     "The person takes documents in reply, through \"coffret deposit\" and this "
                     "link:"),
               printable(redeemed.reply));
  if (!redeemed.signature)
    fmt::print("{}\n", words("Ce lien ne porte pas de signature : son contenu est ce que le "
                             "porteur du lien a reçu, sans preuve d'origine.",
                             "This link carries no signature: its content has no proof of where "
                             "it comes from."));
}

void say(const Invocation& invocation, const redeem::Redeemed& redeemed,
         const std::vector<std::string>& names) {
  if (invocation.json) {
    fmt::print("{}\n", boost::json::serialize(json_of(redeemed, names)));
    return;
  }
  const Words& words = invocation.words;
  say_who(redeemed, words);
  for (std::size_t i = 0; i < names.size(); ++i)
    fmt::print("  {}  ({})\n", printable(names[i]),
               spelled_size(redeemed.files[i].bytes.size(), words.language));
}

int refuse_passcode(const Invocation& invocation, std::uint32_t left) {
  const auto detail =
      left == 0 ? std::string{invocation.words("Plus aucun essai : le lien est fermé.",
                                               "No try is left: the link is closed.")}
                : fmt::format("{} {}", invocation.words("Essais restants :", "Tries left:"), left);
  return print_error(invocation, errc::wrong_passcode, detail);
}

// What goes wrong with a caregiver's own key is told in their words.
int refuse_caregiver(const Invocation& invocation, errc error, Told& told) {
  const Words& words = invocation.words;
  if (error == errc::denied)
    told.sentence = words("Ce partage est pour la clé d'un autre soignant.",
                          "This grant is for another caregiver's key.");
  if (error == errc::key_changed && told.sentence.empty())
    told.sentence = words(
        "Ce coffre n'est pas celui d'un patient qui a pris votre carte, ou sa clé ou son "
        "association a changé : refusé. Revoyez la personne, et donnez-lui une nouvelle carte.",
        "This vault is not that of a patient who took your card, or its key or its association "
        "has changed: refused. See the person again, and give them a new card.");
  if (error == errc::server_rolled_back)
    told.sentence = words(
        "Le serveur montre une version plus ancienne que celle que vous avez déjà "
        "lue : refusé.",
        "The server shows an older version than the one you have read: refused.");
  return print_error(invocation, error, told.detail, told.sentence);
}

// Another patient who took a card could pass for this one: the caregiver sees both names first.
bool agrees_to_root(const Invocation& invocation, const redeem::RootChange& change, Told& told) {
  const Words& words = invocation.words;
  const auto both = fmt::format(
      "{}{}{}{}{}{}.", words("Le coffre de ", "The vault of "), printable(change.owner_before),
      words(", appairé le ", ", paired on "), spelled(from_unix(change.paired_at), words.language),
      words(", a une nouvelle clé ; il dit maintenant être celui de ",
            ", has a new key; it now says that it is that of "),
      printable(change.owner_now));
  if (invocation.yes) return true;
  if (!invocation.json && ::isatty(STDIN_FILENO) != 0) {
    fmt::print(stderr, "{}\n{}", both,
               words("Lui avez-vous donné une nouvelle carte, à elle, en personne ? (oui/non) ",
                     "Did you give them a new card, to that person, in person? (yes/no) "));
    char reply[16] = {};
    if (std::fgets(reply, sizeof reply, stdin) != nullptr &&
        std::string_view{"oOyY"}.find(reply[0]) != std::string_view::npos)
      return true;
  }
  told.detail = both;
  told.sentence = words(
      "La clé de ce coffre a changé : refusé. Si vous avez donné à cette personne une "
      "nouvelle carte, de la main à la main, recommencez avec --yes.",
      "This vault's key has changed: refused. If you gave that person a new card, hand to "
      "hand, do it again with --yes.");
  return false;
}

// The patient chose a delay, in which they may refuse: asked again now and then, so that a refusal
// is heard.
bool wait_for_card(const Invocation& invocation, std::int64_t left) {
  constexpr std::int64_t longest_pause = 10;  // seconds
  fmt::print(stderr, "{} {} s\n",
             invocation.words("La personne est prévenue et peut refuser. Lisible dans",
                              "The person is told and may refuse. Readable in"),
             std::max<std::int64_t>(left, 1));
  std::this_thread::sleep_for(
      std::chrono::seconds{std::clamp<std::int64_t>(left, 1, longest_pause)});
  return true;
}

// A folder that cannot be written to is found before an opening is spent on it.
Result<void> make_room(const std::string& directory, Disk& disk) {
  COFFRET_CHECK(disk.make_directory(directory));
  return ::access(directory.c_str(), W_OK | X_OK) == 0 ? Result<void>{} : Result<void>{errc::io};
}

}  // namespace

int redeem(Invocation& invocation) {
  std::string file;
  const auto fail = [&](const error_code& error) {
    return print_error(invocation, to_errc(error),
                       to_errc(error) == errc::file_not_found ? file : "");
  };
  const auto link = read_link(invocation, file);
  if (link.has_error() && link.error() != errc::malformed) return fail(link.error());
  if (link.has_value() && redeem::is_deposit_link(*link))
    return print_error(invocation, errc::malformed, {},
                       invocation.words("Ce lien sert à envoyer des documents, pas à en lire : "
                                        "« coffret deposit ».",
                                        "This link is for sending documents, not for reading any: "
                                        "\"coffret deposit\"."));
  if (link.has_error() || !redeem::is_link(*link)) return refuse_link(invocation);
  bool unasked = false;
  auto options = options_of(invocation, file, unasked);
  if (options.has_error()) return fail(options.error());
  SystemClock clock;
  SystemRandom random;
  SystemDisk disk;
  if (const auto room = make_room(invocation.out, disk); room.has_error())
    return fail(room.error());

  Told told;
  std::optional<redeem::Caregiver> caregiver;
  options->caregiver = [&]() -> Result<redeem::Caregiver*> {
    COFFRET_TRY(auto opened, open_caregiver(invocation, {clock, random, disk}, told));
    return &caregiver.emplace(std::move(opened));
  };
  options->agree_to_root = [&](const redeem::RootChange& change) {
    return agrees_to_root(invocation, change, told);
  };
  options->wait = [&](std::int64_t left) { return wait_for_card(invocation, left); };
  const client::Environment environment{clock, random};
  const auto answer = redeem::redeem(*link, *options, environment);
  if (answer.has_error() && unasked)
    return print_error(invocation, errc::wrong_passcode, {},
                       invocation.words("Ce lien demande un code : donnez --passcode-file.",
                                        "This link asks for a passcode: give --passcode-file."));
  if (answer.has_error() && answer.error() == errc::usage)
    return print_error(
        invocation, errc::usage, {},
        invocation.words(
            "C'est une carte d'urgence. Dites qui vous êtes et pourquoi vous l'ouvrez, "
            "en quelques mots : --as \"NOM, SERVICE\" --reason \"MOTIF\". La personne "
            "en sera prévenue.",
            "This is an emergency card. Say who you are and why you open it, in a few "
            "words: --as \"NAME, SERVICE\" --reason \"REASON\". The person is told."));
  if (answer.has_error() && (caregiver || !told.detail.empty() || !told.sentence.empty()))
    return refuse_caregiver(invocation, to_errc(answer.error()), told);
  if (answer.has_error()) return fail(answer.error());
  if (!answer->redeemed) return refuse_passcode(invocation, answer->remaining_attempts.value_or(0));
  const auto names = redeem::save(*answer->redeemed, invocation.out, disk, random);
  if (names.has_error()) return fail(names.error());
  say(invocation, *answer->redeemed, *names);
  return 0;
}

}  // namespace coffret::cli
