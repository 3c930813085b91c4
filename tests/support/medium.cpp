// SPDX-License-Identifier: EUPL-1.2
#include "tests/support/medium.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <string_view>

namespace coffret::test {
namespace {

constexpr std::size_t sector = 512;  // bytes that a device writes whole

std::string parent(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

int refuse(int error) {
  errno = error;
  return -1;
}

bool needs_room(Step::Kind kind) {
  return kind == Step::Kind::create || kind == Step::Kind::write ||
         kind == Step::Kind::make_directory;
}

}  // namespace

std::uint64_t Content::fingerprint() const {
  if (!block_->print) block_->print = std::hash<std::string_view>{}(as_text(block_->bytes));
  return *block_->print;
}

Medium::Medium() {
  files_[next_inode_].directory = true;
  durable_names_["/"] = names_["/"] = next_inode_++;
}

Medium::Medium(const Medium& other) : FileCalls() {
  *this = other;
}

Medium& Medium::operator=(const Medium& other) {
  if (this == &other) return *this;
  const std::scoped_lock both{mutex_, other.mutex_};
  files_ = other.files_;
  next_inode_ = other.next_inode_;
  names_ = other.names_;
  durable_names_ = other.durable_names_;
  moved_ = other.moved_;
  open_.clear();
  recorded_ = nullptr;
  fault_.reset();
  count_ = 0;
  broken_ = 0;
  return *this;
}

int Medium::open(const char* path, int flags, mode_t) {
  const std::lock_guard guard{mutex_};
  const auto found = names_.find(path);
  std::uint64_t inode = found == names_.end() ? 0 : found->second;
  if (inode == 0) {
    if ((flags & O_CREAT) == 0) return refuse(ENOENT);
    const auto place = names_.find(parent(path));
    if (place == names_.end() || !files_.at(place->second).directory) return refuse(ENOENT);
    inode = next_inode_;
    if (!perform({.kind = Step::Kind::create,
                  .path = path,
                  .to = {},
                  .inode = inode,
                  .at = 0,
                  .bytes = {}}))
      return -1;
  } else if ((flags & O_EXCL) != 0) {
    return refuse(EEXIST);
  }
  const auto& file = files_.at(inode);
  if ((flags & O_DIRECTORY) != 0 && !file.directory) return refuse(ENOTDIR);
  if (file.directory && (flags & O_ACCMODE) != O_RDONLY) return refuse(EISDIR);
  if ((flags & O_TRUNC) != 0 && !file.content.bytes().empty() &&
      !perform(
          {.kind = Step::Kind::cut, .path = {}, .to = {}, .inode = inode, .at = 0, .bytes = {}}))
    return -1;
  open_[next_fd_] = {inode, path, 0, (flags & O_APPEND) != 0};
  return next_fd_++;
}

int Medium::close(int fd) {
  const std::lock_guard guard{mutex_};
  return open_.erase(fd) == 1 ? 0 : refuse(EBADF);
}

ssize_t Medium::pread(int fd, void* into, std::size_t size, off_t offset) {
  const std::lock_guard guard{mutex_};
  const auto& content = files_.at(open_.at(fd).inode).content.bytes();
  const auto at = static_cast<std::size_t>(offset);
  if (at >= content.size()) return 0;
  const std::size_t n = std::min(size, content.size() - at);
  std::memcpy(into, content.data() + at, n);
  return static_cast<ssize_t>(n);
}

ssize_t Medium::write(int fd, const void* from, std::size_t size) {
  const std::lock_guard guard{mutex_};
  auto& handle = open_.at(fd);
  if (handle.append) handle.offset = files_.at(handle.inode).content.bytes().size();
  const auto* first = static_cast<const std::uint8_t*>(from);
  Step step{.kind = Step::Kind::write,
            .path = {},
            .to = {},
            .inode = handle.inode,
            .at = handle.offset,
            .bytes = Bytes(first, first + size)};
  // A short write is a success of half its bytes; the rest meets a full disk.
  if (fault_ && fault_->kind == Fault::Kind::short_write && count_ == fault_->at && size > 1) {
    fault_ = Fault{Fault::Kind::full, count_ + 1, true};
    ++broken_;
    step.bytes.own().resize(size / 2);
  }
  const auto n = step.bytes.bytes().size();
  if (!perform(std::move(step))) return -1;
  handle.offset += n;
  return static_cast<ssize_t>(n);
}

off_t Medium::lseek(int fd, off_t offset) {
  const std::lock_guard guard{mutex_};
  open_.at(fd).offset = static_cast<std::uint64_t>(offset);
  return offset;
}

int Medium::fsync(int fd) {
  const std::lock_guard guard{mutex_};
  const auto& handle = open_.at(fd);
  const bool directory = files_.at(handle.inode).directory;
  return perform({.kind = directory ? Step::Kind::sync_directory : Step::Kind::sync,
                  .path = directory ? handle.path : std::string{},
                  .to = {},
                  .inode = handle.inode,
                  .at = 0,
                  .bytes = {}})
             ? 0
             : -1;
}

int Medium::fstat(int fd, struct stat* info) {
  const std::lock_guard guard{mutex_};
  const auto& file = files_.at(open_.at(fd).inode);
  *info = {};
  info->st_mode = file.directory ? S_IFDIR | 0700 : S_IFREG | 0600;
  info->st_size = static_cast<off_t>(file.content.bytes().size());
  return 0;
}

int Medium::lstat(const char* path, struct stat* info) {
  const std::lock_guard guard{mutex_};
  const auto found = names_.find(path);
  if (found == names_.end()) return refuse(ENOENT);
  const auto& file = files_.at(found->second);
  *info = {};
  info->st_mode = file.directory ? S_IFDIR | 0700 : S_IFREG | 0600;
  info->st_size = static_cast<off_t>(file.content.bytes().size());
  return 0;
}

int Medium::rename(const char* from, const char* to) {
  const std::lock_guard guard{mutex_};
  if (!names_.contains(from) || !names_.contains(parent(to))) return refuse(ENOENT);
  return perform(
             {.kind = Step::Kind::rename, .path = from, .to = to, .inode = 0, .at = 0, .bytes = {}})
             ? 0
             : -1;
}

int Medium::unlink(const char* path) {
  const std::lock_guard guard{mutex_};
  if (!names_.contains(path)) return refuse(ENOENT);
  return perform(
             {.kind = Step::Kind::unlink, .path = path, .to = {}, .inode = 0, .at = 0, .bytes = {}})
             ? 0
             : -1;
}

int Medium::mkdir(const char* path, mode_t) {
  const std::lock_guard guard{mutex_};
  if (names_.contains(path)) return refuse(EEXIST);
  if (!names_.contains(parent(path))) return refuse(ENOENT);
  return perform({.kind = Step::Kind::make_directory,
                  .path = path,
                  .to = {},
                  .inode = next_inode_,
                  .at = 0,
                  .bytes = {}})
             ? 0
             : -1;
}

int Medium::list(const char* directory, std::vector<std::string>& names) {
  const std::lock_guard guard{mutex_};
  if (!names_.contains(directory)) return refuse(ENOENT);
  const std::string prefix = std::string{directory} + "/";
  for (auto it = names_.lower_bound(prefix); it != names_.end(); ++it) {
    if (it->first.compare(0, prefix.size(), prefix) != 0) break;
    if (it->first.find('/', prefix.size()) == std::string::npos)
      names.push_back(it->first.substr(prefix.size()));
  }
  return 0;
}

int Medium::ftruncate(int fd, off_t size) {
  const std::lock_guard guard{mutex_};
  return perform({.kind = Step::Kind::cut,
                  .path = {},
                  .to = {},
                  .inode = open_.at(fd).inode,
                  .at = static_cast<std::uint64_t>(size),
                  .bytes = {}})
             ? 0
             : -1;
}

std::uint64_t Medium::inode_of(int fd) const {
  const std::lock_guard guard{mutex_};
  return open_.at(fd).inode;
}

bool Medium::fails(const Step& step) {
  if (!fault_ || count_ < fault_->at) return false;
  const bool full = fault_->kind != Fault::Kind::error;
  if (count_ > fault_->at && !(fault_->lasts && full && needs_room(step.kind))) return false;
  // A full disk still lets things be removed; the first call that needs room meets it.
  if (full && !needs_room(step.kind)) return false;
  errno = full ? ENOSPC : EIO;
  ++broken_;
  if (step.kind == Step::Kind::sync) files_.at(step.inode).pending.clear();
  return true;
}

bool Medium::perform(Step step) {
  const bool failed = fails(step);
  ++count_;
  if (failed) return false;
  apply(step);
  if (recorded_ != nullptr) recorded_->push_back(std::move(step));
  return true;
}

void Medium::change(Content& content, const Change& change) {
  auto& into = content.own();
  if (change.cut) {
    into.resize(static_cast<std::size_t>(change.at));
    return;
  }
  const auto& from = change.bytes.bytes();
  const auto end = static_cast<std::size_t>(change.at) + from.size();
  if (into.size() < end) into.resize(end);
  std::copy(from.begin(), from.end(), into.begin() + static_cast<std::ptrdiff_t>(change.at));
}

void Medium::bind(Names& names, const NameChange& change) {
  if (!change.from.empty()) names.erase(change.from);
  if (change.inode == 0)
    names.erase(change.path);
  else
    names[change.path] = change.inode;
}

void Medium::rebind(NameChange change) {
  bind(names_, change);
  moved_.push_back(std::move(change));
}

void Medium::sync_names(const std::string& directory) {
  std::vector<NameChange> later;
  for (auto& one : moved_) {
    if (parent(one.path) != directory) {
      later.push_back(std::move(one));
      continue;
    }
    // A rename into this directory takes along what its old name had been through.
    if (!one.from.empty() && parent(one.from) != directory)
      std::erase_if(later, [&](const NameChange& before) {
        if (before.path != one.from) return false;
        bind(durable_names_, before);
        return true;
      });
    bind(durable_names_, one);
  }
  moved_ = std::move(later);
}

void Medium::apply(const Step& step) {
  const std::lock_guard guard{mutex_};
  switch (step.kind) {
    case Step::Kind::create:
    case Step::Kind::make_directory:
      files_[step.inode].directory = step.kind == Step::Kind::make_directory;
      next_inode_ = std::max(next_inode_, step.inode + 1);
      return rebind({step.path, step.inode, {}});
    case Step::Kind::write:
    case Step::Kind::cut: {
      auto& file = files_.at(step.inode);
      Change made{step.kind == Step::Kind::cut, step.at, step.bytes};
      change(file.content, made);
      file.pending.push_back(std::move(made));
      return;
    }
    case Step::Kind::sync: {
      auto& file = files_.at(step.inode);
      for (const auto& made : file.pending) change(file.durable, made);
      file.pending.clear();
      return;
    }
    case Step::Kind::sync_directory:
      return sync_names(step.path);
    case Step::Kind::rename:
      return rebind({step.to, names_.at(step.path), step.path});
    case Step::Kind::unlink:
      return rebind({step.path, 0, {}});
  }
}

Medium::Names Medium::names_kept(Kept kept, Dice& dice) const {
  Names names = durable_names_;
  if (kept == Kept::nothing) return names;
  // In the order of each directory: a directory that lost one change has none that came after it.
  std::map<std::string, bool> stopped;
  for (std::size_t i = 0; i < moved_.size(); ++i) {
    auto& stop = stopped[parent(moved_[i].path)];
    if (kept == Kept::torn && i + 1 == moved_.size()) stop = true;
    if (kept == Kept::some && dice.below(3) == 0) stop = true;
    if (!stop) bind(names, moved_[i]);
  }
  return names;
}

Content Medium::bytes_kept(const File& file, Kept kept, Dice& dice) {
  if (kept == Kept::everything && file.pending.empty()) return file.durable;
  auto content = file.durable;
  if (kept == Kept::nothing) return content;
  for (std::size_t i = 0; i < file.pending.size(); ++i) {
    Change made = file.pending[i];
    const bool last = i + 1 == file.pending.size();
    if (kept == Kept::some && dice.below(2) == 0) continue;
    if (kept == Kept::torn && last) {
      if (made.cut) continue;
      const auto size = made.bytes.bytes().size();
      const auto sectors = size / sector;
      made.bytes.own().resize(sectors == 0 ? dice.below(size + 1)
                                           : dice.below(sectors + 1) * sector);
    }
    change(content, made);
  }
  return content;
}

Medium Medium::after_power_cut(Kept names, Kept bytes, std::uint64_t seed) const {
  const std::lock_guard guard{mutex_};
  Dice dice{seed};
  Medium after;
  after.files_.clear();
  after.names_.clear();
  after.next_inode_ = next_inode_;
  for (const auto& [path, inode] : names_kept(names, dice)) {
    // Without its directory nobody finds it; directories sort before what is in them.
    if (path != "/" && !after.names_.contains(parent(path))) continue;
    after.names_[path] = inode;
    if (after.files_.contains(inode)) continue;
    const auto& file = files_.at(inode);
    auto& kept = after.files_[inode];
    kept.directory = file.directory;
    kept.content = bytes_kept(file, bytes, dice);
    kept.durable = kept.content;
  }
  after.durable_names_ = after.names_;
  return after;
}

std::map<std::string, Content> Medium::files() const {
  const std::lock_guard guard{mutex_};
  std::map<std::string, Content> all;
  for (const auto& [path, inode] : names_)
    if (const auto& file = files_.at(inode); !file.directory) all[path] = file.content;
  return all;
}

void Medium::put(const std::string& path, ByteView content) {
  const std::lock_guard guard{mutex_};
  for (auto at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    const auto directory = path.substr(0, at);
    if (names_.contains(directory)) continue;
    files_[next_inode_].directory = true;
    durable_names_[directory] = names_[directory] = next_inode_++;
  }
  auto& file = files_[next_inode_];
  file.content = file.durable = to_bytes(content);
  durable_names_[path] = names_[path] = next_inode_++;
}

std::uint64_t Medium::fingerprint() const {
  const std::lock_guard guard{mutex_};
  std::uint64_t print = 0;
  const auto mix = [&](std::string_view part) {
    print = (print ^ std::hash<std::string_view>{}(part)) * 0x100000001b3;
  };
  for (const auto& [path, inode] : names_) {
    mix(path);
    print = (print ^ files_.at(inode).content.fingerprint()) * 0x100000001b3;
  }
  return print;
}

}  // namespace coffret::test
