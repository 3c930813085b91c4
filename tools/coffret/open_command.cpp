// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/open_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <string>

#include "tools/coffret/sayers.hpp"

namespace coffret::cli {
namespace {

// xdg-open ends once it has handed the file over; what it says is about desktops, not vaults.
bool hand_to_browser(std::string file) {
  std::string program = "xdg-open";
  std::array<char*, 3> arguments{program.data(), file.data(), nullptr};
  posix_spawn_file_actions_t actions;
  if (::posix_spawn_file_actions_init(&actions) != 0) return false;
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    (void)::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  pid_t child = 0;
  const int spawned =
      ::posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
  (void)::posix_spawn_file_actions_destroy(&actions);
  if (spawned != 0) return false;
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

int show_page(const Invocation& invocation, const boost::json::object& opened) {
  const Words& words = invocation.words;
  if (invocation.json) {
    fmt::print("{}\n", boost::json::serialize(opened));
    return 0;
  }
  const auto file = text_of(opened, "file");
  if (invocation.print) {
    fmt::print("{}\n", file);
    return 0;
  }
  if (hand_to_browser(file)) {
    say(std::string{words("La page de votre coffre s'ouvre dans votre navigateur.",
                          "Your vault's page opens in your browser.")});
    return 0;
  }
  say(fmt::format("{}\n{}",
                  words("Aucun navigateur ne s'est ouvert. Dans les 30 secondes, ouvrez ce fichier "
                        "avec le vôtre :",
                        "No browser opened. Within 30 seconds, open this file with yours:"),
                  file));
  return 0;
}

}  // namespace coffret::cli
