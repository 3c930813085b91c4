// SPDX-License-Identifier: EUPL-1.2
//
// words.hpp: what the command says to people: language, safe text, dates.
#ifndef COFFRET_TOOLS_COFFRET_WORDS_HPP
#define COFFRET_TOOLS_COFFRET_WORDS_HPP

#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "coffret/time.hpp"

namespace coffret::cli {

// From LC_ALL, LC_MESSAGES, LANG, in that order: French when it begins with "fr".
Language language_of_locale();

// One sentence in both languages; the reader's is taken.
struct Words {
  Language language = Language::french;
  std::string_view operator()(std::string_view french, std::string_view english) const noexcept {
    return language == Language::french ? french : english;
  }
};

// Text from a document or a peer, without control and bidirectional formatting characters, so that
// it can do nothing to a terminal (attack 80). Malformed UTF-8 becomes U+FFFD.
std::string printable(std::string_view text);

// "23 novembre 2026 à 17:02" in local time.
std::string spelled(Timestamp time, Language language);

// A document's own date (ISO 8601 of any precision) spelled out: "12 mars 2020".
std::string spelled_date(std::string_view iso, Language language);

// "1,4 Mo" or "1.4 MB".
std::string spelled_size(std::uint64_t bytes, Language language);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_WORDS_HPP
