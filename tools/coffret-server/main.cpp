// SPDX-License-Identifier: EUPL-1.2
//
// coffret-server: the association's server and its operator's commands (design: cli.md).
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <filesystem>
#include <functional>

#include "tools/coffret-server/commands.hpp"
#include "tools/speech/command_line.hpp"
#include "tools/system/system.hpp"

namespace coffret::server_program {
namespace {

struct Arguments {
  std::string directory;
  std::string config;
  bool json = false;
  std::deque<std::pair<std::string_view, std::string>> keys;  // flags given, by key
  unsigned count = 1;
  std::string quota = "2GiB";
  std::string lifetime = "30d";
  std::string account;
  std::string size;
  std::string backup;  // where one is written to, or read from
  server::CheckOptions check;
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
  Program(Arguments& arguments, const speech::Words& words) : arguments_(arguments), words_(words) {
    speech::set_up(app_, words_);
    app_.require_subcommand(1);
    add_serving();
    add_invite();
    add_accounts();
    add_archive();
  }

  CLI::App& app() { return app_; }
  const Command& chosen() const { return chosen_; }

 private:
  std::string say(std::string_view french, std::string_view english) const {
    return std::string{words_(french, english)};
  }

  // A command. Every key of the configuration is also a flag of every command; the help shows them
  // where they matter.
  CLI::App* add(CLI::App& parent, const char* name, const std::string& help, bool shows_keys,
                Command command) {
    CLI::App* sub = parent.add_subcommand(name, help);
    sub->add_option("--data", arguments_.directory,
                    say("dossier de tout ce que le serveur garde",
                        "directory of everything the server keeps"))
        ->required()
        ->type_name("DIR");
    sub->add_option("--config", arguments_.config,
                    say("fichier TOML ; par défaut config.toml dans --data",
                        "TOML file; by default config.toml in --data"))
        ->type_name("FILE");
    sub->add_flag("--json", arguments_.json,
                  say("répond en JSON, un objet par ligne", "answer in JSON, one object a line"));
    sub->fallthrough();
    for (const auto& key : keys()) {
      sub->add_option_function<std::string>(
             flag_of(key.name),
             [this, &key](const std::string& value) {
               arguments_.keys.emplace_back(key.name, value);
             },
             say(key.french, key.english))
          ->type_name(std::string{key.value})
          ->group(shows_keys ? "Configuration" : "");
    }
    sub->callback([this, command = std::move(command)] { chosen_ = command; });
    return sub;
  }

  void add_serving() {
    add(app_, "init",
        say("crée le dossier, la clé du serveur, sa carte et un certificat",
            "make the directory, the server's key, its card and a certificate"),
        true, init_command)
        ->footer(speech::example(words_,
                                 "coffret-server init --data /var/lib/coffret-server \\\n"
                                 "    --name \"Association Exemple\" --country FR") +
                 speech::statuses(words_, words_("1 s'il y a déjà un serveur dans ce dossier",
                                                 "1 if there is a server in this directory")));
    add(app_, "serve",
        say("sert les membres jusqu'au signal TERM ; HUP relit le certificat",
            "serve members until TERM; HUP reads the certificate again"),
        true, serve_command)
        ->footer(speech::example(words_, "coffret-server serve --data /var/lib/coffret-server") +
                 speech::statuses(words_, words_("5 si un autre serveur utilise déjà ce dossier",
                                                 "5 if another server uses this directory")));
    add(app_, "card", say("montre la carte de l'association", "show the association's card"), false,
        card_command)
        ->footer(speech::example(words_, "coffret-server card --data /var/lib/coffret-server"));
    add(app_, "stats", say("dit en chiffres ce qui est gardé", "tell in numbers what is kept"),
        false, stats_command)
        ->footer(speech::example(words_, "coffret-server stats --data /var/lib/coffret-server"));
  }

  void add_invite() {
    auto* sub =
        add(app_, "invite",
            say("prépare des invitations d'une ligne pour des membres",
                "make one-line invitations for members"),
            false, [this](const Context& c) {
              return invite_command(c, arguments_.count, arguments_.quota, arguments_.lifetime);
            });
    sub->add_option("--count", arguments_.count,
                    say("combien ; par défaut 1", "how many; by default 1"))
        ->check(CLI::Range(1U, 1000U))
        ->type_name("N");
    sub->add_option(
           "--quota", arguments_.quota,
           say("place du compte ; par défaut 2GiB", "room of the account; by default 2GiB"))
        ->type_name("SIZE");
    sub->add_option("--for", arguments_.lifetime,
                    say("durée de l'invitation ; par défaut 30d",
                        "how long an invitation can be used; by default 30d"))
        ->type_name("DURATION");
    sub->footer(
        speech::example(words_, "coffret-server invite --data /var/lib/coffret-server --for 7d"));
  }

  void add_accounts() {
    auto& group =
        *app_.add_subcommand("account", say("les comptes des membres", "the members' accounts"));
    group.require_subcommand(1);
    add(group, "list", say("liste les comptes", "list the accounts"), false, account_list)
        ->footer(
            speech::example(words_, "coffret-server account list --data /var/lib/coffret-server"));
    add_account(group, "show", say("montre un compte", "show an account"), "c27hq4",
                [this](const Context& c) { return account_show(c, arguments_.account); });
    add_account(
        group, "quota", say("change la place d'un compte", "change an account's room"),
        "c27hq4 5GiB",
        [this](const Context& c) { return account_quota(c, arguments_.account, arguments_.size); })
        ->add_option("size", arguments_.size,
                     say("2GiB, 500MiB, ou des octets", "2GiB, 500MiB, or bytes"))
        ->required()
        ->type_name("SIZE");
    add_account(group, "suspend",
                say("suspend un compte : le serveur lui refuse tout et ferme ses partages",
                    "suspend an account: the server refuses it everything and closes its grants"),
                "c27hq4",
                [this](const Context& c) {
                  return account_suspend(c, arguments_.account, !arguments_.resume);
                })
        ->add_flag("--resume", arguments_.resume,
                   say("met fin à la suspension", "end the suspension"));
    add_account(
        group, "erase",
        say("efface un compte et tout ce qu'il a déposé, pour toujours",
            "erase an account and all it stored, for good"),
        "c27hq4",
        [this](const Context& c) { return account_erase(c, arguments_.account, arguments_.yes); })
        ->add_flag("--yes", arguments_.yes,
                   say("ne demande pas de retaper l'identifiant",
                       "do not ask to type the identifier again"));
  }

  void add_archive() {
    auto* backup =
        add(app_, "backup",
            say("sauvegarde tout dans un dossier neuf, aussi pendant que « serve » tourne",
                "back everything up into a new directory, also beside a running serve"),
            false, [this](const Context& c) { return backup_command(c, arguments_.backup); });
    backup->add_option("--out", arguments_.backup, say("dossier neuf", "a new directory"))
        ->required()
        ->type_name("DIR");
    backup->footer(speech::example(words_,
                                   "coffret-server backup --data /var/lib/coffret-server \\\n"
                                   "    --out /mnt/sauvegarde/2026-11-28") +
                   speech::statuses(
                       words_, words_("7 si ce qui est gardé est abîmé ; 1 si le dossier existe",
                                      "7 if what is kept is damaged; 1 if the directory exists")));
    auto* restore =
        add(app_, "restore",
            say("remet une sauvegarde dans un dossier de données neuf ; les partages "
                "restent fermés jusqu'à ce que leurs auteurs les confirment",
                "put a backup back into a fresh data directory; grants stay closed "
                "until their owners confirm them"),
            false, [this](const Context& c) { return restore_command(c, arguments_.backup); });
    restore->add_option("--from", arguments_.backup, say("la sauvegarde", "the backup"))
        ->required()
        ->type_name("DIR");
    restore->footer(speech::example(words_,
                                    "coffret-server restore --data /var/lib/coffret-server \\\n"
                                    "    --from /mnt/sauvegarde/2026-11-28") +
                    speech::statuses(words_, words_("7 si la sauvegarde est incomplète ou abîmée",
                                                    "7 if the backup is incomplete or damaged")));
    auto* check = add(app_, "check", say("vérifie ce qui est gardé", "verify what is kept"), false,
                      [this](const Context& c) { return check_command(c, arguments_.check); });
    check->add_flag("--repair", arguments_.check.give_up_bad,
                    say("ce qui est abîmé compte comme perdu : un appareil qui l'a le renvoie",
                        "what is damaged counts as lost: a device that has it sends it again"));
    check->add_flag("--read-data", arguments_.check.read_data,
                    say("relit aussi chaque objet et chaque signature",
                        "read every object and every signature too"));
    check->footer(
        speech::example(words_, "coffret-server check --data /var/lib/coffret-server --read-data") +
        speech::statuses(words_,
                         words_("7 si quelque chose est abîmé", "7 if something is damaged")));
  }

  CLI::App* add_account(CLI::App& group, const char* name, const std::string& help,
                        const std::string& words_after, Command command) {
    auto* sub = add(group, name, help, false, std::move(command));
    sub->add_option(
           "account", arguments_.account,
           say("identifiant du compte ou du coffre, ou son début (6 caractères au moins)",
               "identifier of the account or vault, or its beginning (6 characters or more)"))
        ->required()
        ->type_name("ACCOUNT");
    sub->footer(speech::example(words_, std::string{"coffret-server account "} + name +
                                            " --data /var/lib/coffret-server " + words_after));
    return sub;
  }

  Arguments& arguments_;
  const speech::Words& words_;
  CLI::App app_{
      say("le serveur d'une association : garde des coffres chiffrés sans pouvoir les lire",
          "an association's server: keeps encrypted vaults and cannot read them"),
      "coffret-server"};
  Command chosen_;
};

// Whether a check found problems.
Result<bool> run(const Arguments& arguments, const Command& command, const Output& output) {
  SystemClock clock;
  SystemRandom random;
  SystemDisk disk;
  const server::Machine machine{disk, clock, random};
  Settings settings;
  for (const auto& [key, value] : arguments.keys) settings.set(key, value);
  // SQLite is told to follow no symbolic link, and the data may well lie behind one.
  std::error_code ec;
  const auto real = std::filesystem::weakly_canonical(arguments.directory, ec);
  const std::string directory = ec ? arguments.directory : real.string();
  const std::string own = directory + "/config.toml";
  const std::string& file = arguments.config.empty() ? own : arguments.config;
  if (!arguments.config.empty() || disk.size(own).has_value()) {
    std::string where;
    const auto read = settings.read_file(file, disk, where);
    if (read.has_error()) {
      output.about(std::move(where));
      return read.error();
    }
  }
  const Context context{directory, settings, machine, output};
  COFFRET_CHECK(command(context));
  return context.problems;
}

int main(int argc, char** argv) {
  // The identity key and the halves of links are nobody's to read, nor to find in a core.
  const rlimit no_core{0, 0};
  (void)::setrlimit(RLIMIT_CORE, &no_core);
  (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  (void)::umask(0077);
  const auto words = speech::words_of(argc, argv);
  Arguments arguments;
  Program program{arguments, words};
  if (const auto ended =
          speech::parse(program.app(), argc, argv, words,
                        {.section = 8, .common_statuses = true, .see_also = "coffret(1)"}))
    return *ended;
  const Output output{arguments.json, words};
  const auto done = run(arguments, program.chosen(), output);
  if (done.has_error()) return output.fail(to_errc(done.error()));
  return *done ? row(errc::damaged).exit_status : 0;
}

}  // namespace
}  // namespace coffret::server_program

int main(int argc, char** argv) {
  return coffret::server_program::main(argc, argv);
}
