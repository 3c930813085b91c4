// SPDX-License-Identifier: EUPL-1.2
//
// file_upgrade.hpp: one file of an older format replaced by its migrated copy, so that a crash at
// any point leaves the old one or the new one, and the old one is kept for a while.
//
// For a file `store.db` of format 2, migrated to 3:
//   store.db.migrating          the copy being worked on: worth nothing until it is whole
//   store.db.migrated           whole and verified: from here on the migration is only finished
//   store.db.format-2.until-T   the old file, kept until the UTC second T
// Flow: pending() tells where an earlier try stopped; begin() makes the copy; the caller migrates
// and verifies it, with nothing left open or beside it; finish() puts it in its place. What says
// which format the file has is the caller's to write, after finish().
//
// Errors of all calls: those of Disk. Ownership: borrows the disk. Threads: one.
#ifndef COFFRET_FILE_UPGRADE_HPP
#define COFFRET_FILE_UPGRADE_HPP

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coffret/disk.hpp"
#include "coffret/error.hpp"

namespace coffret {

class FileUpgrade {
 public:
  static constexpr std::int64_t kept_seconds = std::int64_t{30} * 24 * 3600;

  enum class Stage : std::uint8_t {
    untouched,  // nothing was done, or only a copy begun
    whole,      // finish() is all that is left
    in_place    // an old one is kept: the file at the path may be the migrated one
  };

  FileUpgrade(std::string directory, std::string name, std::int64_t format, Disk& disk)
      : directory_(std::move(directory)), name_(std::move(name)), format_(format), disk_(disk) {}

  std::string path() const { return directory_ + "/" + name_; }
  std::string copy() const { return path() + ".migrating"; }

  Result<Stage> stage() const {
    if (disk_.size(whole()).has_value()) return Stage::whole;
    COFFRET_TRY(const auto old, old_name());
    return old.empty() ? Stage::untouched : Stage::in_place;
  }

  // A copy of the file, whatever lay there from an earlier try.
  Result<void> begin() {
    COFFRET_CHECK(disk_.remove(copy()));
    COFFRET_TRY(const auto size, disk_.size(path()));
    Bytes chunk(static_cast<std::size_t>(std::min<std::uint64_t>(size, chunk_size)));
    for (std::uint64_t at = 0; at < size; at += chunk.size()) {
      COFFRET_TRY(const auto n, disk_.read_at(path(), at, chunk));
      chunk.resize(n);
      if (n == 0) return errc::io;
      COFFRET_CHECK(disk_.write_at(copy(), at, chunk));
    }
    return {};
  }

  // The copy is verified and closed; `now` is in UTC seconds. Repeatable after a crash.
  Result<void> finish(std::int64_t now) {
    if (disk_.size(whole()).has_error()) COFFRET_CHECK(disk_.move(copy(), whole()));
    // Absent: an earlier try had just moved it away.
    if (disk_.size(path()).has_value())
      COFFRET_CHECK(disk_.move(path(), path() + old_mark() + std::to_string(now + kept_seconds)));
    return disk_.move(whole(), path());
  }

  struct Old {
    std::string path;
    std::int64_t end = 0;  // UTC seconds: kept until then
  };
  // The old files that are kept, of any format.
  static Result<std::vector<Old>> kept(const std::string& directory, const std::string& name,
                                       const Disk& disk) {
    COFFRET_TRY(const auto names, disk.list(directory));
    const std::string beginning = name + ".format-";
    std::vector<Old> found;
    for (const auto& one : names) {
      const auto mark = one.find(until);
      if (!one.starts_with(beginning) || mark == std::string::npos) continue;
      Old old;
      old.path.append(directory).append("/").append(one);
      const auto digits = std::string_view{one}.substr(mark + until.size());
      const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), old.end);
      if (read.ec == std::errc{} && read.ptr == digits.data() + digits.size())
        found.push_back(std::move(old));
    }
    return found;
  }

  // Removes a kept old file whose time is over, of any format. `now` in UTC seconds.
  static Result<void> forget_old(const std::string& directory, const std::string& name,
                                 std::int64_t now, Disk& disk) {
    COFFRET_TRY(const auto all, kept(directory, name, disk));
    for (const auto& old : all)
      if (old.end <= now) COFFRET_CHECK(disk.remove(old.path));
    return {};
  }

 private:
  static constexpr std::uint64_t chunk_size = 1u << 20;  // bytes
  static constexpr std::string_view until = ".until-";

  std::string whole() const { return path() + ".migrated"; }
  std::string old_mark() const { return ".format-" + std::to_string(format_) + std::string{until}; }
  // Empty: there is none.
  Result<std::string> old_name() const {
    COFFRET_TRY(const auto names, disk_.list(directory_));
    const auto start = name_ + old_mark();
    for (const auto& one : names)
      if (one.compare(0, start.size(), start) == 0) return one;
    return std::string{};
  }

  std::string directory_;
  std::string name_;
  std::int64_t format_;
  Disk& disk_;
};

}  // namespace coffret

#endif  // COFFRET_FILE_UPGRADE_HPP
