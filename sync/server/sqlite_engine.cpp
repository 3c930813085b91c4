// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/sqlite_engine.hpp"

namespace coffret::server {
namespace {

constexpr std::size_t kept_readers = 32;  // connections

Result<Connection> open_wal(const std::string& path) {
  COFFRET_TRY(Connection connection, Connection::open(path));
  COFFRET_CHECK(
      connection.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                         "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                         "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"));
  return connection;
}

}  // namespace

Result<std::unique_ptr<SqliteEngine>> SqliteEngine::open(std::string path, const char* schema) {
  COFFRET_TRY(Connection writer, open_wal(path));
  COFFRET_CHECK(writer.execute("BEGIN IMMEDIATE"));
  COFFRET_CHECK(writer.execute(schema));
  COFFRET_CHECK(writer.execute("COMMIT"));
  return std::unique_ptr<SqliteEngine>{new SqliteEngine{std::move(path), std::move(writer)}};
}

SqliteEngine::SqliteEngine(std::string path, Connection writer)
    : path_(std::move(path)), writer_(std::move(writer)), thread_([this] { run_writer(); }) {}

SqliteEngine::~SqliteEngine() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  queued_.notify_one();
  thread_.join();
}

errc SqliteEngine::submit(std::function<errc(Connection&)> act) {
  Job job{std::move(act)};
  std::unique_lock lock{mutex_};
  if (stopping_) return errc::stopping;
  queue_.push_back(&job);
  queued_.notify_one();
  finished_.wait(lock, [&] { return job.done; });
  return job.outcome;
}

void SqliteEngine::run_writer() {
  std::unique_lock lock{mutex_};
  for (;;) {
    queued_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const std::vector<Job*> batch = std::exchange(queue_, {});
    lock.unlock();
    run_batch(batch);
    lock.lock();
    for (Job* job : batch) job->done = true;
    finished_.notify_all();
  }
}

// What it throws (memory, at worst) is undone with it; the writer goes on.
errc SqliteEngine::outcome_of(const Job& job) {
  try {
    return job.act(writer_);
  } catch (const std::exception&) {
    return errc::internal;
  }
}

void SqliteEngine::run_batch(const std::vector<Job*>& batch) {
  const auto fail_all = [&](const error_code& error) {
    (void)writer_.execute("ROLLBACK");
    for (Job* job : batch) job->outcome = to_errc(error);
  };
  if (const auto begun = writer_.execute("BEGIN IMMEDIATE"); begun.has_error())
    return fail_all(begun.error());
  for (Job* job : batch) {
    auto marked = writer_.execute("SAVEPOINT act");
    if (marked.has_error()) return fail_all(marked.error());
    job->outcome = outcome_of(*job);
    auto closed =
        writer_.execute(job->outcome == errc::ok ? "RELEASE act" : "ROLLBACK TO act; RELEASE act");
    if (closed.has_error()) return fail_all(closed.error());
  }
  if (const auto committed = writer_.execute("COMMIT"); committed.has_error())
    fail_all(committed.error());
}

Result<std::unique_ptr<Connection>> SqliteEngine::borrow() {
  {
    const std::lock_guard lock{mutex_};
    if (!readers_.empty()) {
      auto connection = std::move(readers_.back());
      readers_.pop_back();
      return connection;
    }
  }
  COFFRET_TRY(Connection fresh, open_wal(path_));
  return std::make_unique<Connection>(std::move(fresh));
}

void SqliteEngine::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock{mutex_};
  if (readers_.size() < kept_readers) readers_.push_back(std::move(connection));
}

}  // namespace coffret::server
