// SPDX-License-Identifier: EUPL-1.2
//
// pack.hpp: many small objects in one body, on their way up or down (PROTOCOL.md §5). Objects
// travel packed and are kept single: nothing of a pack outlives its request.
//
//   pack := count:u32 (object:id(32) length:u32)[count] bytes[sum of the lengths]
//
// Nothing here says whether bytes have the name beside them: whoever reads a pack hashes them.
// Units: bytes. Errors: malformed (not the one encoding of a pack: a wrong sum, a name twice, a
// length of zero where none may be), too_large.
// Ownership: what is read are views into the pack. Threads: pure functions.
#ifndef COFFRET_SYNC_PROTOCOL_PACK_HPP
#define COFFRET_SYNC_PROTOCOL_PACK_HPP

#include <cstdint>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"
#include "coffret/ids.hpp"

namespace coffret::protocol {

inline constexpr std::size_t max_pack = std::size_t{8} << 20;           // bytes, with its head
inline constexpr std::size_t max_packed_object = std::size_t{4} << 20;  // bytes; larger go alone
inline constexpr std::size_t max_packed_objects = 256;                  // of one pack

struct PackItem {
  ObjectId object;
  std::uint32_t length = 0;
  bool operator==(const PackItem&) const = default;
};

struct Packed {
  ObjectId object;
  ByteView bytes;
};

// Up, every object has bytes. Down, one that is not held has none.
enum class PackKind : std::uint8_t { up, down };

constexpr std::size_t pack_head_size(std::size_t objects) noexcept {
  return 4 + objects * (ObjectId::size + 4);
}

// The bytes of the objects follow it, in this order.
Bytes pack_head(const std::vector<PackItem>& items);

Result<std::vector<Packed>> read_pack(ByteView pack, PackKind kind);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_PACK_HPP
