// SPDX-License-Identifier: EUPL-1.2
//
// hidden.hpp: what pictures and PDFs say that nobody sees who looks at them: where a picture was
// taken, by which camera of whom; who wrote a PDF, with which programs.
//
// Read are the EXIF blocks of JPEG, PNG, TIFF and WebP, place and serial number of XMP in JPEG, and
// of PDFs the properties that the converter tells. Not looked at: pictures inside other documents,
// IPTC and the makers' own notes, XMP in PDFs.
// Threads: pure functions.
#ifndef COFFRET_VAULT_READER_HIDDEN_HPP
#define COFFRET_VAULT_READER_HIDDEN_HPP

#include <string_view>
#include <vector>

#include "coffret/reading.hpp"

namespace coffret::reader {

// Within reading::within_limits, each detail once. `converted`: as describe() takes it.
std::vector<reading::HiddenDetail> hidden_details(ByteView file, std::string_view converted);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_HIDDEN_HPP
