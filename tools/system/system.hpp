// SPDX-License-Identifier: EUPL-1.2
//
// system.hpp: the machine's own clock, randomness and disk, made once in a program's main and
// handed down as the interfaces of include/coffret.
#ifndef COFFRET_TOOLS_SYSTEM_HPP
#define COFFRET_TOOLS_SYSTEM_HPP

#include "coffret/disk.hpp"
#include "coffret/random.hpp"
#include "coffret/time.hpp"

namespace coffret {

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
};

// getrandom(2). Aborts the program when the kernel has none to give.
class SystemRandom final : public Random {
 public:
  void fill(MutableByteView into) override;
};

class SystemDisk final : public Disk {
 public:
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
};

}  // namespace coffret

#endif  // COFFRET_TOOLS_SYSTEM_HPP
