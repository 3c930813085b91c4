// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/hidden.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "coffret/wire.hpp"
#include "vault/reader/reader.hpp"

namespace coffret::reader {
namespace {

using reading::HiddenDetail;
using reading::HiddenKind;
using namespace std::string_view_literals;

// A TIFF block with an EXIF directory and one about the place, big end first, made by hand.
class ExifBuilder {
 public:
  explicit ExifBuilder(bool big) : big_(big) {
    bytes_ = to_bytes(as_bytes(big ? "MM\0*"sv : "II*\0"sv));
    number(8, 4);
  }
  // Directories follow one another; texts and fractions lie behind them.
  Bytes with_place_and_serial() {
    directory({{0x8769, 4, 1, 38}, {0x8825, 4, 1, 68}});    // at 8, 30 bytes
    directory({{0xA431, 2, 8, 122}, {0xA430, 2, 8, 130}});  // at 38, 30 bytes
    directory({{1, 2, 2, letter('N')},                      // at 68, 54 bytes
               {2, 5, 3, 138},
               {3, 2, 2, letter('W')},
               {4, 5, 3, 162}});
    append(bytes_, as_bytes("SN12345\0C. Test\0"sv));  // at 122
    for (const std::uint32_t part : {47u, 1u, 30u, 1u, 0u, 1u, 2u, 1u, 15u, 1u, 0u, 1u})
      number(part, 4);
    return bytes_;
  }

 private:
  struct Entry {
    std::uint32_t tag, type, count, value;
  };
  std::uint32_t letter(char c) const {
    const auto byte = static_cast<std::uint32_t>(static_cast<unsigned char>(c));
    return big_ ? byte << 24 : byte;
  }
  void number(std::uint32_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i)
      bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * (big_ ? size - 1 - i : i))));
  }
  void directory(const std::vector<Entry>& entries) {
    number(static_cast<std::uint32_t>(entries.size()), 2);
    for (const auto& e : entries) {
      number(e.tag, 2);
      number(e.type, 2);
      number(e.count, 4);
      number(e.value, 4);
    }
    number(0, 4);
  }
  bool big_;
  Bytes bytes_;
};

Bytes jpeg_with(ByteView exif) {
  Bytes file = to_bytes(as_bytes("\xFF\xD8\xFF\xE1"sv));
  const auto size = exif.size() + 8;
  file.push_back(static_cast<std::uint8_t>(size >> 8));
  file.push_back(static_cast<std::uint8_t>(size));
  append(file, as_bytes("Exif\0\0"sv));
  append(file, exif);
  append(file, as_bytes("\xFF\xDA\0\x02"sv));
  return file;
}

Bytes png_with(ByteView exif) {
  Bytes file = to_bytes(as_bytes("\x89PNG\r\n\x1A\n"sv));
  for (unsigned i = 0; i < 4; ++i)
    file.push_back(static_cast<std::uint8_t>(exif.size() >> (24 - 8 * i)));
  append(file, as_bytes("eXIf"sv));
  append(file, exif);
  append(file, as_bytes("\0\0\0\0"sv));
  return file;
}

Bytes webp_with(ByteView exif) {
  Bytes file = to_bytes(as_bytes("RIFF\0\0\0\0WEBPEXIF"sv));
  for (unsigned i = 0; i < 4; ++i)
    file.push_back(static_cast<std::uint8_t>(exif.size() >> (8 * i)));
  append(file, exif);
  return file;
}

const std::vector<HiddenDetail> all{{HiddenKind::serial, "SN12345"},
                                    {HiddenKind::camera_owner, "C. Test"},
                                    {HiddenKind::place, "47.5000, -2.2500"}};

TEST_SUITE("vault/reader/hidden") {
  TEST_CASE("place, serial number and owner are found in every kind of picture that has EXIF") {
    for (const bool big : {true, false}) {
      CAPTURE(big);
      const auto exif = ExifBuilder{big}.with_place_and_serial();
      CHECK(hidden_details(exif, {}) == all);
      CHECK(hidden_details(jpeg_with(exif), {}) == all);
      CHECK(hidden_details(png_with(exif), {}) == all);
      CHECK(hidden_details(webp_with(exif), {}) == all);
    }
  }

  TEST_CASE("a picture that breaks off, or lies about its sizes, tells less and never fails") {
    const auto whole = jpeg_with(ExifBuilder{true}.with_place_and_serial());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto found = hidden_details(ByteView{whole}.first(size), {});
      CHECK(found.size() <= all.size());
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
      auto changed = whole;
      changed[at] ^= 0xff;
      CHECK(within_limits(reading::Hidden{0, hidden_details(changed, {})}));
    }
  }

  TEST_CASE("XMP tells of a place and of a serial number too") {
    Bytes file = to_bytes(as_bytes("\xFF\xD8\xFF\xE1\0\x70http://ns.adobe.com/xap/1.0/\0"sv));
    append(file, as_bytes("<x exif:GPSLatitude=\"47,30N\" aux:SerialNumber=\"XMP-77\"/>"sv));
    file.resize(4 + 0x70, ' ');
    const std::vector<HiddenDetail> told{{HiddenKind::place, ""}, {HiddenKind::serial, "XMP-77"}};
    CHECK(hidden_details(file, {}) == told);
  }

  TEST_CASE("of a PDF its author and the programs that made it are told, of other files nothing") {
    const auto converted =
        "<html><head><title>Bilan</title><meta name=\"Author\" content=\"Poste de C. "
        "&lt;Test&gt;\"/>"
        "<meta name=\"Creator\" content=\"Traitement 1\"/>"
        "<meta name=\"Producer\" content=\"Imprimante 2\"/></head><body><pre>x</pre></body>"sv;
    const auto found = hidden_details(as_bytes("%PDF-1.4"sv), converted);
    REQUIRE(found.size() == 3);
    CHECK(found[0].kind == HiddenKind::document_author);
    CHECK(found[1] == HiddenDetail{HiddenKind::producer, "Traitement 1"});
    CHECK(found[2] == HiddenDetail{HiddenKind::producer, "Imprimante 2"});
    CHECK(hidden_details(as_bytes("un texte"sv), converted).empty());
    CHECK(hidden_details(as_bytes("%PDF-1.4"sv), {}).empty());
  }

  TEST_CASE("the reader answers the question, and a refusal of it is one of its own kind") {
    reading::Request request;
    request.question = reading::Question::hidden;
    const auto exif = ExifBuilder{false}.with_place_and_serial();
    const auto told = wire::decode<reading::Hidden>(answer(request, exif, {}, {}));
    REQUIRE(told.has_value());
    CHECK(told->error == 0);
    CHECK(told->details == all);
  }
}

}  // namespace
}  // namespace coffret::reader
