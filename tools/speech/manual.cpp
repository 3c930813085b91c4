// SPDX-License-Identifier: EUPL-1.2
#include "tools/speech/manual.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>

#include "coffret/utf8.hpp"
#include "tools/speech/help.hpp"

namespace coffret::speech {
namespace {

struct Status {
  int number;
  std::string_view french, english;
};
constexpr std::array<Status, 11> common{{
    {0, "fait", "done"},
    {1, "autre échec", "another failure"},
    {2, "commande mal écrite", "the command is not understood"},
    {3, "introuvable", "not found"},
    {4, "phrase secrète, code ou clé de secours faux",
     "wrong passphrase, passcode or recovery key"},
    {5, "coffre fermé, ou déjà utilisé", "locked, or in use"},
    {6, "refusé par une règle (expiré, terminé, plus d'ouverture, quota)",
     "refused by a rule (expired, revoked, no opening left, quota)"},
    {7, "données modifiées ou remises à un état ancien", "tampering, rollback or fork detected"},
    {8, "réseau ou serveur indisponible", "network or server unavailable"},
    {9, "fichier ou lien mal formé", "bad input"},
    {10, "fait par une autre version", "made by another version"},
}};

// One line of text as roff reads it: nothing in it is a request, and what is not ASCII is named, so
// that the page does not depend on the reader's encoding.
std::string escaped(std::string_view line) {
  std::string out;
  if (line.starts_with('.') || line.starts_with('\'')) out += "\\&";
  while (!line.empty()) {
    const auto c = next_character(line);
    line.remove_prefix(std::max<std::size_t>(c.length, 1));
    if (c.value == '\\')
      out += "\\e";
    else if (c.value == '-')
      out += "\\-";
    else if (c.value < 0x80)
      out += static_cast<char>(c.value);
    else {
      std::array<char, 16> name{};
      (void)std::snprintf(name.data(), name.size(), "\\[u%04X]", static_cast<unsigned>(c.value));
      out += name.data();
    }
  }
  return out;
}

class Roff {
 public:
  void request(std::string_view line) { out_.append(line) += '\n'; }
  void text(std::string_view line) { request(escaped(line)); }
  void section(std::string_view title) { request(".SH " + escaped(title)); }
  void item(std::string_view title, std::string_view body) {
    request(".TP");
    request("\\fB" + escaped(title) + "\\fR");
    text(body);
  }
  // Lines as they stand.
  void lines(std::string_view all) {
    request(".PP");
    request(".nf");
    while (!all.empty()) {
      const auto end = std::min(all.find('\n'), all.size());
      text(all.substr(0, end));
      all.remove_prefix(std::min(end + 1, all.size()));
    }
    request(".fi");
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void options(Roff& roff, const CLI::App& app, const Words& words) {
  for (const auto* argument : arguments_of(app))
    roff.item(option_title(*argument, words), argument->get_description());
  for (const auto* option : shown_options(app))
    roff.item(option_title(*option, words), option->get_description());
}

void command(Roff& roff, const CLI::App& app, const std::string& name, const Words& words) {
  const auto inner = app.get_subcommands({});
  if (inner.empty()) {
    roff.request(".SS " + escaped(usage_line(app, name, words)));
    roff.text(app.get_description());
    options(roff, app, words);
    if (!app.get_footer().empty()) roff.lines(app.get_footer());
  }
  for (const auto* one : inner) command(roff, *one, name + " " + one->get_name(), words);
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

}  // namespace

std::string manual_page(const CLI::App& app, const Page& page, const Words& words) {
  Roff roff;
  const std::string& name = app.get_name();
  roff.request(".TH " + escaped(upper(name)) + " " + std::to_string(page.section) +
               " \"\" \"Coffret " COFFRET_VERSION "\" \"Coffret\"");
  roff.section(words("NOM", "NAME"));
  roff.request(escaped(name) + " \\- " + escaped(app.get_description()));
  roff.section("SYNOPSIS");
  roff.text(usage_line(app, name, words));
  roff.section("OPTIONS");
  options(roff, app, words);
  roff.item(option_title(*app.get_help_ptr(), words), app.get_help_ptr()->get_description());
  if (!app.get_footer().empty()) roff.lines(app.get_footer());
  if (!app.get_subcommands({}).empty()) {
    roff.section(words("COMMANDES", "COMMANDS"));
    command(roff, app, name, words);
  }
  if (page.common_statuses) {
    roff.section(words("CODES DE SORTIE", "EXIT STATUS"));
    for (const auto& status : common)
      roff.item(std::to_string(status.number), words(status.french, status.english));
  }
  roff.section(words("VOIR AUSSI", "SEE ALSO"));
  roff.text(page.see_also);
  return roff.take();
}

}  // namespace coffret::speech
