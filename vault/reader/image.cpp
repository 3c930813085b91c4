// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/image.hpp"

#include <algorithm>
#include <optional>

#include "vault/reader/because.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/iso_time.hpp"
#include "vault/reader/parts.hpp"
#include "vault/reader/picture_bytes.hpp"

namespace coffret::reader {
namespace {

// What a header tells; zero and empty where it does not.
struct Picture {
  std::uint64_t width = 0, height = 0;
  std::string date;    // EXIF: "2024:03:01 09:30:00"
  std::string offset;  // "+01:00"
};

// TIFF 6.0 and EXIF 2.32 tags.
constexpr std::uint32_t tag_width = 0x100, tag_height = 0x101, tag_date = 0x132, tag_exif = 0x8769,
                        tag_taken = 0x9003, tag_offset = 0x9011;

std::string ascii_value(const PictureBytes& tiff, std::size_t entry) {
  const std::uint32_t count = std::min(tiff.u32(entry + 4), 64U);
  const std::size_t at = count <= 4 ? entry + 8 : tiff.u32(entry + 8);
  const std::string_view text = tiff.text(at, count);
  return std::string{text.substr(0, text.find('\0'))};
}

// One directory; the EXIF directory that it names is read once, and names none.
void read_directory(const PictureBytes& tiff, std::size_t at, bool inner, Picture& picture) {
  const std::size_t count = std::min<std::size_t>(tiff.u16(at), image_limits::tags);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t entry = at + 2 + 12 * i;
    const std::uint32_t tag = tiff.u16(entry);
    const bool is_short = tiff.u16(entry + 2) == 3;
    const std::uint32_t value = is_short ? tiff.u16(entry + 8) : tiff.u32(entry + 8);
    if (tag == tag_width && !inner) picture.width = value;
    if (tag == tag_height && !inner) picture.height = value;
    if (tag == tag_date && picture.date.empty()) picture.date = ascii_value(tiff, entry);
    if (tag == tag_taken) picture.date = ascii_value(tiff, entry);
    if (tag == tag_offset) picture.offset = ascii_value(tiff, entry);
    if (tag == tag_exif && !inner) read_directory(tiff, value, true, picture);
  }
}

void read_tiff(ByteView bytes, Picture& picture) {
  const PictureBytes tiff{bytes, as_text(bytes).starts_with("MM")};
  if (tiff.u16(2) == 42) read_directory(tiff, tiff.u32(4), false, picture);
}

// The date of an EXIF block; its size is that of a thumbnail or wrong.
void read_exif(ByteView bytes, Picture& picture) {
  Picture exif;
  read_tiff(bytes, exif);
  picture.date = exif.date;
  picture.offset = exif.offset;
}

// ITU-T T.81: markers with sizes, up to the frame header; EXIF lies before it.
void read_jpeg(ByteView bytes, Picture& picture) {
  const PictureBytes jpeg{bytes, true};
  std::size_t at = 2;
  for (std::size_t i = 0; i < image_limits::segments && at + 4 <= jpeg.size(); ++i) {
    const std::uint32_t marker = jpeg.u16(at);
    if (marker == 0xFFFF) {  // a fill byte
      ++at;
      continue;
    }
    const std::uint32_t size = jpeg.u16(at + 2);
    if (marker < 0xFFC0 || marker == 0xFFDA || size < 2) return;
    const bool frame = marker <= 0xFFCF && marker != 0xFFC4 && marker != 0xFFC8 && marker != 0xFFCC;
    if (frame) {
      picture.height = jpeg.u16(at + 5);
      picture.width = jpeg.u16(at + 7);
    }
    using namespace std::string_view_literals;
    if (marker == 0xFFE1 && jpeg.text(at + 4, 6) == "Exif\0\0"sv && at + 10 < jpeg.size())
      read_exif(bytes.subspan(at + 10, std::min<std::size_t>(size - 2, jpeg.size() - at - 10)),
                picture);
    at += 2 + size;
  }
}

// PNG 1.5: IHDR first; eXIf anywhere before the end.
void read_png(ByteView bytes, Picture& picture) {
  const PictureBytes png{bytes, true};
  picture.width = png.u32(16);
  picture.height = png.u32(20);
  std::size_t at = 8;
  for (std::size_t i = 0; i < image_limits::segments && at + 12 <= png.size(); ++i) {
    const std::size_t size = png.u32(at);
    if (size > png.size() - at - 12) return;
    if (png.text(at + 4, 4) == "eXIf") read_exif(bytes.subspan(at + 8, size), picture);
    at += 12 + size;
  }
}

void read_webp(const PictureBytes& webp, Picture& picture) {
  const std::string_view kind = webp.text(12, 4);
  if (kind == "VP8X") {
    picture.width = webp.take(24, 3) + 1;
    picture.height = webp.take(27, 3) + 1;
  } else if (kind == "VP8L") {
    const std::uint32_t packed = webp.u32(21);
    picture.width = (packed & 0x3FFF) + 1;
    picture.height = ((packed >> 14) & 0x3FFF) + 1;
  } else if (kind == "VP8 ") {
    picture.width = webp.u16(26) & 0x3FFF;
    picture.height = webp.u16(28) & 0x3FFF;
  }
}

Picture read_picture(ByteView file, std::string_view media_type) {
  Picture picture;
  const PictureBytes little{file, false};
  if (media_type == "image/jpeg") read_jpeg(file, picture);
  if (media_type == "image/png") read_png(file, picture);
  if (media_type == "image/tiff") read_tiff(file, picture);
  if (media_type == "image/webp") read_webp(little, picture);
  if (media_type == "image/gif") {
    picture.width = little.u16(6);
    picture.height = little.u16(8);
  }
  if (media_type == "image/bmp") {
    picture.width = little.u32(18);
    const std::uint32_t height = little.u32(22);  // negative: rows from the top
    picture.height = height > 0x7FFFFFFF ? ~height + 1 : height;
  }
  return picture;
}

// "2024:03:01 09:30:00" in ISO 8601; cameras without a clock write zeros or blanks.
std::string exif_date(const Picture& picture) {
  std::string text = picture.date;
  if (text.size() != 19 || text[4] != ':' || text[7] != ':') return {};
  text[4] = '-';
  text[7] = '-';
  const std::string zoned = from_iso(text + picture.offset);
  return zoned.empty() ? from_iso(text) : zoned;
}

}  // namespace

Result<void> describe_image(ByteView file, DocumentDescription& into) {
  const Picture picture = read_picture(file, into.entry.media_type);
  if (picture.width != 0 && picture.height > image_limits::pixels / picture.width)
    return because(Cause::image_pixels);
  into.entry.date = exif_date(picture);
  // Its numbers have 32 bits at the most. One without the other is no size.
  if (picture.width != 0 && picture.height != 0)
    into.picture = {static_cast<std::uint32_t>(picture.width),
                    static_cast<std::uint32_t>(picture.height)};
  return {};
}

}  // namespace coffret::reader
