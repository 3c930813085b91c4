// SPDX-License-Identifier: EUPL-1.2
//
// settling.hpp: which files of a folder are whole: still for two seconds, written by nobody, and no
// browser's unfinished download.
//
// Pure: what a look at the folder found, and the time, are handed in. A file that was dealt with is
// not named again until it changes.
// Threads: not thread-safe.
#ifndef COFFRET_VAULT_DAEMON_SETTLING_HPP
#define COFFRET_VAULT_DAEMON_SETTLING_HPP

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace coffret::daemon {

inline constexpr std::chrono::seconds still_for{2};

// A regular file, as a look at the folder found it.
struct SeenFile {
  std::string name;
  std::uint64_t size = 0;     // bytes
  std::int64_t modified = 0;  // nanoseconds of the last write
  bool being_written = false;
  std::uint64_t inode = 0;

  bool operator==(const SeenFile&) const = default;
};

// "x.part", "x.crdownload", "x.tmp" and their like, and names that begin with a dot.
bool is_unfinished_name(std::string_view name);

class Settling {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // The files that are whole now, by name.
  std::vector<std::string> look(const std::vector<SeenFile>& files, Time now);
  // Dealt with: named again only when it changes.
  void done(const std::string& name);
  // Whether a file is there that will be whole if nothing happens to it.
  bool waiting() const;

 private:
  struct Watched {
    std::uint64_t size = 0;
    std::int64_t modified = 0;
    Time since{};
    bool unfinished = false;
    bool done = false;
  };
  std::map<std::string, Watched> files_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SETTLING_HPP
