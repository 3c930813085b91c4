// SPDX-License-Identifier: EUPL-1.2
//
// help.hpp: the help of a command, laid out for a terminal of 80 columns, in the reader's language.
#ifndef COFFRET_TOOLS_SPEECH_HELP_HPP
#define COFFRET_TOOLS_SPEECH_HELP_HPP

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tools/speech/language.hpp"

namespace coffret::speech {

// "--out FICHIER", "ID", "CHEMIN …": an option or argument as a person reads it.
std::string option_title(const CLI::Option& option, const Words& words);

// "coffret grant create [OPTIONS] …".
std::string usage_line(const CLI::App& app, const std::string& name, const Words& words);

// The text folded between words to 80 columns; lines after the first begin at column `indent`, the
// first where `at` says it already is.
std::string folded(std::string_view text, std::size_t at, std::size_t indent);

// The options of an app that are shown, without its arguments and without --help.
std::vector<const CLI::Option*> shown_options(const CLI::App& app);
std::vector<const CLI::Option*> arguments_of(const CLI::App& app);

class Help final : public CLI::Formatter {
 public:
  explicit Help(const Words& words) : words_(words) {}

  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;

 private:
  std::string entry(const CLI::Option& option) const;

  Words words_;
};

}  // namespace coffret::speech

#endif  // COFFRET_TOOLS_SPEECH_HELP_HPP
