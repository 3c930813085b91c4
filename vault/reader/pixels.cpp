// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/pixels.hpp"

#include <png.h>
#include <turbojpeg.h>

#include <memory>
#include <string>
#include <type_traits>

namespace coffret::reader {
namespace {

// The smallest whole factor that brings a picture under the limit.
std::uint64_t shrinking(std::uint64_t width, std::uint64_t height) {
  std::uint64_t factor = 1;
  while ((width / factor) * (height / factor) > pixel_limits::shown) ++factor;
  return factor;
}

// Each pixel the mean of a square; what does not fill a square at the edges is left out.
GreyPicture shrunk(GreyPicture picture) {
  const auto factor = static_cast<std::size_t>(shrinking(picture.width, picture.height));
  if (factor == 1) return picture;
  GreyPicture small{picture.width / factor, picture.height / factor, {}};
  small.pixels.reserve(small.width * small.height);
  for (std::size_t y = 0; y < small.height; ++y)
    for (std::size_t x = 0; x < small.width; ++x) {
      std::size_t sum = 0;
      for (std::size_t row = 0; row < factor; ++row)
        for (std::size_t column = 0; column < factor; ++column)
          sum += picture.pixels[(y * factor + row) * picture.width + x * factor + column];
      small.pixels.push_back(static_cast<std::uint8_t>(sum / (factor * factor)));
    }
  return small;
}

Result<void> judge(std::uint64_t width, std::uint64_t height, std::uint64_t most) {
  if (width == 0 || height == 0) return errc::malformed;
  if (height > most / width) return errc::too_large;
  return {};
}

using Decompressor = std::unique_ptr<std::remove_pointer_t<tjhandle>, int (*)(tjhandle)>;

Result<GreyPicture> decode_jpeg(ByteView file) {
  const Decompressor jpeg{::tjInitDecompress(), &::tjDestroy};
  if (jpeg == nullptr) return errc::too_large;
  int width = 0, height = 0, sampling = 0, colours = 0;
  const auto size = static_cast<unsigned long>(file.size());
  if (::tjDecompressHeader3(jpeg.get(), file.data(), size, &width, &height, &sampling, &colours) !=
          0 ||
      width < 1 || height < 1)
    return errc::malformed;
  const auto w = static_cast<std::uint64_t>(width);
  const auto h = static_cast<std::uint64_t>(height);
  COFFRET_CHECK(judge(w, h, pixel_limits::jpeg_pixels));
  // The decoder halves as it decodes: 1, 1/2, 1/4, 1/8.
  std::uint64_t divisor = 1;
  while (divisor < 8 &&
         ((w + divisor - 1) / divisor) * ((h + divisor - 1) / divisor) > pixel_limits::shown)
    divisor *= 2;
  GreyPicture picture{(w + divisor - 1) / divisor, (h + divisor - 1) / divisor, {}};
  picture.pixels.assign(picture.width * picture.height, 128);
  // LIMITSCANS: a progressive file of a few bytes may ask for thousands of passes.
  const int done = ::tjDecompress2(jpeg.get(), file.data(), size, picture.pixels.data(),
                                   static_cast<int>(picture.width), 0,
                                   static_cast<int>(picture.height), TJPF_GRAY, TJFLAG_LIMITSCANS);
  if (done != 0 && ::tjGetErrorCode(jpeg.get()) != TJERR_WARNING) return errc::malformed;
  return shrunk(std::move(picture));
}

Result<GreyPicture> decode_png(ByteView file) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, void (*)(png_image*)> freed{&png, &::png_image_free};
  if (::png_image_begin_read_from_memory(&png, file.data(), file.size()) == 0)
    return errc::malformed;
  COFFRET_CHECK(judge(png.width, png.height, pixel_limits::png_pixels));
  png.format = PNG_FORMAT_GRAY;
  GreyPicture picture{png.width, png.height, Bytes(PNG_IMAGE_SIZE(png))};
  const png_color white{255, 255, 255};  // behind what is transparent
  if (::png_image_finish_read(&png, &white, picture.pixels.data(), 0, nullptr) == 0)
    return errc::malformed;
  return shrunk(std::move(picture));
}

// "P5", width, height, 255, one white space, pixels (netpbm's pgm(5), as pdftoppm writes it).
Result<GreyPicture> decode_pgm(std::string_view text) {
  std::uint64_t numbers[3] = {};
  std::size_t at = 2;
  for (auto& number : numbers) {
    const auto first = text.find_first_not_of(" \t\r\n", at);
    if (first == std::string_view::npos || first == at) return errc::malformed;
    for (at = first; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      number = number * 10 + static_cast<std::uint64_t>(text[at] - '0');
      if (number > pixel_limits::png_pixels) return errc::too_large;
    }
    if (at == first) return errc::malformed;
  }
  COFFRET_CHECK(judge(numbers[0], numbers[1], pixel_limits::png_pixels));
  if (numbers[2] != 255 || at == text.size()) return errc::malformed;
  const auto pixels = as_bytes(text.substr(at + 1));
  if (pixels.size() != numbers[0] * numbers[1]) return errc::malformed;
  return shrunk({numbers[0], numbers[1], Bytes{pixels.begin(), pixels.end()}});
}

}  // namespace

Result<GreyPicture> decode_grey(ByteView file) {
  if (file.size() > pixel_limits::file) return errc::too_large;
  const std::string_view text = as_text(file);
  if (text.starts_with("\xFF\xD8\xFF")) return decode_jpeg(file);
  if (text.starts_with("\x89PNG\r\n\x1A\n")) return decode_png(file);
  if (text.starts_with("P5")) return decode_pgm(text);
  return errc::unsupported;
}

Bytes to_pgm(const GreyPicture& picture) {
  const std::string head =
      "P5\n" + std::to_string(picture.width) + " " + std::to_string(picture.height) + "\n255\n";
  Bytes pgm{head.begin(), head.end()};
  append(pgm, picture.pixels);
  return pgm;
}

}  // namespace coffret::reader
