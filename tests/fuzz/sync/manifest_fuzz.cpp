// SPDX-License-Identifier: EUPL-1.2
//
// Input: a manifest's payload. Property: what is accepted promises no byte that its parts could not
// hold, keeps every limit, and written and read again is the same.
#include <cstdlib>

#include "sync/protocol/manifest.hpp"

using namespace coffret;
using namespace coffret::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto manifest = read_manifest(as_text({data, size}));
  if (manifest.has_error()) return 0;

  std::size_t parts = 0;
  for (const auto& file : manifest->files) {
    if (file.parts.empty() || file.size > file.parts.size() * parcel_part) std::abort();
    if (file.title.size() > max_manifest_text) std::abort();
    parts += file.parts.size();
  }
  if (parts > max_manifest_parts || manifest->files.size() > max_manifest_files) std::abort();
  if ((manifest->rights & 1) == 0 || manifest->rights > 3) std::abort();
  // Escapes may make the text longer than what was read; then it is refused, and nothing else.
  const auto json = manifest_json(*manifest);
  const auto again = read_manifest(json);
  if (again.has_error() ? json.size() <= max_manifest : *again != *manifest) std::abort();
  return 0;
}
