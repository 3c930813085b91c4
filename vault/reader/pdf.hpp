// SPDX-License-Identifier: EUPL-1.2
//
// pdf.hpp: a PDF as the converter saw it. Of the PDF itself nothing is parsed in this process but
// its XMP packet.
#ifndef COFFRET_VAULT_READER_PDF_HPP
#define COFFRET_VAULT_READER_PDF_HPP

#include <string_view>

#include "coffret/bytes.hpp"
#include "coffret/document.hpp"

namespace coffret::reader {

// Title, author and creation date of the Info dictionary, and the text, out of the output of
// `pdftotext -htmlmeta`; what is no such output is the plain text that OCR made of the pages;
// nothing when it is empty. Its producer met hostile bytes: it is trusted to be text and no more.
// What the Info dictionary does not say is taken from the file's XMP.
void describe_pdf(ByteView file, std::string_view converted, DocumentDescription& into);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_PDF_HPP
