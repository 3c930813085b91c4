// SPDX-License-Identifier: EUPL-1.2
#include "tools/system/file_calls.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

namespace coffret {
namespace {

class KernelCalls final : public FileCalls {
 public:
  int open(const char* path, int flags, mode_t mode) override { return ::open(path, flags, mode); }
  int close(int fd) override { return ::close(fd); }
  ssize_t pread(int fd, void* into, std::size_t size, off_t offset) override {
    return ::pread(fd, into, size, offset);
  }
  ssize_t write(int fd, const void* from, std::size_t size) override {
    return ::write(fd, from, size);
  }
  off_t lseek(int fd, off_t offset) override { return ::lseek(fd, offset, SEEK_SET); }
  int fsync(int fd) override { return ::fsync(fd); }
  int fstat(int fd, struct stat* info) override { return ::fstat(fd, info); }
  int stat(const char* path, struct stat* info) override { return ::stat(path, info); }
  int lstat(const char* path, struct stat* info) override { return ::lstat(path, info); }
  int rename(const char* from, const char* to) override { return ::rename(from, to); }
  int unlink(const char* path) override { return ::unlink(path); }
  int mkdir(const char* path, mode_t mode) override { return ::mkdir(path, mode); }
  int list(const char* directory, std::vector<std::string>& names) override {
    DIR* stream = ::opendir(directory);
    if (stream == nullptr) return -1;
    // One stream, one thread: readdir is safe here.
    while (const dirent* item = ::readdir(stream)) {  // NOLINT(concurrency-mt-unsafe)
      const std::string_view name = item->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    (void)::closedir(stream);
    return 0;
  }
};

}  // namespace

FileCalls& kernel_calls() noexcept {
  static KernelCalls calls;
  return calls;
}

}  // namespace coffret
