// SPDX-License-Identifier: EUPL-1.2
//
// typed.hpp: what a person types: a passphrase twice, and arguments that are judged here, where
// flags have names. And whether anybody still reads what is printed.
#ifndef COFFRET_TOOLS_COFFRET_TYPED_HPP
#define COFFRET_TOOLS_COFFRET_TYPED_HPP

#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "coffret/secret.hpp"
#include "tools/coffret/invocation.hpp"

namespace coffret::cli {

// What is told with an error: what it concerns, and the sentence where the table's would mislead.
struct Told {
  std::string detail;
  std::string_view sentence;
};

// A new passphrase, on the terminal, again until it is long enough and two entries are the same:
// three times at most. Errors: not_found (no terminal); usage (too short); wrong_passphrase (never
// the same).
Result<SecretText> ask_twice(const Words& words, std::string_view prompt, Told& told);

// Before a new passphrase is asked for: what makes a good one, and one that was drawn for this
// person. Nothing where nobody reads it.
void advise_passphrase(const Words& words);

// A new passphrase, typed or from a file. One that is too short is refused; a weak one is warned
// about, on standard error, where `warns`. Errors: usage, with the sentence in `told`.
Result<void> judge_passphrase(const Words& words, const SecretText& passphrase, bool warns,
                              Told& told);

// Errors: usage, with the flag as the detail; file_exists (--out or --qr).
Result<void> judge_arguments(const Invocation& invocation, Told& told);

bool is_regular_file(const std::string& path);

// Whoever read standard output left, as `head` does.
bool reader_left();

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_TYPED_HPP
