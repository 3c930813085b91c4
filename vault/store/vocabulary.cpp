// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/vocabulary.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "vault/store/question.hpp"

namespace coffret::store {
namespace {

constexpr std::size_t most_known = 1u << 17;  // hashes kept in memory: 1 MiB

void forget_all(void* known) noexcept {
  static_cast<std::vector<std::size_t>*>(known)->clear();
}

std::size_t hash_of(std::string_view word) {
  return std::max<std::size_t>(1, std::hash<std::string_view>{}(word));  // 0: an empty place
}

// Whether it was not known; it is from now on.
bool learn(std::vector<std::size_t>& known, std::size_t hash) {
  return std::exchange(known[hash % most_known], hash) != hash;
}

void forget(std::vector<std::size_t>& known, std::size_t hash) {
  if (!known.empty() && known[hash % most_known] == hash) known[hash % most_known] = 0;
}

std::set<std::string, std::less<>> distinct(const std::string& words) {
  std::set<std::string, std::less<>> all;
  for (std::string_view rest = words; !rest.empty();) {
    const auto word = rest.substr(0, rest.find(' '));
    all.emplace(word);
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  return all;
}

}  // namespace

Vocabulary::Vocabulary(Connection& db)
    : db_(&db), known_(std::make_unique<std::vector<std::size_t>>()) {
  (void)::sqlite3_rollback_hook(db.handle(), &forget_all, known_.get());
}

Vocabulary::~Vocabulary() {
  (void)::sqlite3_rollback_hook(db_->handle(), nullptr, nullptr);
}

Result<void> Vocabulary::prepare(bool anew) {
  COFFRET_CHECK(
      db_->execute("CREATE TABLE IF NOT EXISTS words(word TEXT PRIMARY KEY) WITHOUT ROWID"));
  if (!anew) return {};
  return db_->execute(
      "CREATE VIRTUAL TABLE temp.indexed_words USING fts5vocab(main, search, row);"
      "INSERT OR IGNORE INTO words SELECT term FROM temp.indexed_words;"
      "DROP TABLE temp.indexed_words");
}

Result<void> Vocabulary::add(std::string_view text) {
  known_->resize(most_known);
  COFFRET_TRY(auto* insert, db_->use("INSERT OR IGNORE INTO words(word) VALUES(?1)"));
  std::vector<std::string> fresh;
  COFFRET_TRY(const auto* words, tokenizer());
  COFFRET_CHECK(words->words(text, [&](std::string_view word) {
    if (learn(*known_, hash_of(word))) fresh.emplace_back(word);
  }));
  for (const auto& word : fresh) {
    const auto added = insert->bind(1, std::string_view{word}).run();
    if (added.has_error()) known_->clear();
    COFFRET_CHECK(added);
  }
  return {};
}

Result<void> Vocabulary::drop(std::string_view text, std::string_view instead) {
  COFFRET_TRY(const std::string before, db_->folded_words(text));
  COFFRET_TRY(const std::string now, db_->folded_words(instead));
  const auto kept = distinct(now);
  for (const auto& word : distinct(before)) {
    if (kept.contains(word)) continue;
    COFFRET_TRY(auto* elsewhere,
                db_->use("SELECT rowid FROM search WHERE search MATCH ?1 LIMIT 1"));
    const std::string expression = quoted(word);
    COFFRET_TRY(const bool there, elsewhere->bind(1, std::string_view{expression}).step());
    elsewhere->reset();
    if (there) continue;
    forget(*known_, hash_of(word));
    COFFRET_TRY(auto* remove, db_->use("DELETE FROM words WHERE word = ?1"));
    COFFRET_CHECK(remove->bind(1, std::string_view{word}).run());
  }
  return {};
}

Result<std::vector<std::string>> Vocabulary::beginning_with(std::string_view folded,
                                                            std::size_t most) const {
  std::vector<std::string> words;
  COFFRET_TRY(auto* query,
              db_->use("SELECT word FROM words WHERE word >= ?1 AND word < ?2 LIMIT ?3"));
  const std::string behind = std::string{folded} + "\U0010FFFF";
  query->bind(1, folded).bind(2, std::string_view{behind});
  query->bind(3, static_cast<std::int64_t>(most));
  for (;;) {
    COFFRET_TRY(const bool more, query->step());
    if (!more) return words;
    words.emplace_back(query->text(0));
  }
}

Result<const Tokenizer*> Vocabulary::tokenizer() {
  if (!tokenizer_) {
    COFFRET_TRY(auto made, Tokenizer::make(db_->handle()));
    tokenizer_ = std::make_unique<Tokenizer>(std::move(made));
  }
  return tokenizer_.get();
}

}  // namespace coffret::store
