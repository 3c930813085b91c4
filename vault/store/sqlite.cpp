// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/sqlite.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>

#include "vault/store/ranking.hpp"
#include "vault/store/tokenizer.hpp"

namespace coffret::store {
namespace {

errc translate(sqlite3* db, int status) {
  switch (status & 0xff) {
    case SQLITE_FULL:
      return errc::disk_full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return errc::in_use;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return errc::io;
    case SQLITE_IOERR:
      if (db != nullptr && ::sqlite3_system_errno(db) == ENOSPC) return errc::disk_full;
      return status == SQLITE_IOERR_DATA || status == SQLITE_IOERR_CORRUPTFS ? errc::damaged
                                                                             : errc::io;
    case SQLITE_MISUSE:
      return errc::internal;
    default:
      // NOTADB, CORRUPT, and ERROR or NOMEM, which is what SQLCipher leaves when a page fails its
      // MAC (SQLite knows no better of a codec that fails). Our own SQL is right: the tests run
      // every statement.
      return errc::damaged;
  }
}

// SQLCipher would write page numbers to standard error; the error goes to our caller instead.
constexpr const char* quiet = "PRAGMA cipher_log_level = NONE";

// In this order: the cipher's settings count only between the key and the first read.
constexpr const char* cipher_settings =
    "PRAGMA cipher_page_size = 8192;"
    "PRAGMA cipher_hmac_algorithm = HMAC_SHA256;"
    // ON wipes every buffer of SQLite's and makes text search ten times slower; the process is not
    // dumpable, and keys live in guarded memory.
    "PRAGMA cipher_memory_security = OFF;";

// One process per vault (the lock file). Before the first read: then WAL's index is in memory, and
// a vault on a full disk still opens, since there is no -shm file to make.
constexpr const char* ours_alone = "PRAGMA locking_mode = EXCLUSIVE";

constexpr const char* settings =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cache_size = -65536;";  // KiB

}  // namespace

void Connection::Close::operator()(sqlite3* db) const noexcept {
  (void)::sqlite3_close_v2(db);
}

Connection::Connection(sqlite3* db) : db_(db) {}
Connection::Connection(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const std::string& path, const crypto::StoreKey& key) {
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
  const int opened = ::sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Connection db{raw};  // owns the handle even when opening failed, as SQLite asks
  if (opened != SQLITE_OK) return translate(raw, opened);
  (void)::sqlite3_extended_result_codes(raw, 1);

  COFFRET_CHECK(db.execute(quiet));
  const auto literal = crypto::sqlcipher_key_literal(key);
  const auto bytes = literal.expose();
  const int keyed = ::sqlite3_key_v2(raw, "main", bytes.data(), static_cast<int>(bytes.size()));
  if (keyed != SQLITE_OK) return translate(raw, keyed);
  {
    COFFRET_TRY(auto version, db.prepare("PRAGMA cipher_version"));
    COFFRET_TRY(const bool encrypts, version.step());
    if (!encrypts) return errc::not_sqlcipher;
  }
  COFFRET_CHECK(db.execute(cipher_settings));
  COFFRET_CHECK(db.execute(ours_alone));
  // A wrong key is noticed at the first page that is read.
  COFFRET_CHECK(db.execute("SELECT count(*) FROM sqlite_master"));
  COFFRET_CHECK(db.execute(settings));
  COFFRET_CHECK(register_tokenizer(raw));
  COFFRET_CHECK(register_ranking(raw));
  return db;
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int status = ::sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (status != SQLITE_OK) return translate(db_.get(), status);
  return Statement{raw};
}

Result<Statement*> Connection::use(const char* literal) {
  auto& kept = kept_[literal];
  if (kept) {
    kept->reset();
    return kept.get();
  }
  COFFRET_TRY(auto fresh, prepare(literal));
  kept = std::make_unique<Statement>(std::move(fresh));
  return kept.get();
}

Result<void> Connection::execute(const char* sql) {
  const int status = ::sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
  if (status != SQLITE_OK) return translate(db_.get(), status);
  return {};
}

void Cell::Close::operator()(sqlite3_blob* blob) const noexcept {
  (void)::sqlite3_blob_close(blob);
}

Cell::Cell(sqlite3* db, sqlite3_blob* blob) noexcept
    : db_(db), blob_(blob), size_(static_cast<std::size_t>(::sqlite3_blob_bytes(blob))) {}

Result<std::string_view> Cell::start(std::size_t size) {
  size = std::min(size, size_);
  const std::size_t have = read_.size();
  if (have < size) {
    read_.resize(size);
    const int status = ::sqlite3_blob_read(blob_.get(), read_.data() + have,
                                           static_cast<int>(size - have), static_cast<int>(have));
    if (status != SQLITE_OK) {
      read_.resize(have);
      return translate(db_, status);
    }
  }
  return std::string_view{read_}.substr(0, size);
}

Result<Cell> Connection::cell(const char* table, const char* column, std::int64_t row) {
  sqlite3_blob* raw = nullptr;
  const int status = ::sqlite3_blob_open(db_.get(), "main", table, column, row, 0, &raw);
  if (status == SQLITE_ERROR)
    return errc::not_found;  // what SQLite says of a row that is not there
  if (status != SQLITE_OK) return translate(db_.get(), status);
  return Cell{db_.get(), raw};
}

Result<std::string> Connection::folded_words(std::string_view text) const {
  return store::folded_words(db_.get(), text);
}

Result<void> Connection::export_to(const std::string& path, const crypto::StoreKey& key) {
  // An attached database takes the defaults, which are the library's: the same as ours, always.
  COFFRET_CHECK(
      execute("PRAGMA cipher_default_page_size = 8192;"
              "PRAGMA cipher_default_hmac_algorithm = HMAC_SHA256;"));
  {
    const auto literal = crypto::sqlcipher_key_literal(key);
    COFFRET_TRY(auto attach, prepare("ATTACH DATABASE ?1 AS fresh KEY ?2"));
    COFFRET_CHECK(attach.bind(1, std::string_view{path}).bind(2, as_text(literal.expose())).run());
  }
  const auto copied = execute(
      "PRAGMA fresh.synchronous = FULL;"
      "SELECT sqlcipher_export('fresh');");
  const auto detached = execute("DETACH DATABASE fresh");
  if (copied.has_error()) return copied.error();
  return detached;
}

std::int64_t Connection::last_row() const noexcept {
  return ::sqlite3_last_insert_rowid(db_.get());
}

void Statement::Finalize::operator()(sqlite3_stmt* s) const noexcept {
  (void)::sqlite3_finalize(s);
}

void Statement::note(int status) noexcept {
  if (bind_status_ == SQLITE_OK) bind_status_ = status;
}

Statement& Statement::bind(int index, std::int64_t value) {
  note(::sqlite3_bind_int64(stmt_.get(), index, value));
  return *this;
}

// An empty view may have no address, which SQLite would take for NULL.
Statement& Statement::bind(int index, ByteView value) {
  note(value.empty()
           ? ::sqlite3_bind_zeroblob(stmt_.get(), index, 0)
           : ::sqlite3_bind_blob64(stmt_.get(), index, value.data(), value.size(), SQLITE_STATIC));
  return *this;
}

Statement& Statement::bind(int index, std::string_view value) {
  note(::sqlite3_bind_text64(stmt_.get(), index, value.empty() ? "" : value.data(), value.size(),
                             SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_pointer(int index, void* pointer, const char* type) {
  note(::sqlite3_bind_pointer(stmt_.get(), index, pointer, type, nullptr));
  return *this;
}

Result<bool> Statement::step() {
  sqlite3* const db = ::sqlite3_db_handle(stmt_.get());
  if (bind_status_ != SQLITE_OK) {
    const int failed = bind_status_;
    reset();
    return translate(db, failed);
  }
  const int status = ::sqlite3_step(stmt_.get());
  if (status == SQLITE_ROW) return true;
  const errc error = status == SQLITE_DONE ? errc::ok : translate(db, status);
  reset();
  if (error != errc::ok) return error;
  return false;
}

Result<void> Statement::run() {
  COFFRET_TRY(const bool row, step());
  if (row) reset();
  return {};
}

void Statement::reset() noexcept {
  (void)::sqlite3_reset(stmt_.get());  // repeats the error that step reported
  (void)::sqlite3_clear_bindings(stmt_.get());
  bind_status_ = SQLITE_OK;
}

std::int64_t Statement::int64(int column) const noexcept {
  return ::sqlite3_column_int64(stmt_.get(), column);
}

ByteView Statement::blob(int column) const noexcept {
  const auto* data = static_cast<const std::uint8_t*>(::sqlite3_column_blob(stmt_.get(), column));
  return {data, data == nullptr
                    ? 0
                    : static_cast<std::size_t>(::sqlite3_column_bytes(stmt_.get(), column))};
}

std::string_view Statement::text(int column) const noexcept {
  return as_text(blob(column));
}

double Statement::real(int column) const noexcept {
  return ::sqlite3_column_double(stmt_.get(), column);
}

Result<Transaction> Transaction::begin(Connection& db) {
  COFFRET_CHECK(db.execute("BEGIN IMMEDIATE"));
  return Transaction{db};
}

Transaction::~Transaction() {
  if (db_ != nullptr) (void)db_->execute("ROLLBACK");
}

Result<void> Transaction::commit() {
  COFFRET_CHECK(db_->execute("COMMIT"));
  db_ = nullptr;
  return {};
}

}  // namespace coffret::store
