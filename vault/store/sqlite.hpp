// SPDX-License-Identifier: EUPL-1.2
//
// sqlite.hpp: the only file that knows the database is SQLCipher.
//
// Connection, Statement and Transaction own their handle and release it in reverse order of
// creation. A Connection must stay alive while a Statement or Transaction made from it is; it may
// be moved.
// Errors of all calls: damaged (not a database under this key, or a page that fails its MAC),
// disk_full, in_use (another process holds the file), io.
// Threads: none is thread-safe; all belong to the vault's strand.
#ifndef COFFRET_VAULT_STORE_SQLITE_HPP
#define COFFRET_VAULT_STORE_SQLITE_HPP

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"
#include "vault/crypto/keys.hpp"

struct sqlite3;
struct sqlite3_blob;
struct sqlite3_stmt;

namespace coffret::store {

// Fixed for format 1 and recorded in store.json (vault/DESIGN.md §8).
inline constexpr int page_size = 8192;  // bytes
inline constexpr std::string_view page_mac = "HMAC_SHA256";

class Statement;

// One value of one row, read from its start and no further than asked: of a long one SQLite would
// read, and SQLCipher decrypt, all. Ends before its Connection does, and before the next write.
class Cell {
 public:
  std::size_t size() const noexcept { return size_; }  // bytes
  // Its first `size` bytes, at most size(); valid until the next call.
  Result<std::string_view> start(std::size_t size);

 private:
  friend class Connection;
  struct Close {
    void operator()(sqlite3_blob* blob) const noexcept;
  };
  Cell(sqlite3* db, sqlite3_blob* blob) noexcept;
  sqlite3* db_;
  std::unique_ptr<sqlite3_blob, Close> blob_;
  std::size_t size_ = 0;
  std::string read_;
};

class Connection {
 public:
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  // The file must exist (an empty one is a new database) and is opened read and write.
  // Errors: also not_sqlcipher (a library that does not encrypt).
  static Result<Connection> open(const std::string& path, const crypto::StoreKey& key);

  // SQL is compiled once; values are bound, never pasted into the text.
  Result<Statement> prepare(std::string_view sql);
  // The same, kept for the next use of the same literal. One user at a time of one SQL text: it is
  // handed out reset.
  Result<Statement*> use(const char* literal);
  Result<void> execute(const char* sql);  // no parameters, rows are dropped

  // A copy of the whole database under another key, in `path`: an empty file, which no connection
  // has open. Every page is written anew, so that nothing of it opens under the old key.
  Result<void> export_to(const std::string& path, const crypto::StoreKey& key);

  // Errors: also not_found (no such row).
  Result<Cell> cell(const char* table, const char* column, std::int64_t row);

  std::int64_t last_row() const noexcept;  // rowid of the last insert

  // The words of a text as the search index has them, one space between them.
  Result<std::string> folded_words(std::string_view text) const;
  sqlite3* handle() const noexcept { return db_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const noexcept;
  };
  explicit Connection(sqlite3* db);
  std::unique_ptr<sqlite3, Close> db_;
  std::map<const char*, std::unique_ptr<Statement>> kept_;  // finalised before db_ closes
};

class Statement {
 public:
  // Indices count from 1, as in SQL (?1). A view must stay valid until the next reset or the last
  // step. A failed bind is reported by step, so that binds can be chained.
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, ByteView value);
  Statement& bind(int index, std::string_view value);
  // For a function of ours, which asks for this type; no other can read it.
  Statement& bind_pointer(int index, void* pointer, const char* type);

  // true: a row is ready. false: done, and the statement is ready to be bound again.
  Result<bool> step();
  // For statements that give no rows.
  Result<void> run();
  // Ends a query before its last row.
  void reset() noexcept;

  // Columns count from 0. Views are valid until the next step, reset or destruction.
  std::int64_t int64(int column) const noexcept;
  ByteView blob(int column) const noexcept;
  std::string_view text(int column) const noexcept;
  double real(int column) const noexcept;

 private:
  friend class Connection;
  struct Finalize {
    void operator()(sqlite3_stmt* s) const noexcept;
  };
  explicit Statement(sqlite3_stmt* s) : stmt_(s) {}
  void note(int status) noexcept;
  std::unique_ptr<sqlite3_stmt, Finalize> stmt_;
  int bind_status_ = 0;  // first failing bind, SQLITE_OK otherwise
};

// Rolls back unless commit() returned success.
class Transaction {
 public:
  static Result<Transaction> begin(Connection& db);
  Transaction(Transaction&& other) noexcept : db_(other.db_) { other.db_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Connection& db) noexcept : db_(&db) {}
  Connection* db_;  // null once committed or moved from
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_SQLITE_HPP
