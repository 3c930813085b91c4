// SPDX-License-Identifier: EUPL-1.2
//
// document.hpp: what a health document says of itself, in the words of IHE XDS (DocumentEntry, ITI
// TF-3 §4.2) and FHIR R4 DocumentReference; and the bounded description that coffret-reader hands
// back.
//
// Text is UTF-8 in NFC without control characters (the reader cleans it). Dates are as the document
// wrote them, in ISO 8601 with their own precision and offset ("2020-03-12T11:17:00+01:00",
// "2019-07"), empty when unknown. Codes are as written, with their system (an OID or a URI).
// The limits are checked by whoever decodes: within_limits().
#ifndef COFFRET_DOCUMENT_HPP
#define COFFRET_DOCUMENT_HPP

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/coded_value.hpp"
#include "coffret/fact.hpp"
#include "coffret/ids.hpp"

namespace coffret {

struct Identifier {
  std::string value;
  std::string system;  // OID or URI of the assigning authority

  template <class A>
  void serialize(A& a) {
    a(value, system);
  }
  bool operator==(const Identifier&) const = default;
};

struct Author {
  std::string name;  // "given family", without prefix and suffix; or the device's name
  Identifier id;     // RPPS, ADELI …
  CodedValue profession;
  std::string organisation;

  template <class A>
  void serialize(A& a) {
    a(name, id, profession, organisation);
  }
  bool operator==(const Author&) const = default;
};

struct PatientIdentity {
  std::string family;                 // birth name where the document tells it apart
  std::vector<std::string> families;  // all, in the document's order
  std::string given;
  std::string birth_date;       // ISO 8601
  std::string gender;           // administrative, as written
  std::vector<Identifier> ids;  // INS first where there is one

  template <class A>
  void serialize(A& a) {
    a(family, families, given, birth_date, gender, ids);
  }
  bool operator==(const PatientIdentity&) const = default;
};

// An Attachment is a payload inside a document (a PDF in a CDA).
struct Attachment {
  std::string title;
  std::string media_type;
  std::uint64_t size = 0;  // bytes
  Sha256 sha256;

  template <class A>
  void serialize(A& a) {
    a(title, media_type, size, sha256);
  }
  bool operator==(const Attachment&) const = default;
};

enum class DocumentFormat : std::uint8_t {
  other = 0,  // kept as it is
  cda = 1,
  fhir = 2,
  pdf = 3,
  text = 4,
  image = 5,
  xdm = 6,
  zip = 7,
  dicom = 8,
  rtf = 9,
  hcert = 10,  // EU digital COVID certificate: the text of its QR code, "HC1:…"
  hl7v2 = 11,
};

// Where `date` was taken from.
enum class DateSource : std::uint8_t {
  document = 0,  // the document, or the metadata it came with, says it
  file = 1,      // nothing does: the day the file was last written
};

// XDS Association type, FHIR relatesTo.code, CDA relatedDocument/@typeCode.
enum class RelationKind : std::uint8_t { replaces = 1, appends = 2, transforms = 3 };

struct Relation {
  RelationKind kind = RelationKind::replaces;
  Identifier target;  // the other document's own id

  template <class A>
  void serialize(A& a) {
    a(kind, target);
  }
  bool operator==(const Relation&) const = default;
};

// Where the metadata a document came with and the document itself say different things. The entry
// holds what is believed: the document for all but visibility codes.
struct Discrepancy {
  std::string field;  // "patient", "title", "date", "type", "author", "hash", "size"
  std::string metadata;
  std::string document;

  template <class A>
  void serialize(A& a) {
    a(field, metadata, document);
  }
  bool operator==(const Discrepancy&) const = default;
};

struct DocumentEntry {
  DocumentFormat format = DocumentFormat::other;
  std::string media_type;  // RFC 6838
  std::string title;
  std::string date;
  std::string file_name;  // as imported, last component
  CodedValue type;        // XDS typeCode, FHIR type: the kind shown
  std::string category;   // EHDS art. 14(1): "patient-summary", "eprescription", "edispensation",
                          // "imaging", "laboratory", "discharge", or "other"
  std::vector<Author> authors;
  PatientIdentity patient;
  std::string language;  // BCP 47 as written
  std::vector<CodedValue> confidentiality;
  CodedValue practice_setting;
  Identifier unique_id;  // the document's own id
  std::string set_id;    // versions of one document share it
  std::string version_number;
  std::vector<Attachment> attachments;
  CodedValue class_code{};     // XDS classCode
  CodedValue facility_type{};  // XDS healthcareFacilityTypeCode
  std::string service_start{};
  std::string service_end{};
  std::vector<Relation> relations{};
  std::vector<Discrepancy> discrepancies{};
  DateSource date_source = DateSource::document;
  bool patient_authored = false;  // entered by the person (EHDS art. 5, French code EXP_PATIENT)

  template <class A>
  void serialize(A& a) {
    a(format, media_type, title, date, file_name, type, category, authors, patient, language,
      confidentiality, practice_setting, unique_id, set_id, version_number, attachments, class_code,
      facility_type, service_start, service_end, relations, discrepancies, date_source,
      patient_authored);
  }
  bool operator==(const DocumentEntry&) const = default;
};

// A part of the reader's answer: the bytes of one attachment.
struct AttachmentContent {
  Bytes bytes;

  template <class A>
  void serialize(A& a) {
    a(bytes);
  }
};

// A picture as its header states it, in pixels: of several pages the first, before any turning that
// EXIF asks for. Zero: it states none, or is no picture.
struct PictureSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  template <class A>
  void serialize(A& a) {
    a(width, height);
  }
  bool operator==(const PictureSize&) const = default;
};

// What coffret-reader hands back for one file: wire::encode of this, nothing else.
struct DocumentDescription {
  std::uint32_t error = 0;  // an errc value; 0: read, and the rest holds
  DocumentEntry entry;
  std::string text;  // readable text, lines separated by \n: narrative, PDF text, plain text
  std::vector<AttachmentContent> contents;  // one per entry.attachments, same order
  std::vector<Fact> facts{};
  PictureSize picture{};

  template <class A>
  void serialize(A& a) {
    a(error, entry, text, contents, facts, picture);
    for (Fact& fact : facts) a(fact.codings);  // not in a fact's own record
  }
};

namespace limits {
inline constexpr std::size_t file_size = 64u << 20;          // bytes of one imported file
inline constexpr std::size_t description_size = 160u << 20;  // bytes of an encoded description
inline constexpr std::size_t text_size = 16u << 20;          // bytes of readable text
inline constexpr std::size_t short_text = 1024;              // bytes of a title, name or code
inline constexpr std::size_t list_length = 64;               // authors, ids, attachments …
}  // namespace limits

inline bool within_limits(const PatientIdentity& p) {
  const auto is_short = [](const std::string& s) { return s.size() <= limits::short_text; };
  return is_short(p.family) && is_short(p.given) && is_short(p.birth_date) && is_short(p.gender) &&
         p.families.size() <= limits::list_length && p.ids.size() <= limits::list_length &&
         std::all_of(p.families.begin(), p.families.end(), is_short) &&
         std::all_of(p.ids.begin(), p.ids.end(),
                     [&](const Identifier& i) { return is_short(i.value) && is_short(i.system); });
}

// Whether every field keeps its limit.
inline bool within_limits(const DocumentEntry& e) {
  const auto is_short = [](const std::string& s) { return s.size() <= limits::short_text; };
  const auto coded = [&](const CodedValue& v) {
    return is_short(v.code) && is_short(v.system) && is_short(v.display);
  };
  const auto identified = [&](const Identifier& i) {
    return is_short(i.value) && is_short(i.system);
  };
  const auto all = [](const auto& list, const auto& good) {
    if (list.size() > limits::list_length) return false;
    for (const auto& item : list)
      if (!good(item)) return false;
    return true;
  };
  return is_short(e.media_type) && is_short(e.title) && is_short(e.date) && is_short(e.file_name) &&
         is_short(e.category) && is_short(e.language) && is_short(e.set_id) &&
         is_short(e.version_number) && coded(e.type) && coded(e.practice_setting) &&
         identified(e.unique_id) && all(e.confidentiality, coded) &&
         all(e.authors,
             [&](const Author& a) {
               return is_short(a.name) && identified(a.id) && coded(a.profession) &&
                      is_short(a.organisation);
             }) &&
         within_limits(e.patient) &&
         all(e.attachments,
             [&](const Attachment& a) { return is_short(a.title) && is_short(a.media_type); }) &&
         coded(e.class_code) && coded(e.facility_type) && is_short(e.service_start) &&
         is_short(e.service_end) && e.date_source <= DateSource::file &&
         all(e.relations,
             [&](const Relation& r) {
               return r.kind >= RelationKind::replaces && r.kind <= RelationKind::transforms &&
                      identified(r.target);
             }) &&
         all(e.discrepancies, [&](const Discrepancy& d) {
           return is_short(d.field) && is_short(d.metadata) && is_short(d.document);
         });
}

inline bool within_limits(const DocumentDescription& d) {
  return within_limits(d.entry) && d.text.size() <= limits::text_size &&
         d.contents.size() == d.entry.attachments.size() && within_limits(d.facts) &&
         std::all_of(d.facts.begin(), d.facts.end(), [](const Fact& f) { return holds_words(f); });
}

}  // namespace coffret

#endif  // COFFRET_DOCUMENT_HPP
