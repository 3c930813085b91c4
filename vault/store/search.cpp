// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/search.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace coffret::store {
namespace {

constexpr std::size_t candidates =
    300;  // ranking a word that is everywhere costs more than it gives

// Words that French elides before a vowel. In a text they stand apart from the word that follows
// (the apostrophe separates), so what is typed as one word is searched without them.
constexpr std::array<std::string_view, 14> elided = {
    "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu"};

std::string lower_ascii(std::string_view text) {
  std::string lower{text};
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string_view without_elision(std::string_view word) {
  for (const std::string_view apostrophe : {"'", "’"}) {
    const auto at = word.find(apostrophe);
    if (at == std::string_view::npos) continue;
    const auto first = lower_ascii(word.substr(0, at));
    if (std::find(elided.begin(), elided.end(), first) != elided.end())
      return word.substr(at + apostrophe.size());
  }
  return word;
}

// An FTS5 string: between double quotes nothing is syntax. Nothing is added for a term that holds
// only what no string may.
void append_term(std::string& expression, std::string_view term, bool prefix) {
  std::string kept;
  for (const char c : term)
    if (c != '"' && c != '\0') kept += c;
  if (kept.empty()) return;
  if (!expression.empty()) expression += ' ';
  expression += '"' + kept + (prefix ? "\"*" : "\"");
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string authors(const DocumentEntry& entry) {
  std::string text;
  for (const auto& author : entry.authors) {
    if (!text.empty()) text += '\n';
    text += author.name;
    if (!author.organisation.empty()) text += '\n' + author.organisation;
  }
  return text;
}

std::string titles(const DocumentEntry& entry) {
  std::string text = entry.title;
  for (const auto* more : {&entry.type.display, &entry.file_name})
    if (!more->empty()) text += '\n' + *more;
  return text;
}

}  // namespace

Result<std::string> fts_expression(std::string_view words) {
  if (words.size() > max_question) return errc::too_large;
  std::string expression;
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
    append_term(expression, term, prefix);
  }
  return expression;
}

Result<void> Search::add(std::int64_t row, const DocumentEntry& entry, std::string_view text) {
  const std::string title = titles(entry);
  const std::string author = authors(entry);
  for (const char* sql :
       {"INSERT INTO texts(row, title, author, text) VALUES(?1, ?2, ?3, ?4)",
        "INSERT INTO search(rowid, title, author, text) VALUES(?1, ?2, ?3, ?4)"}) {
    COFFRET_TRY(auto* insert, db_->use(sql));
    insert->bind(1, row).bind(2, std::string_view{title}).bind(3, std::string_view{author});
    COFFRET_CHECK(insert->bind(4, text).run());
  }
  return {};
}

// An external-content index forgets a row only when it is told what the row said.
Result<void> Search::forget(std::int64_t row) {
  COFFRET_TRY(auto* forget,
              db_->use("INSERT INTO search(search, rowid, title, author, text) "
                       "SELECT 'delete', row, title, author, text FROM texts WHERE row = ?1"));
  return forget->bind(1, row).run();
}

Result<void> Search::learn(std::int64_t row) {
  COFFRET_TRY(auto* learn, db_->use("INSERT INTO search(rowid, title, author, text) "
                                    "SELECT row, title, author, text FROM texts WHERE row = ?1"));
  return learn->bind(1, row).run();
}

Result<void> Search::replace_text(std::int64_t row, std::string_view text) {
  COFFRET_CHECK(forget(row));
  COFFRET_TRY(auto* update, db_->use("UPDATE texts SET text = ?2 WHERE row = ?1"));
  COFFRET_CHECK(update->bind(1, row).bind(2, text).run());
  return learn(row);
}

Result<void> Search::replace_title(std::int64_t row, const DocumentEntry& entry,
                                   std::string_view note) {
  std::string title = titles(entry);
  if (!note.empty()) title.append("\n").append(note);
  COFFRET_CHECK(forget(row));
  COFFRET_TRY(auto* update, db_->use("UPDATE texts SET title = ?2 WHERE row = ?1"));
  COFFRET_CHECK(update->bind(1, row).bind(2, std::string_view{title}).run());
  return learn(row);
}

Result<void> Search::remove(std::int64_t row) {
  COFFRET_CHECK(forget(row));
  COFFRET_TRY(auto* remove, db_->use("DELETE FROM texts WHERE row = ?1"));
  return remove->bind(1, row).run();
}

Result<void> Search::erase_for_good(bool on) {
  return db_->execute(on ? "INSERT INTO search(search, rank) VALUES('secure-delete', 1)"
                         : "INSERT INTO search(search, rank) VALUES('secure-delete', 0)");
}

Result<std::string> Search::text(std::int64_t row) const {
  COFFRET_TRY(auto* query, db_->use("SELECT text FROM texts WHERE row = ?1"));
  COFFRET_TRY(const bool found, query->bind(1, row).step());
  if (!found) return errc::not_found;
  std::string text{query->text(0)};
  query->reset();
  return text;
}

Result<void> Search::collect(const std::string& expression, const Wanted& wanted,
                             std::vector<Ranked>& into) const {
  COFFRET_TRY(auto* query, db_->use("SELECT rowid, bm25(search, 8.0, 4.0, 1.0) FROM search "
                                    "WHERE search MATCH ?1 ORDER BY rowid DESC"));
  query->bind(1, std::string_view{expression});
  for (std::size_t taken = 0; taken < candidates;) {
    COFFRET_TRY(const bool more, query->step());
    if (!more) return {};
    const Ranked hit{.row = query->int64(0), .rank = query->real(1)};
    const auto take = wanted(hit.row);
    if (take.has_error()) {
      query->reset();
      return take.error();
    }
    if (!*take) continue;
    into.push_back(hit);
    ++taken;
  }
  query->reset();
  return {};
}

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
  COFFRET_TRY(auto* query, db_->use("SELECT rowid FROM search WHERE search MATCH ?1"));
  query->bind(1, std::string_view{expression});
  for (;;) {
    COFFRET_TRY(const bool more, query->step());
    if (!more) return rows;
    rows.insert(query->int64(0));
  }
}

// Titles and authors are looked at on their own first: a word that fills every text must not push
// an old document that is named by it out of the candidates.
Result<std::vector<std::int64_t>> Search::find(const std::string& expression,
                                               const Wanted& wanted) const {
  std::vector<Ranked> ranked;
  COFFRET_CHECK(collect("{title author} : (" + expression + ")", wanted, ranked));
  const std::size_t named = ranked.size();
  COFFRET_CHECK(collect(expression, wanted, ranked));
  const auto by_rank = [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; };
  std::stable_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(named), by_rank);
  std::stable_sort(ranked.begin() + static_cast<std::ptrdiff_t>(named), ranked.end(), by_rank);
  std::vector<std::int64_t> rows;
  std::set<std::int64_t> seen;
  for (const auto& hit : ranked)
    if (seen.insert(hit.row).second) rows.push_back(hit.row);
  return rows;
}

Result<std::map<std::int64_t, std::string>> Search::snippets(const std::vector<std::int64_t>& rows,
                                                             const std::string& expression) const {
  std::map<std::int64_t, std::string> found;
  if (rows.empty()) return found;
  std::string wanted;
  for (const auto row : rows) wanted.append(wanted.empty() ? "[" : ",").append(std::to_string(row));
  wanted += ']';
  COFFRET_TRY(auto* query,
              db_->use("SELECT rowid, CASE WHEN rowid IN (SELECT value FROM json_each(?2)) THEN "
                       "snippet(search, 2, '‹', '›', '…', 16) END FROM search "
                       "WHERE search MATCH ?1 AND rowid >= ?3 ORDER BY rowid DESC"));
  query->bind(1, std::string_view{expression}).bind(2, std::string_view{wanted});
  query->bind(3, *std::min_element(rows.begin(), rows.end()));
  for (;;) {
    COFFRET_TRY(const bool more, query->step());
    if (!more) return found;
    if (const auto text = query->text(1); !text.empty()) found[query->int64(0)] = text;
  }
}

}  // namespace coffret::store
