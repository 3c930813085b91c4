// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace coffret::store {
namespace {

constexpr std::string_view unfinished = "unfinished";
constexpr std::string_view being_made = "rekey";
constexpr std::string_view taking_over = "rekeyed";

// What Disk::replace had begun when the power went: it was never read, and never will be.
bool is_half_written(std::string_view name) {
  constexpr std::string_view half = ".new";
  if (!name.ends_with(half)) return false;
  name.remove_suffix(half.size());
  for (const std::string_view ours :
       {"keyslot", "recovery-slot", "head", "store.json", "store.db", "last_sync", "last_backup",
        "last_proven_restore", "sync_paused", "freshness", "retired", "watched", "unfinished",
        "history", "giving"})
    if (name == ours) return true;
  return name.starts_with("fork-evidence-") || name.starts_with("branch-");
}

Result<bool> exists(const Disk& disk, const std::string& path) {
  const auto size = disk.size(path);
  if (size.has_value()) return true;
  if (size.error() == errc::not_found) return false;
  return size.error();
}

}  // namespace

Directory::Lock::~Lock() {
  (void)::close(fd_);  // releases the lock
}

Result<void> Directory::take() {
  struct stat info {};
  if (::stat(path_.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return errc::io;
  if (info.st_uid != ::geteuid() || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return errc::unsafe_location;
  const int fd = ::open(file("lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return errno == ENOSPC ? errc::disk_full : errc::io;
  lock_ = std::make_unique<Lock>(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return errno == EWOULDBLOCK ? errc::in_use : errc::io;
  return {};
}

Result<Directory> Directory::open(const std::string& path, Disk& disk, Keyslot use) {
  Directory directory{path};
  COFFRET_TRY(const bool keyslot, exists(disk, directory.keyslot()));
  COFFRET_TRY(const bool half_made, exists(disk, directory.file(unfinished)));
  COFFRET_TRY(const bool database, exists(disk, directory.database()));
  if (!keyslot && (half_made || !database)) return errc::never_initialised;
  // Its key is gone: nothing may be made in its place while the sealed data lie there.
  if (!keyslot && use == Keyslot::needed) return errc::keyslot_damaged;
  COFFRET_CHECK(directory.take());
  directory.remove_half_written(disk);
  COFFRET_CHECK(directory.settle(disk));
  return directory;
}

// On a disk that is read only what is there is read all the same.
void Directory::remove_half_written(Disk& disk) const {
  const auto names = disk.list(path_);
  if (names.has_error()) return;
  for (const auto& name : *names)
    if (is_half_written(name)) (void)disk.remove(file(name));
}

Result<Directory> Directory::begin(const std::string& path, Disk& disk) {
  Directory directory{path};
  COFFRET_CHECK(disk.make_directory(path));
  COFFRET_CHECK(directory.take());
  COFFRET_TRY(const bool keyslot, exists(disk, directory.keyslot()));
  COFFRET_TRY(const bool half_made, exists(disk, directory.file(unfinished)));
  COFFRET_TRY(const bool database, exists(disk, directory.database()));
  if (keyslot || (database && !half_made)) return errc::already_initialised;
  if (!half_made) COFFRET_CHECK(disk.replace(directory.file(unfinished), {}));
  directory.remove_half_written(disk);
  COFFRET_CHECK(directory.clear(disk));
  COFFRET_CHECK(disk.make_directory(directory.objects()));
  return directory;
}

Result<void> Directory::clear(Disk& disk) const {
  for (const auto* name : {"head", "history", "store.json", "store.db", "store.db-wal",
                           "store.db-journal", "recovery-slot"})
    COFFRET_CHECK(disk.remove(file(name)));
  const auto objects_there = disk.list(objects());
  if (objects_there.has_value())
    for (const auto& name : *objects_there) COFFRET_CHECK(disk.remove(objects() + "/" + name));
  return {};
}

Result<Directory> Directory::beside(Disk& disk) const {
  Directory place{file(being_made)};
  place.home_ = home_;
  COFFRET_CHECK(disk.make_directory(place.path_));
  for (const auto* name :
       {"keyslot", "head", "history", "store.json", "store.db", "store.db-wal", "store.db-journal"})
    COFFRET_CHECK(disk.remove(place.file(name)));
  return place;
}

Result<void> Directory::take_over(Disk& disk) const {
  COFFRET_CHECK(disk.move(file(being_made), file(taking_over)));
  return settle(disk);
}

// The keyslot last: as long as it lies in the place that takes over, this is done again at each
// opening, and what was moved already is no longer there to be moved.
Result<void> Directory::settle(Disk& disk) const {
  Directory place{file(taking_over)};
  COFFRET_TRY(const bool pending, exists(disk, place.keyslot()));
  if (!pending) return {};
  COFFRET_TRY(const bool database, exists(disk, place.database()));
  if (database) {
    // What the old store had not yet written into itself must not be read into the new one.
    COFFRET_CHECK(disk.remove(file("store.db-wal")));
    COFFRET_CHECK(disk.remove(file("store.db-journal")));
    COFFRET_CHECK(disk.move(place.database(), this->database()));
  }
  for (const auto* name : {"store.json", "history", "head", "keyslot"}) {
    COFFRET_TRY(const bool there, exists(disk, place.file(name)));
    if (there) COFFRET_CHECK(disk.move(place.file(name), file(name)));
  }
  return {};
}

Result<void> Directory::finish(ByteView keyslot_file, Disk& disk) const {
  COFFRET_CHECK(disk.replace(file(unfinished), keyslot_file));
  return disk.move(file(unfinished), keyslot());
}

}  // namespace coffret::store
