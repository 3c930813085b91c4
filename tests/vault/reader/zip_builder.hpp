// SPDX-License-Identifier: EUPL-1.2
//
// zip_builder.hpp: small ZIP archives (APPNOTE 6.3.9, stored only) for the tests, with the freedom
// to lie that an honest library does not give.
#ifndef COFFRET_TESTS_VAULT_READER_ZIP_BUILDER_HPP
#define COFFRET_TESTS_VAULT_READER_ZIP_BUILDER_HPP

#include <string>
#include <vector>

#include "coffret/bytes.hpp"

namespace coffret::reader {

struct ZipMember {
  std::string name;
  std::string content;
  std::uint16_t flags = 0x0800;   // names are UTF-8
  std::uint32_t mode = 0100644;   // Unix
  std::uint32_t stated_size = 0;  // 0: the true one
};

inline std::uint32_t crc32_of(std::string_view text) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : text) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

inline Bytes make_zip(const std::vector<ZipMember>& members) {
  Bytes out;
  Bytes directory;
  const auto common = [](Bytes& to, const ZipMember& m) {
    append_le<std::uint16_t>(to, 20);
    append_le<std::uint16_t>(to, m.flags);
    append_le<std::uint16_t>(to, 0);  // stored
    append_le<std::uint32_t>(to, 0x58210000);
    append_le<std::uint32_t>(to, crc32_of(m.content));
    append_le(to, static_cast<std::uint32_t>(m.content.size()));
    append_le(to,
              m.stated_size != 0 ? m.stated_size : static_cast<std::uint32_t>(m.content.size()));
    append_le(to, static_cast<std::uint16_t>(m.name.size()));
    append_le<std::uint16_t>(to, 0);
  };
  for (const auto& m : members) {
    const auto at = static_cast<std::uint32_t>(out.size());
    append_le<std::uint32_t>(out, 0x04034b50);
    common(out, m);
    append(out, as_bytes(m.name));
    append(out, as_bytes(m.content));
    append_le<std::uint32_t>(directory, 0x02014b50);
    append_le<std::uint16_t>(directory, 0x0314);  // made by Unix
    common(directory, m);
    append_le<std::uint16_t>(directory, 0);
    append_le<std::uint32_t>(directory, 0);
    append_le<std::uint32_t>(directory, m.mode << 16);
    append_le(directory, at);
    append(directory, as_bytes(m.name));
  }
  const auto start = static_cast<std::uint32_t>(out.size());
  append(out, directory);
  append_le<std::uint32_t>(out, 0x06054b50);
  append_le<std::uint32_t>(out, 0);
  append_le(out, static_cast<std::uint16_t>(members.size()));
  append_le(out, static_cast<std::uint16_t>(members.size()));
  append_le(out, static_cast<std::uint32_t>(directory.size()));
  append_le(out, start);
  append_le<std::uint16_t>(out, 0);
  return out;
}

}  // namespace coffret::reader

#endif  // COFFRET_TESTS_VAULT_READER_ZIP_BUILDER_HPP
