// SPDX-License-Identifier: EUPL-1.2
//
// Property: what is read of a file of watched folders, sealed or opened, keeps its limits and is
// written back as the same bytes.
#include <cstdlib>

#include "coffret/wire.hpp"
#include "vault/daemon/watched_folders.hpp"

using namespace coffret;
using namespace coffret::daemon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView file{data, size};
  if (const auto sealed = decode_sealed_folders(file); sealed.has_value())
    if (wire::encode(*sealed) != to_bytes(file)) std::abort();
  if (const auto folders = decode_folders(file); folders.has_value()) {
    if (folders->size() > max_watched) std::abort();
    for (const auto& folder : *folders)
      if (folder.directory.empty() || folder.move_to.size() > max_watched_path) std::abort();
  }
  return 0;
}
