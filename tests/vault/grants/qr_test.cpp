// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>
#include <zlib.h>

#include <cstdlib>

#include "tests/support/keys.hpp"
#include "vault/grants/grants.hpp"

using namespace coffret;
using test::secret_text;

namespace {

std::uint32_t load_be(ByteView at) {
  return (std::uint32_t{at[0]} << 24) | (std::uint32_t{at[1]} << 16) | (std::uint32_t{at[2]} << 8) |
         at[3];
}

// The rows of pixels of a PNG of ours, judged by zlib: '#' is dark.
std::vector<std::string> pixels_of(const Bytes& png) {
  ByteView rest{png};
  REQUIRE(as_text(rest.first(8)) == "\x89PNG\r\n\x1a\n");
  rest = rest.subspan(8);
  Bytes packed;
  std::uint32_t side = 0;
  std::vector<std::string> types;
  while (!rest.empty()) {
    const auto size = load_be(rest);
    const auto body = rest.subspan(4, size + 4);
    types.emplace_back(as_text(body.first(4)));
    CHECK(load_be(rest.subspan(size + 8)) ==
          ::crc32(0, body.data(), static_cast<uInt>(body.size())));
    if (types.back() == "IHDR") side = load_be(body.subspan(4));
    if (types.back() == "IDAT") packed = to_bytes(body.subspan(4));
    rest = rest.subspan(size + 12);
  }
  CHECK(types == std::vector<std::string>{"IHDR", "IDAT", "IEND"});
  const std::size_t line = (side + 7) / 8 + 1;
  Bytes raw(line * side);
  uLongf raw_size = raw.size();
  REQUIRE(::uncompress(raw.data(), &raw_size, packed.data(), packed.size()) == Z_OK);
  REQUIRE(raw_size == raw.size());
  std::vector<std::string> rows(side);
  for (std::size_t y = 0; y < side; ++y)
    for (std::size_t x = 0; x < side; ++x)
      rows[y] += ((raw[y * line + 1 + x / 8] >> (7 - x % 8)) & 1) != 0 ? ' ' : '#';
  return rows;
}

// One character a module, from the SVG's path.
std::vector<std::string> modules_of(const Bytes& svg, std::size_t side) {
  std::vector<std::string> rows(side, std::string(side, ' '));
  const auto text = to_text(svg);
  for (std::size_t at = text.find("d=\"") + 3; text[at] == 'M';) {
    char* end = nullptr;
    const auto x = std::strtoul(text.c_str() + at + 1, &end, 10);
    const auto y = std::strtoul(end, &end, 10);
    rows.at(y).at(x) = '#';
    at = text.find('z', at) + 1;
  }
  return rows;
}

}  // namespace

TEST_SUITE("vault/grants qr") {
  TEST_CASE("PNG and SVG show the same code, with the three finders and a quiet zone") {
    const auto link = secret_text("https://coffret.example/v#c1." + std::string(80, 'x'));
    const auto png = grants::qr_picture(link, false);
    const auto svg = grants::qr_picture(link, true);
    REQUIRE(png.has_value());
    REQUIRE(svg.has_value());
    const auto pixels = pixels_of(*png);
    const std::size_t side = pixels.size() / 8;
    REQUIRE(pixels.size() == side * 8);
    std::vector<std::string> modules(side, std::string(side, ' '));
    for (std::size_t y = 0; y < pixels.size(); ++y)
      for (std::size_t x = 0; x < pixels.size(); ++x) {
        if (y % 8 == 0 && x % 8 == 0) modules[y / 8][x / 8] = pixels[y][x];
        REQUIRE(modules[y / 8][x / 8] == pixels[y][x]);
      }
    CHECK(modules == modules_of(*svg, side));
    for (std::size_t i = 0; i < 4; ++i) CHECK(modules[i] == std::string(side, ' '));
    const std::vector<std::string> finder{"#######", "#     #", "# ### #", "# ### #",
                                          "# ### #", "#     #", "#######"};
    for (std::size_t i = 0; i < 7; ++i) {
      CHECK(modules[4 + i].substr(4, 7) == finder[i]);
      CHECK(modules[4 + i].substr(side - 11, 7) == finder[i]);
      CHECK(modules[side - 11 + i].substr(4, 7) == finder[i]);
    }
  }

  TEST_CASE("more than a QR code holds is refused") {
    CHECK(grants::qr_picture(secret_text(std::string(2331, 'x')), true).has_value());
    CHECK(grants::qr_picture(secret_text(std::string(2332, 'x')), true).error() == errc::too_large);
  }
}
