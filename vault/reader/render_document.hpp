// SPDX-License-Identifier: EUPL-1.2
//
// render_document.hpp: a document as one HTML page that a browser shows without another program,
// and from which nothing runs and nothing is fetched (render_html.hpp).
//
// CDA: sections with their narrative, images of the document, texts it carries. FHIR: the sections
// of a Composition, or the narratives of its resources, or a table of what they state. Plain text,
// RTF and HTML: their words. PNG, JPEG and GIF: the image. PDF and other files have no rendering
// here: their own bytes are shown by other programs.
#ifndef COFFRET_VAULT_READER_RENDER_DOCUMENT_HPP
#define COFFRET_VAULT_READER_RENDER_DOCUMENT_HPP

#include <string>
#include <string_view>

#include "coffret/bytes.hpp"
#include "coffret/document.hpp"
#include "coffret/error.hpp"
#include "vault/reader/render_html.hpp"
#include "vault/reader/xml.hpp"

namespace coffret::reader {

// At most reading::html_size bytes.
// Errors: those of describe; unsupported (no rendering for this format).
Result<std::string> render(ByteView file, std::string_view file_name, ByteView converted,
                           Language language);

// render_cda.cpp, render_fhir.cpp: the body of the page, inside its open main element.
void render_cda(XmlNode clinical_document, const DocumentDescription& described, Html& page,
                Language language);
class FhirFile;
void render_fhir(const FhirFile& file, const DocumentDescription& described, Html& page,
                 Language language);
void render_plain(std::string_view text, Html& page);  // lines as they stand

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_RENDER_DOCUMENT_HPP
