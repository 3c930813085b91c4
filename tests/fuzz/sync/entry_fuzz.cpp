// SPDX-License-Identifier: EUPL-1.2
//
// Property: an entry that is accepted is encoded again to the very bytes that were read, and
// keeps its limits.
#include <algorithm>
#include <cstdlib>

#include "sync/protocol/entry.hpp"

using namespace coffret;
using namespace coffret::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  const auto entry = decode_entry(bytes);
  if (entry.has_error()) return 0;
  const Bytes again = wire::encode(*entry);
  if (!std::ranges::equal(again, bytes)) std::abort();
  if (entry->seq == 0 || entry->puts.size() > max_objects_per_entry) std::abort();
  return 0;
}
