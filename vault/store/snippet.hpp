// SPDX-License-Identifier: EUPL-1.2
//
// snippet.hpp: the few words of a text that show why it was found.
#ifndef COFFRET_VAULT_STORE_SNIPPET_HPP
#define COFFRET_VAULT_STORE_SNIPPET_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/store/ranking.hpp"
#include "vault/store/tokenizer.hpp"

namespace coffret::store {

inline constexpr std::uint32_t snippet_words = 16;

// A text that is not read further than its snippet needs.
struct LongText {
  std::size_t size = 0;  // bytes
  std::uint32_t words = 0;
  // Its first `size` bytes; valid until the next call.
  std::function<Result<std::string_view>(std::size_t size)> start;
};

// The part of the text with the most different terms, what was found between ‹ and ›, an ellipsis
// where the text goes on. Without spots, its beginning. Errors: io; those of the text.
Result<std::string> make_snippet(const Tokenizer& tokenizer, const LongText& text,
                                 std::vector<Spot> spots);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_SNIPPET_HPP
