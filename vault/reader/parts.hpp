// SPDX-License-Identifier: EUPL-1.2
//
// parts.hpp: what all formats do with the parts of a description: attachments, text, kinds.
#ifndef COFFRET_VAULT_READER_PARTS_HPP
#define COFFRET_VAULT_READER_PARTS_HPP

#include <string>
#include <string_view>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/document.hpp"

namespace coffret::reader {

Sha256 sha256(ByteView bytes);

// Decodes base64 as documents carry it (with line ends) and adds it with its hash. The text of a
// text attachment is added to the description's text. Bytes that are not base64, and what passes
// limits::list_length, is left in the document and not listed.
void attach_base64(DocumentDescription& into, std::string_view title, std::string_view media_type,
                   std::string_view base64);

// Adds lines to the readable text; not yet cleaned.
void add_text(DocumentDescription& into, std::string_view more);

// Puts the French national health identity (INS) first, and leaves out what is empty or repeated.
void order_ids(std::vector<Identifier>& ids);

// The last step of every format: text cleaned, lists cut to their limits, category from the type.
void finish(DocumentDescription& description);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_PARTS_HPP
