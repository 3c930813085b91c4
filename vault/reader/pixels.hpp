// SPDX-License-Identifier: EUPL-1.2
//
// pixels.hpp: the pixels of a picture, as shades of grey, for whoever looks for a code on it.
//
// JPEG (libjpeg-turbo), PNG (libpng) and the binary PGM that pdftoppm writes. Decoders of pictures
// are where hostile files have won before: they run in a process that reads one picture and ends
// (coffret-reader qr), never where a document is described or a key is held.
//
// Threads: may run on several threads at once.
#ifndef COFFRET_VAULT_READER_PIXELS_HPP
#define COFFRET_VAULT_READER_PIXELS_HPP

#include <cstdint>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"

namespace coffret::reader {

namespace pixel_limits {
inline constexpr std::size_t file = 16u << 20;          // bytes
inline constexpr std::uint64_t jpeg_pixels = 1u << 26;  // a telephone's camera gives 2^24 to 2^26
inline constexpr std::uint64_t png_pixels = 1u << 24;   // and PGM: decoded whole before it shrinks
inline constexpr std::uint64_t shown = 1u << 23;        // of what is handed back
}  // namespace pixel_limits

struct GreyPicture {
  std::size_t width = 0;   // pixels
  std::size_t height = 0;  // pixels
  Bytes pixels;            // rows from the top, one byte each, 0: black

  bool operator==(const GreyPicture&) const = default;
};

// A larger picture is shrunk by a whole factor, so that it has at most pixel_limits::shown pixels.
// What a JPEG that breaks off lacks is grey.
// Errors: too_large (file or stated pixels); unsupported (another format); malformed.
Result<GreyPicture> decode_grey(ByteView file);

// As a binary PGM, which decode_grey reads.
Bytes to_pgm(const GreyPicture& picture);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_PIXELS_HPP
