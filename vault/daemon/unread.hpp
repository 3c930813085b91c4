// SPDX-License-Identifier: EUPL-1.2
//
// unread.hpp: reading what came from the server: text is never synced, so each device reads the
// bodies itself, by its confined reader. A sync reads them at its end; after a rebuild, or a sync
// that was cut, they are read in the background of an open vault. So is what an older release's
// reader read (store/schema.hpp), of which the words that were recognised in pictures stay.
//
// A file that is refused for what it is counts as read, and loses nothing that was known of it.
// Where the reader dies, is late or cannot be confined, the file stays unread: it is tried again by
// the next sync, the next unlock, and every ten minutes; many such in a row end a pass.
//
// Errors: locked; those of the vault.
// Threads: any; two that read at once share the work, a few documents at a time.
#ifndef COFFRET_VAULT_DAEMON_UNREAD_HPP
#define COFFRET_VAULT_DAEMON_UNREAD_HPP

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "vault/daemon/service.hpp"

namespace coffret::daemon {

using Unreadable = std::set<DocumentId>;

// Reads until none is left, too many fail or `stop` says so. `quiet`: not counted as use. `known`:
// not to be tried; those that fail are added.
Result<void> read_unread(Service& service, bool quiet, const std::function<bool()>& stop,
                         Unreadable* known = nullptr);

// Looks for unread documents every few seconds while it lives, unless the vault is locked.
class UnreadThread {
 public:
  explicit UnreadThread(Service& service);
  ~UnreadThread();
  UnreadThread(const UnreadThread&) = delete;
  UnreadThread& operator=(const UnreadThread&) = delete;

 private:
  void run();
  bool ending() const;
  bool looks();

  Service& service_;
  Unreadable failed_;  // used by the thread alone, as the two times
  std::chrono::steady_clock::time_point again_{}, tired_until_{};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_UNREAD_HPP
