// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/device_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

namespace coffret::cli {
namespace {

bool says_yes(std::string_view question) {
  fmt::print(stderr, "{}", question);
  char reply[16] = {};
  if (std::fgets(reply, sizeof reply, stdin) == nullptr) return false;
  return std::string_view{"oOyY"}.find(reply[0]) != std::string_view::npos;
}

}  // namespace

Result<SecretText> read_code(Invocation& invocation, Told& told) {
  const Words& words = invocation.words;
  if (invocation.link) {
    fmt::print(stderr, "{}\n",
               words("Un code donné en argument peut se lire dans l'historique du terminal : "
                     "préférez « - » ou @FICHIER.",
                     "A code given as an argument can be read in the shell's history: prefer \"-\" "
                     "or @FILE."));
    return std::move(*invocation.link);
  }
  const std::string& source = invocation.link_source;
  if (source == "-") return daemon::read_secret_file(source);
  if (source.starts_with('@')) {
    told.detail = source.substr(1);
    return daemon::read_secret_file(told.detail);
  }
  if (!source.empty()) return errc::wrong_passcode;
  auto typed = daemon::ask_secret(std::string{words("Code : ", "Code: ")});
  if (typed.has_error() && typed.error() == errc::not_found) return errc::usage;
  return typed;
}

Result<void> show_code(const Invocation& invocation, const SecretText& code) {
  const Words& words = invocation.words;
  fmt::print("{}", invocation.json
                       ? std::string_view{"{\"code\":\""}
                       : words("Sur l'autre appareil, dans les dix minutes : « coffret device join "
                               "», avec ce code.\n\n",
                               "On the other device, within ten minutes: \"coffret device join\", "
                               "with this code.\n\n"));
  (void)std::fflush(stdout);
  COFFRET_CHECK(daemon::write_secret_to(STDOUT_FILENO, code));
  fmt::print("{}", invocation.json ? "\"}\n" : "\n\n");
  (void)std::fflush(stdout);
  return {};
}

void ask_whether_same(const Invocation& invocation, const daemon::DaemonPlace& place) {
  (void)std::fflush(stdout);
  if (invocation.json || ::isatty(STDIN_FILENO) == 0) return;
  const bool same =
      says_yes(invocation.words("Sont-ils les mêmes sur l'autre appareil ? (oui/non) ",
                                "Are they the same on the other device? (yes/no) "));
  daemon::LocalRequest answer;
  answer.arguments["command"] = "device confirm";
  if (!same) answer.arguments["no"] = true;
  (void)daemon::ask(place, answer, {});
}

Result<void> confirm_removal(const Invocation& invocation) {
  if (invocation.yes) return {};
  if (::isatty(STDIN_FILENO) == 0) return errc::not_confirmed;
  const bool yes = says_yes(invocation.words(
      "Retirer cet appareil ? Il ne reviendra pas sous cet identifiant. (oui/non) ",
      "Remove this device? It does not come back under this identifier. (yes/no) "));
  return yes ? Result<void>{} : Result<void>{errc::not_confirmed};
}

}  // namespace coffret::cli
