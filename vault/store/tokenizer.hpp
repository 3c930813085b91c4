// SPDX-License-Identifier: EUPL-1.2
//
// tokenizer.hpp: how text becomes words for the search: SQLite's unicode61 with diacritics removed,
// and then ligatures written out (œ as oe, ﬁ as fi), which unicode61 leaves alone.
#ifndef COFFRET_VAULT_STORE_TOKENIZER_HPP
#define COFFRET_VAULT_STORE_TOKENIZER_HPP

#include <string>
#include <string_view>

#include "coffret/error.hpp"

struct sqlite3;

namespace coffret::store {

// Makes tokenize='coffret' known to this connection. Errors: not_sqlcipher (a library without
// FTS5), io.
Result<void> register_tokenizer(sqlite3* db);

// The words of a text as the index would have them, one space between them. Errors: io.
Result<std::string> folded_words(sqlite3* db, std::string_view text);

// A lower-case word with its ligatures written out.
std::string write_out_ligatures(std::string_view word);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_TOKENIZER_HPP
