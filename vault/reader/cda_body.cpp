// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <array>

#include "vault/reader/cda.hpp"
#include "vault/reader/parts.hpp"

namespace coffret::reader {
namespace {

// Elements of the narrative block (NarrativeBlock.xsd) that stand on lines of their own.
constexpr std::array<std::string_view, 9> lines = {"paragraph", "br",    "item", "table",   "tr",
                                                   "caption",   "title", "list", "footnote"};

// Text as a person reads it. The white space of the XML source is not the document's.
void write_narrative(XmlNode at, std::string& out) {
  for (const auto& piece : at.pieces()) {
    for (const char c : piece.text) {
      const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
      if (!space)
        out.push_back(c);
      else if (!out.empty() && out.back() != ' ' && out.back() != '\n')
        out.push_back(' ');
    }
    if (!piece.element) continue;
    const auto name = piece.element.name();
    const bool own_line = std::find(lines.begin(), lines.end(), name) != lines.end();
    if (own_line && !out.empty() && out.back() != '\n') out.push_back('\n');
    if ((name == "td" || name == "th") && !out.empty() && out.back() != '\n') out += " | ";
    if (name == "item") out += "- ";
    write_narrative(piece.element, out);
    if (own_line && !out.empty() && out.back() != '\n') out.push_back('\n');
  }
}

bool holds_base64(XmlNode value) {
  return value.attribute("representation") == "B64" && !value.child("reference");
}

// Sections in document order; and payloads wherever entries carry them (observationMedia/value).
void walk(XmlNode at, std::string title, DocumentDescription& into) {
  for (const XmlNode item : at.children()) {
    if (item.name() == "section") {
      const std::string own = item.child("title").text();
      std::string text;
      write_narrative(item.child("title"), text);
      text.push_back('\n');
      write_narrative(item.child("text"), text);
      text.push_back('\n');
      add_text(into, text);
      walk(item, own, into);
    } else if (item.name() == "value" && holds_base64(item)) {
      attach_base64(into, title, item.attribute("mediaType"), item.text());
    } else if (item.name() != "text") {
      walk(item, title, into);
    }
  }
}

}  // namespace

void read_cda_body(XmlNode document, DocumentDescription& into) {
  const XmlNode component = document.child("component");
  const XmlNode whole = component.child("nonXMLBody").child("text");
  if (whole && holds_base64(whole))
    attach_base64(into, into.entry.title, whole.attribute("mediaType"), whole.text());
  else if (whole)
    add_text(into, whole.text());
  walk(component.child("structuredBody"), into.entry.title, into);
}

}  // namespace coffret::reader
