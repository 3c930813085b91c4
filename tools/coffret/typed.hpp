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

// A new passphrase, on the terminal, again until two entries are the same: three times at most.
// Errors: not_found (no terminal); wrong_passphrase (never the same).
Result<SecretText> ask_twice(const Words& words, std::string_view prompt, Told& told);

// Errors: usage, with the flag as the detail; file_exists (--out or --qr).
Result<void> judge_arguments(const Invocation& invocation, Told& told);

bool is_regular_file(const std::string& path);

// Whoever read standard output left, as `head` does.
bool reader_left();

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_TYPED_HPP
