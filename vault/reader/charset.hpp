// SPDX-License-Identifier: EUPL-1.2
//
// charset.hpp: text in older encodings, for RTF, DICOM, HL7 v2, EBCDIC and UTF-32, and the names in
// ZIP archives. XML declares its own and libxml2 decodes it, with the same converters of the C
// library.
#ifndef COFFRET_VAULT_READER_CHARSET_HPP
#define COFFRET_VAULT_READER_CHARSET_HPP

#include <optional>
#include <string>
#include <string_view>

namespace coffret::reader {

// `charset` is iconv's name ("CP850"). Null when the C library has no such converter or the bytes
// are not in it. At most four bytes come out for one that goes in.
std::optional<std::string> to_utf8(std::string_view charset, std::string_view bytes);

// Loads the converters of the encodings in use and keeps them: a confined process opens no files,
// so an encoding that is not loaded here cannot be read there (the file is then refused as
// malformed).
void warm_up_charsets();

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_CHARSET_HPP
