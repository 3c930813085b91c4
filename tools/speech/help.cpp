// SPDX-License-Identifier: EUPL-1.2
#include "tools/speech/help.hpp"

#include <algorithm>

#include "tools/speech/command_line.hpp"

namespace coffret::speech {
namespace {

constexpr std::size_t column = 30;  // where descriptions begin
constexpr std::size_t width = 80;

// Columns on a terminal: our words have no wide and no combining characters.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned>(c) & 0xc0U) != 0x80; }));
}

// "  left      right", the right side folded.
std::string two_columns(const std::string& left, std::string_view right) {
  std::string out = "  " + left;
  if (columns(out) + 2 > column)
    out.append("\n").append(column, ' ');
  else
    out.append(column - columns(out), ' ');
  return out + folded(right, column, column) + "\n";
}

bool repeats(const CLI::Option& option) {
  return option.get_expected_max() >= CLI::detail::expected_max_vector_size;
}

}  // namespace

std::string folded(std::string_view text, std::size_t at, std::size_t indent) {
  std::string out;
  bool first = true;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    if (!first && at + 1 + columns(word) > width) {
      out.append("\n").append(indent, ' ');
      at = indent;
    } else if (!first) {
      out += ' ';
      ++at;
    }
    first = false;
    out += word;
    at += columns(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string option_title(const CLI::Option& option, const Words& words) {
  // CLI11 adds what its validators accept behind a colon, in English.
  const std::string type = option.get_type_name();
  const std::string word = value_word(type.substr(0, type.find(':')), words);
  std::string title = option.get_positional() ? word : option.get_name(false, true);
  if (!option.get_positional() && option.get_type_size() != 0) title += " " + word;
  if (repeats(option)) title += " …";
  return title;
}

std::string usage_line(const CLI::App& app, const std::string& name, const Words& words) {
  std::string line = name + " [OPTIONS]";
  for (const auto* argument : arguments_of(app)) {
    const std::string title = option_title(*argument, words);
    line += argument->get_required() ? " " + title : " [" + title + "]";
  }
  if (!app.get_subcommands({}).empty()) line += words(" COMMANDE …", " COMMAND …");
  return line;
}

std::vector<const CLI::Option*> shown_options(const CLI::App& app) {
  return app.get_options([&](const CLI::Option* option) {
    return option->nonpositional() && !option->get_group().empty() && option != app.get_help_ptr();
  });
}

std::vector<const CLI::Option*> arguments_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::string Help::entry(const CLI::Option& option) const {
  std::string description = option.get_description();
  if (option.get_required() && !option.get_positional())
    description += words_(" (obligatoire)", " (required)");
  return two_columns(option_title(option, words_), description);
}

std::string Help::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const {
  std::string out = folded(app->get_description(), 0, 0) + "\n\n";
  out.append(words_("Utilisation : ", "Usage: ")).append(usage_line(*app, name, words_)) += "\n";
  if (const auto arguments = arguments_of(*app); !arguments.empty()) {
    out += words_("\nArguments :\n", "\nArguments:\n");
    for (const auto* argument : arguments) out += entry(*argument);
  }
  if (const auto commands = app->get_subcommands({}); !commands.empty()) {
    out += words_("\nCommandes :\n", "\nCommands:\n");
    for (const auto* command : commands)
      out += two_columns(command->get_name(), command->get_description());
  }
  out += words_("\nOptions :\n", "\nOptions:\n");
  for (const auto* option : shown_options(*app)) out += entry(*option);
  out += entry(*app->get_help_ptr());
  if (!app->get_footer().empty()) out += "\n" + app->get_footer();
  return out;
}

}  // namespace coffret::speech
