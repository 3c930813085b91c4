// SPDX-License-Identifier: EUPL-1.2
//
// ranking.hpp: how well a row of the search index answers a question, and where in its text.
//
// The weighing is Okapi BM25 (Robertson and Zaragoza, 2009) over what was typed: a phrase, a word,
// or all words that a prefix stands for. It differs from FTS5's own bm25() in what it does not do:
// it looks at no row that is not wanted, at no more than `most_places` places of a word, and it
// does not count a word in the whole index, but in the first rows that have it.
//
// Errors: those of SQLite, through the statement that is stepped; bad_alloc becomes its NOMEM.
// Threads: the vault's strand.
#ifndef COFFRET_VAULT_STORE_RANKING_HPP
#define COFFRET_VAULT_STORE_RANKING_HPP

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "coffret/error.hpp"

struct sqlite3;
struct Fts5Context;
struct Fts5ExtensionApi;

namespace coffret::store {

// Columns of an index, in its order; the index of names ends before the text.
enum class Column : int { title = 0, author = 1, text = 2 };

// A place in a row's text, counted in words.
struct Spot {
  std::uint32_t word = 0;
  std::uint32_t length = 1;
  std::uint32_t term = 0;  // of the question
};

struct Ranked {
  std::int64_t row = 0;
  double rank = 0;            // greater is better
  std::uint32_t words = 0;    // of the text
  std::vector<Spot> spots{};  // some of them, in no order
};

// One question, while a statement with `ranked(search, pointer to this)` is stepped.
class Ranking {
 public:
  using Wanted = std::function<bool(std::int64_t row)>;
  static constexpr const char* pointer_type = "coffret-ranking";

  // `terms`: for each phrase of the expression, in order, the term of the question it stands for.
  Ranking(const Wanted& wanted, std::vector<std::uint32_t> terms)
      : wanted_(&wanted), terms_(std::move(terms)) {}

  // The row at hand, when the statement gave 1 for it.
  Ranked take() { return std::exchange(at_hand_, {}); }

  // Called by SQLite. 1: wanted, and ranked. Its result code through `status`.
  int look(const Fts5ExtensionApi& api, Fts5Context* row, int& status);

 private:
  int prepare(const Fts5ExtensionApi& api, Fts5Context* row);
  int places(const Fts5ExtensionApi& api, Fts5Context* row, int phrase);

  const Wanted* wanted_;
  std::vector<std::uint32_t> terms_;
  std::vector<double> weight_;     // of each term: the rarer, the more
  std::vector<double> frequency_;  // of each term in the row at hand
  double mean_length_ = 0;         // words of a row; 0: not prepared
  Ranked at_hand_;
};

// Makes ranked() known to this connection. Errors: not_sqlcipher (no FTS5), io.
Result<void> register_ranking(sqlite3* db);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_RANKING_HPP
