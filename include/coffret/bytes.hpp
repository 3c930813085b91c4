// SPDX-License-Identifier: EUPL-1.2
//
// bytes.hpp: byte strings and views, as every floor passes them.
//
// A view parameter lives until the call ends unless the header that takes it says otherwise.
#ifndef COFFRET_BYTES_HPP
#define COFFRET_BYTES_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffret {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using MutableByteView = std::span<std::uint8_t>;

// The bytes of a text, without a copy. Valid as long as the text is.
inline ByteView as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// The text whose UTF-8 (or any other) bytes these are, without a copy.
inline std::string_view as_text(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(ByteView view) {
  return {view.begin(), view.end()};
}
inline std::string to_text(ByteView view) {
  return std::string{as_text(view)};
}

inline void append(Bytes& out, ByteView more) {
  out.insert(out.end(), more.begin(), more.end());
}

// Integers at rest and on the wire are little-endian in our own records (the cereal archive of
// wire.hpp), big-endian where a foreign format says so.
template <class Int>
Int load_le(ByteView at) noexcept {
  Int value = 0;
  for (std::size_t i = sizeof(Int); i-- > 0;) value = static_cast<Int>((value << 8) | at[i]);
  return value;
}

template <class Int>
void append_le(Bytes& out, Int value) {
  for (std::size_t i = 0; i < sizeof(Int); ++i)
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace coffret

#endif  // COFFRET_BYTES_HPP
