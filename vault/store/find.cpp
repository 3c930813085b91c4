// SPDX-License-Identifier: EUPL-1.2
//
// What the search index answers.
#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "vault/store/search.hpp"
#include "vault/store/snippet.hpp"

namespace coffret::store {
namespace {

constexpr const char* in_names =
    "SELECT ranked(names, ?2) FROM names WHERE names MATCH ?1 AND rowid <= ?3 ORDER BY rowid DESC";
constexpr const char* in_all =
    "SELECT ranked(search, ?2) FROM search WHERE search MATCH ?1 AND rowid <= ?3 "
    "ORDER BY rowid DESC";
constexpr std::size_t most_words = 256;  // that one prefix is written out as

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

Result<std::set<std::int64_t>> Search::by_author(std::string_view beginnings) const {
  std::string words;
  for (const char c : beginnings) {
    if (is_space(c) && !words.empty() && words.back() != ' ')
      words += "* ";
    else if (c != '"' && c != '*' && !is_space(c))
      words += c;
  }
  COFFRET_TRY(const auto terms, fts_expression(words + "*"));
  std::set<std::int64_t> rows;
  if (terms.empty()) return rows;
  const std::string expression = "{author} : (" + terms + ")";
  COFFRET_TRY(auto* query, db_->use("SELECT rowid FROM names WHERE names MATCH ?1"));
  query->bind(1, std::string_view{expression});
  for (;;) {
    COFFRET_TRY(const bool more, query->step());
    if (!more) return rows;
    rows.insert(query->int64(0));
  }
}

// Punctuation alone asks for nothing.
Result<std::vector<Term>> Search::with_words(const std::vector<Term>& typed) const {
  std::vector<Term> terms;
  for (const auto& term : typed) {
    COFFRET_TRY(const std::string words, db_->folded_words(term.words));
    if (!words.empty()) terms.push_back(term);
  }
  return terms;
}

Search::Question Search::as_typed(const std::vector<Term>& terms) {
  Question question{.expression = expression_of(terms), .terms = {}};
  for (std::uint32_t term = 0; term < terms.size(); ++term) question.terms.push_back(term);
  return question;
}

// The words of the index that begin so, or none where that is better left to FTS5: they are too
// many, or what was typed is more than the beginning of one word.
Result<std::vector<std::string>> Search::beginning_with(const std::string& typed) const {
  COFFRET_TRY(const std::string folded, db_->folded_words(typed));
  if (folded.empty() || folded.find(' ') != std::string::npos) return std::vector<std::string>{};
  COFFRET_TRY(auto words, vocabulary_.beginning_with(folded, most_words + 1));
  if (words.size() > most_words) words.clear();
  return words;
}

// FTS5 gathers all places of all words of a prefix before it gives the first row; of the words
// themselves it reads as far as it is asked.
Result<Search::Question> Search::written_out(const std::vector<Term>& terms) const {
  Question question;
  for (std::uint32_t term = 0; term < terms.size(); ++term) {
    const auto& [typed, prefix] = terms[term];
    std::vector<std::string> words;
    if (prefix) {
      COFFRET_TRY(words, beginning_with(typed));
    }
    auto& expression = question.expression;
    if (!expression.empty()) expression += " AND ";
    if (words.empty()) {
      expression += quoted(typed) + (prefix ? "*" : "");
      question.terms.push_back(term);
      continue;
    }
    expression += '(';
    for (const auto& word : words) {
      if (expression.back() != '(') expression += " OR ";
      expression += quoted(word);
      question.terms.push_back(term);
    }
    expression += ')';
  }
  return question;
}

Result<void> Search::collect(const char* sql, const Question& question, const Wanted& wanted,
                             const Bounds& bounds, std::vector<Ranked>& into) const {
  COFFRET_TRY(auto* query, db_->use(sql));
  Ranking ranking{wanted, question.terms};
  query->bind(1, std::string_view{question.expression}).bind(3, bounds.newest);
  query->bind_pointer(2, &ranking, Ranking::pointer_type);
  for (std::size_t taken = 0; taken < bounds.most;) {
    COFFRET_TRY(const bool more, query->step());
    if (!more) return {};
    if (query->int64(0) == 0) continue;
    into.push_back(ranking.take());
    ++taken;
  }
  query->reset();
  return {};
}

// Titles and authors are looked at on their own first: a word that fills every text must not push
// an old document that is named by it out of the candidates.
Result<std::vector<Ranked>> Search::find(const std::vector<Term>& typed, const Wanted& wanted,
                                         std::size_t limit, std::size_t* matched) const {
  std::vector<Ranked> hits;
  COFFRET_TRY(const auto terms, with_words(typed));
  if (terms.empty()) return hits;
  const Bounds newest{.most = candidates, .newest = std::numeric_limits<std::int64_t>::max()};
  COFFRET_CHECK(collect(in_names, as_typed(terms), wanted, newest, hits));
  COFFRET_TRY(const auto question, written_out(terms));
  std::vector<Ranked> others;
  COFFRET_CHECK(collect(in_all, question, wanted, newest, others));
  const auto by_rank = [](const Ranked& a, const Ranked& b) { return a.rank > b.rank; };
  std::stable_sort(hits.begin(), hits.end(), by_rank);
  std::set<std::int64_t> named;
  for (const auto& hit : hits) named.insert(hit.row);
  if (matched != nullptr)
    *matched = named.size() + static_cast<std::size_t>(std::count_if(
                                  others.begin(), others.end(),
                                  [&](const Ranked& hit) { return !named.contains(hit.row); }));
  if (hits.size() > limit) hits.resize(limit);
  COFFRET_CHECK(find_spots(question, others, hits));
  std::stable_sort(others.begin(), others.end(), by_rank);
  for (auto& hit : others)
    if (hits.size() < limit && !named.contains(hit.row)) hits.push_back(std::move(hit));
  return hits;
}

// The places in the texts of what was found by its name: they are known where the others reach, and
// looked for where they do not.
Result<void> Search::find_spots(const Question& question, const std::vector<Ranked>& others,
                                std::vector<Ranked>& hits) const {
  std::map<std::int64_t, const Ranked*> known;
  for (const auto& other : others) known[other.row] = &other;
  std::set<std::int64_t> unknown;
  for (const auto& hit : hits)
    if (!known.contains(hit.row)) unknown.insert(hit.row);
  std::vector<Ranked> older;
  const Wanted is_unknown = [&](std::int64_t row) { return unknown.contains(row); };
  if (!unknown.empty())
    COFFRET_CHECK(collect(in_all, question, is_unknown,
                          {.most = unknown.size(), .newest = *unknown.rbegin()}, older));
  for (const auto& one : older) known[one.row] = &one;
  for (auto& hit : hits) {
    const auto found = known.find(hit.row);
    if (found == known.end()) continue;
    hit.spots = found->second->spots;
    hit.words = found->second->words;
  }
  return {};
}

Result<std::string> Search::snippet(const Ranked& found) const {
  if (!tokenizer_) {
    COFFRET_TRY(tokenizer_, Tokenizer::make(db_->handle()));
  }
  auto text = db_->cell("texts", "text", found.row);
  if (text.has_error() && text.error() == errc::not_found) return std::string{};
  if (text.has_error()) return text.error();
  return make_snippet(*tokenizer_,
                      {.size = text->size(),
                       .words = found.words,
                       .start = [&](std::size_t size) { return text->start(size); }},
                      found.spots);
}

}  // namespace coffret::store
