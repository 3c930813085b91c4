// SPDX-License-Identifier: EUPL-1.2
//
// directory.hpp: the files of a vault's directory (vault/DESIGN.md §8) and its lock.
//
// `unfinished` stands while a vault is being created or rebuilt: what lies there then was never
// acknowledged, and may be cleared. One rename turns it into the keyslot, and the place into a
// vault.
// Errors: see each call; besides them disk_full and io.
#ifndef COFFRET_VAULT_STORE_DIRECTORY_HPP
#define COFFRET_VAULT_STORE_DIRECTORY_HPP

#include <memory>
#include <string>

#include "coffret/disk.hpp"
#include "coffret/error.hpp"
#include "coffret/ids.hpp"

namespace coffret::store {

class Directory {
 public:
  // The vault that lies there, locked for this process. Errors: never_initialised, damaged (a store
  // without its keyslot), in_use, unsafe_location (someone else's, or writable by others).
  static Result<Directory> open(const std::string& path, Disk& disk);
  // An empty place for a new vault, marked unfinished. Errors: already_initialised, in_use,
  // unsafe_location.
  static Result<Directory> begin(const std::string& path, Disk& disk);
  // The new vault is whole: this is its keyslot.
  Result<void> finish(ByteView keyslot_file, Disk& disk) const;

  std::string file(std::string_view name) const { return path_ + "/" + std::string{name}; }
  std::string keyslot() const { return file("keyslot"); }
  std::string database() const { return file("store.db"); }
  std::string parameters() const { return file("store.json"); }
  std::string head() const { return file("head"); }
  std::string objects() const { return file("objects"); }
  std::string object(const ObjectId& id) const { return objects() + "/" + id.text(); }

 private:
  class Lock {
   public:
    explicit Lock(int fd) noexcept : fd_(fd) {}
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    int fd_;
  };
  explicit Directory(std::string path) : path_(std::move(path)) {}
  Result<void> take();
  Result<void> clear(Disk& disk) const;

  std::string path_;
  std::unique_ptr<Lock> lock_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_DIRECTORY_HPP
