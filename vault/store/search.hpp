// SPDX-License-Identifier: EUPL-1.2
//
// search.hpp: the full-text index over titles, authors and readable text. Never part of an
// operation: every device makes its own.
//
// Errors: those of sqlite.hpp; too_large (a question over max_question).
#ifndef COFFRET_VAULT_STORE_SEARCH_HPP
#define COFFRET_VAULT_STORE_SEARCH_HPP

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/document.hpp"
#include "coffret/error.hpp"
#include "vault/store/sqlite.hpp"

namespace coffret::store {

inline constexpr std::size_t max_question = 1024;  // bytes

// A person's words as an FTS5 expression, in which nothing they type is syntax but quotes and a
// trailing asterisk. Empty when there is no word.
Result<std::string> fts_expression(std::string_view words);

class Search {
 public:
  explicit Search(Connection& db) noexcept : db_(&db) {}

  Result<void> add(std::int64_t row, const DocumentEntry& entry, std::string_view text);
  Result<void> replace_text(std::int64_t row, std::string_view text);
  // As the entry is shown now; the note is found like a title.
  Result<void> replace_title(std::int64_t row, const DocumentEntry& entry, std::string_view note);
  Result<void> remove(std::int64_t row);
  // While on, a removed row's words are overwritten in the index, not only marked as gone.
  Result<void> erase_for_good(bool on);
  Result<std::string> text(std::int64_t row) const;  // Errors: not_found

  // Every row with authors that have words beginning so.
  Result<std::set<std::int64_t>> by_author(std::string_view beginnings) const;
  // Rows, best first. Only the newest `candidates` that match and are wanted are ranked: what is
  // not wanted takes nobody's place.
  using Wanted = std::function<Result<bool>(std::int64_t row)>;
  Result<std::vector<std::int64_t>> find(const std::string& expression, const Wanted& wanted) const;
  // Of the texts of these rows, in one pass over the index: asking row by row would merge the terms
  // of a prefix again for each of them.
  Result<std::map<std::int64_t, std::string>> snippets(const std::vector<std::int64_t>& rows,
                                                       const std::string& expression) const;

 private:
  struct Ranked {
    std::int64_t row;
    double rank;  // smaller is better
  };
  Result<void> forget(std::int64_t row);
  Result<void> learn(std::int64_t row);
  Result<void> collect(const std::string& expression, const Wanted& wanted,
                       std::vector<Ranked>& into) const;

  Connection* db_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_SEARCH_HPP
