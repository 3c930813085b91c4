// SPDX-License-Identifier: EUPL-1.2
//
// question.hpp: what a person types into the search.
//
// Errors: too_large (over max_question). Threads: pure functions.
#ifndef COFFRET_VAULT_STORE_QUESTION_HPP
#define COFFRET_VAULT_STORE_QUESTION_HPP

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"

namespace coffret::store {

inline constexpr std::size_t max_question = 1024;  // bytes

// A word, a phrase or, behind an asterisk, the beginning of words.
struct Term {
  std::string words;
  bool prefix = false;
};

// What was typed. Nothing in it is syntax but quotes and a trailing asterisk.
Result<std::vector<Term>> terms_of(std::string_view words);

// An FTS5 string: between double quotes nothing is syntax. `words` has none of them.
std::string quoted(std::string_view words);
std::string expression_of(const std::vector<Term>& terms);
// Both at once. Empty when there is no word.
Result<std::string> fts_expression(std::string_view words);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_QUESTION_HPP
