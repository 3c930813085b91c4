// SPDX-License-Identifier: EUPL-1.2
//
// hl7v2.hpp: an HL7 v2 observation report (ORU^R01): who, when, what was ordered, and the values as
// lines of text.
#ifndef COFFRET_VAULT_READER_HL7V2_HPP
#define COFFRET_VAULT_READER_HL7V2_HPP

#include <string_view>

#include "coffret/bytes.hpp"
#include "coffret/document.hpp"
#include "coffret/error.hpp"

namespace coffret::reader {

inline constexpr std::size_t hl7_segments = 16'384;  // of one message; what follows is passed over

// Whether it begins like a message with the usual delimiters.
bool looks_like_hl7v2(ByteView file);

// False when the bytes are no text in the character set that the message names.
// Errors: malformed (a batch about several people: PID-3 of another).
Result<bool> describe_hl7v2(ByteView file, DocumentDescription& into);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_HL7V2_HPP
