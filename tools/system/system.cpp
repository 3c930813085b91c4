// SPDX-License-Identifier: EUPL-1.2
#include "tools/system/system.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace coffret {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) (void)::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const noexcept { return fd_; }
  bool open() const noexcept { return fd_ >= 0; }

 private:
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

Result<void> sync_directory(const std::string& path) {
  const Descriptor d{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!d.open() || ::fsync(d.get()) != 0) return failure();
  return {};
}

Result<void> write_all(int fd, ByteView content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure();
    content = content.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> write_fresh(const std::string& path, ByteView content) {
  const Descriptor file{
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file.open()) return failure();
  COFFRET_CHECK(write_all(file.get(), content));
  if (::fsync(file.get()) != 0) return failure();
  return {};
}

}  // namespace

Timestamp SystemClock::now() const {
  return std::chrono::floor<Seconds>(std::chrono::system_clock::now());
}

void SystemRandom::fill(MutableByteView into) {
  while (!into.empty()) {
    const ssize_t n = ::getrandom(into.data(), into.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) std::abort();
    into = into.subspan(static_cast<std::size_t>(n));
  }
}

Result<Bytes> SystemDisk::read(const std::string& path, std::uint64_t limit) const {
  // Without blocking: a person may name a pipe, and nobody may ever write to it.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)};
  struct stat info {};
  if (!file.open() || ::fstat(file.get(), &info) != 0) return failure();
  if (!S_ISREG(info.st_mode)) return errc::io;
  if (static_cast<std::uint64_t>(info.st_size) > limit) return errc::too_large;
  Bytes content(static_cast<std::size_t>(info.st_size));
  std::size_t have = 0;
  while (have < content.size()) {
    const ssize_t n = ::read(file.get(), content.data() + have, content.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure();
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  content.resize(have);
  return content;
}

Result<std::size_t> SystemDisk::read_at(const std::string& path, std::uint64_t offset,
                                        MutableByteView into) const {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (!file.open()) return failure();
  std::size_t have = 0;
  while (have < into.size()) {
    const ssize_t n = ::pread(file.get(), into.data() + have, into.size() - have,
                              static_cast<off_t>(offset + have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure();
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  return have;
}

Result<std::uint64_t> SystemDisk::size(const std::string& path) const {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return failure();
  if (!S_ISREG(info.st_mode)) return errc::io;
  return static_cast<std::uint64_t>(info.st_size);
}

Result<std::vector<std::string>> SystemDisk::list(const std::string& directory) const {
  DIR* stream = ::opendir(directory.c_str());
  if (stream == nullptr) return failure();
  std::vector<std::string> names;
  // One stream, one thread: readdir is safe here.
  while (const dirent* item = ::readdir(stream)) {  // NOLINT(concurrency-mt-unsafe)
    const std::string_view name = item->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  (void)::closedir(stream);
  return names;
}

Result<void> SystemDisk::replace(const std::string& path, ByteView content) {
  const std::string fresh = path + ".new";
  auto written = write_fresh(fresh, content);
  if (written.has_value() && ::rename(fresh.c_str(), path.c_str()) != 0) written = failure();
  if (written.has_error()) {
    (void)::unlink(fresh.c_str());  // on a full disk above all, a half is only in the way
    return written;
  }
  return sync_directory(parent(path));
}

Result<void> SystemDisk::write_at(const std::string& path, std::uint64_t offset, ByteView content) {
  const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  struct stat info {};
  if (!file.open() || ::fstat(file.get(), &info) != 0) return failure();
  if (offset > static_cast<std::uint64_t>(info.st_size)) return errc::io;
  if (::lseek(file.get(), static_cast<off_t>(offset), SEEK_SET) < 0) return failure();
  COFFRET_CHECK(write_all(file.get(), content));
  if (::fsync(file.get()) != 0) return failure();
  // A file made just now is durable only once its name is.
  if (info.st_size == 0) return sync_directory(parent(path));
  return {};
}

Result<void> SystemDisk::append(const std::string& path, ByteView content, bool durable) {
  const Descriptor file{
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file.open()) return failure();
  COFFRET_CHECK(write_all(file.get(), content));
  if (durable && ::fsync(file.get()) != 0) return failure();
  return {};
}

Result<void> SystemDisk::move(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failure();
  return sync_directory(parent(to));
}

Result<void> SystemDisk::remove(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return sync_directory(parent(path));
  return errno == ENOENT ? Result<void>{} : Result<void>{failure()};
}

Result<void> SystemDisk::make_directory(const std::string& path) {
  if (path.empty()) return {};
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0)
    return S_ISDIR(info.st_mode) ? Result<void>{} : Result<void>{errc::io};
  if (path != "/") COFFRET_CHECK(make_directory(parent(path) == "." ? "" : parent(path)));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failure();
  return sync_directory(parent(path));
}

}  // namespace coffret
