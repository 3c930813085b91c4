// SPDX-License-Identifier: EUPL-1.2
//
// pdf.hpp: a PDF as the converter saw it. The PDF itself is never parsed in this process.
#ifndef COFFRET_VAULT_READER_PDF_HPP
#define COFFRET_VAULT_READER_PDF_HPP

#include <string_view>

#include "coffret/document.hpp"

namespace coffret::reader {

// Title, author and creation date of the Info dictionary, and the text, out of the output of
// `pdftotext -htmlmeta`; what is no such output is the plain text that OCR made of the pages;
// nothing when it is empty. Its producer met hostile bytes: it is trusted to be text and no more.
void describe_pdf(std::string_view converted, DocumentDescription& into);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_PDF_HPP
