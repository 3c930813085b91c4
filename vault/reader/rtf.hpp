// SPDX-License-Identifier: EUPL-1.2
//
// rtf.hpp: the words of a Rich Text Format file (RTF 1.9.1). Fields, objects, pictures and whatever
// a reader need not understand are passed over; nothing is followed or executed.
#ifndef COFFRET_VAULT_READER_RTF_HPP
#define COFFRET_VAULT_READER_RTF_HPP

#include <string_view>

#include "coffret/document.hpp"

namespace coffret::reader {

namespace rtf_limits {
inline constexpr std::size_t depth = 200;  // groups inside groups; deeper ones are passed over
}  // namespace rtf_limits

// Text, and title, author and creation time of the \info group. Time and memory grow with the file
// alone.
void describe_rtf(std::string_view rtf, DocumentDescription& into);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_RTF_HPP
