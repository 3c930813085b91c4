// SPDX-License-Identifier: EUPL-1.2
//
// tokenizer.hpp: how text becomes words for the search: SQLite's unicode61 with diacritics removed,
// and then ligatures written out (œ as oe, ﬁ as fi), which unicode61 leaves alone.
#ifndef COFFRET_VAULT_STORE_TOKENIZER_HPP
#define COFFRET_VAULT_STORE_TOKENIZER_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"

struct Fts5Tokenizer;
struct fts5_api;
struct sqlite3;

namespace coffret::store {

// Makes tokenize='coffret' known to this connection. Errors: not_sqlcipher (a library without
// FTS5), io.
Result<void> register_tokenizer(sqlite3* db);

// The FTS5 interface of this connection; null without FTS5.
fts5_api* fts5_interface(sqlite3* db) noexcept;

// The same words for our own use. Must not outlive the connection.
class Tokenizer {
 public:
  // Errors: not_sqlcipher (no FTS5), io.
  static Result<Tokenizer> make(sqlite3* db);

  // Where each word of the text begins and ends, in bytes, until `visit` says false. Errors: io.
  using Visit = std::function<bool(std::size_t start, std::size_t end)>;
  Result<void> walk(std::string_view text, const Visit& visit) const;
  // Where word `word` (from 0) begins, without telling those before it: eight bytes at a time where
  // they are letters of Latin, so that the end of a long text is found at about 1 ns a byte.
  struct Place {
    std::size_t byte = 0;     // the text's size where it has fewer words
    std::uint32_t words = 0;  // before that place
  };
  Result<Place> place_of(std::string_view text, std::uint32_t word) const;
  // Each word as the index has it; valid during the call. Errors: io.
  Result<void> words(std::string_view text,
                     const std::function<void(std::string_view word)>& visit) const;

 private:
  explicit Tokenizer(Fts5Tokenizer* made) : tokenizer_(made) {}
  struct Destroy {
    void operator()(Fts5Tokenizer* tokenizer) const noexcept;
  };
  // What a character does to words. Unasked: FTS5 was not asked of it yet.
  enum class Shape : std::uint8_t { unasked, separates, goes_on, begins };
  // As many bytes at once as nothing but letters, digits and ASCII stand in; zero bytes: none.
  struct Stride {
    std::size_t bytes = 0;
    std::uint32_t begun = 0;  // words
    bool inside = false;      // of a word, behind them
  };
  Stride stride(std::string_view text, std::size_t at, bool inside) const;
  Shape shape_of(std::string_view character) const;
  Shape ask(std::string_view character) const;

  std::unique_ptr<Fts5Tokenizer, Destroy> tokenizer_;
  mutable std::vector<Shape> shapes_;  // of U+0000 to U+FFFF, once one is needed
};

// The words of a text as the index would have them, one space between them. Errors: io.
Result<std::string> folded_words(sqlite3* db, std::string_view text);

// A lower-case word with its ligatures written out.
std::string write_out_ligatures(std::string_view word);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_TOKENIZER_HPP
