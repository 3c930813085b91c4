// SPDX-License-Identifier: EUPL-1.2
//
// cda.hpp: HL7 Clinical Document Architecture, release 2: header, narrative and payloads.
//
// Where each datum lies follows the header of the standard as the French CI-SIS profiles it. Codes
// and identifiers are taken as written. A self-presentable document (an XSLT style sheet with the
// ClinicalDocument inside) is read for that inner document; no style sheet ever runs.
#ifndef COFFRET_VAULT_READER_CDA_HPP
#define COFFRET_VAULT_READER_CDA_HPP

#include <string>

#include "coffret/document.hpp"
#include "vault/reader/xml.hpp"

namespace coffret::reader {

// The ClinicalDocument at the root or inside a self-presentable one; absent when there is none.
XmlNode find_clinical_document(const XmlDocument& document);

// Precondition: find_clinical_document found it. Finished (parts.hpp) by the caller.
void describe_cda(XmlNode clinical_document, DocumentDescription& into);

// cda_people.cpp: who wrote it, about whom.
std::vector<Author> cda_authors(XmlNode clinical_document);
PatientIdentity cda_patient(XmlNode clinical_document);
CodedValue cda_code(XmlNode coded);
Identifier cda_identifier(XmlNode id);

// cda_body.cpp: the readable text of all sections, and every payload.
void read_cda_body(XmlNode clinical_document, DocumentDescription& into);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_CDA_HPP
