// SPDX-License-Identifier: EUPL-1.2
//
// sqlite_engine.hpp: one SQLite file with group commit.
//
// Writers queue; one thread runs what has queued up in one transaction, a savepoint each, commits
// it with one fsync and then lets every writer go: what write() returned is on disk. A write that
// fails is undone alone. Readers have connections of their own (WAL) and see what was committed
// when they began.
// Threads: any. The function given to write() runs on the writer's thread and must not call back.
// Errors: those of the function given, and of sqlite.hpp; internal (it threw); stopping.
#ifndef COFFRET_SYNC_SERVER_SQLITE_ENGINE_HPP
#define COFFRET_SYNC_SERVER_SQLITE_ENGINE_HPP

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "sync/server/sqlite.hpp"

namespace coffret::server {

class SqliteEngine {
 public:
  // `schema` is executed once in a transaction of its own; it must be repeatable.
  static Result<std::unique_ptr<SqliteEngine>> open(std::string path, const char* schema);
  ~SqliteEngine();  // runs what is queued, then stops

  template <class F>
  std::invoke_result_t<F, Connection&> write(F&& act) {
    std::optional<std::invoke_result_t<F, Connection&>> result;
    const errc outcome = submit([&](Connection& c) {
      result.emplace(act(c));
      return result->has_error() ? to_errc(result->error()) : errc::ok;
    });
    if (outcome != errc::ok) return outcome;
    return std::move(*result);
  }

  template <class F>
  std::invoke_result_t<F, Connection&> read(F&& act) {
    auto connection = borrow();
    if (connection.has_error()) return connection.error();
    auto result = act(**connection);
    give_back(std::move(*connection));
    return result;
  }

 private:
  struct Job {
    std::function<errc(Connection&)> act;
    errc outcome = errc::ok;
    bool done = false;
  };

  SqliteEngine(std::string path, Connection writer);
  errc submit(std::function<errc(Connection&)> act);
  void run_writer();
  errc outcome_of(const Job& job);
  void run_batch(const std::vector<Job*>& batch);
  Result<std::unique_ptr<Connection>> borrow();
  void give_back(std::unique_ptr<Connection> connection);

  const std::string path_;
  Connection writer_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable queued_;
  std::condition_variable finished_;
  std::vector<Job*> queue_;
  bool stopping_ = false;
  std::vector<std::unique_ptr<Connection>> readers_;
  std::thread thread_;
};

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_SQLITE_ENGINE_HPP
