// SPDX-License-Identifier: EUPL-1.2
//
// language.hpp: in which language a program speaks: --lang, else the locale, else English.
//
// Threads: the environment is read; call before any thread starts.
#ifndef COFFRET_TOOLS_SPEECH_LANGUAGE_HPP
#define COFFRET_TOOLS_SPEECH_LANGUAGE_HPP

#include <string_view>

#include "coffret/error.hpp"

namespace coffret::speech {

// One sentence in both languages; the reader's is taken.
struct Words {
  Language language = Language::french;
  std::string_view operator()(std::string_view french, std::string_view english) const noexcept {
    return language == Language::french ? french : english;
  }
};

// From LC_ALL, LC_MESSAGES, LANG, in that order: French when it begins with "fr".
Language language_of_locale();

// The language must be known before the help is written, and so before the arguments are parsed.
Words words_of(int argc, const char* const* argv);

}  // namespace coffret::speech

#endif  // COFFRET_TOOLS_SPEECH_LANGUAGE_HPP
