// SPDX-License-Identifier: EUPL-1.2
//
// grammar.hpp: the commands of `coffret`: their names, options and words in both languages.
//
// To add a command: declare it here in the file of its topic (grammar_<topic>.cpp), give it a
// handler in vault/daemon, and a sayer in the answers of its topic (answers_<topic>.cpp).
// Ownership: a Grammar borrows the CLI::App and the Invocation; both outlive it, and it outlives
// the parsing. Threads: one.
#ifndef COFFRET_TOOLS_COFFRET_GRAMMAR_HPP
#define COFFRET_TOOLS_COFFRET_GRAMMAR_HPP

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/coffret/invocation.hpp"

// CLI11 costs every file that includes it ten seconds.
namespace CLI {
class App;
}

namespace coffret::cli {

// One command being declared. An option is "--out FILE", an argument "id ID"
// (tools/speech/command_line.hpp). What the daemon is to know lands in Invocation::arguments under
// `key`; what stays on this side lands in a member of the Invocation (the local ones).
class Command {
 public:
  Command(CLI::App& parent, Invocation& into, const std::string& name, std::string_view french,
          std::string_view english);

  Command& text(std::string_view declaration, const char* key, std::string_view french,
                std::string_view english);
  Command& texts(std::string_view declaration, const char* key, std::string_view french,
                 std::string_view english);
  // From 1 to 1,000,000.
  Command& number(std::string_view declaration, const char* key, std::string_view french,
                  std::string_view english);
  Command& flag(std::string_view name, const char* key, std::string_view french,
                std::string_view english);
  Command& local(std::string_view declaration, std::string& value, std::string_view french,
                 std::string_view english);
  Command& locals(std::string_view declaration, std::vector<std::string>& values,
                  std::string_view french, std::string_view english);
  Command& local_flag(std::string_view name, bool& value, std::string_view french,
                      std::string_view english);
  // --name, of the device that the command makes.
  Command& device_name();
  Command& required(const std::string& name);
  // The lines that end the command's help.
  Command& example(std::string_view french, std::string_view english = {});
  Command& statuses(std::string_view french, std::string_view english);
  CLI::App& app() noexcept { return *app_; }  // for commands inside it

 private:
  CLI::App* app_;
  Invocation& into_;
};

class Grammar {
 public:
  // Declares every command.
  Grammar(CLI::App& app, Invocation& into);

 private:
  void vault();
  void backups();
  void recovery();
  void documents();
  void record();
  void inbox();
  void inbox_links(CLI::App& inbox);
  void facts();
  void own_entries();
  void own_measures();
  void watch();
  void takeout();
  void server();
  void devices();
  void pairing(CLI::App& group_app);
  void fork();
  void caregivers();
  void grants();
  void emergency();
  void redeem();
  void deposit();

  // A command: "import", or "grant create" inside the group "grant".
  Command& add(CLI::App& parent, const std::string& name, std::string_view french,
               std::string_view english);
  CLI::App& group(const char* name, std::string_view french, std::string_view english);

  CLI::App& app_;
  Invocation& into_;
  std::vector<std::unique_ptr<Command>> commands_;
};

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_GRAMMAR_HPP
