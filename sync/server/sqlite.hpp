// SPDX-License-Identifier: EUPL-1.2
//
// sqlite.hpp: Debian's SQLite as the server uses it. What it stores is sealed before it arrives;
// encrypting the disk below is the operator's.
//
// A Query is one prepared statement in use; while it lives, the same SQL text cannot be queried
// again on its Connection. Neither is thread-safe.
// Errors: disk_full, damaged (not a database, or corrupt), in_use (a writer holds it too long), io.
#ifndef COFFRET_SYNC_SERVER_SQLITE_HPP
#define COFFRET_SYNC_SERVER_SQLITE_HPP

#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"
#include "coffret/ids.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace coffret::server {

class Query {
 public:
  explicit Query(sqlite3_stmt* statement) noexcept : statement_(statement) {}
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();  // resets the statement and forgets its parameters

  // Parameters in the order of ?1, ?2 …; bytes are copied. The first failure is told by step().
  void bind(std::int64_t value) noexcept;
  void bind(ByteView value) noexcept;
  void bind(std::string_view text) noexcept;
  template <class T>
  requires(std::integral<T> && !std::same_as<T, std::int64_t>) void bind(T value) noexcept {
    bind(static_cast<std::int64_t>(value));
  }
  void bind(const Bytes& value) noexcept { bind(ByteView{value}); }
  template <std::size_t N, class Tag>
  void bind(const Id<N, Tag>& id) noexcept {
    bind(id.view());
  }

  Result<bool> step();  // true: a row is ready
  Result<void> run();   // a statement that gives no rows
  // Runs it and tells how many rows it changed.
  Result<std::int64_t> change();

  // Columns of the current row, counted from 0. Views last until the next step.
  std::int64_t integer(int column) const noexcept;
  template <std::unsigned_integral T>
  T number(int column) const noexcept {
    return static_cast<T>(integer(column));
  }
  ByteView blob(int column) const noexcept;
  template <class IdType>
  void read(int column, IdType& id) const noexcept {
    const ByteView raw = blob(column);
    if (raw.size() == IdType::size) std::copy(raw.begin(), raw.end(), id.bytes.begin());
  }

 private:
  sqlite3_stmt* statement_;  // null: could not be prepared, or moved from
  int next_ = 1;
  int status_ = 0;
};

class Connection {
 public:
  // Opens or creates; never follows a link.
  static Result<Connection> open(const std::string& path);

  // The database as it is now, also beside another writer, as a new file of mode 0600.
  Result<void> copy_to(const std::string& path);

  Result<void> execute(const char* sql);  // one or more statements without parameters or rows

  // Everything is in the file when this returns, and the write-ahead log is empty.
  // Errors: also in_use (another connection still reads an older state, or writes).
  Result<void> empty_log();

  // `sql` must be a literal: its text is the key under which the compiled statement is kept.
  template <class... Args>
  Query query(const char* sql, const Args&... args) {
    Query q{prepared(sql)};
    (q.bind(args), ...);
    return q;
  }

 private:
  struct Close {
    void operator()(sqlite3* db) const noexcept;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  explicit Connection(sqlite3* db) : db_(db) {}
  sqlite3_stmt* prepared(const char* sql);

  std::unique_ptr<sqlite3, Close> db_;
  std::map<std::string_view, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_SQLITE_HPP
