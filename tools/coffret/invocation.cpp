// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/invocation.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <cstdlib>
#include <filesystem>

#include "coffret/encoding.hpp"
#include "coffret/utf8.hpp"
#include "tools/coffret/grammar.hpp"
#include "tools/speech/command_line.hpp"
#include "vault/daemon/local_client.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

std::string default_data(const std::string& folder) {
  const char* data = std::getenv("XDG_DATA_HOME");  // NOLINT(concurrency-mt-unsafe): at start
  if (data != nullptr && *data != '\0') return std::string{data} + "/" + folder;
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): at start
  return std::string{home != nullptr ? home : "."} + "/.local/share/" + folder;
}

// A link or a pairing code among the arguments is a secret: taken over and wiped before CLI11
// copies it.
std::optional<SecretText> take_link(int argc, char** argv) {
  bool redeeming = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "redeem" || argument == "join" || argument == "pair" || argument == "deposit")
      redeeming = true;
    const bool is_link = argument.find("#c1.") != std::string_view::npos ||
                         argument.find("#k1.") != std::string_view::npos ||
                         argument.find("/v#d1.") != std::string_view::npos ||
                         argument.find("/#p1.") != std::string_view::npos ||
                         argument.starts_with("coffret-caregiver:") ||
                         argument.find("shlink:/") != std::string_view::npos;
    if (redeeming && is_link) {
      auto secret = daemon::take_argument(argv[i]);
      argv[i][0] = '-';  // the wiped argument reads as "standard input" to the parser
      return secret;
    }
  }
  return std::nullopt;
}

// The daemon stands in another folder. A name that is not UTF-8 has no place in JSON: it goes as
// the hexadecimal of its bytes. An empty path names nothing and stays as it is: it will not be
// found.
void make_absolute(object& arguments) {
  for (const auto* name : {"directory", "move_to", "carry_from", "branch", "branch_out"})
    if (const auto* folder = arguments.if_contains(name); folder != nullptr) {
      auto path = std::filesystem::absolute(std::string{folder->get_string()}).lexically_normal();
      if (!path.has_filename()) path = path.parent_path();  // "scans/" is "scans"
      arguments[name] = path.string();
    }
  auto* paths = arguments.if_contains("paths");
  if (paths == nullptr) return;
  boost::json::array plain;
  boost::json::array hex;
  for (const auto& given : paths->get_array()) {
    std::string path{given.get_string()};
    // A link that the person named stands for what it leads to; inside folders none is followed.
    std::error_code ec;
    if (std::filesystem::is_symlink(path, ec)) {
      const auto target = std::filesystem::canonical(path, ec);
      if (!ec) path = target.string();
    }
    if (!path.empty()) path = std::filesystem::absolute(path).lexically_normal().string();
    if (well_formed_utf8(path) == path)
      plain.emplace_back(path);
    else
      hex.emplace_back(to_hex(as_bytes(path)));
  }
  arguments["paths"] = std::move(plain);
  if (!hex.empty()) arguments["paths_hex"] = std::move(hex);
}

void declare_common(CLI::App& app, Invocation& invocation) {
  const Words& words = invocation.words;
  app.add_option("--vault", invocation.vault_dir,
                 std::string{words("dossier du coffre ; par défaut ~/.local/share/coffret",
                                   "the vault's folder; by default ~/.local/share/coffret")})
      ->type_name("DIR");
  app.add_flag(
      "--json", invocation.json,
      std::string{words("répond en JSON, pour un programme", "answer in JSON, for a program")});
  app.add_option("--passphrase-file", invocation.passphrase_file,
                 std::string{words("lit la phrase secrète dans ce fichier (- : entrée standard)",
                                   "read the passphrase from this file (-: standard input)")})
      ->type_name("FILE");
}

}  // namespace

std::optional<Invocation> understand(int argc, char** argv, int& exit_status) {
  Invocation invocation;
  invocation.words = speech::words_of(argc, argv);
  const Words& words = invocation.words;
  invocation.vault_dir = default_data("coffret");
  invocation.caregiver_dir = default_data("coffret-caregiver");
  invocation.link = take_link(argc, argv);

  CLI::App app{std::string{words("garde vos documents de santé, chiffrés, et les partage pour un "
                                 "temps",
                                 "keep your health documents, encrypted, and share them for a "
                                 "time")},
               "coffret"};
  speech::set_up(app, words);
  app.require_subcommand(1);
  declare_common(app, invocation);
  const Grammar grammar{app, invocation};
  // Commands would inherit it.
  app.footer(std::string{words(
      "Ces options valent pour toute commande.\nAide d'une commande : coffret COMMANDE --help\n",
      "These options go with every command.\nHelp on a command: coffret COMMAND --help\n")});

  if (const auto ended = speech::parse(
          app, argc, argv, words,
          {.section = 1, .common_statuses = true, .see_also = "coffretd(1), coffret-server(8)"})) {
    exit_status = *ended;
    return std::nullopt;
  }
  invocation.arguments["command"] = invocation.command;
  make_absolute(invocation.arguments);
  return invocation;
}

}  // namespace coffret::cli
