// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>

#include "coffret/ascii.hpp"
#include "coffret/wire.hpp"
#include "vault/reader/archive.hpp"
#include "vault/reader/because.hpp"
#include "vault/reader/cda.hpp"
#include "vault/reader/charset.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/dicom.hpp"
#include "vault/reader/facts_fhir.hpp"
#include "vault/reader/fhir.hpp"
#include "vault/reader/fhir_json.hpp"
#include "vault/reader/hcert.hpp"
#include "vault/reader/hl7v2.hpp"
#include "vault/reader/image.hpp"
#include "vault/reader/merge.hpp"
#include "vault/reader/parts.hpp"
#include "vault/reader/pdf.hpp"
#include "vault/reader/reader.hpp"
#include "vault/reader/rtf.hpp"
#include "vault/reader/xml.hpp"

namespace coffret::reader {
namespace {

// The first bytes that tell a format, and what they tell.
struct Signature {
  std::size_t offset;
  std::string_view bytes;
  DocumentFormat format;
  std::string_view media_type;
};
constexpr std::array<Signature, 12> signatures = {{
    // Before TIFF: its preamble may make a file both.
    {128, "DICM", DocumentFormat::dicom, "application/dicom"},
    {0, "\xFF\xD8\xFF", DocumentFormat::image, "image/jpeg"},
    {0, "\x89PNG\r\n\x1A\n", DocumentFormat::image, "image/png"},
    {0, {"II*\0", 4}, DocumentFormat::image, "image/tiff"},
    {0, {"MM\0*", 4}, DocumentFormat::image, "image/tiff"},
    {0, "GIF87a", DocumentFormat::image, "image/gif"},
    {0, "GIF89a", DocumentFormat::image, "image/gif"},
    {0, "BM", DocumentFormat::image, "image/bmp"},
    {8, "WEBP", DocumentFormat::image, "image/webp"},
    {0, "{\\rtf", DocumentFormat::rtf, "application/rtf"},
    {0, "PK\x03\x04", DocumentFormat::zip, "application/zip"},
    {0, {"PK\x05\x06", 4}, DocumentFormat::zip, "application/zip"},
}};

// Two signatures are short, or not at the start: a text may have them by chance.
bool is_whole(const Signature& s, std::string_view file) {
  using namespace std::string_view_literals;
  // BITMAPFILEHEADER: two reserved words, then where the pixels begin.
  if (s.bytes == "BM") return file.size() > 54 && file.substr(6, 4) == "\0\0\0\0"sv;
  return s.bytes != "WEBP" || file.starts_with("RIFF");
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
  const std::string low = ascii_lower(name);
  return std::any_of(ends.begin(), ends.end(), [&](auto end) { return low.ends_with(end); });
}

void set(DocumentDescription& into, DocumentFormat format, std::string_view media_type) {
  into.entry.format = format;
  into.entry.media_type = media_type;
}

// An archive of documents; office files are archives too, and stay whole.
Result<void> describe_zip(ByteView file, DocumentDescription& into) {
  COFFRET_TRY(const auto members, list_archive(file));
  const auto has = [&](std::string_view name) {
    return std::any_of(members.begin(), members.end(),
                       [&](const ArchiveMember& m) { return m.name == name; });
  };
  if (has("[Content_Types].xml") || has("mimetype"))
    set(into, DocumentFormat::other, "application/octet-stream");
  else
    set(into, is_xdm(members) ? DocumentFormat::xdm : DocumentFormat::zip, "application/zip");
  return {};
}

Result<void> describe_xml(ByteView file, DocumentDescription& into) {
  COFFRET_TRY(const auto xml, XmlDocument::parse(file));
  if (const XmlNode document = find_clinical_document(xml)) {
    describe_cda(document, into);
  } else if (xml.root().space() == fhir_space) {
    describe_fhir(from_fhir_xml(xml.root()), into);
    into.entry.media_type = "application/fhir+xml";
  } else {
    set(into, DocumentFormat::other, "application/xml");
  }
  return {};
}

// Whether it was JSON with a resourceType or JSON at all.
Result<void> describe_json(std::string_view text, DocumentDescription& into) {
  boost::json::monotonic_resource memory;
  COFFRET_TRY(const auto value, parse_fhir_json(text, &memory));
  if (!FhirNode{&value}.type().empty() && value.is_object()) {
    describe_fhir(value, into);
  } else {
    set(into, DocumentFormat::text, "application/json");
    if (describe_hcert(find_hcert(text), into))
      into.entry.format = DocumentFormat::hcert;
    else
      add_text(into, text);
  }
  return {};
}

void describe_text(ByteView file, DocumentDescription& into) {
  auto text = decode_text(file);
  set(into, text ? DocumentFormat::text : DocumentFormat::other,
      text ? "text/plain" : "application/octet-stream");
  if (!text) return;
  if (describe_hcert(find_hcert(*text), into))
    into.entry.format = DocumentFormat::hcert;
  else
    into.text = std::move(*text);
}

// The first characters after a byte order mark of UTF-16 and white space; empty without the mark.
std::string start_of_utf16(ByteView file) {
  constexpr std::size_t enough = 128;  // bytes
  if (!as_text(file).starts_with("\xFF\xFE") && !as_text(file).starts_with("\xFE\xFF")) return {};
  std::string start = decode_text(file.first(std::min(file.size(), enough) / 2 * 2)).value_or("");
  start.erase(0, std::min(start.find_first_not_of(" \t\r\n"), start.size()));
  return start;
}

// Text in any guise, by its first character after a byte order mark and white space.
Result<void> describe_markup_or_text(ByteView file, std::string_view name,
                                     DocumentDescription& into) {
  if (XmlDocument::is_in_rare_encoding(file)) return describe_xml(file, into);
  std::string_view text = as_text(file);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  using namespace std::string_view_literals;
  // UTF-16 by XML's first characters, or by its byte order mark: then it may be any text.
  const bool xml16 = text.starts_with("<\0?\0"sv) || text.starts_with("\0<\0?"sv);
  const std::string start16 = start_of_utf16(file);
  const auto at = text.find_first_not_of(" \t\r\n");
  const std::string_view start =
      at == std::string_view::npos ? std::string_view{} : text.substr(at);
  const bool says_html = start.size() > 5 && ends_with_any(name, {".html", ".htm"});
  if (start.starts_with('<') &&
      (says_html || ends_with_any(start.substr(0, 14), {"<!doctype html"}) ||
       ends_with_any(start.substr(0, 5), {"<html"}))) {
    set(into, DocumentFormat::other, "text/html");  // kept, never rendered; its text is searched
    add_text(into, strip_tags(decode_text(file).value_or("")));
    return {};
  }
  const bool says_xml = xml16 || start.starts_with("<?xml") || start16.starts_with("<?xml") ||
                        ends_with_any(name, {".xml", ".cda", ".ccd"});
  if (start.starts_with('<') || xml16 || start16.starts_with('<')) {
    const auto read = describe_xml(file, into);
    // What began like XML by chance is a text; what claims to be XML, or is dangerous, is refused.
    if (!read.has_error() || says_xml || read.error() != errc::malformed) return read;
  } else if (start.starts_with('{') || start.starts_with('[')) {
    const auto read = describe_json(start, into);
    if (!read.has_error() || ends_with_any(name, {".json"})) return read;
  }
  describe_text(file, into);
  return {};
}

Result<void> describe_by_shape(ByteView file, std::string_view name, ByteView converted,
                               DocumentDescription& into) {
  const std::string_view text = as_text(file);
  for (const auto& s : signatures) {
    if (!text.substr(std::min(s.offset, text.size())).starts_with(s.bytes)) continue;
    if (!is_whole(s, text)) continue;
    if (s.format == DocumentFormat::zip) return describe_zip(file, into);
    set(into, s.format, s.media_type);
    if (s.format == DocumentFormat::image) {
      COFFRET_CHECK(describe_image(file, into));
      if (!describe_shown_hcerts(as_text(converted), into)) add_text(into, as_text(converted));
      return {};
    }
    if (s.format == DocumentFormat::dicom) describe_dicom(file, into);
    if (s.format == DocumentFormat::rtf) describe_rtf(text, into);
    return {};
  }
  if (is_bare_dicom(file)) {
    set(into, DocumentFormat::dicom, "application/dicom");
    describe_dicom(file, into);
    return {};
  }
  if (looks_like_hl7v2(file)) {
    COFFRET_TRY(const bool read, describe_hl7v2(file, into));
    if (read) return {};
  }
  if (reading::looks_like_pdf(file)) {
    set(into, DocumentFormat::pdf, "application/pdf");
    describe_pdf(file, as_text(converted), into);
    describe_shown_hcerts(as_text(converted), into);
    return {};
  }
  return describe_markup_or_text(file, name, into);
}

}  // namespace

Result<DocumentDescription> describe(ByteView file, std::string_view file_name, ByteView converted,
                                     ByteView metadata) {
  if (file.empty()) return because(Cause::empty_file);
  if (file.size() > limits::file_size) return because(Cause::file_size);
  DocumentDescription description;
  const auto slash = file_name.find_last_of("/\\");
  description.entry.file_name =
      clean_line(slash == std::string_view::npos ? file_name : file_name.substr(slash + 1));
  COFFRET_CHECK(describe_by_shape(file, file_name, converted, description));
  if (!metadata.empty()) {
    COFFRET_TRY(const auto stated, wire::decode<DocumentEntry>(metadata));
    if (!within_limits(stated)) return errc::malformed;
    merge_metadata(stated, description);
  }
  finish(description);
  return description;
}

void warm_up() {
  warm_up_xml();
  warm_up_archive();
  warm_up_charsets();
  (void)sha256({});
}

}  // namespace coffret::reader
