// SPDX-License-Identifier: EUPL-1.2
//
// xmp.hpp: title, author and date out of the XMP packet of a file (ISO 16684-1), as PDF 2.0 and
// PDF/A keep them where there is no Info dictionary. The packet is plain XML in the file's bytes.
#ifndef COFFRET_VAULT_READER_XMP_HPP
#define COFFRET_VAULT_READER_XMP_HPP

#include <cstddef>
#include <string>

#include "coffret/bytes.hpp"

namespace coffret::reader {

inline constexpr std::size_t xmp_size = 1u << 20;  // bytes of a packet that is read

// Cleaned; empty where nothing says it. The date is ISO 8601.
struct Xmp {
  std::string title;
  std::string author;
  std::string date;
};

// Nothing where the file has several packets: a picture inside has one of its own, and when that
// was taken is not when the document was made.
Xmp read_xmp(ByteView file);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_XMP_HPP
