// SPDX-License-Identifier: EUPL-1.2
#include "sync/http/body_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace coffret::http {

Result<OpenFile> OpenFile::open(const FileBody& body) {
  const int fd = ::open(body.path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? errc::not_found : errc::io;
  OpenFile file{fd, body.offset, body.length};
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return errc::io;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (body.offset > size || body.length > size - body.offset) return errc::not_found;
  return file;
}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), offset_(other.offset_), left_(other.left_) {}

OpenFile::~OpenFile() {
  if (fd_ >= 0) ::close(fd_);
}

std::size_t OpenFile::read(MutableByteView into) {
  const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left_, into.size()));
  ssize_t got = 0;
  do {
    got = ::pread(fd_, into.data(), want, static_cast<off_t>(offset_));
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return 0;
  offset_ += static_cast<std::uint64_t>(got);
  left_ -= static_cast<std::uint64_t>(got);
  return static_cast<std::size_t>(got);
}

}  // namespace coffret::http
