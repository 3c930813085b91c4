// SPDX-License-Identifier: EUPL-1.2
//
// part.hpp: one file of a backup: an age file around a tar (vault/DESIGN.md §14).
//
//   coffret-backup/manifest-<n>.jws   first: what follows, in this order
//   coffret-backup/README.txt         for whoever opens it with the stock programs
//   coffret-backup/log/<n>-<page>     record EntryPage: entries byte for byte
//   coffret-backup/objects/<id>       sealed objects byte for byte
//
// Errors: backup_damaged with the fault in a Damage, other_version, and those of age_file.hpp.
// Ownership: the Disk and the Damage outlive a Part. Threads: one.
#ifndef COFFRET_VAULT_BACKUP_PART_HPP
#define COFFRET_VAULT_BACKUP_PART_HPP

#include <functional>
#include <string>

#include "vault/backup/age_file.hpp"
#include "vault/backup/manifest.hpp"

namespace coffret::backup {

inline constexpr std::size_t max_object = 80u << 20;  // bytes; PROTOCOL.md §5

std::string manifest_name(std::uint32_t number);
std::string read_me_name();
std::string page_name(std::uint32_t number, std::size_t page);
std::string object_name(const ObjectId& object);

// What stands in a tar for a content of this size, with its header and padding.
std::uint64_t member_size(std::uint64_t content);

struct Visitor {
  std::function<Result<void>(const protocol::EntryPage&)> page{};
  std::function<Result<void>(const ObjectId&, Bytes&&)> object{};
};

class Part {
 public:
  // Reads and verifies the manifest, and that the file is as long as it says.
  static Result<Part> open(const Disk& disk, const std::string& path, const Opener& opener,
                           Damage& damage);
  const SignedManifest& manifest() const noexcept { return manifest_; }

  // The rest, once: every byte compared with the manifest before a visitor sees it.
  Result<void> read(const Visitor& visitor);

 private:
  Part(AgeFile file, SignedManifest manifest)
      : file_(std::move(file)), manifest_(std::move(manifest)) {}
  Result<Bytes> member(const std::string& name, std::uint64_t size);
  Result<void> judge_size();

  AgeFile file_;
  SignedManifest manifest_;
};

}  // namespace coffret::backup

#endif  // COFFRET_VAULT_BACKUP_PART_HPP
