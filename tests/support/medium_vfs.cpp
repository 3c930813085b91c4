// SPDX-License-Identifier: EUPL-1.2
#include "tests/support/medium_vfs.hpp"

#include <fcntl.h>
#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <new>
#include <string>
#include <thread>

namespace coffret::test {
namespace {

constexpr int page_unit = 4096;  // bytes; what the unix VFS says of a sector

// Locks and the shared index of one database, kept while anybody has it open.
struct Node {
  int users = 0;
  int shared = 0;
  const void* reserved = nullptr;
  const void* exclusive = nullptr;
  std::vector<std::unique_ptr<std::uint8_t[]>> regions;
  std::array<int, SQLITE_SHM_NLOCK> readers{};
  std::array<const void*, SQLITE_SHM_NLOCK> writer{};
};

}  // namespace

class MediumVfs::Shared {
 public:
  explicit Shared(Medium& on) : medium(&on) {}
  Node& node(const std::string& path) { return nodes[path]; }

  Medium* medium;
  std::mutex mutex;  // guards what follows
  std::map<std::string, Node> nodes;
  std::atomic<int> last_error{0};
  std::atomic<std::uint64_t> random{1};
  sqlite3_vfs vfs{};
};

namespace {

using Shared = MediumVfs::Shared;

struct OpenFile {
  sqlite3_file base;
  Shared* shared;
  Medium* medium;
  int fd;
  int level;            // SQLITE_LOCK_…
  bool sync_directory;  // a new journal: its name too is synced, once
  bool maps;            // uses the shared index
  std::uint32_t reads;  // slots of the index held, a bit each
  std::uint32_t writes;
  std::string* path;
};

OpenFile& of(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file);
}

int failed(const OpenFile& file, int code) {
  file.shared->last_error = errno;
  return errno == ENOSPC ? SQLITE_FULL : code;
}

std::string parent(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

bool sync_parent(Medium& medium, const std::string& path) {
  const int fd = medium.open(parent(path).c_str(), O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0) return false;
  const bool done = medium.fsync(fd) == 0;
  (void)medium.close(fd);
  return done;
}

int do_read(sqlite3_file* base, void* into, int size, sqlite3_int64 at) {
  auto& file = of(base);
  const auto n = file.medium->pread(file.fd, into, static_cast<std::size_t>(size), at);
  if (n == size) return SQLITE_OK;
  std::memset(static_cast<char*>(into) + n, 0, static_cast<std::size_t>(size - n));
  return SQLITE_IOERR_SHORT_READ;
}

int do_write(sqlite3_file* base, const void* from, int size, sqlite3_int64 at) {
  auto& file = of(base);
  const auto* bytes = static_cast<const char*>(from);
  (void)file.medium->lseek(file.fd, at);
  while (size > 0) {
    const auto n = file.medium->write(file.fd, bytes, static_cast<std::size_t>(size));
    if (n < 0) return failed(file, SQLITE_IOERR_WRITE);
    bytes += n;
    size -= static_cast<int>(n);
  }
  return SQLITE_OK;
}

int do_truncate(sqlite3_file* base, sqlite3_int64 size) {
  auto& file = of(base);
  return file.medium->ftruncate(file.fd, size) == 0 ? SQLITE_OK
                                                    : failed(file, SQLITE_IOERR_TRUNCATE);
}

int do_sync(sqlite3_file* base, int) {
  auto& file = of(base);
  if (file.medium->fsync(file.fd) != 0) {
    file.shared->last_error = errno;
    return SQLITE_IOERR_FSYNC;
  }
  if (file.sync_directory) {
    // The unix VFS does not look at what this fsync says either.
    (void)sync_parent(*file.medium, *file.path);
    file.sync_directory = false;
  }
  return SQLITE_OK;
}

int do_size(sqlite3_file* base, sqlite3_int64* size) {
  struct stat info {};
  (void)of(base).medium->fstat(of(base).fd, &info);
  *size = info.st_size;
  return SQLITE_OK;
}

int do_lock(sqlite3_file* base, int level) {
  auto& file = of(base);
  const std::lock_guard guard{file.shared->mutex};
  auto& node = file.shared->node(*file.path);
  if (file.level >= level) return SQLITE_OK;
  if (node.exclusive != nullptr && node.exclusive != base) return SQLITE_BUSY;
  if (file.level == SQLITE_LOCK_NONE) ++node.shared;
  if (file.level < SQLITE_LOCK_SHARED) file.level = SQLITE_LOCK_SHARED;
  if (level == SQLITE_LOCK_SHARED) return SQLITE_OK;
  if (node.reserved != nullptr && node.reserved != base) return SQLITE_BUSY;
  if (level == SQLITE_LOCK_EXCLUSIVE && node.shared > 1) return SQLITE_BUSY;
  node.reserved = base;
  if (level == SQLITE_LOCK_EXCLUSIVE) node.exclusive = base;
  file.level = level;
  return SQLITE_OK;
}

int do_unlock(sqlite3_file* base, int level) {
  auto& file = of(base);
  const std::lock_guard guard{file.shared->mutex};
  auto& node = file.shared->node(*file.path);
  if (file.level <= level) return SQLITE_OK;
  if (node.reserved == base) node.reserved = nullptr;
  if (node.exclusive == base) node.exclusive = nullptr;
  if (level == SQLITE_LOCK_NONE) --node.shared;
  file.level = level;
  return SQLITE_OK;
}

int do_check_lock(sqlite3_file* base, int* reserved) {
  auto& file = of(base);
  const std::lock_guard guard{file.shared->mutex};
  *reserved = file.shared->node(*file.path).reserved != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int do_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}

int do_sector(sqlite3_file*) {
  return page_unit;
}

int do_characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;  // what the unix VFS says; Medium tears no neighbours
}

int do_map(sqlite3_file* base, int region, int size, int extend, void volatile** at) {
  auto& file = of(base);
  const std::lock_guard guard{file.shared->mutex};
  auto& node = file.shared->node(*file.path);
  file.maps = true;
  *at = nullptr;
  const auto index = static_cast<std::size_t>(region);
  if (index >= node.regions.size() && extend == 0) return SQLITE_OK;
  while (index >= node.regions.size())
    node.regions.push_back(std::make_unique<std::uint8_t[]>(static_cast<std::size_t>(size)));
  *at = node.regions[index].get();
  return SQLITE_OK;
}

void let_go(OpenFile& file, Node& node, int slot) {
  const auto bit = std::uint32_t{1} << slot;
  const auto index = static_cast<std::size_t>(slot);
  if ((file.reads & bit) != 0) --node.readers[index];
  if ((file.writes & bit) != 0) node.writer[index] = nullptr;
  file.reads &= ~bit;
  file.writes &= ~bit;
}

int do_map_lock(sqlite3_file* base, int first, int count, int flags) {
  auto& file = of(base);
  const std::lock_guard guard{file.shared->mutex};
  auto& node = file.shared->node(*file.path);
  const bool wants = (flags & SQLITE_SHM_LOCK) != 0;
  const bool alone = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  for (int slot = first; wants && slot < first + count; ++slot) {
    const auto index = static_cast<std::size_t>(slot);
    const int mine = (file.reads >> slot) & 1u ? 1 : 0;
    if (node.writer[index] != nullptr && node.writer[index] != base) return SQLITE_BUSY;
    if (alone && node.readers[index] > mine) return SQLITE_BUSY;
  }
  for (int slot = first; slot < first + count; ++slot) {
    const auto index = static_cast<std::size_t>(slot);
    const auto bit = std::uint32_t{1} << slot;
    if (!wants) {
      let_go(file, node, slot);
    } else if (alone) {
      node.writer[index] = base;
      file.writes |= bit;
    } else if ((file.reads & bit) == 0) {
      ++node.readers[index];
      file.reads |= bit;
    }
  }
  return SQLITE_OK;
}

void do_barrier(sqlite3_file* base) {
  const std::lock_guard guard{of(base).shared->mutex};
}

int do_unmap(sqlite3_file* base, int) {
  auto& file = of(base);
  const std::lock_guard guard{file.shared->mutex};
  auto& node = file.shared->node(*file.path);
  for (int slot = 0; slot < SQLITE_SHM_NLOCK; ++slot) let_go(file, node, slot);
  file.maps = false;
  return SQLITE_OK;
}

int do_close(sqlite3_file* base) {
  auto& file = of(base);
  (void)do_unmap(base, 0);
  (void)do_unlock(base, SQLITE_LOCK_NONE);
  {
    const std::lock_guard guard{file.shared->mutex};
    if (--file.shared->node(*file.path).users == 0) file.shared->nodes.erase(*file.path);
  }
  (void)file.medium->close(file.fd);
  delete file.path;
  file.base.pMethods = nullptr;
  return SQLITE_OK;
}

const sqlite3_io_methods methods{2,
                                 do_close,
                                 do_read,
                                 do_write,
                                 do_truncate,
                                 do_sync,
                                 do_size,
                                 do_lock,
                                 do_unlock,
                                 do_check_lock,
                                 do_control,
                                 do_sector,
                                 do_characteristics,
                                 do_map,
                                 do_map_lock,
                                 do_barrier,
                                 do_unmap,
                                 nullptr,
                                 nullptr};

Shared& shared_of(sqlite3_vfs* vfs) {
  return *static_cast<Shared*>(vfs->pAppData);
}

int vfs_open(sqlite3_vfs* vfs, const char* path, sqlite3_file* base, int flags, int* out) {
  base->pMethods = nullptr;
  auto& shared = shared_of(vfs);
  if (path == nullptr) return SQLITE_CANTOPEN;  // temporary files: temp_store is MEMORY everywhere
  auto& medium = *shared.medium;
  struct stat info {};
  const bool fresh = medium.lstat(path, &info) != 0;
  const int how = (flags & SQLITE_OPEN_READWRITE ? O_RDWR : O_RDONLY) |
                  (flags & SQLITE_OPEN_CREATE ? O_CREAT : 0);
  const int fd = medium.open(path, how, 0600);
  if (fd < 0) {
    shared.last_error = errno;
    return SQLITE_CANTOPEN;
  }
  auto& file = of(base);
  constexpr int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
  file = {.base = {&methods},
          .shared = &shared,
          .medium = &medium,
          .fd = fd,
          .level = SQLITE_LOCK_NONE,
          .sync_directory = fresh && (flags & journals) != 0,
          .maps = false,
          .reads = 0,
          .writes = 0,
          .path = new std::string{path}};
  const std::lock_guard guard{shared.mutex};
  ++shared.node(path).users;
  if (out != nullptr) *out = flags;
  return SQLITE_OK;
}

int vfs_delete(sqlite3_vfs* vfs, const char* path, int sync) {
  auto& shared = shared_of(vfs);
  if (shared.medium->unlink(path) != 0) {
    shared.last_error = errno;
    return errno == ENOENT ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
  }
  if (sync != 0 && !sync_parent(*shared.medium, path)) return SQLITE_IOERR_DIR_FSYNC;
  return SQLITE_OK;
}

int vfs_access(sqlite3_vfs* vfs, const char* path, int how, int* yes) {
  struct stat info {};
  const bool there = shared_of(vfs).medium->lstat(path, &info) == 0;
  // An empty file counts as none, as with the unix VFS.
  *yes = there && (how != SQLITE_ACCESS_EXISTS || info.st_size > 0) ? 1 : 0;
  return SQLITE_OK;
}

int vfs_path(sqlite3_vfs*, const char* path, int size, char* out) {
  if (std::strlen(path) + 1 > static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
  std::memcpy(out, path, std::strlen(path) + 1);
  return SQLITE_OK;
}

int vfs_random(sqlite3_vfs* vfs, int size, char* out) {
  Dice dice{shared_of(vfs).random++};
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(dice.roll());
  return size;
}

int vfs_sleep(sqlite3_vfs*, int microseconds) {
  std::this_thread::yield();
  return microseconds;
}

int vfs_time(sqlite3_vfs*, double* now) {
  *now = 2'461'000.5;  // Julian day; nothing of ours asks SQLite for the time
  return SQLITE_OK;
}

int vfs_last_error(sqlite3_vfs* vfs, int, char*) {
  return shared_of(vfs).last_error;
}

}  // namespace

MediumVfs::MediumVfs(Medium& medium) : shared_(std::make_unique<Shared>(medium)) {
  auto& vfs = shared_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(OpenFile);
  vfs.mxPathname = 512;
  vfs.zName = "coffret-medium";
  vfs.pAppData = shared_.get();
  vfs.xOpen = vfs_open;
  vfs.xDelete = vfs_delete;
  vfs.xAccess = vfs_access;
  vfs.xFullPathname = vfs_path;
  vfs.xRandomness = vfs_random;
  vfs.xSleep = vfs_sleep;
  vfs.xCurrentTime = vfs_time;
  vfs.xGetLastError = vfs_last_error;
  (void)::sqlite3_initialize();
  (void)::sqlite3_vfs_register(&vfs, 1);
}

MediumVfs::~MediumVfs() {
  (void)::sqlite3_vfs_unregister(&shared_->vfs);
}

void MediumVfs::use(Medium& medium) {
  shared_->medium = &medium;
}

}  // namespace coffret::test
