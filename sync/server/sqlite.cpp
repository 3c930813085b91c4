// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/sqlite.hpp"

#include <sqlite3.h>

#include <utility>

namespace coffret::server {
namespace {

constexpr int busy_timeout = 10'000;  // milliseconds: another process's command beside `serve`

errc translate(int code) noexcept {
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return errc::ok;
    case SQLITE_FULL:
      return errc::disk_full;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return errc::damaged;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return errc::in_use;
    case SQLITE_CONSTRAINT:
      return errc::conflict;
    default:
      return errc::io;
  }
}

}  // namespace

Query::Query(Query&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      next_(other.next_),
      status_(other.status_) {}

Query::~Query() {
  if (statement_ == nullptr) return;
  ::sqlite3_reset(statement_);
  ::sqlite3_clear_bindings(statement_);
}

void Query::bind(std::int64_t value) noexcept {
  if (statement_ != nullptr && status_ == SQLITE_OK)
    status_ = ::sqlite3_bind_int64(statement_, next_++, value);
}

void Query::bind(ByteView value) noexcept {
  // An empty view may have a null pointer, which SQLite would store as NULL.
  static constexpr std::uint8_t nothing = 0;
  const void* data = value.empty() ? &nothing : value.data();
  if (statement_ != nullptr && status_ == SQLITE_OK)
    status_ = ::sqlite3_bind_blob64(statement_, next_++, data, value.size(), SQLITE_TRANSIENT);
}

void Query::bind(std::string_view text) noexcept {
  if (statement_ != nullptr && status_ == SQLITE_OK)
    status_ = ::sqlite3_bind_text64(statement_, next_++, text.data(), text.size(), SQLITE_TRANSIENT,
                                    SQLITE_UTF8);
}

Result<bool> Query::step() {
  if (statement_ == nullptr) return errc::io;
  if (status_ != SQLITE_OK) return translate(status_);
  const int code = ::sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  ::sqlite3_reset(statement_);
  if (code == SQLITE_DONE) return false;
  return translate(code);
}

Result<void> Query::run() {
  COFFRET_CHECK(step());
  return {};
}

Result<std::int64_t> Query::change() {
  COFFRET_CHECK(step());
  return std::int64_t{::sqlite3_changes(::sqlite3_db_handle(statement_))};
}

std::int64_t Query::integer(int column) const noexcept {
  return ::sqlite3_column_int64(statement_, column);
}

ByteView Query::blob(int column) const noexcept {
  const void* data = ::sqlite3_column_blob(statement_, column);
  return {static_cast<const std::uint8_t*>(data),
          static_cast<std::size_t>(::sqlite3_column_bytes(statement_, column))};
}

void Connection::Close::operator()(sqlite3* db) const noexcept {
  (void)::sqlite3_close_v2(db);
}

void Connection::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  (void)::sqlite3_finalize(statement);
}

Result<Connection> Connection::open(const std::string& path) {
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                    SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
  const int opened = ::sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Connection connection{raw};  // owns the handle even when opening failed, as SQLite asks
  if (opened != SQLITE_OK) return translate(opened);
  if (::sqlite3_busy_timeout(raw, busy_timeout) != SQLITE_OK) return errc::io;
  return connection;
}

Result<void> Connection::copy_to(const std::string& path) {
  COFFRET_TRY(const Connection copy, open(path));
  sqlite3_backup* backup = ::sqlite3_backup_init(copy.db_.get(), "main", db_.get(), "main");
  if (backup == nullptr) return translate(::sqlite3_errcode(copy.db_.get()));
  // In one step: one snapshot, and nothing that a writer does can make it begin again.
  const int stepped = ::sqlite3_backup_step(backup, -1);
  const int finished = ::sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE) return translate(stepped);
  if (finished != SQLITE_OK) return translate(finished);
  return {};
}

Result<void> Connection::execute(const char* sql) {
  const int code = ::sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return translate(code);
  return {};
}

// A checkpoint that could not be done is no error to SQLite: it says so in its first column.
Result<void> Connection::empty_log() {
  auto q = query("PRAGMA wal_checkpoint(TRUNCATE)");
  COFFRET_TRY(const bool told, q.step());
  return told && q.integer(0) == 0 ? Result<void>{} : Result<void>{errc::in_use};
}

sqlite3_stmt* Connection::prepared(const char* sql) {
  auto& kept = statements_[sql];
  if (!kept) {
    sqlite3_stmt* raw = nullptr;
    (void)::sqlite3_prepare_v3(db_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    kept.reset(raw);
  }
  return kept.get();
}

}  // namespace coffret::server
