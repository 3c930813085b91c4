// SPDX-License-Identifier: EUPL-1.2
//
// sync_state.hpp: whether a sync runs, whether the person paused it, and why the last one stopped.
//
// The pause is a file of the vault directory, so that it holds across restarts; it holds nothing.
// Errors: those of the disk. Threads: any. Ownership: borrows the disk.
#ifndef COFFRET_VAULT_DAEMON_SYNC_STATE_HPP
#define COFFRET_VAULT_DAEMON_SYNC_STATE_HPP

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "coffret/disk.hpp"
#include "coffret/error.hpp"
#include "coffret/time.hpp"

namespace coffret::daemon {

class SyncState {
 public:
  struct Stop {
    errc error = errc::ok;
    Timestamp at;
  };

  SyncState(Disk& disk, const std::string& directory);

  // While one lives, a sync or a rebuild moves bodies: what reads documents in the background
  // waits, since both want all of the machine.
  class Running {
   public:
    explicit Running(SyncState& state) : state_(state) { ++state_.running_; }
    ~Running() { --state_.running_; }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    SyncState& state_;
  };
  bool running() const noexcept { return running_ > 0; }

  bool paused() const noexcept { return paused_; }
  // Durable when it returns; a running sync stops within a moment.
  Result<void> pause();
  Result<void> resume();

  void ended(errc error, Timestamp at);  // ok: all went well
  std::optional<Stop> last_stop() const;

 private:
  Disk& disk_;
  const std::string path_;
  std::atomic<bool> paused_;
  std::atomic<unsigned> running_{0};
  mutable std::mutex mutex_;  // guards stop_
  std::optional<Stop> stop_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SYNC_STATE_HPP
