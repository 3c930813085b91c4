// SPDX-License-Identifier: EUPL-1.2
//
// tar.hpp: the members of a tar archive (POSIX.1-2001, pax): regular files of mode 0600 that belong
// to nobody, with names of any length in UTF-8.
//
// Errors of reading: malformed. Threads: pure functions.
#ifndef COFFRET_VAULT_BACKUP_TAR_HPP
#define COFFRET_VAULT_BACKUP_TAR_HPP

#include <cstdint>
#include <optional>
#include <string>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"
#include "coffret/time.hpp"

namespace coffret::backup {

inline constexpr std::size_t tar_block = 512;  // bytes

// Everything in front of a member's content: its header, and a pax header where the old fields are
// too small or know no UTF-8.
Bytes tar_head(const std::string& name, std::uint64_t size, Timestamp time);
// Zeros behind a content of this size.
Bytes tar_padding(std::uint64_t size);
// Two empty blocks.
Bytes tar_end();

struct TarMember {
  std::string name;
  std::uint64_t size = 0;
};
// One block of tar_block bytes. Only what tar_head writes for a short ASCII name is read, in its
// one spelling. None: the empty block that ends an archive.
Result<std::optional<TarMember>> read_tar_head(ByteView block);

}  // namespace coffret::backup

#endif  // COFFRET_VAULT_BACKUP_TAR_HPP
