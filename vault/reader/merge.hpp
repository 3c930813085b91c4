// SPDX-License-Identifier: EUPL-1.2
//
// merge.hpp: a document held against the metadata it came with (IHE XDM).
//
// A document with a header of its own (CDA, FHIR, DICOM, certificate, HL7 v2) is believed for what
// its header says; the metadata fills what it leaves open, and where both speak and differ, both
// are recorded. Of a document without one (PDF, image, text) the metadata is believed: what a PDF
// says of itself is what an office program filled in. Visibility codes are always the metadata's:
// they change after the document is signed. Metadata may come from a file as it is (an export of
// ours): it is cleaned like every text.
#ifndef COFFRET_VAULT_READER_MERGE_HPP
#define COFFRET_VAULT_READER_MERGE_HPP

#include "coffret/document.hpp"

namespace coffret::reader {

// Before finish (parts.hpp).
void merge_metadata(const DocumentEntry& metadata, DocumentDescription& into);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_MERGE_HPP
