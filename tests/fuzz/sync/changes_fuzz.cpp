// SPDX-License-Identifier: EUPL-1.2
//
// Property: an append with changes that is accepted is encoded again to the very bytes that were
// read, and keeps its limits.
#include <algorithm>
#include <cstdlib>

#include "sync/protocol/changes.hpp"

using namespace coffret;
using namespace coffret::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  const auto changes = decode_changes(bytes);
  if (changes.has_error()) return 0;
  if (!std::ranges::equal(wire::encode(*changes), bytes)) std::abort();
  if (changes->append.entries.empty() || changes->append.entries.size() > max_append_entries)
    std::abort();
  if (changes->added.size() > max_changed_devices || changes->removed.size() > max_changed_devices)
    std::abort();
  for (const auto& certificate : changes->added)
    if (certificate.body.size() > max_certificate_body) std::abort();
  return 0;
}
