// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <array>

#include "coffret/encoding.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/render_document.hpp"
#include "vault/reader/render_narrative.hpp"

namespace coffret::reader {
namespace {

constexpr int max_sections = 2000;

// Files inside the document, and the sections around them.
class CdaPage {
 public:
  CdaPage(XmlNode document, Html& page, const PageWords& words) : page_(page), words_(words) {
    find_media(document.child("component").child("structuredBody"));
  }

  void body(XmlNode component) {
    if (const XmlNode text = component.child("nonXMLBody").child("text"))
      payload(text, text.attribute("mediaType"));
    sections(component.child("structuredBody"), 2);
  }

 private:
  void find_media(XmlNode at) {
    for (const XmlNode item : at.children()) {
      if (item.name() == "observationMedia") media_.emplace(item.attribute("ID"), item);
      if (item.name() != "text") find_media(item);
    }
  }

  void sections(XmlNode parent, int level) {
    static constexpr std::array<std::string_view, 5> headings = {"h2", "h3", "h4", "h5", "h6"};
    for (const XmlNode component : parent.children("component")) {
      const XmlNode section = component.child("section");
      if (!section || page_.full() || ++sections_ > max_sections) continue;
      page_.open("section");
      if (const std::string title = clean_line(section.child("title").text()); !title.empty())
        page_.element(headings[static_cast<std::size_t>(std::min(level, 6) - 2)], title);
      NarrativeWriter{page_, [this](const std::string& id) { medium(id); }}.write_cda(
          section.child("text"));
      // As deep as narratives go; deeper sections follow one another.
      if (level < page_limits::depth) sections(section, level + 1);
      page_.close();
    }
  }

  void medium(const std::string& id) {
    const auto found = media_.find(id);
    if (found == media_.end()) return;
    const XmlNode value = found->second.child("value");
    if (value) payload(value, value.attribute("mediaType"));
  }

  // Base64 inside the document, or its text. A reference points outside and is never followed.
  void payload(XmlNode value, const std::string& media_type) {
    if (value.child("reference")) return page_.notice(words_.outside);
    if (value.attribute("representation") != "B64") return render_plain(value.text(), page_);
    std::string plain;
    for (const char c : value.text())
      if (c != '\n' && c != '\r' && c != ' ' && c != '\t') plain.push_back(c);
    const auto bytes = from_base64(plain);
    if (!bytes.has_error() && page_.image(*bytes, "")) return;
    if (!bytes.has_error() && media_type.starts_with("text/"))
      if (const auto text = decode_text(*bytes))
        return render_plain(media_type == "text/plain" ? *text : strip_tags(*text), page_);
    page_.open("p", {{"class", "note"}});
    page_.text(std::string{words_.not_shown} + " " + clean_line(media_type));
    page_.close();
  }

  Html& page_;
  const PageWords& words_;
  std::unordered_map<std::string, XmlNode> media_;
  int sections_ = 0;
};

}  // namespace

void render_cda(XmlNode document, const DocumentDescription&, Html& page, Language language) {
  CdaPage{document, page, page_words(language)}.body(document.child("component"));
}

}  // namespace coffret::reader
