// SPDX-License-Identifier: EUPL-1.2
//
// image.hpp: the headers of pictures. No pixel is decoded here.
#ifndef COFFRET_VAULT_READER_IMAGE_HPP
#define COFFRET_VAULT_READER_IMAGE_HPP

#include "coffret/document.hpp"
#include "coffret/error.hpp"

namespace coffret::reader {

// A bound for whoever shows or recognises the picture: a few bytes can claim gigabytes of pixels.
// The largest page scanner of a hospital gives 2^27.
namespace image_limits {
inline constexpr std::uint64_t pixels = 1u << 28;
inline constexpr std::size_t segments = 4096;  // of JPEG and PNG, before the picture
inline constexpr std::size_t tags = 512;       // of one TIFF directory
}  // namespace image_limits

// Size and date (EXIF DateTimeOriginal, else DateTime) of JPEG, PNG, TIFF; size of GIF, BMP, WebP.
// entry.media_type names the format.
// Errors: too_large (it claims more pixels than the limit). A header that breaks off tells nothing.
Result<void> describe_image(ByteView file, DocumentDescription& into);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_IMAGE_HPP
