// SPDX-License-Identifier: EUPL-1.2
//
// Property: a pack that is accepted is written again to the very bytes that were read, keeps its
// limits, and every object in it lies inside it; what may go up may also come down.
#include <algorithm>
#include <cstdlib>

#include "sync/protocol/pack.hpp"

using namespace coffret;
using namespace coffret::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  const auto down = read_pack(bytes, PackKind::down);
  if (read_pack(bytes, PackKind::up).has_value() && down.has_error()) std::abort();
  if (down.has_error()) return 0;
  if (down->empty() || down->size() > max_packed_objects) std::abort();
  std::vector<PackItem> items;
  for (const auto& one : *down) {
    if (one.bytes.size() > max_packed_object) std::abort();
    items.push_back({one.object, static_cast<std::uint32_t>(one.bytes.size())});
  }
  Bytes again = pack_head(items);
  for (const auto& one : *down) append(again, one.bytes);
  if (!std::ranges::equal(again, bytes)) std::abort();
  return 0;
}
