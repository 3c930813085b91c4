// SPDX-License-Identifier: EUPL-1.2
#include "tools/system/system.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

#include "tools/system/durable_disk.hpp"

namespace coffret {
namespace {

// Without a state of its own: as cheap to make as a reference.
DurableDisk kernel_disk() {
  return DurableDisk{kernel_calls()};
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
  return kernel_disk().read(path, limit);
}
Result<std::size_t> SystemDisk::read_at(const std::string& path, std::uint64_t offset,
                                        MutableByteView into) const {
  return kernel_disk().read_at(path, offset, into);
}
Result<std::uint64_t> SystemDisk::size(const std::string& path) const {
  return kernel_disk().size(path);
}
Result<std::vector<std::string>> SystemDisk::list(const std::string& directory) const {
  return kernel_disk().list(directory);
}
Result<void> SystemDisk::replace(const std::string& path, ByteView content) {
  return kernel_disk().replace(path, content);
}
Result<void> SystemDisk::write_at(const std::string& path, std::uint64_t offset, ByteView content) {
  return kernel_disk().write_at(path, offset, content);
}
Result<void> SystemDisk::append(const std::string& path, ByteView content, bool durable) {
  return kernel_disk().append(path, content, durable);
}
Result<void> SystemDisk::move(const std::string& from, const std::string& to) {
  return kernel_disk().move(from, to);
}
Result<void> SystemDisk::remove(const std::string& path) {
  return kernel_disk().remove(path);
}
Result<void> SystemDisk::make_directory(const std::string& path) {
  return kernel_disk().make_directory(path);
}

}  // namespace coffret
