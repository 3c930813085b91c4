// SPDX-License-Identifier: EUPL-1.2
//
// Property: a policy that is accepted is encoded again to the very bytes that were read, and is one
// that check_policy understands. A publication is encoded again to its bytes.
#include <algorithm>
#include <cstdlib>

#include "sync/protocol/policy.hpp"

using namespace coffret;
using namespace coffret::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  if (const auto policy = decode_policy(bytes); policy.has_value()) {
    if (!std::ranges::equal(wire::encode(*policy), bytes)) std::abort();
    if (check_policy(*policy).has_error()) std::abort();
    if (policy->expires_at <= policy->not_before) std::abort();
  }
  if (const auto publication = decode_publication(bytes); publication.has_value())
    if (!std::ranges::equal(wire::encode(*publication), bytes)) std::abort();
  return 0;
}
