// SPDX-License-Identifier: EUPL-1.2
//
// vocabulary.hpp: the words that the search index has, each once: what a prefix stands for. FTS5
// can tell them, too, but reads all their places on the way from one to the next.
//
// A word is dropped with the last text that has it: nothing of what is erased stays here.
//
// Errors: those of sqlite.hpp. Threads: the vault's strand.
#ifndef COFFRET_VAULT_STORE_VOCABULARY_HPP
#define COFFRET_VAULT_STORE_VOCABULARY_HPP

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"
#include "vault/store/sqlite.hpp"
#include "vault/store/tokenizer.hpp"

namespace coffret::store {

class Vocabulary {
 public:
  explicit Vocabulary(Connection& db);
  ~Vocabulary();

  // Makes its table where a store has none. `anew`: fills it from the index.
  Result<void> prepare(bool anew);
  // The words of a text that is being added to the index.
  Result<void> add(std::string_view text);
  // Those of a text that is no longer in it, unless they are in what is there instead, or in
  // another text.
  Result<void> drop(std::string_view text, std::string_view instead);
  // At most `most` of the words that begin so.
  Result<std::vector<std::string>> beginning_with(std::string_view folded, std::size_t most) const;

 private:
  Result<const Tokenizer*> tokenizer();

  Connection* db_;
  std::unique_ptr<Tokenizer> tokenizer_;
  // Hashes of words that the table has, each in its one place, where the next takes it: what is not
  // here is asked of the table, so that a word costs the same however many there are. Forgotten
  // when a transaction is undone; empty: nothing is known. Of two words of one hash the second
  // would be missed by prefixes: among a million words, one chance in 10^7.
  std::unique_ptr<std::vector<std::size_t>> known_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_VOCABULARY_HPP
