// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/render_narrative.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "coffret/ascii.hpp"
#include "coffret/encoding.hpp"

namespace coffret::reader {
namespace {

struct Tag {
  std::string_view source, made;
};
constexpr std::array<Tag, 11> both = {{{"table", "table"},
                                       {"thead", "thead"},
                                       {"tbody", "tbody"},
                                       {"tfoot", "tfoot"},
                                       {"tr", "tr"},
                                       {"th", "th"},
                                       {"td", "td"},
                                       {"caption", "caption"},
                                       {"sub", "sub"},
                                       {"sup", "sup"},
                                       {"br", "br"}}};
constexpr std::array<Tag, 2> of_cda = {{{"paragraph", "p"}, {"item", "li"}}};
constexpr std::array<Tag, 26> of_xhtml = {
    {{"p", "p"},           {"div", "div"}, {"span", "span"},   {"b", "strong"},
     {"strong", "strong"}, {"i", "em"},    {"em", "em"},       {"u", "u"},
     {"s", "s"},           {"del", "del"}, {"small", "small"}, {"ul", "ul"},
     {"ol", "ol"},         {"li", "li"},   {"dl", "dl"},       {"dt", "dt"},
     {"dd", "dd"},         {"pre", "pre"}, {"code", "code"},   {"blockquote", "blockquote"},
     {"h1", "h4"},         {"h2", "h4"},   {"h3", "h4"},       {"h4", "h5"},
     {"h5", "h5"},         {"h6", "h6"}}};

// What these hold is not text for a reader.
constexpr std::array<std::string_view, 11> unread = {"script", "style",    "head",    "title",
                                                     "iframe", "object",   "embed",   "svg",
                                                     "math",   "template", "noscript"};
// These do not stand inside a p, nor does anything that holds them.
constexpr std::array<std::string_view, 20> blocks = {
    "table", "list", "paragraph",  "renderMultiMedia",
    "p",     "div",  "ul",         "ol",
    "dl",    "pre",  "h1",         "h2",
    "h3",    "h4",   "h5",         "h6",
    "hr",    "img",  "blockquote", "caption"};

bool holds(const auto& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string lower(std::string_view text) {
  return ascii_lower(text.substr(0, 64));
}

std::string_view look_up(const auto& tags, std::string_view name) {
  for (const Tag& tag : tags)
    if (tag.source == name) return tag.made;
  return {};
}

// Whether HTML lets `tag` stand directly inside `parent`; what it does not, a browser would move.
bool fits(std::string_view parent, std::string_view tag) {
  if (tag == "tr")
    return parent == "table" || parent == "thead" || parent == "tbody" || parent == "tfoot";
  if (tag == "td" || tag == "th") return parent == "tr";
  if (tag == "thead" || tag == "tbody" || tag == "tfoot" || tag == "caption")
    return parent == "table";
  if (tag == "li") return parent == "ul" || parent == "ol";
  if (tag == "dt" || tag == "dd") return parent == "dl";
  return true;
}

// Elements that hold only other elements.
bool takes_text(std::string_view parent) {
  return parent != "table" && parent != "thead" && parent != "tbody" && parent != "tfoot" &&
         parent != "tr" && parent != "ul" && parent != "ol" && parent != "dl";
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \n\r\t") == std::string_view::npos;
}

bool holds_block(XmlNode at, int depth) {
  for (const XmlNode item : at.children())
    if (holds(blocks, item.name()) || depth >= page_limits::depth || holds_block(item, depth + 1))
      return true;
  return false;
}

std::string span_of(XmlNode cell, std::string_view name) {
  const std::string said = cell.attribute(name);
  int count = 0;
  const auto [end, ec] = std::from_chars(said.data(), said.data() + said.size(), count);
  const bool whole = ec == std::errc{} && end == said.data() + said.size();
  return whole && count > 1 && count <= 100 ? std::to_string(count) : std::string{};
}

// A fixed set of classes; styleCode lists several codes.
std::string classes_of(XmlNode source) {
  const std::string codes = lower(source.attribute("styleCode"));
  const std::string align = lower(source.attribute("align"));
  std::string all;
  const auto add = [&](bool wanted, std::string_view name) {
    if (wanted) all.append(all.empty() ? "" : " ").append(name);
  };
  const auto has = [&](std::string_view code) { return codes.find(code) != std::string::npos; };
  add(has("bold"), "bold");
  add(has("italic") || has("emphasis"), "italic");
  add(has("underline"), "underline");
  add(align == "center", "center");
  add(align == "right", "right");
  return all;
}

std::string_view numbering_of(XmlNode list) {
  const std::string codes = list.attribute("styleCode");
  constexpr std::array<Tag, 6> known = {{{"LittleRoman", "roman-lower"},
                                         {"BigRoman", "roman-upper"},
                                         {"LittleAlpha", "alpha-lower"},
                                         {"BigAlpha", "alpha-upper"},
                                         {"Circle", "circle"},
                                         {"Square", "square"}}};
  for (const Tag& style : known)
    if (codes.find(style.source) != std::string::npos) return style.made;
  return {};
}

// Shown, never followed; others are not addresses for people.
std::string shown_address(const std::string& href) {
  const std::string start = lower(href);
  const bool known =
      start.starts_with("http://") || start.starts_with("https://") || start.starts_with("mailto:");
  return known ? " (" + href.substr(0, 500) + ")" : std::string{};
}

}  // namespace

void NarrativeWriter::write_cda(XmlNode text) {
  cda_ = true;
  children(text, 0);
}

void NarrativeWriter::write_xhtml(XmlNode div) {
  cda_ = false;
  children(div, 0);
}

void NarrativeWriter::children(XmlNode source, int depth) {
  for (const auto& piece : source.pieces()) {
    if (page_.full()) return;
    if (piece.element) {
      element(piece.element, depth);
    } else if (takes_text(page_.inside())) {
      page_.text(piece.text);
    } else if (!is_blank(piece.text) && (page_.inside() == "ul" || page_.inside() == "ol")) {
      page_.element("li", piece.text);
    }
  }
}

void NarrativeWriter::put(std::string_view tag, XmlNode source, int depth, Attributes attributes) {
  page_.open(tag, attributes);
  children(source, depth + 1);
  page_.close();
}

void NarrativeWriter::cell(std::string_view tag, XmlNode source, int depth) {
  const std::string columns = span_of(source, "colspan");
  const std::string rows = span_of(source, "rowspan");
  const std::string classes = classes_of(source);
  // A heading at the side is one of its row.
  const bool head = tag == "th" && source.attribute("scope") != "row";
  const std::string_view scope = tag != "th" ? "" : head ? "col" : "row";
  put(tag, source, depth,
      {{"colspan", columns}, {"rowspan", rows}, {"scope", scope}, {"class", classes}});
}

void NarrativeWriter::footnote(XmlNode source, const std::string& id, bool here, int depth) {
  const auto number = footnotes_.emplace(id, footnotes_.size() + 1).first->second;
  page_.element("sup", "[" + std::to_string(number) + "]");
  if (here) put("small", source, depth);
}

bool NarrativeWriter::special_cda(XmlNode source, const std::string& name, int depth) {
  if (name == "list") {
    const std::string_view tag = source.attribute("listType") == "ordered" ? "ol" : "ul";
    put(tag, source, depth, {{"class", numbering_of(source)}});
  } else if (name == "content") {
    const std::string classes = classes_of(source);
    const bool gone = source.attribute("revised") == "delete";
    if (classes.empty() && !gone)
      children(source, depth + 1);
    else
      put(gone ? "del" : "span", source, depth, {{"class", classes}});
  } else if (name == "footnote") {
    footnote(source, source.attribute("ID"), true, depth);
  } else if (name == "footnoteRef") {
    footnote(source, source.attribute("IDREF"), false, depth);
  } else if (name == "linkHtml") {
    children(source, depth + 1);
    page_.element("span", shown_address(source.attribute("href")), {{"class", "address"}});
  } else if (name == "renderMultiMedia") {
    page_.open("figure");
    const std::string all = source.attribute("referencedObject");
    std::size_t shown = 0;
    for (std::size_t at = 0; at < all.size() && shown < 20; ++shown) {
      const auto end = std::min(all.find(' ', at), all.size());
      media_(all.substr(at, end - at));
      at = end + 1;
    }
    const XmlNode caption = source.child("caption");
    if (caption) put("figcaption", caption, depth);
    page_.close();
  } else if (name == "caption" && page_.inside() != "table") {
    // A list's, or a paragraph's.
    const bool in_list = page_.inside() == "ul" || page_.inside() == "ol";
    put(in_list ? "li" : "div", source, depth, {{"class", "caption"}});
  } else {
    return false;
  }
  return true;
}

bool NarrativeWriter::special_xhtml(XmlNode source, const std::string& name, int depth) {
  if (name == "a") {
    children(source, depth + 1);
    page_.element("span", shown_address(source.attribute("href")), {{"class", "address"}});
  } else if (name == "hr") {
    page_.empty("hr");
  } else if (name == "img") {
    // Only an image that is itself in the text; what lies at an address stays there.
    const std::string address = source.attribute("src");
    const auto comma = address.find(";base64,");
    std::string plain;
    if (address.starts_with("data:image/") && comma < 32)
      for (const char c : address.substr(comma + 8))
        if (c != '\n' && c != '\r' && c != ' ' && c != '\t') plain.push_back(c);
    const auto file = from_base64(plain);
    if (file.has_error() || !page_.image(*file, source.attribute("alt")))
      page_.text(source.attribute("alt"));
  } else {
    return false;
  }
  return true;
}

void NarrativeWriter::element(XmlNode source, int depth) {
  const std::string name = cda_ ? std::string{source.name()} : lower(source.name());
  if (holds(unread, lower(name))) return;
  if (depth >= page_limits::depth) {
    if (takes_text(page_.inside())) page_.text(source.text());
    return;
  }
  // Inside a list or a table only its parts can stand.
  std::string_view tag = look_up(both, name);
  if (tag.empty()) tag = cda_ ? look_up(of_cda, name) : look_up(of_xhtml, name);
  const std::string_view parent = page_.inside();
  if (!takes_text(parent) && (tag.empty() || takes_text(tag) || tag == "table")) {
    const bool part =
        tag == "td" || tag == "th" || tag == "li" || tag == "dt" || tag == "dd" || tag == "caption";
    if (!part || !fits(parent, tag)) {
      if (parent != "ul" && parent != "ol") return children(source, depth + 1);
      page_.open("li");
      element(source, depth + 1);
      return page_.close();
    }
  }
  if (!(name == "caption" && parent == "table") &&
      (cda_ ? special_cda(source, name, depth) : special_xhtml(source, name, depth)))
    return;
  if (tag.empty() || !fits(parent, tag)) return children(source, depth + 1);
  if (tag == "br") return page_.empty("br");
  if (tag == "td" || tag == "th") return cell(tag, source, depth);
  if (tag == "p" && holds_block(source, depth)) return put("div", source, depth, {{"class", "p"}});
  if (tag != "table") return put(tag, source, depth);
  // A wide table scrolls in its own frame, also by keyboard; the page does not.
  page_.open("div", {{"class", "scroll"}, {"tabindex", "0"}});
  put(tag, source, depth);
  page_.close();
}

}  // namespace coffret::reader
