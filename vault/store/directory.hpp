// SPDX-License-Identifier: EUPL-1.2
//
// directory.hpp: the files of a vault's directory (vault/DESIGN.md §8) and its lock.
//
// `unfinished` stands while a vault is being created or rebuilt: what lies there then was never
// acknowledged, and may be cleared. One rename turns it into the keyslot, and the place into a
// vault.
// `rekey` holds such a place while it is being made, `rekeyed` one that is to take over.
// Errors: see each call; besides them disk_full and io.
#ifndef COFFRET_VAULT_STORE_DIRECTORY_HPP
#define COFFRET_VAULT_STORE_DIRECTORY_HPP

#include <cstdint>
#include <memory>
#include <string>

#include "coffret/disk.hpp"
#include "coffret/error.hpp"
#include "coffret/ids.hpp"

namespace coffret::store {

class Directory {
 public:
  // The vault that lies there, locked for this process. Errors: never_initialised, keyslot_damaged
  // (a store without the keyslot that is needed), in_use, unsafe_location (someone else's, or
  // writable by others).
  enum class Keyslot : std::uint8_t { needed, to_be_made };
  static Result<Directory> open(const std::string& path, Disk& disk, Keyslot use = Keyslot::needed);
  // An empty place for a new vault, marked unfinished. Errors: already_initialised, in_use,
  // unsafe_location.
  static Result<Directory> begin(const std::string& path, Disk& disk);
  // The new vault is whole: this is its keyslot.
  Result<void> finish(ByteView keyslot_file, Disk& disk) const;

  const std::string& path() const noexcept { return path_; }
  // A place inside this one for the same vault under other keys, emptied; the sealed objects stay
  // where they are. Nothing there counts until take_over(): one rename, after which open() finishes
  // what was begun, whatever interrupted it.
  Result<Directory> beside(Disk& disk) const;
  Result<void> take_over(Disk& disk) const;

  // The same place, without its lock.
  Directory same() const {
    Directory place{path_};
    place.home_ = home_;
    return place;
  }

  std::string file(std::string_view name) const { return path_ + "/" + std::string{name}; }
  std::string keyslot() const { return file("keyslot"); }
  std::string database() const { return file("store.db"); }
  std::string parameters() const { return file("store.json"); }
  std::string head() const { return file("head"); }
  std::string history() const { return file("history"); }  // gap.hpp
  std::string objects() const { return home_ + "/objects"; }
  std::string retired() const { return file("retired"); }
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
  explicit Directory(std::string path) : path_(std::move(path)), home_(path_) {}
  Result<void> take();
  Result<void> clear(Disk& disk) const;
  void remove_half_written(Disk& disk) const;
  Result<void> settle(Disk& disk) const;

  std::string path_;
  std::string home_;  // of the objects
  std::unique_ptr<Lock> lock_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_DIRECTORY_HPP
