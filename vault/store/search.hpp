// SPDX-License-Identifier: EUPL-1.2
//
// search.hpp: the full-text index over titles, authors and readable text. Never part of an
// operation: every device makes its own.
//
// Titles and authors have an index of their own beside: what is named by a word is found in it at
// once, however many texts have the word, too.
//
// Bounds: of each question at most `candidates` rows are ranked, of each at most 64 places of a
// word (ranking.hpp), a prefix stands for at most 256 words, a phrase is compared in the rows that
// have all its words until so many are found, and a text is read no further than its snippet.
// Looking for one word costs the more the more parts FTS5 has cut the index into, which grows with
// the logarithm of the texts. Aimed at: 20 ms at 10,000 documents (`tools/bench record`).
//
// Errors: those of sqlite.hpp, and of question.hpp.
#ifndef COFFRET_VAULT_STORE_SEARCH_HPP
#define COFFRET_VAULT_STORE_SEARCH_HPP

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/document.hpp"
#include "coffret/error.hpp"
#include "vault/store/question.hpp"
#include "vault/store/ranking.hpp"
#include "vault/store/sqlite.hpp"
#include "vault/store/tokenizer.hpp"
#include "vault/store/vocabulary.hpp"

namespace coffret::store {

class Search {
 public:
  explicit Search(Connection& db) : db_(&db), vocabulary_(db) {}

  // Makes the index of names and the vocabulary where a store has none yet. Once, before all else.
  Result<void> prepare();

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
  // At most `limit` rows, best first. Only the newest `candidates` that are wanted are ranked: what
  // is not wanted takes nobody's place.
  using Wanted = Ranking::Wanted;
  // `matched`: how many were ranked in all; `candidates` and more mean that there may be others.
  static constexpr std::size_t candidates =
      300;  // ranking all that has a word costs more than it gives
  Result<std::vector<Ranked>> find(const std::vector<Term>& typed, const Wanted& wanted,
                                   std::size_t limit, std::size_t* matched = nullptr) const;
  // Of the text of a row that was found.
  Result<std::string> snippet(const Ranked& found) const;

 private:
  // An expression, and for each of its phrases the term it stands for.
  struct Question {
    std::string expression;
    std::vector<std::uint32_t> terms;
  };
  Result<std::vector<Term>> with_words(const std::vector<Term>& typed) const;
  static Question as_typed(const std::vector<Term>& terms);
  Result<Question> written_out(const std::vector<Term>& terms) const;
  Result<std::vector<std::string>> beginning_with(const std::string& typed) const;
  struct Bounds {
    std::size_t most;     // rows to take
    std::int64_t newest;  // row to begin with
  };
  Result<void> collect(const char* sql, const Question& question, const Wanted& wanted,
                       const Bounds& bounds, std::vector<Ranked>& into) const;
  Result<void> find_spots(const Question& question, const std::vector<Ranked>& others,
                          std::vector<Ranked>& hits) const;
  Result<std::string> words_of(std::int64_t row) const;
  Result<void> forget(std::int64_t row);
  Result<void> learn(std::int64_t row);
  Result<void> replace(const char* sql, std::int64_t row, std::string_view by);

  Connection* db_;
  Vocabulary vocabulary_;
  mutable std::optional<Tokenizer> tokenizer_;  // made when first needed
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_SEARCH_HPP
