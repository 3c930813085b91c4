// SPDX-License-Identifier: EUPL-1.2
//
// reader.hpp: what a foreign file says of itself. Pure computation over bytes in memory: nothing
// is opened, followed, fetched or executed, whatever the file asks for.
//
// A file that is understood by no format here is kept as DocumentFormat::other with its name. A
// title or date that the document does not give stays empty: the caller shows the file name.
//
// What each format does not give:
//   XDM      formatCode, folders, signatures; of a submission set nothing
//   ZIP      an archive inside an archive (the caller decides); encrypted members
//   CDA      payloads by reference; more than one recordTarget
//   FHIR     other releases than R4 are read as if they were R4; payloads by URL
//   PDF      nothing of its own: the converter's words, title, author and creation date
//   images   pixels; other metadata than size and date, and the certificates of `converted`
//   RTF      layout, pictures, embedded objects
//   DICOM    pixels, the tree of a structured report, deflated data sets, Asian character sets
//   HC1      the signature is not verified
//   HL7 v2   other messages than observation reports give their patient only; encapsulated data
//
// Threads: all functions may run on several threads at once.
#ifndef COFFRET_VAULT_READER_READER_HPP
#define COFFRET_VAULT_READER_READER_HPP

#include <string>
#include <string_view>

#include "coffret/bytes.hpp"
#include "coffret/document.hpp"
#include "coffret/error.hpp"
#include "coffret/reading.hpp"

namespace coffret::reader {

// `converted` is what the PDF converter (pdftotext -htmlmeta) made of the file, or nothing; then,
// of a PDF or a picture, the EU certificates that it shows (qr.hpp), a line each. `metadata` is a
// reading::Member's: the document is held against it (merge.hpp). The description keeps its limits
// (document.hpp). Errors: doctype_refused; too_large (file, or a bound of xml.hpp or archive.hpp);
// malformed (also an empty file, an archive with names that climb or repeat, an HL7 v2 message
// about two people).
Result<DocumentDescription> describe(ByteView file, std::string_view file_name,
                                     ByteView converted = {}, ByteView metadata = {});

// The documents inside a ZIP or IHE XDM archive, a page at a time, in the archive's order; folders
// and packaging (INDEX.HTM, README.TXT, METADATA.XML, what operating systems leave) are left out.
// A member whose SHA-1 is not the one that METADATA.XML states is refused: `unauthenticated`; what
// METADATA.XML says of the others comes with them. An XDM archive inside is opened too, one level
// down and within archive_limits: its documents are named "outer.zip!/IHE_XDM/…".
// Errors: as describe.
Result<reading::Unpacked> unpack(ByteView file, std::uint32_t first);

// The encoded answer to a question: errors are inside it.
Bytes answer(const reading::Request& request, ByteView file, ByteView converted,
             ByteView metadata = {});

// Loads what libraries would load at first use; to be called before the process is confined.
void warm_up();

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_READER_HPP
