// SPDX-License-Identifier: EUPL-1.2
//
// render_property.hpp: what must hold for the page of whatever a stranger sends: it is well-formed,
// made of known elements with known attributes only, and nothing in it runs or calls.
#ifndef COFFRET_TESTS_FUZZ_VAULT_RENDER_PROPERTY_HPP
#define COFFRET_TESTS_FUZZ_VAULT_RENDER_PROPERTY_HPP

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include "coffret/reading.hpp"
#include "vault/reader/render_document.hpp"

namespace coffret::reader {

// Null when the page keeps its promise; else what breaks it.
inline const char* broken_promise(std::string_view html) {
  constexpr std::string_view first = "<!DOCTYPE html>\n";
  if (html.size() > reading::html_size) return "size";
  if (!html.starts_with(first)) return "first line";
  std::string_view rest = html.substr(first.size());
  constexpr std::array<std::string_view, 49> elements = {
      "html",       "head",  "meta", "title",  "style", "body",       "header",  "main",  "footer",
      "h1",         "h2",    "h3",   "h4",     "h5",    "h6",         "dl",      "dt",    "dd",
      "div",        "p",     "span", "strong", "em",    "u",          "s",       "del",   "small",
      "ul",         "ol",    "li",   "pre",    "code",  "blockquote", "section", "table", "thead",
      "tbody",      "tfoot", "tr",   "th",     "td",    "caption",    "sub",     "sup",   "figure",
      "figcaption", "br",    "hr",   "img"};
  constexpr std::array<std::string_view, 12> attributes = {
      "lang",  "charset", "http-equiv", "content",  "name", "class",
      "scope", "colspan", "rowspan",    "tabindex", "src",  "alt"};
  std::size_t styles = 0;
  while (true) {
    const auto at = rest.find('<');
    if (at == std::string_view::npos) break;
    rest.remove_prefix(at + 1);
    const auto end = rest.find('>');
    if (end == std::string_view::npos) return "open tag";
    std::string_view tag = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (tag.starts_with('/')) tag.remove_prefix(1);
    if (tag.ends_with('/')) tag.remove_suffix(1);
    const auto name = tag.substr(0, tag.find(' '));
    if (std::find(elements.begin(), elements.end(), name) == elements.end()) return "element";
    if (name == "style") ++styles;
    tag.remove_prefix(name.size());
    while (tag.starts_with(' ')) {
      tag.remove_prefix(1);
      const auto equals = tag.find("=\"");
      const auto close = equals == std::string_view::npos ? equals : tag.find('"', equals + 2);
      if (close == std::string_view::npos) return "attribute";
      const auto key = tag.substr(0, equals);
      const auto value = tag.substr(equals + 2, close - equals - 2);
      if (std::find(attributes.begin(), attributes.end(), key) == attributes.end())
        return "attribute name";
      if (key == "src" && !value.starts_with("data:image/png;base64,") &&
          !value.starts_with("data:image/jpeg;base64,") &&
          !value.starts_with("data:image/gif;base64,"))
        return "address";
      tag.remove_prefix(close + 1);
    }
    if (!tag.empty()) return "after attributes";
  }
  if (styles != 2) return "style";  // opened and closed once
  return XmlDocument::parse(as_bytes(html.substr(first.size()))).has_error() ? "well-formed"
                                                                             : nullptr;
}

inline void check_rendering(ByteView file, const char* name) {
  const auto html = render(file, name, {}, Language::french);
  if (html.has_error()) {
    const auto why = to_errc(html.error());
    if (why != errc::malformed && why != errc::too_large && why != errc::doctype_refused &&
        why != errc::unsupported)
      std::abort();
    return;
  }
  if (broken_promise(*html) != nullptr) std::abort();
  if (*render(file, name, {}, Language::french) != *html) std::abort();
}

}  // namespace coffret::reader

#endif  // COFFRET_TESTS_FUZZ_VAULT_RENDER_PROPERTY_HPP
