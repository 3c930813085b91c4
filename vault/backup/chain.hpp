// SPDX-License-Identifier: EUPL-1.2
//
// chain.hpp: a backup set: FILE, FILE.2, FILE.3 …, of which the last full one and everything
// numbered after it counts (vault/DESIGN.md §14).
//
// Nothing in a set is ever written over: a new full one goes under the next number.
// Errors: file_not_found (no file of this name), wrong_recovery_key, backup_damaged with the fault
// in a Damage, other_version; those of the Disk and of the visitor.
// Threads: pure functions of their arguments.
#ifndef COFFRET_VAULT_BACKUP_CHAIN_HPP
#define COFFRET_VAULT_BACKUP_CHAIN_HPP

#include <span>
#include <string>
#include <vector>

#include "vault/backup/part.hpp"

namespace coffret::backup {

inline constexpr std::size_t max_chain = 1000;  // files that count

std::string part_path(const std::string& base, std::uint32_t number);
// FILE for FILE.3 too, where FILE.3 is a part of a set.
std::string base_path(const std::string& path);

// The highest number that is there; 0: none.
Result<std::uint32_t> last_number(const Disk& disk, const std::string& base);

struct Link {
  std::string path;
  SignedManifest manifest;
};
struct Chain {
  std::vector<Link> links;            // the full one first
  std::vector<std::string> outdated;  // files before it
  const Manifest& last() const noexcept { return links.back().manifest.manifest; }
  const Manifest& first() const noexcept { return links.front().manifest.manifest; }
};

// The manifests alone, each linked to the one before.
Result<Chain> open_chain(const Disk& disk, const std::string& base, const Opener& opener,
                         Damage& damage);

struct Entries {
  std::uint64_t after = 0;  // what was given behind this one before no longer counts
  std::span<const protocol::SignedEntry> entries{};
};
struct ChainVisitor {
  std::function<Result<void>(const Entries&)> entries{};
  std::function<Result<void>(const ObjectId&, Bytes&&)> object{};
  std::function<Result<void>()> between{};  // before each file
};
struct Verified {
  std::uint64_t entries = 0;
  std::uint64_t objects = 0;
  std::uint64_t missing = 0;  // never on the device that made it
};
// Every byte of every file; the entries follow one another to the head that is stated, and each
// object that the log keeps is there. Who signed what is for the caller to judge.
Result<Verified> read_chain(const Disk& disk, const Chain& chain, const Opener& opener,
                            const ChainVisitor& visitor, Damage& damage);

}  // namespace coffret::backup

#endif  // COFFRET_VAULT_BACKUP_CHAIN_HPP
