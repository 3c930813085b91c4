// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/grammar.hpp"

#include <CLI/CLI.hpp>

#include "tools/speech/command_line.hpp"

namespace coffret::cli {

using speech::declared;

namespace {

void told(CLI::Option* option, const std::string& value) {
  option->type_name(value);
}

}  // namespace

Command::Command(CLI::App& parent, Invocation& into, const std::string& name,
                 std::string_view french, std::string_view english)
    : into_(into) {
  app_ = parent.add_subcommand(name.substr(name.rfind(' ') + 1),
                               std::string{into.words(french, english)});
  app_->fallthrough();
  // CLI11 would hand down what ends the help of a command to those inside it.
  const CLI::App* program = &parent;
  while (program->get_parent() != nullptr) program = program->get_parent();
  app_->footer(program->get_footer());
  // CLI11 calls a command after the one inside it that was meant.
  app_->callback([&into, name, app = app_] {
    if (app->get_subcommands().empty()) into.command = name;
  });
}

Command& Command::text(std::string_view declaration, const char* key, std::string_view french,
                       std::string_view english) {
  const auto [name, value] = declared(declaration);
  told(app_->add_option_function<std::string>(
           name, [this, key](const std::string& given) { into_.arguments[key] = given; },
           std::string{into_.words(french, english)}),
       value);
  return *this;
}

Command& Command::texts(std::string_view declaration, const char* key, std::string_view french,
                        std::string_view english) {
  const auto [name, value] = declared(declaration);
  told(app_->add_option_function<std::vector<std::string>>(
           name,
           [this, key](const std::vector<std::string>& given) {
             auto& list = into_.arguments[key].emplace_array();
             for (const auto& one : given) list.emplace_back(one);
           },
           std::string{into_.words(french, english)}),
       value);
  return *this;
}

Command& Command::number(std::string_view declaration, const char* key, std::string_view french,
                         std::string_view english) {
  const auto [name, value] = declared(declaration);
  told(app_->add_option_function<std::uint32_t>(
               name, [this, key](std::uint32_t given) { into_.arguments[key] = given; },
               std::string{into_.words(french, english)})
           ->check(CLI::Range(1U, 1000000U)),
       value);
  return *this;
}

Command& Command::flag(std::string_view name, const char* key, std::string_view french,
                       std::string_view english) {
  app_->add_flag_function(
      std::string{name}, [this, key](std::int64_t) { into_.arguments[key] = true; },
      std::string{into_.words(french, english)});
  return *this;
}

Command& Command::local(std::string_view declaration, std::string& value, std::string_view french,
                        std::string_view english) {
  const auto [name, word] = declared(declaration);
  told(app_->add_option(name, value, std::string{into_.words(french, english)}), word);
  return *this;
}

Command& Command::locals(std::string_view declaration, std::vector<std::string>& values,
                         std::string_view french, std::string_view english) {
  const auto [name, word] = declared(declaration);
  told(app_->add_option(name, values, std::string{into_.words(french, english)})
           ->expected(1)
           ->take_all(),
       word);
  return *this;
}

Command& Command::local_flag(std::string_view name, bool& value, std::string_view french,
                             std::string_view english) {
  app_->add_flag(std::string{name}, value, std::string{into_.words(french, english)});
  return *this;
}

Command& Command::device_name() {
  return text("--name NAME", "name",
              "nom de cet appareil, pour le reconnaître parmi les vôtres ; sinon, celui de la "
              "machine",
              "this device's name, to tell it from your others; otherwise the machine's");
}

Command& Command::required(const std::string& name) {
  app_->get_option(name)->required();
  return *this;
}

Command& Command::example(std::string_view french, std::string_view english) {
  const auto command = english.empty() ? french : into_.words(french, english);
  app_->footer(speech::example(into_.words, command) + app_->get_footer());
  return *this;
}

Command& Command::statuses(std::string_view french, std::string_view english) {
  app_->footer(app_->get_footer() + speech::statuses(into_.words, into_.words(french, english)));
  return *this;
}

Grammar::Grammar(CLI::App& app, Invocation& into) : app_(app), into_(into) {
  vault();
  backups();
  recovery();
  documents();
  record();
  takeout();
  server();
  devices();
  caregivers();
  grants();
  emergency();
  redeem();
  deposit();
}

Command& Grammar::add(CLI::App& parent, const std::string& name, std::string_view french,
                      std::string_view english) {
  commands_.push_back(std::make_unique<Command>(parent, into_, name, french, english));
  return *commands_.back();
}

CLI::App& Grammar::group(const char* name, std::string_view french, std::string_view english) {
  // Two topics may have commands of one group.
  const auto there =
      app_.get_subcommands([name](const CLI::App* one) { return one->get_name() == name; });
  if (!there.empty()) return *there.front();
  auto* app = app_.add_subcommand(name, std::string{into_.words(french, english)});
  app->require_subcommand(1);
  app->fallthrough();
  return *app;
}

}  // namespace coffret::cli
