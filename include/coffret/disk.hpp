// SPDX-License-Identifier: EUPL-1.2
//
// disk.hpp: the injected file system, for every file that is not inside a database.
//
// Paths are absolute or relative to the working directory. Links are not followed in the last
// component. Files are created 0600, directories 0700.
// Errors of all calls: not_found, disk_full, io, too_large (read over its limit).
// Threads: may be called from any thread; two writers of one path are the caller's bug.
#ifndef COFFRET_DISK_HPP
#define COFFRET_DISK_HPP

#include <cstdint>
#include <string>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"

namespace coffret {

class Disk {
 public:
  virtual ~Disk() = default;

  virtual Result<Bytes> read(const std::string& path, std::uint64_t limit) const = 0;
  // Bytes [offset, offset + into.size()), or as many as the file has; returns how many.
  virtual Result<std::size_t> read_at(const std::string& path, std::uint64_t offset,
                                      MutableByteView into) const = 0;
  virtual Result<std::uint64_t> size(const std::string& path) const = 0;
  // Names in a directory, without "." and "..", in no particular order.
  virtual Result<std::vector<std::string>> list(const std::string& directory) const = 0;

  // All or nothing, and durable when it returns: a new file beside it, fsync, rename, fsync of the
  // directory. An existing file is replaced.
  virtual Result<void> replace(const std::string& path, ByteView content) = 0;
  // Writes at `offset` of a file (made if absent) and fsyncs it. offset must not be past its end.
  virtual Result<void> write_at(const std::string& path, std::uint64_t offset,
                                ByteView content) = 0;
  // Appends one record and, if asked, fsyncs it.
  virtual Result<void> append(const std::string& path, ByteView content, bool durable) = 0;
  // Renames within one file system and fsyncs the target's directory; an existing target is kept
  // and the source removed when both hold the same name by construction (content-addressed).
  virtual Result<void> move(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;          // absent is success
  virtual Result<void> make_directory(const std::string& path) = 0;  // with parents
};

}  // namespace coffret

#endif  // COFFRET_DISK_HPP
