// SPDX-License-Identifier: EUPL-1.2
//
// Property: a line or a page of the access log that is accepted is encoded again to the very bytes
// that were read: one leaf, one hash.
#include <algorithm>
#include <cstdlib>

#include "sync/protocol/access_log.hpp"

using namespace coffret;
using namespace coffret::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  if (const auto line = decode_access_line(bytes); line.has_value())
    if (!std::ranges::equal(wire::encode(*line), bytes)) std::abort();
  if (const auto page = decode_access_page(bytes); page.has_value())
    if (!std::ranges::equal(wire::encode(*page), bytes)) std::abort();
  return 0;
}
