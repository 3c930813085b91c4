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
#include "vault/daemon/local_client.hpp"

namespace coffret::cli {
namespace {

constexpr int most_askings = 3;

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
  else if (!given.contains("documents") && !given.contains("category") && !given.contains("all"))
    told.detail = words("Dites quels documents : --document ID, --category CATÉGORIE ou --all.",
                        "Say which documents: --document ID, --category CATEGORY or --all.");
  return told.detail.empty() ? Result<void>{} : Result<void>{errc::usage};
}

}  // namespace

Result<SecretText> ask_twice(const Words& words, std::string_view prompt, Told& told) {
  for (int asked = 1;; ++asked) {
    COFFRET_TRY(auto first, daemon::ask_secret(std::string{prompt}));
    COFFRET_TRY(const auto second, daemon::ask_secret(std::string{words(
                                       "La même, encore une fois : ", "The same, once more: ")}));
    if (daemon::same_secret(first, second)) return first;
    told.sentence = words("Les deux saisies ne sont pas les mêmes. Rien n'a été fait.",
                          "The two entries differ. Nothing was done.");
    if (asked == most_askings) return errc::wrong_passphrase;
    fmt::print(stderr, "{}\n",
               words("Les deux saisies ne sont pas les mêmes. Recommencez.",
                     "The two entries differ. Once again."));
  }
}

Result<void> judge_arguments(const Invocation& invocation, Told& told) {
  if (invocation.command == "grant create") COFFRET_CHECK(judge_grant(invocation, told));
  if (invocation.command == "export") return {};  // the daemon makes its file
  // Before anything is done; a device or a pipe may be written to.
  for (const auto* path : {&invocation.out, &invocation.qr})
    if (is_regular_file(*path)) {
      told.detail = *path;
      return errc::file_exists;
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
