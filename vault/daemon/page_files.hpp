// SPDX-License-Identifier: EUPL-1.2
//
// page_files.hpp: the patient's page (vault/page) as it was built into this program.
//
// The definitions are generated: vault/page/embed.py. Everything returned lives as long as the
// program. Threads: any.
#ifndef COFFRET_VAULT_DAEMON_PAGE_FILES_HPP
#define COFFRET_VAULT_DAEMON_PAGE_FILES_HPP

#include <span>
#include <string_view>

#include "coffret/bytes.hpp"

namespace coffret::daemon {

struct PageFile {
  std::string_view path;  // with its slash
  std::string_view media_type;
  std::string_view policy;  // its Content-Security-Policy
  ByteView bytes;
};

std::span<const PageFile> page_files() noexcept;

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_PAGE_FILES_HPP
