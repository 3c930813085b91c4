// SPDX-License-Identifier: EUPL-1.2
//
// export_tar.hpp: the members of a tar archive (POSIX.1-2001, pax): regular files of mode 0600 that
// belong to nobody, with names of any length in UTF-8.
#ifndef COFFRET_VAULT_DAEMON_EXPORT_TAR_HPP
#define COFFRET_VAULT_DAEMON_EXPORT_TAR_HPP

#include <cstdint>
#include <string>

#include "coffret/bytes.hpp"
#include "coffret/time.hpp"

namespace coffret::daemon {

// Everything in front of a member's content: its header, and a pax header where the old fields are
// too small or know no UTF-8.
Bytes tar_head(const std::string& name, std::uint64_t size, Timestamp time);
// Zeros behind a content of this size.
Bytes tar_padding(std::uint64_t size);
// Two empty blocks.
Bytes tar_end();

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_EXPORT_TAR_HPP
