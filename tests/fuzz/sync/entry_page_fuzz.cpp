// SPDX-License-Identifier: EUPL-1.2
//
// Property: an append or a page of entries that is accepted is encoded again to the very bytes that
// were read, and keeps its limits.
#include <algorithm>
#include <cstdlib>

#include "sync/protocol/entry.hpp"

using namespace coffret;
using namespace coffret::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  if (const auto append = decode_append(bytes); append.has_value()) {
    if (!std::ranges::equal(wire::encode(*append), bytes)) std::abort();
    if (append->entries.empty() || append->entries.size() > max_append_entries) std::abort();
  }
  if (const auto page = decode_entry_page(bytes); page.has_value()) {
    if (!std::ranges::equal(wire::encode(*page), bytes)) std::abort();
    for (const auto& entry : page->entries)
      if (entry.operation.size() > max_operation_size) std::abort();
  }
  return 0;
}
