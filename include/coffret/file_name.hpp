// SPDX-License-Identifier: EUPL-1.2
//
// file_name.hpp: a name under which a shared document may be written to any disk, whoever chose the
// words it is made of.
//
// The extension follows from the media type alone, so that no title makes a file executable. What
// is left out: path separators and what file systems refuse, control characters, invisible and
// bidirectional formatting (a name must read as it is), dots and dashes in front.
// Units: bytes of UTF-8.
#ifndef COFFRET_FILE_NAME_HPP
#define COFFRET_FILE_NAME_HPP

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "coffret/ascii.hpp"
#include "coffret/utf8.hpp"

namespace coffret {

inline constexpr std::size_t max_name_stem = 100;  // bytes, before the extension

namespace detail {

struct TypeExtension {
  std::string_view media_type;
  std::string_view extension;
};
inline constexpr TypeExtension type_extensions[] = {
    {"application/pdf", ".pdf"},
    {"text/plain", ".txt"},
    {"text/xml", ".xml"},
    {"application/xml", ".xml"},
    {"application/hl7-cda+xml", ".xml"},
    {"application/fhir+xml", ".xml"},
    {"application/fhir+json", ".json"},
    {"application/json", ".json"},
    {"application/smart-health-card", ".json"},
    {"image/png", ".png"},
    {"image/jpeg", ".jpg"},
    {"image/gif", ".gif"},
    {"image/tiff", ".tif"},
    {"image/webp", ".webp"},
    {"application/dicom", ".dcm"},
    {"application/rtf", ".rtf"},
    {"text/rtf", ".rtf"},
    {"application/zip", ".zip"},
};

constexpr bool is_space(char32_t c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

// Characters that show nothing, or change how others show.
constexpr bool is_invisible(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x034f || c == 0x061c ||
         c == 0x115f || c == 0x1160 || (c >= 0x17b4 && c <= 0x17b5) ||
         (c >= 0x180b && c <= 0x180f) || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0x3164 ||
         (c >= 0xe000 && c <= 0xf8ff) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
         c == 0xffa0 || (c >= 0xfff0 && c <= 0xffff) || c >= 0xe0000;
}

constexpr bool is_refused_by_disks(char32_t c) noexcept {
  return c == '/' || c == '\\' || c == ':' || c == '*' || c == '?' || c == '"' || c == '<' ||
         c == '>' || c == '|';
}

inline void trim_stem(std::string& stem) {
  const auto first = stem.find_first_not_of(" .-");
  stem.erase(0, std::min(first, stem.size()));
  const auto last = stem.find_last_not_of(" .");
  stem.erase(last == std::string::npos ? 0 : last + 1);
}

}  // namespace detail

// With its dot; ".bin" for a type that is not in the table.
inline std::string_view extension_of(std::string_view media_type) {
  const auto bare = media_type.substr(0, media_type.find_first_of("; "));
  const std::string type = ascii_lower(bare);
  for (const auto& row : detail::type_extensions)
    if (row.media_type == type) return row.extension;
  return ".bin";
}

// Never empty; applying it to its own result changes nothing.
inline std::string safe_file_name(std::string_view wanted, std::string_view media_type) {
  const auto extension = extension_of(media_type);
  std::string stem;
  while (!wanted.empty()) {
    const auto c = next_character(wanted);
    const std::size_t length = std::max<std::size_t>(c.length, 1);
    if (detail::is_space(c.value) && c.length > 0) {
      if (!stem.ends_with(' ')) stem += ' ';
    } else if (c.length == 0 || detail::is_refused_by_disks(c.value)) {
      stem += '-';
    } else if (!detail::is_invisible(c.value)) {
      stem += wanted.substr(0, length);
    }
    wanted.remove_prefix(length);
  }
  detail::trim_stem(stem);
  if (ascii_lower(stem).ends_with(extension)) stem.resize(stem.size() - extension.size());
  if (stem.size() > max_name_stem) {
    std::size_t end = max_name_stem;
    while ((static_cast<std::uint8_t>(stem[end]) & 0xc0) == 0x80) --end;
    stem.resize(end);
  }
  detail::trim_stem(stem);
  if (stem.empty()) stem = "document";
  return stem + std::string{extension};
}

// Keeps names apart on file systems that ignore case (of ASCII letters), too.
class DistinctNames {
 public:
  void take(std::string_view name) { taken_.insert(ascii_lower(name)); }

  // The name, or the name with the first number behind it that is free: "a.pdf", "a (2).pdf".
  std::string add(const std::string& name) {
    const auto dot = std::min(name.rfind('.'), name.size());
    std::string candidate = name;
    for (unsigned n = 2; !taken_.insert(ascii_lower(candidate)).second; ++n)
      candidate = name.substr(0, dot) + " (" + std::to_string(n) + ")" + name.substr(dot);
    return candidate;
  }

 private:
  std::set<std::string, std::less<>> taken_;
};

}  // namespace coffret

#endif  // COFFRET_FILE_NAME_HPP
