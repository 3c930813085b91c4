// SPDX-License-Identifier: EUPL-1.2
//
// viewer_files.hpp: the viewer page (sync/viewer) as it was built into this program.
//
// The definitions are generated: sync/viewer/embed.py. Everything returned lives as long as the
// program. Threads: any.
#ifndef COFFRET_SYNC_SERVER_VIEWER_FILES_HPP
#define COFFRET_SYNC_SERVER_VIEWER_FILES_HPP

#include <span>
#include <string_view>

#include "coffret/bytes.hpp"

namespace coffret::server {

struct ViewerFile {
  std::string_view path;  // below /v/; empty for /v itself (protocol::Target::asset)
  std::string_view media_type;
  std::string_view etag;  // strong, in its quotes: changes when a byte does
  ByteView bytes;
};

struct ViewerHeader {
  std::string_view name;
  std::string_view value;
};

// Sorted by path.
std::span<const ViewerFile> viewer_files() noexcept;

// To be sent with every viewer file: what keeps the page to itself (sync/viewer/README.md).
std::span<const ViewerHeader> viewer_headers() noexcept;

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_VIEWER_FILES_HPP
