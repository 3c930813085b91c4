// SPDX-License-Identifier: EUPL-1.2
//
// coffret-server: the association's server and its operator's commands (design: cli.md).
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <deque>
#include <iostream>

#include "tools/coffret-server/commands.hpp"
#include "tools/system/system.hpp"

namespace coffret::server_program {
namespace {

struct Arguments {
  std::string directory;
  std::string config;
  std::string language;
  bool json = false;
  std::deque<std::pair<std::string_view, std::string>> keys;  // flags given, by key
  unsigned count = 1;
  std::string quota = "2GiB";
  std::string lifetime = "30d";
  std::string account;
  std::string size;
  bool resume = false;
  bool yes = false;
};

using Command = std::function<Result<void>(const Context&)>;

std::string flag_of(std::string_view key) {
  std::string flag = "--" + std::string{key};
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

class Program {
 public:
  explicit Program(Arguments& arguments) : arguments_(arguments) {
    app_.set_version_flag("--version", "coffret-server 0.1.0");
    app_.require_subcommand(1);
    add(app_, "init", "make a data directory, an identity key, a card, a certificate",
        init_command);
    add(app_, "serve", "serve members until told to stop (TERM); HUP reads the certificate again",
        serve_command);
    add(app_, "card", "show the operator's card", card_command);
    add(app_, "stats", "show what is stored, in numbers", stats_command);
    add_invite();
    add_accounts();
  }

  CLI::App& app() { return app_; }
  const Command& chosen() const { return chosen_; }

 private:
  CLI::App* add(CLI::App& parent, const char* name, const char* help, Command command) {
    CLI::App* sub = parent.add_subcommand(name, help);
    sub->add_option("--data", arguments_.directory, "directory of everything the server keeps")
        ->required();
    sub->add_option("--config", arguments_.config, "TOML file; default: config.toml in --data");
    sub->add_option("--lang", arguments_.language, "fr or en")->check(CLI::IsMember({"fr", "en"}));
    sub->add_flag("--json", arguments_.json, "one JSON object a line on standard output");
    for (const auto& key : keys()) {
      sub->add_option_function<std::string>(
             flag_of(key.name),
             [this, &key](const std::string& value) {
               arguments_.keys.emplace_back(key.name, value);
             },
             std::string{key.help})
          ->group("Configuration");
    }
    sub->callback([this, command = std::move(command)] { chosen_ = command; });
    return sub;
  }

  void add_invite() {
    auto* sub = add(app_, "invite", "make one-line invites for members", [this](const Context& c) {
      return invite_command(c, arguments_.count, arguments_.quota, arguments_.lifetime);
    });
    sub->add_option("--count", arguments_.count, "how many")->check(CLI::Range(1U, 1000U));
    sub->add_option("--quota", arguments_.quota, "bytes of the account: 2GiB, 500MiB");
    sub->add_option("--for", arguments_.lifetime, "how long an invite can be used: 30d, 48h");
  }

  void add_accounts() {
    auto& group = *app_.add_subcommand("account", "list|show|quota|suspend|erase");
    group.require_subcommand(1);
    add(group, "list", "one line an account", account_list);
    add_account(group, "show", "one account",
                [this](const Context& c) { return account_show(c, arguments_.account); });
    add_account(
        group, "quota", "change an account's quota",
        [this](const Context& c) { return account_quota(c, arguments_.account, arguments_.size); })
        ->add_option("size", arguments_.size, "2GiB, 500MiB")
        ->required();
    add_account(group, "suspend", "let an account only read and revoke", [this](const Context& c) {
      return account_suspend(c, arguments_.account, !arguments_.resume);
    })->add_flag("--resume", arguments_.resume, "end the suspension");
    add_account(group, "erase", "forget an account and all it stored", [this](const Context& c) {
      return account_erase(c, arguments_.account, arguments_.yes);
    })->add_flag("--yes", arguments_.yes, "without this nothing is done");
  }

  CLI::App* add_account(CLI::App& group, const char* name, const char* help, Command command) {
    auto* sub = add(group, name, help, std::move(command));
    sub->add_option("account", arguments_.account, "identifier, or its beginning")->required();
    return sub;
  }

  Arguments& arguments_;
  CLI::App app_{"The association's Coffret server: keeps ciphertext, and nothing else."};
  Command chosen_;
};

Result<void> run(const Arguments& arguments, const Command& command, const Output& output) {
  SystemClock clock;
  SystemRandom random;
  SystemDisk disk;
  const server::Machine machine{disk, clock, random};
  Settings settings;
  for (const auto& [key, value] : arguments.keys) settings.set(key, value);
  const std::string own = arguments.directory + "/config.toml";
  if (!arguments.config.empty())
    COFFRET_CHECK(settings.read_file(arguments.config, disk));
  else if (disk.size(own).has_value())
    COFFRET_CHECK(settings.read_file(own, disk));
  return command({arguments.directory, settings, machine, output});
}

int main(int argc, char** argv) {
  (void)::umask(0077);
  Arguments arguments;
  Program program{arguments};
  try {
    program.app().parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version end well; everything else is a mistake in the command.
    return program.app().exit(error, std::cout, std::cerr) == 0 ? 0 : row(errc::usage).exit_status;
  }
  Language language = language_of_locale();
  if (!arguments.language.empty())
    language = arguments.language == "fr" ? Language::french : Language::english;
  const Output output{arguments.json, language};
  const auto done = run(arguments, program.chosen(), output);
  return done.has_error() ? output.fail(to_errc(done.error())) : 0;
}

}  // namespace
}  // namespace coffret::server_program

int main(int argc, char** argv) {
  return coffret::server_program::main(argc, argv);
}
