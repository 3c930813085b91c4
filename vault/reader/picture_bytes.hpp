// SPDX-License-Identifier: EUPL-1.2
//
// picture_bytes.hpp: the bytes of a picture, or of the TIFF directory in it, as numbers in one byte
// order. What is read past the end is zero or empty: loops over it end by bounds of their own.
//
// Ownership: views the bytes. Threads: a value.
#ifndef COFFRET_VAULT_READER_PICTURE_BYTES_HPP
#define COFFRET_VAULT_READER_PICTURE_BYTES_HPP

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "coffret/bytes.hpp"

namespace coffret::reader {

class PictureBytes {
 public:
  PictureBytes(ByteView bytes, bool big) : bytes_(bytes), big_(big) {}

  // `count`: at most 4.
  std::uint32_t take(std::size_t at, std::size_t count) const {
    if (at > bytes_.size() || count > bytes_.size() - at) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
      value = (value << 8) | bytes_[at + (big_ ? i : count - 1 - i)];
    return value;
  }
  std::uint32_t u16(std::size_t at) const { return take(at, 2); }
  std::uint32_t u32(std::size_t at) const { return take(at, 4); }
  std::string_view text(std::size_t at, std::size_t size) const {
    return at > bytes_.size() ? std::string_view{} : as_text(bytes_).substr(at, size);
  }
  ByteView part(std::size_t at, std::size_t size) const {
    return at > bytes_.size() ? ByteView{} : bytes_.subspan(at, std::min(size, bytes_.size() - at));
  }
  std::size_t size() const { return bytes_.size(); }

 private:
  ByteView bytes_;
  bool big_;
};

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_PICTURE_BYTES_HPP
