// SPDX-License-Identifier: EUPL-1.2
//
// watcher.hpp: watched folders: files that settle there are imported, then moved or left.
//
// Works while the vault is unlocked and never keeps it so: only an import counts as use. What could
// not be read stays where it is. After a restart a file that was left is looked at once more and
// found to be a duplicate.
// Errors of the calls: locked, and those of watched_folders.hpp.
// Ownership: the Service outlives the Watcher.
// Threads: all calls from any thread; look() from one.
#ifndef COFFRET_VAULT_DAEMON_WATCHER_HPP
#define COFFRET_VAULT_DAEMON_WATCHER_HPP

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "vault/daemon/settling.hpp"
#include "vault/daemon/watched_folders.hpp"

namespace coffret::daemon {

class Service;

class Watcher {
 public:
  using Time = Settling::Time;

  explicit Watcher(Service& service) noexcept : service_(service) {}

  // A folder already watched is watched in the new way.
  Result<void> watch(const WatchedFolder& folder);
  // Errors: not_found.
  Result<void> stop(const std::string& directory);
  // Each folder: directory, move_to, person_id, counts and the last results.
  Result<std::vector<boost::json::object>> list();

  // Looks at every folder once and imports what has settled.
  void look(Time now);
  // The folders, while the vault is unlocked; none otherwise.
  std::vector<std::string> directories();
  // Whether a file will settle without another change: look again soon.
  bool waiting();

 private:
  struct Folder {
    WatchedFolder settings;
    Settling settling;
    std::map<std::string, std::uint64_t, std::less<>> counts;  // by outcome
    boost::json::array last;                                   // results, newest last
  };

  Result<void> load();  // mutex_ is held
  Result<void> keep();
  void forget();
  void look_at(const std::string& directory, Time now);
  // `not_now`: the vault could not take it; it is tried again at the next look. `changed`: it was
  // written while it was imported.
  enum class Taken : std::uint8_t { done, changed, not_now };
  Taken take(const WatchedFolder& folder, const std::string& name);
  void remember(const std::string& directory, boost::json::object row);

  Service& service_;
  std::mutex mutex_;
  bool loaded_ = false;
  std::map<std::string, Folder> folders_;  // by directory
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_WATCHER_HPP
