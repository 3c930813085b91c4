// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/question.hpp"

#include <algorithm>
#include <array>

#include "coffret/ascii.hpp"

namespace coffret::store {
namespace {

// Words that French elides before a vowel. In a text they stand apart from the word that follows
// (the apostrophe separates), so what is typed as one word is searched without them.
constexpr std::array<std::string_view, 14> elided = {
    "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu"};

std::string_view without_elision(std::string_view word) {
  for (const std::string_view apostrophe : {"'", "’"}) {
    const auto at = word.find(apostrophe);
    if (at == std::string_view::npos) continue;
    const auto first = ascii_lower(word.substr(0, at));
    if (std::find(elided.begin(), elided.end(), first) != elided.end())
      return word.substr(at + apostrophe.size());
  }
  return word;
}

// Nothing is asked by a term that holds only what no string may.
void add_term(std::vector<Term>& terms, std::string_view typed, bool prefix) {
  Term term{.words = {}, .prefix = prefix};
  for (const char c : typed)
    if (c != '"' && c != '\0') term.words += c;
  if (!term.words.empty()) terms.push_back(std::move(term));
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

std::string quoted(std::string_view words) {
  return std::string{"\""}.append(words).append("\"");
}

std::string expression_of(const std::vector<Term>& terms) {
  std::string expression;
  for (const auto& term : terms) {
    if (!expression.empty()) expression += ' ';
    expression += quoted(term.words);
    if (term.prefix) expression += '*';
  }
  return expression;
}

Result<std::vector<Term>> terms_of(std::string_view words) {
  if (words.size() > max_question) return errc::too_large;
  std::vector<Term> terms;
  while (!words.empty()) {
    if (is_space(words.front())) {
      words.remove_prefix(1);
      continue;
    }
    const bool phrase = words.front() == '"';
    if (phrase) words.remove_prefix(1);
    const auto stop = [&](char c) { return phrase ? c == '"' : is_space(c) || c == '"'; };
    const auto end = std::find_if(words.begin(), words.end(), stop);
    auto term = words.substr(0, static_cast<std::size_t>(end - words.begin()));
    words.remove_prefix(term.size());
    if (phrase && !words.empty()) words.remove_prefix(1);  // the closing quote

    bool prefix = false;
    if (!phrase) {
      prefix = term.ends_with('*');
      while (term.ends_with('*')) term.remove_suffix(1);
      term = without_elision(term);
    }
    add_term(terms, term, prefix);
  }
  return terms;
}

Result<std::string> fts_expression(std::string_view words) {
  COFFRET_TRY(const auto terms, terms_of(words));
  return expression_of(terms);
}

}  // namespace coffret::store
