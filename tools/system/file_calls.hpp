// SPDX-License-Identifier: EUPL-1.2
//
// file_calls.hpp: the calls of the kernel that the disk is made of, so that a test can stand in for
// the kernel and forget, at any call, what was never made durable.
//
// Every function is the call of its name in POSIX.1-2017: what it takes, what it returns, and
// errno. Threads: as the kernel's.
#ifndef COFFRET_TOOLS_SYSTEM_FILE_CALLS_HPP
#define COFFRET_TOOLS_SYSTEM_FILE_CALLS_HPP

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

namespace coffret {

class FileCalls {
 public:
  virtual ~FileCalls() = default;

  virtual int open(const char* path, int flags, mode_t mode) = 0;
  virtual int close(int fd) = 0;
  virtual ssize_t pread(int fd, void* into, std::size_t size, off_t offset) = 0;
  virtual ssize_t write(int fd, const void* from, std::size_t size) = 0;
  virtual off_t lseek(int fd, off_t offset) = 0;  // from the start of the file
  virtual int fsync(int fd) = 0;
  virtual int fstat(int fd, struct stat* info) = 0;
  virtual int stat(const char* path, struct stat* info) = 0;
  virtual int lstat(const char* path, struct stat* info) = 0;
  virtual int rename(const char* from, const char* to) = 0;
  virtual int unlink(const char* path) = 0;
  virtual int mkdir(const char* path, mode_t mode) = 0;
  // The names that readdir gives, without "." and "..". 0, or -1 with errno.
  virtual int list(const char* directory, std::vector<std::string>& names) = 0;
};

// The kernel's own.
FileCalls& kernel_calls() noexcept;

}  // namespace coffret

#endif  // COFFRET_TOOLS_SYSTEM_FILE_CALLS_HPP
