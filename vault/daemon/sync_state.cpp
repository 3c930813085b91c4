// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/sync_state.hpp"

namespace coffret::daemon {

SyncState::SyncState(Disk& disk, const std::string& directory)
    : disk_(disk), path_(directory + "/sync_paused"), paused_(disk.size(path_).has_value()) {}

Result<void> SyncState::pause() {
  COFFRET_CHECK(disk_.replace(path_, {}));
  paused_ = true;
  return {};
}

Result<void> SyncState::resume() {
  COFFRET_CHECK(disk_.remove(path_));
  paused_ = false;
  return {};
}

void SyncState::ended(errc error, Timestamp at) {
  const std::lock_guard guard{mutex_};
  stop_.reset();
  if (error != errc::ok) stop_ = Stop{error, at};
}

std::optional<SyncState::Stop> SyncState::last_stop() const {
  const std::lock_guard guard{mutex_};
  return stop_;
}

}  // namespace coffret::daemon
