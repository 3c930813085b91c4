// SPDX-License-Identifier: EUPL-1.2
//
// branch_file.hpp: a history of a vault in a file, for two devices whose server shows each of them
// another one (vault/DESIGN.md §16).
//
//   "COFFRETB" ‖ version u8 = 1 ‖ vault(16) ‖ lp64(record store::Branch) ‖ lp64(object) …
//
// lp64: an 8-byte little-endian length, then that many bytes. Everything in it is signed and sealed
// as it lies at the server: the file needs no secrecy of its own, and is believed no further than a
// server is.
// Errors: malformed, too_large (over the bounds), other_version.
#ifndef COFFRET_VAULT_DAEMON_BRANCH_FILE_HPP
#define COFFRET_VAULT_DAEMON_BRANCH_FILE_HPP

#include <cstdint>
#include <functional>
#include <string>

#include "coffret/disk.hpp"
#include "coffret/sealed.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::daemon {

inline constexpr std::size_t max_branch_record = 256u << 20;              // bytes
inline constexpr std::size_t max_branch_object = 80u << 20;               // bytes
inline constexpr std::uint64_t max_branch_size = std::uint64_t{8} << 30;  // bytes of the file
inline constexpr std::size_t branch_prefix = 8 + 1 + 16;                  // bytes

// The first bytes of such a file. Errors: also other_version.
Bytes branch_file_start(const VaultId& vault, const store::Branch& branch);
Result<VaultId> decode_branch_prefix(ByteView prefix);
// The entries chain from the base on; signatures are the store's to judge.
Result<store::Branch> decode_branch(ByteView record);

struct BranchFile {
  VaultId vault;
  store::Branch branch;
};
// Reads the file piece by piece: the history is handed over first, then each object.
// Errors: also file_not_found, io; those of the two functions, which end the reading.
using TakeBranch = std::function<Result<void>(const BranchFile&)>;
using TakeObject = std::function<Result<void>(const ReceivedObject&)>;
Result<void> read_branch_file(const std::string& path, const Disk& disk, const TakeBranch& branch,
                              const TakeObject& object);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_BRANCH_FILE_HPP
