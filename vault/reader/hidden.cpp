// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/hidden.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "vault/reader/clean.hpp"
#include "vault/reader/picture_bytes.hpp"

namespace coffret::reader {
namespace {

using reading::HiddenDetail;
using reading::HiddenKind;
using namespace std::string_view_literals;

constexpr std::size_t most_segments = 4096;
constexpr std::size_t most_tags = 512;
constexpr std::size_t most_text = 256;  // bytes of one EXIF text

class Found {
 public:
  void add(HiddenKind kind, std::string_view value) {
    HiddenDetail detail{kind, clean_line(value)};
    if (detail.value.empty() && kind != HiddenKind::place) return;
    if (std::find(details_.begin(), details_.end(), detail) != details_.end()) return;
    if (details_.size() < reading::hidden_details) details_.push_back(std::move(detail));
  }
  // Told once, with the degrees where one of the places had them.
  void add_place(const std::string& degrees) {
    for (auto& detail : details_)
      if (detail.kind == HiddenKind::place) {
        if (detail.value.empty()) detail.value = degrees;
        return;
      }
    add(HiddenKind::place, degrees);
  }
  std::vector<HiddenDetail> take() && { return std::move(details_); }

 private:
  std::vector<HiddenDetail> details_;
};

// EXIF 2.32: tags of the first directory, of the EXIF one and of the one about the place.
constexpr std::uint32_t tag_exif = 0x8769, tag_gps = 0x8825, tag_artist = 0x13B, tag_owner = 0xA430,
                        tag_body = 0xA431, tag_lens = 0xA435;
constexpr std::uint32_t gps_north = 1, gps_latitude = 2, gps_east = 3, gps_longitude = 4;

class Exif {
 public:
  Exif(ByteView tiff, Found& found) : tiff_(tiff, as_text(tiff).starts_with("MM")), found_(found) {}

  void read() {
    if (tiff_.u16(2) == 42) directory(tiff_.u32(4), 0);
  }

 private:
  struct Entry {
    std::uint32_t tag;
    std::size_t value;  // where it lies
    std::uint32_t count;
  };

  template <class Take>
  void each(std::size_t at, Take&& take) const {
    const std::size_t count = std::min<std::size_t>(tiff_.u16(at), most_tags);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t entry = at + 2 + 12 * i;
      if (entry + 12 > tiff_.size()) return;
      const auto type = tiff_.u16(entry + 2);
      const std::uint32_t units = tiff_.u32(entry + 4);
      constexpr std::uint32_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8};
      const std::uint64_t size = std::uint64_t{type < 11 ? sizes[type] : 1} * units;
      take(Entry{tiff_.u16(entry), size <= 4 ? entry + 8 : tiff_.u32(entry + 8), units});
    }
  }

  std::string_view text(const Entry& entry) const {
    const auto whole = tiff_.text(entry.value, std::min<std::size_t>(entry.count, most_text));
    return whole.substr(0, whole.find('\0'));
  }

  void directory(std::size_t at, unsigned depth) {
    if (depth > 1) return;
    each(at, [&](const Entry& entry) {
      if (entry.tag == tag_exif) directory(tiff_.u32(entry.value), depth + 1);
      if (entry.tag == tag_gps) place(tiff_.u32(entry.value));
      if (entry.tag == tag_artist || entry.tag == tag_owner)
        found_.add(HiddenKind::camera_owner, text(entry));
      if (entry.tag == tag_body || entry.tag == tag_lens)
        found_.add(HiddenKind::serial, text(entry));
    });
  }

  // Degrees, minutes and seconds, each a fraction.
  std::optional<double> degrees(std::size_t at) const {
    double value = 0;
    double unit = 1;
    for (std::size_t i = 0; i < 3; ++i, unit *= 60) {
      const auto below = tiff_.u32(at + 8 * i + 4);
      if (below == 0 && i == 0) return std::nullopt;
      if (below != 0) value += tiff_.u32(at + 8 * i) / double(below) / unit;
    }
    return value <= 180 ? std::optional{value} : std::nullopt;
  }

  // A directory about the place that states none (only its version) tells nothing.
  void place(std::size_t at) {
    std::optional<double> north;
    std::optional<double> east;
    bool south = false;
    bool west = false;
    bool stated = false;
    each(at, [&](const Entry& entry) {
      if (entry.tag == gps_north) south = tiff_.text(entry.value, 1) == "S";
      if (entry.tag == gps_east) west = tiff_.text(entry.value, 1) == "W";
      if (entry.tag == gps_latitude) north = degrees(entry.value);
      if (entry.tag == gps_longitude) east = degrees(entry.value);
      stated = stated || entry.tag == gps_latitude || entry.tag == gps_longitude;
    });
    if (!stated) return;
    if (!north || !east) return found_.add_place({});
    char told[48];
    (void)std::snprintf(told, sizeof told, "%.4f, %.4f", south ? -*north : *north,
                        west ? -*east : *east);
    found_.add_place(told);
  }

  PictureBytes tiff_;
  Found& found_;
};

void read_xmp(std::string_view xmp, Found& found) {
  if (xmp.find("exif:GPSLatitude") != std::string_view::npos) found.add_place({});
  for (const auto name : {"aux:SerialNumber=\""sv, "exifEX:BodySerialNumber=\""sv}) {
    const auto at = xmp.find(name);
    if (at == std::string_view::npos) continue;
    const auto value = xmp.substr(at + name.size(), most_text);
    found.add(HiddenKind::serial, value.substr(0, value.find('"')));
  }
}

// ITU-T T.81: segments up to the picture itself.
void read_jpeg(ByteView file, Found& found) {
  const PictureBytes jpeg{file, true};
  std::size_t at = 2;
  for (std::size_t i = 0; i < most_segments && at + 4 <= jpeg.size(); ++i) {
    const std::uint32_t marker = jpeg.u16(at);
    if (marker == 0xFFFF) {  // a fill byte
      ++at;
      continue;
    }
    const std::uint32_t size = jpeg.u16(at + 2);
    if (marker < 0xFFC0 || marker == 0xFFDA || size < 2) return;
    constexpr auto exif = "Exif\0\0"sv;
    constexpr auto xmp = "http://ns.adobe.com/xap/1.0/\0"sv;
    const auto body = as_text(jpeg.part(at + 4, size - 2));
    if (marker == 0xFFE1 && body.starts_with(exif))
      Exif{as_bytes(body.substr(exif.size())), found}.read();
    if (marker == 0xFFE1 && body.starts_with(xmp)) read_xmp(body.substr(xmp.size()), found);
    at += 2 + size;
  }
}

// PNG 1.5 and RIFF: chunks with a name and a size, of either order of bytes.
void read_chunks(const PictureBytes& file, std::size_t at, bool name_first, std::string_view wanted,
                 std::size_t behind, Found& found) {
  for (std::size_t i = 0; i < most_segments && at + 8 <= file.size(); ++i) {
    const std::size_t size = file.u32(name_first ? at + 4 : at);
    if (size > file.size() - at - 8) return;
    if (file.text(name_first ? at : at + 4, 4) == wanted) {
      auto body = as_text(file.part(at + 8, size));
      if (body.starts_with("Exif\0\0"sv)) body.remove_prefix(6);
      Exif{as_bytes(body), found}.read();
    }
    at += 8 + size + behind + (name_first ? size % 2 : 0);
  }
}

std::string_view property(std::string_view head, std::string_view open) {
  const auto from = head.find(open);
  if (from == std::string_view::npos) return {};
  const auto value = head.substr(from + open.size());
  const auto end = value.find('"');
  return end == std::string_view::npos ? std::string_view{} : value.substr(0, end);
}

void read_properties(std::string_view converted, Found& found) {
  const auto body = converted.find("<body>");
  if (body == std::string_view::npos) return;
  const auto head = converted.substr(0, body);
  found.add(HiddenKind::document_author,
            strip_tags(property(head, R"(<meta name="Author" content=")")));
  found.add(HiddenKind::producer, strip_tags(property(head, R"(<meta name="Creator" content=")")));
  found.add(HiddenKind::producer, strip_tags(property(head, R"(<meta name="Producer" content=")")));
}

}  // namespace

std::vector<HiddenDetail> hidden_details(ByteView file, std::string_view converted) {
  Found found;
  const auto start = as_text(file);
  if (start.starts_with("\xFF\xD8\xFF")) read_jpeg(file, found);
  if (start.starts_with("\x89PNG\r\n\x1A\n"))
    read_chunks(PictureBytes{file, true}, 8, false, "eXIf", 4, found);
  if (start.starts_with("RIFF") && start.substr(0, 12).ends_with("WEBP"))
    read_chunks(PictureBytes{file, false}, 12, true, "EXIF", 0, found);
  if (start.starts_with("II*\0"sv) || start.starts_with("MM\0*"sv)) Exif{file, found}.read();
  if (reading::looks_like_pdf(file)) read_properties(converted, found);
  return std::move(found).take();
}

}  // namespace coffret::reader
