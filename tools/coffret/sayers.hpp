// SPDX-License-Identifier: EUPL-1.2
//
// sayers.hpp: how the answers of each command are told to a person: one line of a list, and the
// result. A topic's file (answers_<topic>.cpp) holds its sayers and their table.
//
// A command whose result is its rows alone has no result sayer; one with neither says "Done".
#ifndef COFFRET_TOOLS_COFFRET_SAYERS_HPP
#define COFFRET_TOOLS_COFFRET_SAYERS_HPP

#include <boost/json/object.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tools/coffret/words.hpp"

namespace coffret::cli {

using Sayer = void (*)(const boost::json::object&, const Words&);

struct Sayers {
  std::string_view command;
  Sayer row = nullptr;
  Sayer result = nullptr;
  bool rows_only = false;  // in JSON the result is its rows alone, though people are told more
};
std::span<const Sayers> vault_sayers();
std::span<const Sayers> backup_sayers();
std::span<const Sayers> document_sayers();
std::span<const Sayers> about_sayers();
std::span<const Sayers> fact_sayers();
std::span<const Sayers> record_sayers();
std::span<const Sayers> grant_sayers();
std::span<const Sayers> device_sayers();
std::span<const Sayers> caregiver_sayers();
std::span<const Sayers> emergency_sayers();

// The sayers of a command, or none.
Sayers sayers_of(std::string_view command);

// Members of an answer, texts safe to print; empty, 0 or false when absent.
std::string text_of(const boost::json::object& from, std::string_view name);
std::int64_t number_of(const boost::json::object& from, std::string_view name);
const boost::json::object& object_of(const boost::json::object& from, std::string_view name);
// The members of an array of objects, as one line: "Dr Exemple, Dr Fictif".
std::string names_in(const boost::json::object& from, std::string_view list,
                     std::string_view member);
bool flag_of(const boost::json::object& from, std::string_view name);
std::string instant_of(const boost::json::object& from, std::string_view name, Language language);

// What became of emergency cards, where `from` tells it (`status`, `sync`).
void say_card_news(const boost::json::object& from, const Words& words);

// One line on standard output.
void say(const std::string& line);

// A person's name, and the birth date that tells two of one name apart.
std::string identity_of(const boost::json::object& row, std::string_view name, const Words& words);
// What ends a line about something: whose it is, where not the owner's, and that it is one's own.
std::string tail_of(const boost::json::object& row, const Words& words);
// The lines that say why a file was refused, each behind a line break: what its error means, and
// its cause. Empty for a row of another outcome.
std::string why_refused(const boost::json::object& row, std::string_view indent,
                        const Words& words);
// Where a document and what came with it differ: a line for each of the row's `discrepancies`.
void say_disagreements(const boost::json::object& row, std::string_view indent, const Words& words);

// The line of a fact that states an absence: "no known allergy".
void say_absence(const boost::json::object& row, const Words& words);

// Another's words between the language's quotation marks.
std::string quoted(std::string_view text, const Words& words);

// "1 document", "3 documents".
std::string counted(std::int64_t count, std::string_view one, std::string_view many);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_SAYERS_HPP
