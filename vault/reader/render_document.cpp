// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/render_document.hpp"

#include <boost/json/monotonic_resource.hpp>

#include "coffret/reading.hpp"
#include "vault/reader/cda.hpp"
#include "vault/reader/facts_fhir.hpp"
#include "vault/reader/fhir.hpp"
#include "vault/reader/fhir_json.hpp"
#include "vault/reader/reader.hpp"

namespace coffret::reader {
namespace {

static_assert(page_limits::markup + page_limits::all_images * 3 / 2 < reading::html_size);

Result<void> render_xml(ByteView file, const DocumentDescription& described, Html& page,
                        Language language) {
  COFFRET_TRY(const auto xml, XmlDocument::parse(file));
  if (const XmlNode document = find_clinical_document(xml)) {
    render_cda(document, described, page, language);
    return {};
  }
  if (xml.root().space() != fhir_space) return errc::unsupported;
  const auto value = from_fhir_xml(xml.root());
  render_fhir(FhirFile{FhirNode{&value}}, described, page, language);
  return {};
}

Result<void> render_json(std::string_view text, const DocumentDescription& described, Html& page,
                         Language language) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  boost::json::monotonic_resource memory;
  COFFRET_TRY(const auto value, parse_fhir_json(text, &memory));
  render_fhir(FhirFile{FhirNode{&value}}, described, page, language);
  return {};
}

Result<void> render_body(ByteView file, const DocumentDescription& described, Html& page,
                         Language language) {
  switch (described.entry.format) {
    case DocumentFormat::cda:
      return render_xml(file, described, page, language);
    case DocumentFormat::fhir:
      if (described.entry.media_type == "application/fhir+xml")
        return render_xml(file, described, page, language);
      return render_json(as_text(file), described, page, language);
    case DocumentFormat::image:
      if (page.image(file, described.entry.title)) return {};
      return errc::unsupported;
    case DocumentFormat::text:
    case DocumentFormat::rtf:
    case DocumentFormat::other:
      if (described.text.empty()) return errc::unsupported;
      render_plain(described.text, page);
      return {};
    default:
      return errc::unsupported;
  }
}

}  // namespace

void render_plain(std::string_view text, Html& page) {
  if (!text.empty()) page.element("div", text, {{"class", "plain"}});
}

Result<std::string> render(ByteView file, std::string_view file_name, ByteView converted,
                           Language language) {
  COFFRET_TRY(const auto described, describe(file, file_name, converted));
  Html page;
  begin_page(page, described.entry, language);
  COFFRET_CHECK(render_body(file, described, page, language));
  end_page(page, described.entry, language);
  std::string html = "<!DOCTYPE html>\n" + std::move(page).take() + "\n";
  if (html.size() > reading::html_size) return errc::too_large;
  return html;
}

}  // namespace coffret::reader
