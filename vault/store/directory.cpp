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

Result<Directory> Directory::open(const std::string& path, Disk& disk) {
  Directory directory{path};
  COFFRET_TRY(const bool keyslot, exists(disk, directory.keyslot()));
  COFFRET_TRY(const bool half_made, exists(disk, directory.file(unfinished)));
  COFFRET_TRY(const bool database, exists(disk, directory.database()));
  if (!keyslot && (half_made || !database)) return errc::never_initialised;
  // Its key is gone: nothing may be made in its place while the sealed data lie there.
  if (!keyslot) return errc::damaged;
  COFFRET_CHECK(directory.take());
  return directory;
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
  COFFRET_CHECK(directory.clear(disk));
  COFFRET_CHECK(disk.make_directory(directory.objects()));
  return directory;
}

Result<void> Directory::clear(Disk& disk) const {
  for (const auto* name : {"head", "store.json", "store.db", "store.db-wal", "store.db-journal"})
    COFFRET_CHECK(disk.remove(file(name)));
  const auto objects_there = disk.list(objects());
  if (objects_there.has_value())
    for (const auto& name : *objects_there) COFFRET_CHECK(disk.remove(objects() + "/" + name));
  return {};
}

Result<void> Directory::finish(ByteView keyslot_file, Disk& disk) const {
  COFFRET_CHECK(disk.replace(file(unfinished), keyslot_file));
  return disk.move(file(unfinished), keyslot());
}

}  // namespace coffret::store
