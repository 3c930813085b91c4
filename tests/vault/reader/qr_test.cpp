// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/qr.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "vault/reader/hcert.hpp"
#include "vault/reader/reader.hpp"

namespace coffret::reader {
namespace {

Bytes sample(const std::string& name) {
  const std::string path = COFFRET_SOURCE_DIR "/tests/fuzz/corpus/qr/" + name;
  std::ifstream file{path, std::ios::binary};
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>{file}, {}};
}

// Each pixel as a square of that many.
GreyPicture enlarged(const GreyPicture& picture, std::size_t factor) {
  GreyPicture large{picture.width * factor, picture.height * factor, {}};
  for (std::size_t y = 0; y < large.height; ++y)
    for (std::size_t x = 0; x < large.width; ++x)
      large.pixels.push_back(picture.pixels[y / factor * picture.width + x / factor]);
  return large;
}

GreyPicture turned(const GreyPicture& picture) {
  GreyPicture upright{picture.height, picture.width, {}};
  for (std::size_t y = 0; y < upright.height; ++y)
    for (std::size_t x = 0; x < upright.width; ++x)
      upright.pixels.push_back(picture.pixels[(picture.height - 1 - x) * picture.width + y]);
  return upright;
}

TEST_SUITE("vault/reader/qr") {
  TEST_CASE("a certificate on a picture is read, whatever the picture's format, size and turn") {
    const auto png = decode_grey(sample("certificate.png"));
    REQUIRE(png.has_value());
    const std::string told = certificates_on(sample("certificate.png"));
    REQUIRE(told.starts_with("HC1:"));
    CHECK(certificates_on(sample("certificate.jpg")) == told);
    CHECK(certificates_on(to_pgm(*png)) == told);
    CHECK(certificates_on(to_pgm(turned(*png))) == told);
    CHECK(certificates_on(to_pgm(enlarged(*png, 3))) == told);
  }

  TEST_CASE("a code that says something else, or no code, tells nothing") {
    CHECK(certificates_on(sample("elsewhere.png")).empty());
    const auto codes = read_qr_codes(*decode_grey(sample("elsewhere.png")));
    CHECK(codes == std::vector<std::string>{"https://exemple.invalid/HC1"});
    CHECK(certificates_on({}).empty());
    CHECK(certificates_on(as_bytes("HC1:NCF")).empty());
    CHECK(certificates_on(as_bytes("P5\n2 2\n255\n\1\2\3\4")).empty());
  }

  TEST_CASE("pictures that lie about their size, break off, or are none are refused") {
    const auto png = sample("certificate.png");
    auto vast = png;
    vast[16] = vast[17] = 0x7F;  // 2,139,062,143 pixels wide, and a checksum that no longer holds
    CHECK(decode_grey(vast).has_error());
    CHECK(decode_grey(ByteView{png}.first(100)).has_error());
    const struct {
      std::string_view file;
      errc why;
    } cases[] = {
        {"", errc::unsupported},
        {"GIF89a", errc::unsupported},
        {"\xFF\xD8\xFF", errc::malformed},
        {"\x89PNG\r\n\x1A\n", errc::malformed},
        {"P5", errc::malformed},
        {"P5\n0 1\n255\n", errc::malformed},
        {"P5\n2 2\n255\n\1\2\3", errc::malformed},
        {"P5\n2 2\n15\n\1\2\3\4", errc::malformed},
        {"P5\n99999999999999999999 2\n255\n\1", errc::too_large},
        {"P5\n16777216 2\n255\n\1", errc::too_large},
    };
    for (const auto& c : cases) {
      CAPTURE(c.file);
      CHECK(decode_grey(as_bytes(c.file)).error() == c.why);
    }
    CHECK(decode_grey(Bytes(pixel_limits::file + 1)).error() == errc::too_large);
    // What a camera wrote before its battery ended is looked at as far as it goes.
    CHECK(decode_grey(sample("certificate_cut.jpg")).has_value());
  }

  TEST_CASE("what is larger than is looked at shrinks by a whole factor") {
    const GreyPicture large{4000, 3000, Bytes(12'000'000, 77)};
    const auto small = decode_grey(to_pgm(large));
    REQUIRE(small.has_value());
    CHECK(small->width == 2000);
    CHECK(small->height == 1500);
    CHECK(small->pixels == Bytes(3'000'000, 77));
  }

  TEST_CASE(
      "a picture that shows a certificate is a document of vaccination, and stays a picture") {
    const auto file = sample("certificate.png");
    const auto d = describe(file, "IMG_0042.png", as_bytes(certificates_on(file)));
    REQUIRE(d.has_value());
    CHECK(d->entry.format == DocumentFormat::image);
    CHECK(d->entry.media_type == "image/png");
    CHECK(d->entry.type.code == "96874-3");
    CHECK(d->entry.title.find("Comirnaty (COVID-19), dose") != std::string::npos);
    CHECK(d->entry.category == "patient-summary");
    CHECK(d->entry.patient.family == "Exemple");
    CHECK(d->entry.date == "2021-06-01");
    CHECK(d->entry.authors.at(0).organisation == "Émetteur fictif");
    REQUIRE(d->facts.size() == 1);
    CHECK(d->facts[0].kind == FactKind::vaccine);
    CHECK(d->text.find("HC1:") == std::string::npos);
  }

  TEST_CASE("certificates of one holder add up; another's leaves open whose document it is") {
    const std::string one = certificates_on(sample("certificate.png"));
    const Bytes second = sample("../reader_file/hcert_vaccination.txt");  // of the same holder
    const std::string text{as_text(second)};
    const auto twice = describe(sample("certificate.png"), "a.png", as_bytes(one + one));
    REQUIRE(twice.has_value());
    CHECK(twice->facts.size() == 1);
    DocumentDescription both;
    CHECK(describe_shown_hcerts(one + text, both));
    CHECK(both.facts.size() == 2);
    CHECK(both.facts.at(1).place == "hcert[2]/v[0]");
    CHECK(both.entry.discrepancies.empty());
  }
}

}  // namespace
}  // namespace coffret::reader
