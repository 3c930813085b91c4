// SPDX-License-Identifier: EUPL-1.2
#include "tools/speech/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <iostream>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "tools/speech/help.hpp"
#include "tools/speech/manual.hpp"

namespace coffret::speech {
namespace {

struct ValueWord {
  std::string_view english, french;
};
constexpr std::array<ValueWord, 22> value_words{{
    {"ACCOUNT", "COMPTE"},
    {"ADDRESS", "ADRESSE"},
    {"CATEGORY", "CATÉGORIE"},
    {"CODE", "CODE"},
    {"COUNTRY", "PAYS"},
    {"DATE", "DATE"},
    {"DIR", "DOSSIER"},
    {"DURATION", "DURÉE"},
    {"FILE", "FICHIER"},
    {"FINGERPRINT", "EMPREINTE"},
    {"ID", "ID"},
    {"KIND", "SORTE"},
    {"LINK", "LIEN"},
    {"N", "N"},
    {"NAME", "NOM"},
    {"ORGANISATION", "ÉTABLISSEMENT"},
    {"PATH", "CHEMIN"},
    {"SIZE", "TAILLE"},
    {"TEXT", "TEXTE"},
    {"TIME", "DATE"},
    {"URL", "ADRESSE"},
    {"WORD", "MOT"},
}};

// The option or argument that CLI11's English sentence begins with, where it names one.
std::string named_in(const std::string& sentence) {
  const auto end = sentence.find_first_of(": ");
  const std::string first = sentence.substr(0, end);
  return first == "A" || first == "The" || first == "Could" ? std::string{} : first;
}

// What a person calls it: a flag by its name, an argument by the word for its value.
std::string called(const std::string& name, const CLI::App& app, const Words& words) {
  for (const auto* parsed : app.get_subcommands()) return called(name, *parsed, words);
  const auto* option = app.get_option_no_throw(name);
  return option != nullptr && option->get_positional() ? option_title(*option, words) : name;
}

// Edits between two words (Wagner and Fischer), where two neighbours changed over are one.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  std::vector<std::size_t> above = row;  // of a[i - 2]
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const auto last = std::exchange(row, std::vector<std::size_t>(b.size() + 1));
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t kept = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, kept});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], above[j - 2] + 1);
    }
    above = last;
  }
  return row.back();
}

// Where a command was wanted and a word stands that is none: that word, and the command that it may
// have been meant for. Empty where the mistake is another.
std::string unknown_command(const CLI::App& app, const Words& words) {
  constexpr std::size_t longest = 40;  // characters of a word that is worth comparing
  const CLI::App* deepest = &app;
  while (!deepest->get_subcommands().empty()) deepest = deepest->get_subcommands().front();
  const auto commands = deepest->get_subcommands([](const CLI::App*) { return true; });
  const auto left = app.remaining(true);  // a word that no command takes goes up to its parent
  if (commands.empty() || left.empty() || left.front().starts_with('-')) return {};
  std::string told{words("Commande inconnue : ", "Unknown command: ")};
  told += left.front();
  std::size_t nearest = 3;
  std::string meant;
  for (const auto* command : commands) {
    if (left.front().size() > longest || command->get_name().empty()) continue;
    const auto far = distance(left.front(), command->get_name());
    if (far < nearest) meant = command->get_name();
    nearest = std::min(nearest, far);
  }
  if (meant.empty()) return told + ".";
  return told.append(words(". Vouliez-vous dire « ", ". Did you mean \"")) + meant +
         std::string{words(" » ?", "\"?")};
}

std::string french_misuse(const CLI::ParseError& error, const CLI::App& app, const Words& words) {
  const std::string sentence = error.what();
  std::string name = called(named_in(sentence), app, words);
  switch (static_cast<CLI::ExitCodes>(error.get_exit_code())) {
    case CLI::ExitCodes::RequiredError:
      return name.empty() ? "Il manque une commande." : "Il manque : " + name;
    case CLI::ExitCodes::ExtrasError: {
      const auto at = sentence.find(": ");
      return "Argument inattendu" +
             (at == std::string::npos ? "." : " : " + sentence.substr(at + 2));
    }
    case CLI::ExitCodes::ArgumentMismatch:
      return "Il manque une valeur, ou il y en a une de trop : " + name;
    case CLI::ExitCodes::ConversionError:
    case CLI::ExitCodes::ValidationError:
      return "Valeur refusée : " + name;
    default:
      return name;
  }
}

int tell_misuse(const CLI::ParseError& error, const CLI::App& app, const Words& words, bool json) {
  const auto& told = row(errc::usage);
  const std::string sentence{told.sentence(words.language)};
  std::string detail = unknown_command(app, words);
  if (detail.empty())
    detail = words.language == Language::french ? french_misuse(error, app, words)
                                                : std::string{error.what()};
  if (json)
    std::cout << boost::json::serialize(boost::json::object{
                     {"error", {{"code", "usage"}, {"message", sentence}, {"detail", detail}}}})
              << '\n';
  else
    std::cerr << sentence << '\n' << detail << '\n';
  return told.exit_status;
}

}  // namespace

Declared declared(std::string_view declaration) {
  const auto space = declaration.find(' ');
  if (space == std::string_view::npos) return {std::string{declaration}, {}};
  return {std::string{declaration.substr(0, space)}, std::string{declaration.substr(space + 1)}};
}

std::string value_word(std::string_view english, const Words& words) {
  for (const auto& word : value_words)
    if (word.english == english) return std::string{words(word.french, word.english)};
  return std::string{english};
}

void set_up(CLI::App& app, const Words& words) {
  app.formatter(std::make_shared<Help>(words));
  app.set_help_flag("-h,--help", std::string{words("affiche cette aide", "show this help")});
  app.set_version_flag("--version", app.get_name() + " " COFFRET_VERSION,
                       std::string{words("affiche la version", "show the version")});
  // Its value was read by words_of; here it is only judged.
  app.add_option(
         "--lang", [](const CLI::results_t&) { return true; },
         std::string{words("langue : fr ou en ; par défaut, celle du système",
                           "language: fr or en; by default the system's")})
      ->check(CLI::IsMember({"fr", "en"}))
      ->type_name("fr|en");
}

std::string example(const Words& words, std::string_view command) {
  std::string text{words("Exemple :\n  ", "Example:\n  ")};
  return text.append(command).append("\n");
}

std::string statuses(const Words& words, std::string_view told) {
  std::string text{words("Code de sortie : ", "Exit status: ")};
  return folded(text.append(told), 0, 2) + "\n";
}

std::optional<int> parse(CLI::App& app, int argc, char** argv, const Words& words,
                         const Page& page) {
  const auto given = [&](std::string_view flag) {
    return std::any_of(argv + 1, argv + argc,
                       [&](const char* argument) { return argument == flag; });
  };
  if (argc > 1 && given("--manual")) {
    std::cout << manual_page(app, page, words);
    return 0;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    return asked ? app.exit(error, std::cout, std::cerr)
                 : tell_misuse(error, app, words, given("--json"));
  }
  return std::nullopt;
}

}  // namespace coffret::speech
