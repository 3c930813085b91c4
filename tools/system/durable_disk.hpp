// SPDX-License-Identifier: EUPL-1.2
//
// durable_disk.hpp: the Disk of include/coffret/disk.hpp, made of a kernel's calls in the order
// that makes its promises true. The program's disk is this one over the kernel's own calls; the
// tests walk it over a kernel that loses its power at every call.
//
// Ownership: borrows the calls. Threads: as Disk.
#ifndef COFFRET_TOOLS_SYSTEM_DURABLE_DISK_HPP
#define COFFRET_TOOLS_SYSTEM_DURABLE_DISK_HPP

#include "coffret/disk.hpp"
#include "tools/system/file_calls.hpp"

namespace coffret {

class DurableDisk final : public Disk {
 public:
  explicit DurableDisk(FileCalls& calls) noexcept : calls_(calls) {}

  Result<Bytes> read(const std::string& path, std::uint64_t limit) const override;
  Result<std::size_t> read_at(const std::string& path, std::uint64_t offset,
                              MutableByteView into) const override;
  Result<std::uint64_t> size(const std::string& path) const override;
  Result<std::vector<std::string>> list(const std::string& directory) const override;
  Result<void> replace(const std::string& path, ByteView content) override;
  Result<void> write_at(const std::string& path, std::uint64_t offset, ByteView content) override;
  Result<void> append(const std::string& path, ByteView content, bool durable) override;
  Result<void> move(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<void> make_directory(const std::string& path) override;

 private:
  FileCalls& calls_;
};

}  // namespace coffret

#endif  // COFFRET_TOOLS_SYSTEM_DURABLE_DISK_HPP
