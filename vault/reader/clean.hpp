// SPDX-License-Identifier: EUPL-1.2
//
// clean.hpp: text of strangers made harmless: UTF-8 in NFC, without control characters and without
// the characters that turn the writing direction (a title could otherwise show as another one).
//
// Bytes that are not UTF-8 become U+FFFD. Cleaning twice changes nothing more.
#ifndef COFFRET_VAULT_READER_CLEAN_HPP
#define COFFRET_VAULT_READER_CLEAN_HPP

#include <optional>
#include <string>
#include <string_view>

#include "coffret/bytes.hpp"

namespace coffret::reader {

// Lines separated by \n, without spaces at their ends, never two empty ones in a row; at most
// limits::text_size bytes.
std::string clean_text(std::string_view text);

// One line, white space collapsed; at most limits::short_text bytes.
std::string clean_line(std::string_view text);

// What two spellings of the same words have in common: letters and digits only, without case and
// accents. For comparing, never for showing.
std::string folded(std::string_view text);

// The UTF-8 of a plain text file: UTF-8 itself, UTF-16 with a byte order mark, else Windows-1252.
// Null when these are not the bytes of a text (they hold control characters).
std::optional<std::string> decode_text(ByteView bytes);

// What remains of HTML or XHTML when only its text is kept: tags dropped, scripts and styles with
// their content, blocks on lines of their own, character references resolved. Not yet cleaned.
std::string strip_tags(std::string_view html);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_CLEAN_HPP
