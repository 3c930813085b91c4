// SPDX-License-Identifier: EUPL-1.2
//
// history_reading.hpp: the history before the checkpoint that this device began at, read from the
// server in the background of an open vault (store/history.hpp).
//
// It goes on while nothing else asks the server: a sync, a pause or a lock ends it within a page,
// and what was read stays. When what it finds contradicts the checkpoint, or the server shows
// another history, that is fork_detected or server_rolled_back like any other, with its evidence;
// the evidence is not settled by a sync while the checkpoint stands contradicted.
// Errors: not_joined, locked, those of client::Server and of store::History.
// Threads: any; one reads at a time.
#ifndef COFFRET_VAULT_DAEMON_HISTORY_READING_HPP
#define COFFRET_VAULT_DAEMON_HISTORY_READING_HPP

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "vault/daemon/commands.hpp"

namespace coffret::daemon {

// The command "history read", of this daemon to itself: until all is read, or something else wants
// the server. Result: what tell_history says.
Result<Object> history_read(Call& call);

// "complete"; and where it is not, "read" and "of" (entries), and whether it is "contradicted", by
// the device of which name ("writer").
Object told_history(store::Vault& vault);

// Reads while it lives, unless the vault is locked; after a failure not before a while.
class HistoryThread {
 public:
  explicit HistoryThread(Service& service);
  ~HistoryThread();
  HistoryThread(const HistoryThread&) = delete;
  HistoryThread& operator=(const HistoryThread&) = delete;

 private:
  void run();
  bool looks();
  std::chrono::milliseconds read();

  Service& service_;
  std::chrono::milliseconds after_failure_;  // used by the thread alone
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_HISTORY_READING_HPP
