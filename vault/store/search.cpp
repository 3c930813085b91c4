// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/search.hpp"

namespace coffret::store {
namespace {

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

// Bytes of words that FTS5 gathers before it writes a part of its index. Its own 1 MiB cuts what
// one act brings into several parts, which are merged again, and which each word is looked for in.
#define COFFRET_HASH_SIZE "4194304"

// Kept in the index, once. On a full disk it stays as it is.
void gather_more(Connection& db) {
  auto kept = db.prepare(
      "SELECT count(*) FROM search_config WHERE k = 'hashsize' AND "
      "v = " COFFRET_HASH_SIZE);
  if (kept.has_error() || kept->step().has_error() || kept->int64(0) != 0) return;
  kept->reset();
  (void)db.execute("INSERT INTO search(search, rank) VALUES('hashsize', " COFFRET_HASH_SIZE ")");
}

}  // namespace

// A store made before there was one gets it here; an older build may have added rows without it.
Result<void> Search::prepare() {
  COFFRET_CHECK(
      db_->execute("CREATE VIRTUAL TABLE IF NOT EXISTS names USING fts5("
                   "title, author, content='texts', content_rowid='row', tokenize='coffret')"));
  COFFRET_TRY(auto same, db_->prepare("SELECT (SELECT max(row) FROM texts) IS "
                                      "(SELECT max(id) FROM names_docsize)"));
  COFFRET_TRY([[maybe_unused]] const bool row, same.step());
  const bool anew = same.int64(0) == 0;
  same.reset();
  gather_more(*db_);
  COFFRET_CHECK(vocabulary_.prepare(anew));
  if (!anew) return {};
  return db_->execute("INSERT INTO names(names) VALUES('rebuild')");
}

Result<void> Search::add(std::int64_t row, const DocumentEntry& entry, std::string_view text) {
  const std::string title = titles(entry);
  const std::string author = authors(entry);
  COFFRET_TRY(auto* insert,
              db_->use("INSERT INTO texts(row, title, author, text) VALUES(?1, ?2, ?3, ?4)"));
  insert->bind(1, row).bind(2, std::string_view{title}).bind(3, std::string_view{author});
  COFFRET_CHECK(insert->bind(4, text).run());
  COFFRET_TRY(auto* index,
              db_->use("INSERT INTO search(rowid, title, author, text) VALUES(?1, ?2, ?3, ?4)"));
  index->bind(1, row).bind(2, std::string_view{title}).bind(3, std::string_view{author});
  COFFRET_CHECK(index->bind(4, text).run());
  COFFRET_TRY(auto* names, db_->use("INSERT INTO names(rowid, title, author) VALUES(?1, ?2, ?3)"));
  names->bind(1, row).bind(2, std::string_view{title}).bind(3, std::string_view{author});
  COFFRET_CHECK(names->run());
  for (const std::string_view part : {std::string_view{title}, std::string_view{author}, text})
    COFFRET_CHECK(vocabulary_.add(part));
  return {};
}

// All that the index knows of a row.
Result<std::string> Search::words_of(std::int64_t row) const {
  COFFRET_TRY(auto* query, db_->use("SELECT title || char(10) || author || char(10) || text "
                                    "FROM texts WHERE row = ?1"));
  COFFRET_TRY(const bool found, query->bind(1, row).step());
  std::string words{found ? query->text(0) : std::string_view{}};
  query->reset();
  return words;
}

// An external-content index forgets a row only when it is told what the row said.
Result<void> Search::forget(std::int64_t row) {
  for (const char* sql : {"INSERT INTO search(search, rowid, title, author, text) "
                          "SELECT 'delete', row, title, author, text FROM texts WHERE row = ?1",
                          "INSERT INTO names(names, rowid, title, author) "
                          "SELECT 'delete', row, title, author FROM texts WHERE row = ?1"}) {
    COFFRET_TRY(auto* forget, db_->use(sql));
    COFFRET_CHECK(forget->bind(1, row).run());
  }
  return {};
}

Result<void> Search::learn(std::int64_t row) {
  for (const char* sql : {"INSERT INTO search(rowid, title, author, text) "
                          "SELECT row, title, author, text FROM texts WHERE row = ?1",
                          "INSERT INTO names(rowid, title, author) "
                          "SELECT row, title, author FROM texts WHERE row = ?1"}) {
    COFFRET_TRY(auto* learn, db_->use(sql));
    COFFRET_CHECK(learn->bind(1, row).run());
  }
  return {};
}

Result<void> Search::replace(const char* sql, std::int64_t row, std::string_view by) {
  COFFRET_TRY(const std::string before, words_of(row));
  COFFRET_CHECK(forget(row));
  COFFRET_TRY(auto* update, db_->use(sql));
  COFFRET_CHECK(update->bind(1, row).bind(2, by).run());
  COFFRET_CHECK(learn(row));
  COFFRET_TRY(const std::string now, words_of(row));
  COFFRET_CHECK(vocabulary_.add(now));
  return vocabulary_.drop(before, now);
}

// A body that a later release reads again mostly has the words it had: those stay as they are.
Result<void> Search::replace_text(std::int64_t row, std::string_view text) {
  const auto before = this->text(row);
  if (before.has_value() && *before == text) return {};
  return replace("UPDATE texts SET text = ?2 WHERE row = ?1", row, text);
}

Result<void> Search::replace_title(std::int64_t row, const DocumentEntry& entry,
                                   std::string_view note) {
  std::string title = titles(entry);
  if (!note.empty()) title.append("\n").append(note);
  return replace("UPDATE texts SET title = ?2 WHERE row = ?1", row, title);
}

Result<void> Search::remove(std::int64_t row) {
  COFFRET_TRY(const std::string before, words_of(row));
  COFFRET_CHECK(forget(row));
  COFFRET_TRY(auto* remove, db_->use("DELETE FROM texts WHERE row = ?1"));
  COFFRET_CHECK(remove->bind(1, row).run());
  return vocabulary_.drop(before, {});
}

Result<void> Search::erase_for_good(bool on) {
  return db_->execute(on ? "INSERT INTO search(search, rank) VALUES('secure-delete', 1);"
                           "INSERT INTO names(names, rank) VALUES('secure-delete', 1)"
                         : "INSERT INTO search(search, rank) VALUES('secure-delete', 0);"
                           "INSERT INTO names(names, rank) VALUES('secure-delete', 0)");
}

Result<std::string> Search::text(std::int64_t row) const {
  COFFRET_TRY(auto* query, db_->use("SELECT text FROM texts WHERE row = ?1"));
  COFFRET_TRY(const bool found, query->bind(1, row).step());
  if (!found) return errc::not_found;
  std::string text{query->text(0)};
  query->reset();
  return text;
}

}  // namespace coffret::store
