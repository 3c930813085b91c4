// SPDX-License-Identifier: EUPL-1.2
//
// Text out of HTML, for narratives of FHIR resources and the output of the PDF converter. It is a
// reader of text, not a sanitiser: nothing it returns is ever put back into a page as markup.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "coffret/ascii.hpp"
#include "vault/reader/clean.hpp"

namespace coffret::reader {
namespace {

constexpr std::array<std::string_view, 22> blocks = {
    "p",  "div", "br", "li", "ul", "ol", "tr", "table", "thead", "tbody", "caption",
    "h1", "h2",  "h3", "h4", "h5", "h6", "hr", "dl",    "dt",    "dd",    "pre"};

struct Reference {
  std::string_view name, text;
};
constexpr std::array<Reference, 6> references = {
    {{"lt", "<"}, {"gt", ">"}, {"amp", "&"}, {"quot", "\""}, {"apos", "'"}, {"nbsp", " "}}};

void put_code(std::string& out, std::uint32_t c) {
  if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) c = 0xFFFD;
  const auto push = [&](std::uint32_t b) { out.push_back(static_cast<char>(b)); };
  if (c < 0x80) return push(c);
  if (c < 0x800) {
    push(0xC0 | (c >> 6));
  } else {
    if (c < 0x10000) {
      push(0xE0 | (c >> 12));
    } else {
      push(0xF0 | (c >> 18));
      push(0x80 | ((c >> 12) & 0x3F));
    }
    push(0x80 | ((c >> 6) & 0x3F));
  }
  push(0x80 | (c & 0x3F));
}

// At "&": appends what the reference means and returns its length; 1 when it is none.
std::size_t resolve(std::string_view text, std::string& out) {
  const auto end = text.substr(0, 12).find(';');
  if (end != std::string_view::npos && end > 1) {
    std::string_view name = text.substr(1, end - 1);
    if (name.starts_with('#')) {
      const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
      name.remove_prefix(hex ? 2 : 1);
      std::uint32_t code = 0;
      const auto [stop, ec] =
          std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
      if (ec == std::errc{} && stop == name.data() + name.size()) {
        put_code(out, code);
        return end + 1;
      }
    } else {
      for (const auto& known : references)
        if (known.name == name) {
          out += known.text;
          return end + 1;
        }
    }
  }
  out.push_back('&');
  return 1;
}

// One past the ">" of the tag that begins at `at`; quoted values may hold ">".
std::size_t tag_end(std::string_view html, std::size_t at) {
  char quote = 0;
  for (; at < html.size(); ++at) {
    const char c = html[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return at + 1;
    }
  }
  return html.size();
}

std::string tag_name(std::string_view tag) {
  tag.remove_prefix(std::min<std::size_t>(tag.starts_with("</") ? 2 : 1, tag.size()));
  const auto end = tag.find_first_of(" \t\r\n/>");
  std::string name = ascii_lower(tag.substr(0, std::min<std::size_t>(end, 16)));
  // XHTML with a prefix is the same element.
  if (const auto colon = name.find(':'); colon != std::string::npos) name.erase(0, colon + 1);
  return name;
}

// Where the element that holds no text for people ends, given that it began before `at`.
std::size_t skip_element(std::string_view html, std::size_t at, const std::string& name) {
  while (true) {
    at = html.find("</", at);
    if (at == std::string_view::npos) return html.size();
    if (tag_name(html.substr(at, 20)) == name) return tag_end(html, at);
    at += 2;
  }
}

}  // namespace

std::string strip_tags(std::string_view html) {
  std::string out;
  std::size_t at = 0;
  while (at < html.size()) {
    if (html[at] == '&') {
      at += resolve(html.substr(at), out);
    } else if (html[at] != '<') {
      out.push_back(html[at++]);
    } else if (html.substr(at).starts_with("<!--")) {
      const auto end = html.find("-->", at + 4);
      at = end == std::string_view::npos ? html.size() : end + 3;
    } else {
      const std::size_t end = tag_end(html, at);
      const std::string name = tag_name(html.substr(at, end - at));
      const bool opens = !html.substr(at).starts_with("</") && html[end - 1] == '>' &&
                         (end < 2 || html[end - 2] != '/');
      at = end;
      if (opens && (name == "script" || name == "style" || name == "head"))
        at = skip_element(html, at, name);
      if ((name == "td" || name == "th") && !out.empty() && out.back() != '\n' && out.back() != ' ')
        out.push_back(' ');
      if (std::find(blocks.begin(), blocks.end(), name) != blocks.end()) out.push_back('\n');
    }
  }
  return out;
}

}  // namespace coffret::reader
