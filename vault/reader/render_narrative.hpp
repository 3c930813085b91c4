// SPDX-License-Identifier: EUPL-1.2
//
// render_narrative.hpp: the readable text of CDA sections and FHIR resources, written element by
// element through an allow-list into a page of our own. sync/viewer/narrative.ts does the same in
// the browser: the two lists are kept alike.
//
// No attribute is carried over: colspan and rowspan are numbers made anew, styles become classes of
// ours. No address becomes a link or a request; a link's address is shown as text. An unknown
// element leaves its text. Text that stands between the rows of a table, where the schema has none,
// is not shown.
#ifndef COFFRET_VAULT_READER_RENDER_NARRATIVE_HPP
#define COFFRET_VAULT_READER_RENDER_NARRATIVE_HPP

#include <functional>
#include <string>
#include <unordered_map>

#include "vault/reader/render_html.hpp"
#include "vault/reader/xml.hpp"

namespace coffret::reader {

// Writes what a renderMultiMedia refers to.
using ShowMedia = std::function<void(const std::string& id)>;

class NarrativeWriter {
 public:
  NarrativeWriter(Html& page, ShowMedia media) : page_(page), media_(std::move(media)) {}
  void write_cda(XmlNode text);   // a section's text
  void write_xhtml(XmlNode div);  // a Narrative's div

 private:
  void children(XmlNode source, int depth);
  void element(XmlNode source, int depth);
  bool special_cda(XmlNode source, const std::string& name, int depth);
  bool special_xhtml(XmlNode source, const std::string& name, int depth);
  void put(std::string_view tag, XmlNode source, int depth, Attributes attributes = {});
  void cell(std::string_view tag, XmlNode source, int depth);
  void footnote(XmlNode source, const std::string& id, bool here, int depth);

  Html& page_;
  ShowMedia media_;
  bool cda_ = true;
  std::unordered_map<std::string, std::size_t> footnotes_;  // ID → number, by first mention
};

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_RENDER_NARRATIVE_HPP
