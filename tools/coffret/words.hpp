// SPDX-License-Identifier: EUPL-1.2
//
// words.hpp: what the command says to people: safe text, dates, sizes.
#ifndef COFFRET_TOOLS_COFFRET_WORDS_HPP
#define COFFRET_TOOLS_COFFRET_WORDS_HPP

#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "coffret/time.hpp"
#include "tools/speech/language.hpp"
#include "vault/daemon/spelled.hpp"

namespace coffret::cli {

using speech::Words;

// Text from a document or a peer, without control and bidirectional formatting characters, so that
// it can do nothing to a terminal (attack 80). Malformed UTF-8 becomes U+FFFD.
std::string printable(std::string_view text);

using daemon::spelled;

// A document's own date, spelled out and safe to print.
std::string spelled_date(std::string_view iso, Language language);

// "1,4 Mo" or "1.4 MB".
std::string spelled_size(std::uint64_t bytes, Language language);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_WORDS_HPP
