// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/typed.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "coffret/json.hpp"
#include "coffret/time.hpp"
#include "tools/system/system.hpp"
#include "vault/daemon/local_client.hpp"
#include "vault/daemon/new_passphrase.hpp"

namespace coffret::cli {
namespace {

constexpr int most_askings = 3;

bool has_writable_folder(const std::string& path) {
  const auto folder = std::filesystem::path{path}.parent_path();
  return ::access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) == 0;
}

Result<void> judge_grant(const Invocation& invocation, Told& told) {
  const auto& given = invocation.arguments;
  const Words& words = invocation.words;
  const auto* to = text_member(given, "to");
  const auto* duration = text_member(given, "for");
  if (to == nullptr || to->find_first_not_of(' ') == boost::json::string::npos)
    told.detail = words("--to : à qui ?", "--to: to whom?");
  else if (duration == nullptr || parse_duration({duration->data(), duration->size()}).has_error())
    told.detail = words("--for : de 1s à 3653d, par exemple 15m, 48h ou 7d.",
                        "--for: from 1s to 3653d, for example 15m, 48h or 7d.");
  else if (!given.contains("documents") && !given.contains("category") && !given.contains("kind") &&
           !given.contains("all"))
    told.detail =
        words("Dites quels documents : --document ID, --category CATÉGORIE, --kind SORTE ou --all.",
              "Say which documents: --document ID, --category CATEGORY, --kind KIND or --all.");
  return told.detail.empty() ? Result<void>{} : Result<void>{errc::usage};
}

Result<void> judge_coming_back(const Invocation& invocation, Told& told) {
  const Words& words = invocation.words;
  const bool server = invocation.from_server || invocation.arguments.contains("url");
  if (invocation.command == "backup" && invocation.out.empty())
    told.detail = words("--out : où ?", "--out: where?");
  else if (server && !invocation.from.empty())
    told.detail = words("--from ou --from-server : l'un des deux.",
                        "--from or --from-server: one of the two.");
  else if (invocation.command == "rebuild" && !server && invocation.from.empty())
    told.detail = words("Dites d'où : --from SAUVEGARDE ou --from-server URL.",
                        "Say from where: --from BACKUP or --from-server URL.");
  return told.detail.empty() ? Result<void>{} : Result<void>{errc::usage};
}

using daemon::PassphraseStrength;

std::string_view too_short(const Words& words) {
  static_assert(daemon::shortest_passphrase == 8);
  return words(
      "Cette phrase secrète a moins de 8 caractères : c'est trop facile à deviner. Prenez par "
      "exemple six mots sans lien entre eux. Rien n'a été fait.",
      "This passphrase has fewer than 8 characters: it is too easy to guess. Take six words that "
      "have nothing to do with each other, for example. Nothing was done.");
}

}  // namespace

void advise_passphrase(const Words& words) {
  if (::isatty(STDERR_FILENO) == 0) return;
  fmt::print(stderr, "{}\n  ",
             words("Une bonne phrase secrète tient en six mots sans lien entre eux. En voici six, "
                   "tirés au sort à l'instant ; prenez-les, ou d'autres",
                   "A good passphrase is six words that have nothing to do with each other. Here "
                   "are six, drawn just now (French ones); take them, or others"));
  (void)std::fflush(stderr);
  SystemRandom random;
  (void)daemon::write_secret_to(STDERR_FILENO, daemon::suggested_passphrase(random));
  fmt::print(stderr, "\n");
}

Result<void> judge_passphrase(const Words& words, const SecretText& passphrase, bool warns,
                              Told& told) {
  if (passphrase.empty()) {
    told.sentence = words("La phrase secrète est vide.", "The passphrase is empty.");
    return errc::usage;
  }
  const auto strength = daemon::passphrase_strength(passphrase);
  if (strength == PassphraseStrength::too_short) {
    told.sentence = too_short(words);
    return errc::usage;
  }
  if (strength == PassphraseStrength::weak && warns)
    fmt::print(stderr, "{}\n",
               words("Attention, cette phrase secrète est faible : qui volerait ce fichier "
                     "pourrait la deviner. Six mots sans lien entre eux, ou seize caractères au "
                     "hasard, ne se devinent pas. Pour un coffre, elle se change avec « coffret "
                     "passphrase change ».",
                     "Note that this passphrase is weak: whoever stole this file could guess it. "
                     "Six words that have nothing to do with each other, or sixteen random "
                     "characters, cannot be guessed. A vault's is changed with \"coffret "
                     "passphrase change\"."));
  return {};
}

Result<SecretText> ask_twice(const Words& words, std::string_view prompt, Told& told) {
  for (int asked = 1;; ++asked) {
    COFFRET_TRY(auto first, daemon::ask_secret(std::string{prompt}));
    if (daemon::passphrase_strength(first) == PassphraseStrength::too_short) {
      told.sentence = too_short(words);
      if (asked == most_askings) return errc::usage;
      fmt::print(stderr, "{}\n",
                 words("C'est trop court ; il faut au moins 8 caractères. Recommencez.",
                       "That is too short; at least 8 characters are needed. Once again."));
      continue;
    }
    COFFRET_TRY(const auto second, daemon::ask_secret(std::string{words(
                                       "La même, encore une fois : ", "The same, once more: ")}));
    if (daemon::same_secret(first, second)) {
      told.sentence = {};
      return first;
    }
    told.sentence = words("Les deux saisies ne sont pas les mêmes. Rien n'a été fait.",
                          "The two entries differ. Nothing was done.");
    if (asked == most_askings) return errc::wrong_passphrase;
    fmt::print(stderr, "{}\n",
               words("Les deux saisies ne sont pas les mêmes. Recommencez.",
                     "The two entries differ. Once again."));
  }
}

Result<void> judge_arguments(const Invocation& invocation, Told& told) {
  if (invocation.command == "grant create" || invocation.command == "grant preview")
    COFFRET_CHECK(judge_grant(invocation, told));
  COFFRET_CHECK(judge_coming_back(invocation, told));
  // The daemon makes their files.
  if (invocation.command == "export" || invocation.command == "backup") return {};
  // Before anything is done; a device or a pipe may be written to.
  for (const auto* path : {&invocation.out, &invocation.qr})
    if (is_regular_file(*path)) {
      told.detail = *path;
      return errc::file_exists;
    }
  // A grant whose link cannot be kept would be open, and lost.
  if (!invocation.qr.empty() && !has_writable_folder(invocation.qr)) {
    told.detail = invocation.words("l'image n'aurait pas de place, rien n'est partagé : ",
                                   "the picture would have no place, nothing is shared: ");
    told.detail += invocation.qr;
    return errc::file_not_found;
  }
  return {};
}

bool is_regular_file(const std::string& path) {
  std::error_code ec;
  return !path.empty() && std::filesystem::is_regular_file(path, ec);
}

bool reader_left() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

}  // namespace coffret::cli
