// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/pack.hpp"

#include <algorithm>

namespace coffret::protocol {
namespace {

bool names_one_twice(const std::vector<Packed>& packed) {
  std::vector<ObjectId> names;
  names.reserve(packed.size());
  for (const auto& one : packed) names.push_back(one.object);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

}  // namespace

Bytes pack_head(const std::vector<PackItem>& items) {
  Bytes head;
  head.reserve(pack_head_size(items.size()));
  append_le(head, static_cast<std::uint32_t>(items.size()));
  for (const auto& item : items) {
    append(head, item.object.view());
    append_le(head, item.length);
  }
  return head;
}

Result<std::vector<Packed>> read_pack(ByteView pack, PackKind kind) {
  if (pack.size() > max_pack) return errc::too_large;
  if (pack.size() < 4) return errc::malformed;
  const std::size_t count = load_le<std::uint32_t>(pack);
  if (count > max_packed_objects) return errc::too_large;
  const std::size_t head = pack_head_size(count);
  if (count == 0 || head > pack.size()) return errc::malformed;

  std::vector<Packed> packed(count);
  ByteView rest = pack.subspan(head);
  for (std::size_t i = 0; i < count; ++i) {
    const auto item = pack.subspan(pack_head_size(i), ObjectId::size + 4);
    std::copy_n(item.begin(), ObjectId::size, packed[i].object.bytes.begin());
    const std::size_t length = load_le<std::uint32_t>(item.subspan(ObjectId::size));
    if (length > max_packed_object) return errc::too_large;
    if (length > rest.size() || (length == 0 && kind == PackKind::up)) return errc::malformed;
    packed[i].bytes = rest.first(length);
    rest = rest.subspan(length);
  }
  if (!rest.empty() || names_one_twice(packed)) return errc::malformed;
  return packed;
}

}  // namespace coffret::protocol
