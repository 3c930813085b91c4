// SPDX-License-Identifier: EUPL-1.2
#include "tools/system/durable_disk.hpp"

#include <fcntl.h>

#include <cerrno>

namespace coffret {
namespace {

class Descriptor {
 public:
  Descriptor(FileCalls& calls, int fd) noexcept : calls_(calls), fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) (void)calls_.close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const noexcept { return fd_; }
  bool open() const noexcept { return fd_ >= 0; }

 private:
  FileCalls& calls_;
  int fd_;
};

errc failure() noexcept {
  switch (errno) {
    case ENOENT:
      return errc::not_found;
    case ENOSPC:
    case EDQUOT:
      return errc::disk_full;
    default:
      return errc::io;
  }
}

std::string parent(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> sync_directory(FileCalls& calls, const std::string& path) {
  const Descriptor d{calls, calls.open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)};
  if (!d.open() || calls.fsync(d.get()) != 0) return failure();
  return {};
}

Result<void> write_all(FileCalls& calls, int fd, ByteView content) {
  while (!content.empty()) {
    const ssize_t n = calls.write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure();
    content = content.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> write_fresh(FileCalls& calls, const std::string& path, ByteView content) {
  const Descriptor file{
      calls, calls.open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file.open()) return failure();
  COFFRET_CHECK(write_all(calls, file.get(), content));
  if (calls.fsync(file.get()) != 0) return failure();
  return {};
}

}  // namespace

Result<Bytes> DurableDisk::read(const std::string& path, std::uint64_t limit) const {
  // Without blocking: a person may name a pipe, and nobody may ever write to it.
  const Descriptor file{
      calls_, calls_.open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW, 0)};
  struct stat info {};
  if (!file.open() || calls_.fstat(file.get(), &info) != 0) return failure();
  if (!S_ISREG(info.st_mode)) return errc::io;
  if (static_cast<std::uint64_t>(info.st_size) > limit) return errc::too_large;
  Bytes content(static_cast<std::size_t>(info.st_size));
  std::size_t have = 0;
  while (have < content.size()) {
    const ssize_t n = calls_.pread(file.get(), content.data() + have, content.size() - have,
                                   static_cast<off_t>(have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure();
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  content.resize(have);
  return content;
}

Result<std::size_t> DurableDisk::read_at(const std::string& path, std::uint64_t offset,
                                         MutableByteView into) const {
  const Descriptor file{calls_, calls_.open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0)};
  if (!file.open()) return failure();
  std::size_t have = 0;
  while (have < into.size()) {
    const ssize_t n = calls_.pread(file.get(), into.data() + have, into.size() - have,
                                   static_cast<off_t>(offset + have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure();
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  return have;
}

Result<std::uint64_t> DurableDisk::size(const std::string& path) const {
  struct stat info {};
  if (calls_.lstat(path.c_str(), &info) != 0) return failure();
  if (!S_ISREG(info.st_mode)) return errc::io;
  return static_cast<std::uint64_t>(info.st_size);
}

Result<std::vector<std::string>> DurableDisk::list(const std::string& directory) const {
  std::vector<std::string> names;
  if (calls_.list(directory.c_str(), names) != 0) return failure();
  return names;
}

Result<void> DurableDisk::replace(const std::string& path, ByteView content) {
  const std::string fresh = path + ".new";
  auto written = write_fresh(calls_, fresh, content);
  if (written.has_value() && calls_.rename(fresh.c_str(), path.c_str()) != 0) written = failure();
  if (written.has_error()) {
    (void)calls_.unlink(fresh.c_str());  // on a full disk above all, a half is only in the way
    return written;
  }
  return sync_directory(calls_, parent(path));
}

Result<void> DurableDisk::write_at(const std::string& path, std::uint64_t offset,
                                   ByteView content) {
  const Descriptor file{
      calls_, calls_.open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  struct stat info {};
  if (!file.open() || calls_.fstat(file.get(), &info) != 0) return failure();
  if (offset > static_cast<std::uint64_t>(info.st_size)) return errc::io;
  if (calls_.lseek(file.get(), static_cast<off_t>(offset)) < 0) return failure();
  COFFRET_CHECK(write_all(calls_, file.get(), content));
  if (calls_.fsync(file.get()) != 0) return failure();
  // A file made just now is durable only once its name is.
  if (info.st_size == 0) return sync_directory(calls_, parent(path));
  return {};
}

Result<void> DurableDisk::append(const std::string& path, ByteView content, bool durable) {
  const Descriptor file{
      calls_,
      calls_.open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file.open()) return failure();
  COFFRET_CHECK(write_all(calls_, file.get(), content));
  if (durable && calls_.fsync(file.get()) != 0) return failure();
  return {};
}

Result<void> DurableDisk::move(const std::string& from, const std::string& to) {
  if (calls_.rename(from.c_str(), to.c_str()) != 0) return failure();
  return sync_directory(calls_, parent(to));
}

Result<void> DurableDisk::remove(const std::string& path) {
  if (calls_.unlink(path.c_str()) == 0) return sync_directory(calls_, parent(path));
  return errno == ENOENT ? Result<void>{} : Result<void>{failure()};
}

Result<void> DurableDisk::make_directory(const std::string& path) {
  if (path.empty()) return {};
  struct stat info {};
  if (calls_.stat(path.c_str(), &info) == 0)
    return S_ISDIR(info.st_mode) ? Result<void>{} : Result<void>{errc::io};
  if (path != "/") COFFRET_CHECK(make_directory(parent(path) == "." ? "" : parent(path)));
  if (calls_.mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failure();
  return sync_directory(calls_, parent(path));
}

}  // namespace coffret
