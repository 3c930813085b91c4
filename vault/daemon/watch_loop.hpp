// SPDX-License-Identifier: EUPL-1.2
//
// watch_loop.hpp: the thread that looks at the watched folders: when inotify says that something
// was written there, and until it has settled; every two seconds where inotify is not to be had.
//
// Ownership: the Watcher outlives the loop. Threads: starts one; the destructor ends and joins it.
#ifndef COFFRET_VAULT_DAEMON_WATCH_LOOP_HPP
#define COFFRET_VAULT_DAEMON_WATCH_LOOP_HPP

#include <string>
#include <thread>
#include <vector>

#include "vault/daemon/local_socket.hpp"
#include "vault/daemon/watcher.hpp"

namespace coffret::daemon {

class WatchLoop {
 public:
  explicit WatchLoop(Watcher& watcher);
  ~WatchLoop();
  WatchLoop(const WatchLoop&) = delete;
  WatchLoop& operator=(const WatchLoop&) = delete;

 private:
  void run();
  void follow(const std::vector<std::string>& directories);
  bool drain();

  Watcher& watcher_;
  Descriptor stop_;                    // readable: end
  Descriptor changes_;                 // inotify; empty where there is none
  std::vector<std::string> followed_;  // by changes_
  std::thread thread_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_WATCH_LOOP_HPP
