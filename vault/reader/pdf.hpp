// SPDX-License-Identifier: EUPL-1.2
//
// pdf.hpp: a PDF as the converter saw it. The PDF itself is never parsed in this process.
#ifndef COFFRET_VAULT_READER_PDF_HPP
#define COFFRET_VAULT_READER_PDF_HPP

#include <string_view>

#include "coffret/bytes.hpp"
#include "coffret/document.hpp"

namespace coffret::reader {

// ISO 32000-1 §7.5.2 and its readers: the header stands within the first 1024 bytes.
bool looks_like_pdf(ByteView file);

// Title, author and creation date of the Info dictionary, and the text, out of the output of
// `pdftotext -htmlmeta`; nothing when it is empty. Its producer met hostile bytes: it is trusted to
// be text and no more.
void describe_pdf(std::string_view converted, DocumentDescription& into);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_PDF_HPP
