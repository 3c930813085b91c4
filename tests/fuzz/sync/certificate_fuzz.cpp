// SPDX-License-Identifier: EUPL-1.2
//
// Property: a device certificate that is accepted is encoded again to the very bytes that were
// read.
#include <algorithm>
#include <cstdlib>

#include "sync/protocol/device.hpp"

using namespace coffret;
using namespace coffret::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  const auto certificate = decode_certificate(bytes);
  if (certificate.has_value() && !std::ranges::equal(wire::encode(*certificate), bytes))
    std::abort();
  return 0;
}
