// SPDX-License-Identifier: EUPL-1.2
//
// plain_words.hpp: words as they are compared: without accents, case, ligatures and punctuation.
//
// Latin letters lose their marks (composed or combining), Greek and Cyrillic ones their case; other
// scripts stay as they are. What is neither letter nor digit separates words.
#ifndef COFFRET_VAULT_DAEMON_PLAIN_WORDS_HPP
#define COFFRET_VAULT_DAEMON_PLAIN_WORDS_HPP

#include <string>
#include <string_view>
#include <vector>

namespace coffret::daemon {

// "Éléonore d'Œuvre-Petit" gives eleonore, d, oeuvre, petit.
std::vector<std::string> plain_words(std::string_view text);

// The words with one space between.
std::string plain_text(std::string_view text);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_PLAIN_WORDS_HPP
