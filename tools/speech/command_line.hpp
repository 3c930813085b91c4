// SPDX-License-Identifier: EUPL-1.2
//
// command_line.hpp: what the command lines of all programs have in common: the words of CLI11 in
// both languages, --help, --version, --lang, the manual page, and what is said of a misuse.
//
// An option is declared as "--out FILE": its flag, then the English word for its value, which is
// shown in the reader's language (values in command_line.cpp). A positional argument is "id ID".
// What a command's help adds below its options (an example, exit statuses) is its footer.
// Ownership: `words` is copied. Threads: one.
#ifndef COFFRET_TOOLS_SPEECH_COMMAND_LINE_HPP
#define COFFRET_TOOLS_SPEECH_COMMAND_LINE_HPP

#include <optional>
#include <string>
#include <string_view>

#include "tools/speech/language.hpp"

namespace CLI {
class App;
}

namespace coffret::speech {

// "--out FILE" in its two parts; the second may be empty.
struct Declared {
  std::string name;
  std::string value;
};
Declared declared(std::string_view declaration);

// The word that stands for a value, in the reader's language; what is unknown stays as it is.
std::string value_word(std::string_view english, const Words& words);

// Gives the program its language, --help, --version and --lang. Call before commands are added:
// they inherit it.
void set_up(CLI::App& app, const Words& words);

// The lines that end a command's help.
std::string example(const Words& words, std::string_view command);
std::string statuses(const Words& words, std::string_view told);

// The program's page in the manual, beside its command table.
struct Page {
  int section = 1;
  bool common_statuses = true;  // the exit statuses of cli.md
  std::string_view see_also;    // other pages: "coffretd(1), coffret-server(8)"
};

// Parses. A value: the program is to end with this exit status, and what had to be said was said
// (help, version, the manual page as roff for `--manual`; a misuse, on standard error).
std::optional<int> parse(CLI::App& app, int argc, char** argv, const Words& words,
                         const Page& page);

}  // namespace coffret::speech

#endif  // COFFRET_TOOLS_SPEECH_COMMAND_LINE_HPP
