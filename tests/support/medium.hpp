// SPDX-License-Identifier: EUPL-1.2
//
// medium.hpp: a storage medium in memory behind the kernel's calls, that knows what a power cut
// leaves of it.
//
// The model, which is POSIX's and not a kind file system's: what was written is durable once its
// file was fsynced, a name once its directory was. Until then any part of it may have arrived: each
// write or none, the last one torn, names without their bytes and bytes without their names. The
// names of one directory arrive in order, and a rename arrives whole. An fsync that fails has lost
// what it should have kept, and the next one does not bring it back (Linux, since 4.13).
// Sources: Pillai et al., All File Systems Are Not Created Equal (OSDI 2014); Rebello et al., Can
// Applications Recover from fsync Failures? (ATC 2020).
//
// A step is one call that changes something durable, or begins to: create, write, cut, fsync (also
// of a directory), rename, unlink, mkdir. Steps are counted, recorded and replayed, so that one run
// of an act gives every crash of it.
// Threads: any, but a medium and its copies only one after the other: they share bytes until one of
// them is written to. Ownership: descriptors stay with the one that opened them.
#ifndef COFFRET_TESTS_SUPPORT_MEDIUM_HPP
#define COFFRET_TESTS_SUPPORT_MEDIUM_HPP

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coffret/bytes.hpp"
#include "tools/system/file_calls.hpp"

namespace coffret::test {

// splitmix64: the same choices for the same seed.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t roll() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(roll() % n); }

 private:
  std::uint64_t state_;
};

// Bytes that copies share until one is changed: a walk copies a medium thousands of times, and
// changes a page of it.
class Content {
 public:
  Content() : block_(std::make_shared<Block>()) {}
  Content(Bytes bytes) : block_(std::make_shared<Block>()) { block_->bytes = std::move(bytes); }
  const Bytes& bytes() const { return block_->bytes; }
  Bytes& own() {  // to change
    if (block_.use_count() > 1) block_ = std::make_shared<Block>(Block{block_->bytes, {}});
    block_->print.reset();
    return block_->bytes;
  }
  std::uint64_t fingerprint() const;

 private:
  struct Block {
    Bytes bytes;
    std::optional<std::uint64_t> print;
  };
  std::shared_ptr<Block> block_;
};

struct Step {
  enum class Kind : std::uint8_t {
    create,
    write,
    cut,
    sync,
    sync_directory,
    rename,
    unlink,
    make_directory
  };
  Kind kind{};
  std::string path;         // of what has a name
  std::string to;           // of a rename
  std::uint64_t inode = 0;  // of an open file
  std::uint64_t at = 0;     // of a write; the size left by a cut
  Content bytes;
};

// What survives of what was not synced.
enum class Kept : std::uint8_t { nothing, everything, torn, some };

class Medium final : public FileCalls {
 public:
  struct Fault {
    enum class Kind : std::uint8_t { error, full, short_write };  // EIO; ENOSPC; half, then ENOSPC
    Kind kind = Kind::error;
    std::uint64_t at = 0;  // the step, counted from 0
    bool lasts = false;    // and all that need room after it
  };

  Medium();  // the root directory, and nothing in it
  Medium(const Medium& other);
  Medium& operator=(const Medium& other);

  // ---- The kernel's calls
  // ------------------------------------------------------------------------
  int open(const char* path, int flags, mode_t mode) override;
  int close(int fd) override;
  ssize_t pread(int fd, void* into, std::size_t size, off_t offset) override;
  ssize_t write(int fd, const void* from, std::size_t size) override;
  off_t lseek(int fd, off_t offset) override;
  int fsync(int fd) override;
  int fstat(int fd, struct stat* info) override;
  int stat(const char* path, struct stat* info) override { return lstat(path, info); }
  int lstat(const char* path, struct stat* info) override;
  int rename(const char* from, const char* to) override;
  int unlink(const char* path) override;
  int mkdir(const char* path, mode_t mode) override;
  int list(const char* directory, std::vector<std::string>& names) override;
  int ftruncate(int fd, off_t size);
  std::uint64_t inode_of(int fd) const;

  // ---- What a test does with it
  // ------------------------------------------------------------------
  void record(std::vector<Step>* steps) { recorded_ = steps; }  // null: no more
  void apply(const Step& step);  // of a recording that began with a copy of this
  // What is there after a power cut now: nothing is open, everything is durable.
  Medium after_power_cut(Kept names, Kept bytes, std::uint64_t seed) const;
  void break_at(std::optional<Fault> fault) { fault_ = fault; }
  std::uint64_t steps() const noexcept { return count_; }    // tried so far
  std::uint64_t broken() const noexcept { return broken_; }  // calls that were made to fail
  std::map<std::string, Content> files() const;  // all paths and contents, as programs see them
  void put(const std::string& path, ByteView content);  // there and durable, with its directories
  std::uint64_t fingerprint() const;  // of all names and bytes, as programs see them

 private:
  struct Change {
    bool cut = false;
    std::uint64_t at = 0;
    Content bytes;
  };
  struct File {
    bool directory = false;
    Content content;              // as programs see it
    Content durable;              // as it was at the last fsync
    std::vector<Change> pending;  // since then
  };
  struct NameChange {
    std::string path;  // bound to `inode`, or unbound (0)
    std::uint64_t inode = 0;
    std::string from;  // unbound with it, when renamed
  };
  struct Open {
    std::uint64_t inode = 0;
    std::string path;
    std::uint64_t offset = 0;
    bool append = false;
  };
  using Names = std::map<std::string, std::uint64_t>;

  bool fails(const Step& step);
  bool perform(Step step);  // false, with errno, when it was made to fail
  void rebind(NameChange change);
  static void bind(Names& names, const NameChange& change);
  void sync_names(const std::string& directory);
  static void change(Content& content, const Change& change);
  Names names_kept(Kept kept, Dice& dice) const;
  static Content bytes_kept(const File& file, Kept kept, Dice& dice);

  mutable std::recursive_mutex mutex_;
  std::map<std::uint64_t, File> files_;
  std::uint64_t next_inode_ = 1;
  Names names_;  // as programs see them
  Names durable_names_;
  std::vector<NameChange> moved_;  // not yet durable, in order
  std::map<int, Open> open_;
  int next_fd_ = 1'000'000;
  std::vector<Step>* recorded_ = nullptr;
  std::optional<Fault> fault_;
  std::uint64_t count_ = 0;
  std::uint64_t broken_ = 0;
};

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_MEDIUM_HPP
