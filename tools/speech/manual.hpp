// SPDX-License-Identifier: EUPL-1.2
//
// manual.hpp: a program's page in the manual, in roff, made from its own table of commands, so that
// the page cannot say anything else than the program.
#ifndef COFFRET_TOOLS_SPEECH_MANUAL_HPP
#define COFFRET_TOOLS_SPEECH_MANUAL_HPP

#include <string>

#include "tools/speech/command_line.hpp"

namespace coffret::speech {

std::string manual_page(const CLI::App& app, const Page& page, const Words& words);

}  // namespace coffret::speech

#endif  // COFFRET_TOOLS_SPEECH_MANUAL_HPP
