// SPDX-License-Identifier: EUPL-1.2
#include <qrencode.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "vault/crypto/handover.hpp"
#include "vault/crypto/wiping.hpp"
#include "vault/grants/grants.hpp"

namespace coffret::grants {
namespace {

constexpr unsigned quiet = 4;   // modules around the code (ISO/IEC 18004)
constexpr unsigned module = 8;  // pixels

// A picture of a link is the link: whatever is made on the way to it is wiped.
using crypto::append;
using crypto::WipingBytes;

struct FreeCode {
  void operator()(QRcode* code) const noexcept {
    const auto width = static_cast<std::size_t>(code->width);
    crypto::wipe({code->data, width * width});
    ::QRcode_free(code);
  }
};
using Code = std::unique_ptr<QRcode, FreeCode>;

bool is_dark(const QRcode& code, unsigned row, unsigned column) {
  const auto width = static_cast<unsigned>(code.width);
  return row < width && column < width && (code.data[row * width + column] & 1) != 0;
}

void append_be(WipingBytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

// PNG (ISO/IEC 15948): CRC-32 of type and data, Adler-32 (RFC 1950) of the pixels. The picture is
// small: its pixels go in stored blocks, and no compressor is needed.
std::uint32_t crc32(ByteView bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

std::uint32_t adler32(ByteView bytes) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const std::uint8_t byte : bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return (b << 16) | a;
}

void append_le16(WipingBytes& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8));
}

WipingBytes stored_zlib(ByteView bytes) {
  WipingBytes out{0x78, 0x01};
  for (ByteView rest = bytes; !rest.empty();) {
    const auto block = rest.first(std::min<std::size_t>(rest.size(), 0xffff));
    rest = rest.subspan(block.size());
    out.push_back(rest.empty() ? 1 : 0);
    const auto size = static_cast<std::uint16_t>(block.size());
    append_le16(out, size);
    append_le16(out, static_cast<std::uint16_t>(~size));
    append(out, block);
  }
  append_be(out, adler32(bytes));
  return out;
}

void append_chunk(WipingBytes& png, std::string_view type, ByteView data) {
  WipingBytes body;
  append(body, as_bytes(type));
  append(body, data);
  append_be(png, static_cast<std::uint32_t>(data.size()));
  append(png, body);
  append_be(png, crc32(body));
}

WipingBytes png_of(const QRcode& code) {
  const unsigned modules = static_cast<unsigned>(code.width) + 2 * quiet;
  const unsigned side = modules * module;
  WipingBytes pixels;  // one bit each, 1 is white; a filter byte in front of every line
  for (unsigned y = 0; y < side; ++y) {
    pixels.push_back(0);
    // module is 8 pixels: one byte of a line is one module.
    for (unsigned column = 0; column < modules; ++column)
      pixels.push_back(is_dark(code, y / module - quiet, column - quiet) ? 0x00 : 0xff);
  }
  constexpr std::array<std::uint8_t, 8> signature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  WipingBytes header;
  append_be(header, side);
  append_be(header, side);
  append(header, std::array<std::uint8_t, 5>{1, 0, 0, 0, 0});  // 1 bit, grey, no interlace
  WipingBytes png;
  append(png, signature);
  append_chunk(png, "IHDR", header);
  append_chunk(png, "IDAT", stored_zlib(pixels));
  append_chunk(png, "IEND", {});
  return png;
}

WipingBytes svg_of(const QRcode& code) {
  const auto width = static_cast<unsigned>(code.width);
  const std::string side = std::to_string(width + 2 * quiet);
  WipingBytes svg;
  const auto add = [&](std::string_view text) { append(svg, as_bytes(text)); };
  add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
      "\" shape-rendering=\"crispEdges\"><rect width=\"100%\" height=\"100%\" "
      "fill=\"#fff\"/><path d=\"");
  for (unsigned row = 0; row < width; ++row)
    for (unsigned column = 0; column < width; ++column)
      if (is_dark(code, row, column))
        add("M" + std::to_string(column + quiet) + " " + std::to_string(row + quiet) + "h1v1h-1z");
  add("\"/></svg>\n");
  return svg;
}

}  // namespace

Result<Bytes> qr_picture(const SecretText& link, bool svg) {
  const Code code{crypto::hand_over(link, [](ByteView text) {
    return ::QRcode_encodeData(static_cast<int>(text.size()), text.data(), 0, QR_ECLEVEL_M);
  })};
  if (!code) return errc::too_large;
  const auto picture = svg ? svg_of(*code) : png_of(*code);
  return to_bytes(picture);  // one allocation, which the caller wipes
}

}  // namespace coffret::grants
